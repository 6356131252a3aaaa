"""Names as staff may import them (the platform tells no nickname): they stay text wherever they are shown."""

import pytest
from door import assert_fit_for_a_group
from rows import of, text_of
from town import COMMUNITY, GRID, Town

from bot.notices import digest
from models.area import Area, Group
from models.person import Person


@pytest.mark.parametrize("number", of("profile"))
def test_name_is_only_text(town: Town, number: str) -> None:
    name = text_of(number)
    with town.database.write() as session:
        session.get_one(Area, GRID).name = session.get_one(Group, f"chat-{GRID}").name = name
        session.get_one(Person, "chen").name = name
    town.office._catalogue = None
    wang = town.resident("王阿姨", home=town.building("紫荆苑3栋"))
    answer = wang.says("楼道灯不亮了")
    ticket = town.ticket()["number"]
    chen = town.staff()["小陈"]

    said = town.group(GRID).says(chen, f"接单 {ticket}")
    town.group(GRID).says(chen, f"退单 {ticket} 不在本网格")
    back = town.group(COMMUNITY).says(town.staff()["赵主任"], f"转派 {ticket} {GRID}")
    town.tick()

    assert f"#{ticket}" in answer and f"#{ticket}" in said and f"#{ticket}" in back
    cards = [*town.cards(GRID), *town.cards(COMMUNITY)]
    with town.database.read() as session:
        cards.append(digest(session, [ticket], "云格")[0])
    for card in cards:
        assert_fit_for_a_group(card)
        assert "\u202e" not in card and "</xml>" not in card
    assert town.rows("tickets")
