"""Residents' pictures: behind the card, to the group that has the ticket, and never in the way of a word."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from town import COMMUNITY, GRID, OTHER_GRID, Town

from models.area import Group
from models.outbox import begin, claim_due
from simulator.resident_hand import PIXEL, ResidentHand
from simulator.screen import Item
from tests.delivery.scene import TO_GROUP, calls, file, outbox, second_courier, writer

DOWNLOAD = "/cgi-bin/media/get"
JPEG = b"\xff\xd8\xff\xe0" + b"lamp"
LARGE = b"\xff\xd8\xff\xe0" + b"\0" * (2 << 20)


def lamp(town: Town, who: str = "王阿姨") -> ResidentHand:
    """Somebody at home in 紫荆苑3栋 whose lamp is reported."""
    hand: ResidentHand = town.resident(who, home=town.building("紫荆苑3栋"))
    town.passes(seconds=2)
    hand.says("楼道灯不亮了")
    town.passes(seconds=2)
    return hand


def shows(town: Town, hand: ResidentHand, *pictures: bytes) -> None:
    for picture in pictures or (PIXEL,):
        hand.sends_image(picture)
        town.passes(seconds=2)


def pushed(town: Town, area: str = GRID) -> list[Item]:
    return list(town.group(area).cards)


def contents(town: Town, area: str = GRID) -> list[bytes]:
    kept = [town.world.media.get(item.details["media"]) for item in pushed(town, area) if item.kind == "image"]
    return [media.content for media in kept if media]


def photos(town: Town) -> list[dict]:
    return outbox(town, kind="photo")


def test_a_picture_follows_its_card_and_comes_once(town: Town) -> None:
    shows(town, lamp(town), JPEG, PIXEL)

    town.deliver()
    town.deliver()

    assert [item.kind for item in pushed(town)] == ["markdown"] * 3 + ["image"] * 2, "card, two lines of news, pictures"
    assert contents(town) == [JPEG, PIXEL]
    assert [row["state"] for row in photos(town)] == ["sent", "sent"]


def test_a_picture_that_came_before_the_words_is_shown_too(town: Town) -> None:
    hand = town.resident("王阿姨", home=town.building("紫荆苑3栋"))
    hand.sends_image(JPEG)
    town.passes(seconds=2)
    hand.says("楼道灯不亮了")

    town.deliver()

    assert contents(town) == [JPEG]


def test_three_pictures_of_a_ticket_are_enough_however_they_come(town: Town) -> None:
    hand = lamp(town)
    for number in range(5):
        shows(town, hand, JPEG + bytes([number]))
        town.deliver()

    assert contents(town) == [JPEG + bytes([number]) for number in range(3)]


def test_a_picture_of_another_ticket_says_whose_it_is(town: Town) -> None:
    wang, li = lamp(town), town.resident("李大爷", home=town.building("紫荆苑2栋"))
    shows(town, wang)
    number = town.ticket()["number"]
    li.says("楼道灯不亮了")

    town.deliver()

    *_, line, picture = pushed(town)
    assert (line.text, picture.kind) == (f"**#{number} 路灯、楼道灯不亮**\n> 居民发来照片，见下一条。", "image")


def test_cards_go_first_and_pictures_leave_them_room_in_the_minute(town: Town) -> None:
    wang = lamp(town)
    shows(town, wang, JPEG, PIXEL)
    for _ in range(16):
        file(town, wang)

    town.deliver()
    kinds = [item.kind for item in pushed(town)]
    assert kinds.count("markdown") >= 19 and kinds.count("image") == 0
    town.passes(minutes=2)
    town.deliver()

    assert contents(town) == [JPEG, PIXEL]
    assert all(entry.ok for entry in calls(town, TO_GROUP))


@pytest.mark.parametrize("picture", [LARGE, b"GIF89a"], ids=["large", "gif"])
def test_what_a_group_cannot_be_shown_is_said(town: Town, picture: bytes) -> None:
    shows(town, lamp(town), picture)

    town.deliver()

    assert contents(town) == [] and "群里看不了" in pushed(town)[-1].text
    assert [row["state"] for row in photos(town)] == ["sent"]


def test_a_picture_the_platform_keeps_no_longer_is_let_go_and_told_to_nobody(town: Town) -> None:
    shows(town, lamp(town))
    town.world.fault(DOWNLOAD, "errcode", code=40007, times=1)

    town.deliver()

    assert [(row["state"], row["reason"]) for row in photos(town)] == [("skipped", "errcode:40007")]
    assert [item.kind for item in pushed(town)] == ["markdown", "markdown"]
    assert pushed(town, COMMUNITY) == [] and town.rows("escalations") == []


def test_a_picture_that_waited_three_days_is_not_even_asked_for(town: Town) -> None:
    waiting_photo(town)
    asked = len(calls(town, DOWNLOAD))
    town.passes(days=3)

    town.deliver()

    assert [(row["state"], row["reason"]) for row in photos(town)] == [("skipped", "photo_expired")]
    assert len(calls(town, DOWNLOAD)) == asked


@pytest.mark.parametrize("kind", ["reset", "http"])
def test_a_disturbed_download_is_tried_again_and_the_picture_comes_once(town: Town, kind: str) -> None:
    shows(town, lamp(town), JPEG)
    town.world.fault(DOWNLOAD, kind, times=1)

    town.deliver()
    assert [(row["state"], row["sends"]) for row in photos(town)] == [("waiting", 0)]
    town.passes(minutes=2)
    with second_courier(town) as courier:
        courier.drain()

    assert contents(town) == [JPEG]


def waiting_photo(town: Town) -> None:
    """A picture whose words have arrived, and which could not be fetched yet."""
    shows(town, lamp(town), JPEG)
    town.world.fault(DOWNLOAD, "http", code=502, times=1)
    town.deliver()
    assert [row["state"] for row in photos(town)] == ["waiting"]


def test_a_push_nobody_knows_about_is_made_three_times_and_nobody_is_told_instead(town: Town) -> None:
    waiting_photo(town)
    town.world.fault(TO_GROUP, "cut", times=3)

    for _ in range(5):
        town.passes(hours=1)
        with second_courier(town) as courier:
            courier.drain()

    assert contents(town) == [JPEG] * 3
    assert [(row["state"], row["reason"], row["sends"]) for row in photos(town)] == [("skipped", "errcode:garbage", 3)]
    assert pushed(town, COMMUNITY) == [] and town.rows("escalations") == []


def test_a_process_that_dies_over_a_picture_three_times_leaves_it(town: Town) -> None:
    waiting_photo(town)
    for _ in range(3):
        town.passes(minutes=2)
        with town.database.write() as session:
            begin(claim_due(session, town.moment, "dead", timedelta(seconds=30), 200, ()))
    town.passes(minutes=2)

    town.deliver()

    assert [(row["state"], row["reason"]) for row in photos(town)] == [("skipped", "outcome_unknown")]
    assert contents(town) == [] and pushed(town, COMMUNITY) == []


def test_a_ticket_that_moved_on_takes_its_picture_along(town: Town) -> None:
    hand = lamp(town)
    number = town.ticket()["number"]
    town.deliver()
    shows(town, hand, JPEG)
    town.world.fault(DOWNLOAD, "http", code=502, times=1)
    town.deliver()
    hand.says("换地址")
    hand.says("紫荆苑12栋")
    assert town.stored(number).area_code == OTHER_GRID

    town.passes(minutes=2)
    with second_courier(town) as courier:
        courier.drain()

    assert (contents(town), contents(town, OTHER_GRID)) == ([], [JPEG])
    assert {row["reason"] for row in photos(town)} == {"photo_moved", ""}


def test_a_confidential_matter_shows_no_picture(town: Town) -> None:
    hand = town.resident("王阿姨", home=town.building("紫荆苑3栋"))
    hand.says("我要举报传销窝点")
    town.passes(seconds=2)
    shows(town, hand)

    town.deliver()

    assert photos(town) == [] and calls(town, DOWNLOAD) == []


def test_a_store_that_hangs_holds_up_no_card(build_town) -> None:
    town = build_town(delivery={"send_deadline_seconds": 0.8})
    shows(town, lamp(town))
    town.world.fault(DOWNLOAD, "silent", times=1)
    town.deliver()
    number = file(town, writer(town, "李大爷"))

    town.deliver()

    assert [row["state"] for row in outbox(town, ticket=number)] == ["sent"]
    assert [(row["state"], row["sends"]) for row in photos(town)] == [("waiting", 0)]


def test_a_group_without_a_webhook_gets_no_picture_later_on(town: Town) -> None:
    waiting_photo(town)
    with town.database.write() as session:
        session.execute(update(Group).where(Group.chat_id == f"chat-{GRID}").values(webhook_key=""))
    town.passes(minutes=2)

    town.deliver()

    assert [(row["state"], row["reason"]) for row in photos(town)] == [("skipped", "photo_moved")]
