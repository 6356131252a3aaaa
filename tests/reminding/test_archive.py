"""看公告: what is still valid where the resident lives, and nothing that was meant for others."""

from datetime import timedelta

import pytest
from town import COMMUNITY, GRID, OTHER_GRID, Town

from models.announcement import DRAFT, SENT, WITHDRAWN, Announcement
from models.audience import Audience


def announced(town: Town, title: str, audience: Audience, **facts: object) -> None:
    values = {"state": SENT, "body": f"{title}的正文。", "author_key": "zhao", "created_at": town.moment, **facts}
    with town.database.write() as session:
        session.add(Announcement(title=title, audience=audience.facts(), **values))


def archive(town: Town) -> str:
    return town.resident("王阿姨", town.building("紫荆苑3栋")).says("看公告")


def test_the_newest_five_come_first(town: Town) -> None:
    for number in range(1, 8):
        announced(town, f"通知{number}", Audience(areas=(COMMUNITY,)))

    said = archive(town)

    assert [said.find(f"】通知{n}") for n in (1, 2)] == [-1, -1]
    places = [said.index(f"】通知{n}") for n in (7, 6, 5, 4, 3)]
    assert places == sorted(places)


@pytest.mark.parametrize("audience, facts", [
    (Audience(areas=(OTHER_GRID,)), {}),
    (Audience(areas=(COMMUNITY,), without_areas=(GRID,)), {}),
    (Audience(areas=(GRID,), tags=("60+",)), {}),
    (Audience(areas=(GRID,)), {"state": DRAFT}),
    (Audience(areas=(GRID,)), {"state": WITHDRAWN}),
    (Audience(areas=(GRID,)), {"valid_until": timedelta(minutes=-1)}),
], ids=["elsewhere", "taken away", "for some only", "draft", "withdrawn", "over"])  # fmt: skip
def test_what_is_over_or_for_others_is_not_shown(town: Town, audience: Audience, facts: dict) -> None:
    until = facts.get("valid_until")
    announced(town, "停水", audience, **{**facts, **({"valid_until": town.moment + until} if until else {})})

    assert "停水" not in archive(town)


def test_long_ones_are_cut_and_keep_their_link(town: Town) -> None:
    announced(town, "停水", Audience(areas=(GRID,)), body="长" * 300, link="https://example.invalid/1")

    said = archive(town)

    assert "…" in said and "https://example.invalid/1" in said and len(said) < 200
