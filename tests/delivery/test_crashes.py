"""Processes that die, sleep or meet a row nobody can send: nothing is lost, nothing is marked that is not ours."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from town import COMMUNITY, GRID, Town

from bot.group_push import GroupPush
from bot.official_account_api import OfficialAccountApi
from bot.token_store import SqlTokenStore
from models.area import Group
from models.outbox import begin, claim_due, settle
from scheduler.deliver import Courier
from tests.delivery.scene import TO_GROUP, calls, file, file_quietly, note, outbox, promise_nonsense, row, word, writer
from tests.delivery.scene import second_courier as courier

LEASE = timedelta(seconds=30)


class Interrupted(GroupPush):
    """被打断的推送: the real door, and something that happens after the push and before its outcome is written."""

    def __init__(self, town: Town, meanwhile: Callable[[], None]) -> None:
        super().__init__(town.settings)
        self.meanwhile = meanwhile

    def send_markdown(self, webhook_key: str, content: str) -> None:
        super().send_markdown(webhook_key, content)
        self.meanwhile()


@contextmanager
def interrupted(town: Town, meanwhile: Callable[[], None]) -> Iterator[Courier]:
    tokens = SqlTokenStore(town.database, "test", town.office.now)
    account = OfficialAccountApi(town.settings, tokens, town.office.now)
    stopped = Courier(town.office, account, Interrupted(town, meanwhile))
    yield stopped
    stopped.close()


def dies_with(town: Town, *, sent: bool) -> None:
    """A process takes everything that is due and is killed: before or after the send."""
    with town.database.write() as session:
        rows = claim_due(session, town.moment, "somebody who died", LEASE, 200, ())
        if sent:
            begin(rows)


def test_a_row_taken_by_a_process_that_died_is_sent_by_another(town: Town) -> None:
    number = file(town, writer(town))
    dies_with(town, sent=False)

    town.deliver()
    assert town.cards(GRID) == [], "not before its lease is over"
    town.passes(seconds=31)
    town.deliver()

    assert len(town.cards(GRID)) == 1
    [card] = outbox(town, ticket=number)
    assert (card["state"], card["attempts"], card["sends"]) == ("sent", 2, 1)


def test_a_row_that_kills_its_process_three_times_is_left_alone(town: Town) -> None:
    number = file(town, writer(town))
    for _ in range(3):
        dies_with(town, sent=True)
        town.passes(seconds=31)

    town.deliver()

    card, told_above = outbox(town, ticket=number)
    assert (card["state"], card["reason"], card["sends"], card["next_try_at"]) == (
        "unknown",
        "outcome_unknown",
        3,
        None,
    )
    assert calls(town, TO_GROUP) == []
    assert (told_above["target"], told_above["state"]) == (f"chat-{COMMUNITY}", "waiting")


def test_a_process_that_slept_over_its_lease_marks_nothing(town: Town) -> None:
    """SIGSTOP after the push: another one takes over and fails; the sleeper wakes and must not write “sent”."""
    number = file(town, writer(town))

    def another_takes_over() -> None:
        town.passes(seconds=31)
        town.world.fault(TO_GROUP, "errcode", code=45009)
        with courier(town) as other:
            other.drain()

    with interrupted(town, another_takes_over) as sleeper:
        sleeper.drain()

    [card] = outbox(town, ticket=number)
    assert (card["state"], card["reason"], card["attempts"]) == ("waiting", "errcode:45009", 2)


def test_a_process_that_slept_before_its_send_sends_nothing(town: Town) -> None:
    """It holds three rows, sleeps over its lease during the first push, and wakes to find the others taken."""
    number = file_quietly(town, writer(town))
    told = [word(town, number, f"第{n}句") for n in range(3)]
    woken: list[int] = []

    def another_takes_over() -> None:
        if woken:
            return
        woken.append(1)
        town.passes(seconds=31)
        with courier(town) as other:
            other.drain()

    with interrupted(town, another_takes_over) as sleeper:
        sleeper.drain()

    texts = town.cards(GRID)
    assert [sum(f"第{n}句" in text for text in texts) for n in range(3)] == [2, 1, 1], "only the one under way twice"
    assert {row(town, each)["state"] for each in told} == {"sent"}


def test_a_claim_that_has_passed_on_writes_nothing(town: Town) -> None:
    number = file(town, writer(town))
    [card] = outbox(town, ticket=number)
    with town.database.write() as session:
        claim_due(session, town.moment, "first", LEASE, 200, ())
    town.passes(seconds=31)
    with town.database.write() as session:
        claim_due(session, town.moment, "second", LEASE, 200, ())

    with town.database.write() as session:
        assert settle(session, [card["id"]], "first", state="sent") == 0
        assert settle(session, [card["id"]], "second", state="waiting") == 1

    assert outbox(town, ticket=number)[0]["state"] == "waiting"


def test_two_couriers_send_each_row_once(town: Town) -> None:
    hands = [writer(town, f"邻居{n}") for n in range(6)]
    numbers = [file_quietly(town, hand) for hand in hands]
    for number in numbers:
        note(town, number, "给您的话")
        word(town, number, "给群里的话")

    with courier(town) as other:
        futures = [*town.courier.send_due(), *other.send_due(), *town.courier.send_due(), *other.send_due()]
        for future in futures:
            future.result()
        town.passes(seconds=31)  # only one of them may have asked for the first token
        town.deliver()

    assert [sum("给您的话" in text for text in hand.seen) for hand in hands] == [1] * 6
    assert sum("给群里的话" in text for text in town.cards(GRID)) == 6


@pytest.mark.parametrize("channel", ["official_account", "group_push"])
def test_a_row_without_words_is_given_up_after_eight_tries_and_others_flow(town: Town, channel: str) -> None:
    wang = writer(town)
    number = file_quietly(town, wang)
    target = wang.openid if channel == "official_account" else f"chat-{GRID}"
    poison = promise_nonsense(town, target, channel, number)
    good = [note(town, number, "给您的话"), word(town, number, "给群里的话")]

    town.deliver()
    assert [row(town, each)["state"] for each in good] == ["sent", "sent"]
    for tries in range(2, 9):
        assert row(town, poison)["state"] == "waiting"
        town.passes(minutes=2)
        town.deliver()
        assert row(town, poison)["attempts"] == tries

    after = row(town, poison)
    assert (after["state"], after["reason"], after["sends"], after["next_try_at"]) == (
        "failed",
        "poison:KeyError",
        0,
        None,
    )
    assert wang.resident.left(town.moment.timestamp()) == 4, "only the good one cost anything"


def test_a_card_without_a_group_waits_and_goes_out_when_there_is_one(town: Town) -> None:
    wang = writer(town)
    with town.database.write() as session:
        session.query(Group).update({"closed_reason": "webhook_gone"})

    number = file(town, wang)
    town.deliver()

    [card] = outbox(town, ticket=number)
    assert (card["state"], card["reason"], card["target"]) == ("waiting", "no_group", "")

    with town.database.write() as session:
        session.query(Group).update({"closed_reason": ""})
    town.passes(seconds=town.settings.delivery.retry_longest_seconds + 1)
    town.deliver()

    assert outbox(town, ticket=number)[0]["state"] == "sent"
    assert any(f"#{number}" in card for card in town.cards(GRID))
