"""Residents are asked in passing and seldom; what they tap is what the ladder knows."""

from collections.abc import Callable

import pytest
from announcing.ladder_scene import BODY, approved, goes, house, lives, stands, texts
from sqlalchemy import select
from subscribing.conftest import PAGE, SITE, TEMPLATE
from town import Town

from models.announcement import Consent
from models.resident import Resident
from simulator.resident_hand import ResidentHand


def consent(town: Town, hand: ResidentHand) -> Consent | None:
    with town.database.read() as session:
        resident = session.scalars(select(Resident).where(Resident.openid == hand.openid)).one()
        return session.get(Consent, (resident.id, TEMPLATE))


def left(town: Town, hand: ResidentHand) -> int:
    known = consent(town, hand)
    return known.remaining if known else 0


def test_from_following_to_the_first_notice(noticing: Town) -> None:
    town = noticing
    aunt = town.world.resident("王阿姨", following=False)

    welcome = aunt.follows()
    assert PAGE in welcome and welcome.rstrip().endswith("门口的二维码。"), "the one question comes last"
    assert aunt.allows_notices(PAGE) and left(town, aunt) == 1

    [aunt] = lives(town, place := house(town), "王阿姨")
    announcement = approved(town, place)
    goes(town, 2)
    assert stands(town, announcement, aunt) == ("sent", "subscribe") and left(town, aunt) == 0
    assert texts(aunt, "subscribe")

    read = aunt.says("1")
    assert BODY in read and "已记下您看过" in read and PAGE not in read, "asked within these thirty days already"


def test_who_has_read_an_announcement_is_asked_again_after_thirty_days(noticing: Town) -> None:
    town, place = noticing, house(noticing)
    aunt, _ = lives(town, place, "王阿姨", "李大爷")
    answers = []
    for title in ("一月停水", "二月停水", "三月停水"):
        announcement = approved(town, place, title=title)
        goes(town)
        town.world.mass.tell_results()
        assert stands(town, announcement, aunt)[0] == "sent"
        answers.append(aunt.says("已阅"))
        aunt.resident.windows.clear()
        town.passes(days=16)

    assert [PAGE in answer for answer in answers] == [True, False, True]
    assert "一月停水" in answers[0] and answers[0].endswith(PAGE)


@pytest.mark.parametrize("unset", ["announcements", "deployment"])
def test_where_nothing_is_set_up_nobody_is_asked(build_town: Callable[..., Town], unset: str) -> None:
    sections = {"announcements": {"subscribe_template": TEMPLATE}, "deployment": {"public_url": SITE}}
    town = build_town(**{name: rules for name, rules in sections.items() if name != unset})

    aunt = town.world.resident("王阿姨", following=False)

    assert "subscribe" not in aunt.follows() + aunt.says("已阅")
    assert "还没有开通订阅通知" in aunt.says("订阅通知")


def test_a_scanned_door_greets_asks_and_says_where_one_lives(noticing: Town) -> None:
    aunt = noticing.world.resident("王阿姨", following=False)

    lines = aunt.scans(f"b-{noticing.building('紫荆苑3栋')}").splitlines()

    assert PAGE in lines[2] and "已记住您住紫荆苑3栋" in lines[3]


def test_whoever_wants_no_announcements_or_may_get_one_is_not_asked(noticing: Town) -> None:
    aunt, uncle = (noticing.world.resident(name) for name in ("王阿姨", "李大爷"))
    aunt.says("退订")
    uncle.allows_notices(PAGE)

    for hand in (aunt, uncle):
        hand.unfollows()
        noticing.passes(minutes=1)
        assert PAGE not in hand.follows()


def test_nothing_to_read_is_no_moment_to_ask(noticing: Town) -> None:
    assert PAGE not in noticing.resident("王阿姨", noticing.building("紫荆苑3栋")).says("已阅")


def test_a_no_is_kept_for_thirty_days_but_who_asks_is_told(noticing: Town) -> None:
    town, aunt = noticing, noticing.world.resident("王阿姨", following=False)
    aunt.follows()
    town.passes(days=20)
    aunt.refuses_notices(PAGE)
    town.passes(days=20)

    aunt.unfollows()
    assert PAGE not in aunt.follows()
    assert PAGE in aunt.says("订阅") and "每允许一次" in aunt.says("订阅")

    town.passes(days=11)
    aunt.unfollows()
    assert PAGE in aunt.follows()


def test_an_answer_that_is_full_already_asks_nothing(noticing: Town) -> None:
    """The words behind a notice are as long as an answer may be: the offer waits for another day."""
    town, place = noticing, house(noticing)
    aunt, _ = lives(town, place, "王阿姨", "李大爷")
    long = "停水期间请关好水龙头。" * 56
    approved(town, place, body=long)
    town.world.mass.accepts(aunt.openid, TEMPLATE)
    goes(town, 2)
    with town.database.write() as session:
        for row in session.scalars(select(Consent)):
            row.changed_at = town.moment.replace(year=2025)

    answer = aunt.says("1")

    assert long[:100] in answer and PAGE not in answer
    known = consent(town, aunt)
    assert known and known.changed_at.year == 2025


def test_one_acceptance_delivered_twice_counts_once_and_two_taps_count_twice(noticing: Town) -> None:
    aunt = noticing.resident("王阿姨")
    one = {"TemplateId": TEMPLATE, "SubscribeStatusString": "accept", "PopupScene": 1}

    aunt.event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": one})
    aunt.repeats()
    assert left(noticing, aunt) == 1

    noticing.passes(seconds=3)
    aunt.allows_notices(PAGE)
    assert left(noticing, aunt) == 2 and "可以收到2条" in aunt.says("订阅通知")


def test_refusing_and_turning_off_take_every_acceptance_away(noticing: Town) -> None:
    aunt, uncle = noticing.resident("王阿姨"), noticing.resident("李大爷")
    for hand in (aunt, uncle):
        hand.allows_notices(PAGE)
    noticing.passes(seconds=3)

    aunt.refuses_notices(PAGE)
    noticing.world.mass.turns_off(uncle.openid, TEMPLATE)

    assert (left(noticing, aunt), left(noticing, uncle)) == (0, 0)


def test_a_long_term_template_is_asked_for_once_and_ends_when_it_is_turned_off(lasting: Town) -> None:
    town, place = lasting, house(lasting)
    aunt, _ = lives(town, place, "王阿姨", "李大爷")
    assert "每允许一次" not in aunt.says("订阅通知")
    aunt.resident.windows.clear()
    aunt.opens(PAGE).allows(lasting=True)
    assert "已经打开订阅通知" in aunt.says("退订通知怎么弄")
    town.passes(days=3)

    for title in ("一", "二"):
        announcement = approved(town, place, title=title)
        goes(town, 2)
        assert stands(town, announcement, aunt) == ("sent", "subscribe")

    town.world.mass.turns_off(aunt.openid, TEMPLATE)
    known = consent(town, aunt)
    assert known and not known.lasting and PAGE in aunt.says("订阅通知")


def test_a_tap_of_the_menu_gives_the_link(noticing: Town) -> None:
    assert PAGE in noticing.resident("王阿姨").taps_menu("subscription", "订阅通知")
