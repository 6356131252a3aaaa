"""Any mixture of answers, crashes and waiting: nothing is lost, nothing is sent too often (I4, I5, I6, I12, I13)."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, update
from town import GRID, OTHER_GRID, TUESDAY, Town

from models.lease import AccessToken
from models.outbox import OutboxMessage, PushCall, begin, claim_due
from models.resident import Resident
from tests.delivery.scene import TO_GROUP, TO_RESIDENT, calls, file, note, outbox, second_courier, word, writer

DISTURBED: tuple[dict[str, Any], ...] = (
    {"kind": "http", "code": 502},
    {"kind": "reset", "accepted": True},
    {"kind": "reset", "accepted": False},
    {"kind": "cut", "accepted": True},
)
REFUSED = {TO_GROUP: (-1, 45009, 45033), TO_RESIDENT: (-1, 45009, 45011, 45015, 45047, 40001, 44004)}
FAULTS = [
    (path, fault)
    for path, codes in REFUSED.items()
    for fault in (*DISTURBED, *({"kind": "errcode", "code": code} for code in codes))
]
NAMES = ("王阿姨", "李大爷")
DONE = ("sent", "skipped", "failed")


class Outbox(RuleBasedStateMachine):
    """待发消息的一天: residents write, workers answer, platforms misbehave, processes die."""

    def __init__(self, town: Town) -> None:
        super().__init__()
        self.town = town
        self.marks: dict[int, str] = {}
        """Row id → words by which its arrival is recognised."""
        self.numbers: list[int] = []
        self.struck = False

    @initialize()
    def begin_afresh(self) -> None:
        town = self.town
        town.world.forget()
        town.moment = max(town.moment, TUESDAY) + timedelta(days=5)
        with town.database.write() as session:
            session.execute(delete(OutboxMessage))
            session.execute(delete(PushCall))
            session.execute(delete(AccessToken))
            session.execute(update(Resident).values(message_left=0, moment_left=0, followed=True))
        self.hands = [writer(town, name) for name in NAMES]

    @rule(who=st.integers(0, 1), area=st.sampled_from([GRID, OTHER_GRID]))
    def a_resident_reports(self, who: int, area: str) -> None:
        number = file(self.town, self.hands[who], area)
        self.numbers.append(number)
        for row in outbox(self.town, ticket=number):
            self.marks[row["id"]] = f"#{number} 路灯、楼道灯不亮**\n> 地点"

    @rule(data=st.data(), back=st.booleans())
    def somebody_says_something(self, data: st.DataObject, back: bool) -> None:
        if self.numbers:
            words = f"第{len(self.marks)}话。"
            say = word if back else note
            self.marks[say(self.town, data.draw(st.sampled_from(self.numbers)), words)] = words

    @rule(who=st.integers(0, 1))
    def a_resident_writes(self, who: int) -> None:
        self.hands[who].says("谢谢")

    @rule(fault=st.sampled_from(FAULTS), times=st.integers(1, 4))
    def a_platform_misbehaves(self, fault: tuple[str, dict[str, Any]], times: int) -> None:
        path, settings = fault
        self.struck = True
        self.town.world.fault(path, **settings, times=times)

    @rule(sent=st.booleans())
    def a_process_dies(self, sent: bool) -> None:
        with self.town.database.write() as session:
            rows = claim_due(session, self.town.moment, "dead", timedelta(seconds=30), 3, ())
            if sent:
                begin(rows)

    @rule(seconds=st.sampled_from([1, 7, 31, 70, 600, 4000, 50_000]))
    def time_goes_by(self, seconds: int) -> None:
        self.town.passes(seconds=seconds)

    @rule()
    def messages_go_out(self) -> None:
        with second_courier(self.town) as courier:  # new doors: their circuit breakers count real seconds
            courier.drain()

    def arrivals(self, mark: str) -> int:
        groups = [text for area in (GRID, OTHER_GRID) for text in self.town.cards(area) if "电话或上门" not in text]
        return sum(mark in text for text in (*groups, *(text for hand in self.hands for text in hand.seen)))

    @invariant()
    def nothing_is_sent_more_often_than_it_was_counted(self) -> None:
        for row in outbox(self.town):
            assert 0 <= row["sends"] <= 3
            if row["id"] in self.marks and row["state"] != "failed":
                assert self.arrivals(self.marks[row["id"]]) <= row["sends"], row
                assert row["state"] != "sent" or self.arrivals(self.marks[row["id"]]) >= 1, row

    @invariant()
    def the_platform_never_had_to_refuse(self) -> None:
        """Twenty a minute and five for each message are counted by us: 45009, 45015, 45047 come from faults alone."""
        refused = [entry for entry in calls(self.town, "/cgi-bin/") if entry.verdict == "refused"]
        assert refused == []

    @invariant()
    def what_is_held_or_given_up_says_why(self) -> None:
        for row in outbox(self.town):
            assert row["reason"] or row["state"] != "failed"
            assert row["reason"] or row["state"] != "waiting" or row["next_try_at"], row

    def teardown(self) -> None:
        """The faults end, residents write, some days go by: every row has come to its end."""
        self.town.world.faults.clear()
        if not self.marks:
            return
        for hours in (0.1, 2, 14, 2, 0.1, 0.1):
            self.town.passes(hours=hours)
            for hand in self.hands:
                hand.says("谢谢")
            self.messages_go_out()
        for row in outbox(self.town):
            if row["state"] == "unknown":
                assert (row["sends"], row["next_try_at"]) == (3, None)
            else:
                assert row["state"] in DONE, row
            if row["state"] == "failed":
                assert row["reason"] == "errcode:44004" and self.struck
        self.nothing_is_sent_more_often_than_it_was_counted()
        self.the_platform_never_had_to_refuse()


def test_whatever_happens_each_promise_comes_to_an_end(town: Town) -> None:
    run_state_machine_as_test(
        lambda: Outbox(town),  # type: ignore[arg-type]
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a shrunk walk is not worth minutes of sends
        ),
    )
