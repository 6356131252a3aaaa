"""Twenty pushes a minute for each group, urgent ones first, and many at once as one digest that names them all."""

import re

from town import GRID, Town

from simulator.ledger import Entry
from tests.delivery.scene import TO_GROUP, calls, file, file_quietly, outbox, row, second_courier, word, writer


def fullest_minute(entries: list[Entry]) -> int:
    times = [entry.at for entry in entries if entry.delivered]
    return max((sum(start <= at < start + 60 for at in times) for start in times), default=0)


def test_more_than_twenty_cards_are_one_digest_that_names_each(town: Town) -> None:
    wang = writer(town)
    numbers = [file(town, wang) for _ in range(21)]

    town.deliver()

    [digest] = town.cards(GRID)
    assert {int(number) for number in re.findall(r"#(\d+) 路灯、楼道灯不亮", digest)} == set(numbers)
    assert {outbox(town, ticket=number)[0]["state"] for number in numbers} == {"sent"}


def test_a_long_digest_names_each_as_well(town: Town) -> None:
    wang = writer(town)
    numbers = {file(town, wang) for _ in range(110)}

    for _ in range(3):
        town.deliver()
        town.passes(minutes=2)

    named = {int(number) for card in town.cards(GRID) for number in re.findall(r"#(\d+)", card)}
    assert named == numbers


def test_twenty_cards_go_out_one_by_one(town: Town) -> None:
    wang = writer(town)
    numbers = [file(town, wang) for _ in range(20)]

    town.deliver()

    assert [int(card.splitlines()[0].split("#")[1].split()[0]) for card in town.cards(GRID)] == numbers


def test_no_sliding_minute_has_more_than_twenty_and_nothing_is_lost(town: Town) -> None:
    wang = writer(town)
    number = file_quietly(town, wang)
    told = [word(town, number, f"第{n}句") for n in range(30)]

    with second_courier(town) as other:
        for step in range(40):
            if step in (7, 12):
                told += [word(town, number, f"第{n}句") for n in range(30 + step, 40 + step)]
            (town.courier if step % 2 else other).drain()
            town.passes(seconds=7)

    pushed = calls(town, TO_GROUP)
    assert all(entry.ok for entry in pushed), "the platform never had to refuse"
    assert fullest_minute(pushed) == 20
    assert {row(town, each)["state"] for each in told} == {"sent"}
    assert len(pushed) == 1 + len(told)


def test_an_emergency_does_not_wait_behind_the_others(town: Town) -> None:
    wang = writer(town)
    number = file_quietly(town, wang)
    told = [word(town, number, f"第{n}句") for n in range(25)]
    fire = file(town, wang, matter="gas_leak")

    town.deliver()

    urgent = [r for r in outbox(town, ticket=fire) if r["target"] == f"chat-{GRID}"]
    assert [r["state"] for r in urgent] == ["sent"]
    assert f"#{fire}" in town.cards(GRID)[1]
    assert [row(town, each)["state"] for each in told].count("waiting") == 7


def test_a_push_whose_process_died_keeps_its_place_in_the_minute(town: Town) -> None:
    from models.outbox import PushCall, push_slots

    with town.database.write() as session:
        session.add(PushCall(chat_id="c", started_at=town.moment))
        session.add(PushCall(chat_id="c", started_at=town.moment, done_at=town.moment))
        session.flush()
        assert push_slots(session, "c", town.moment, 2)[0] == 0
        town.passes(seconds=60)
        assert push_slots(session, "c", town.moment, 2)[0] == 1
        town.passes(seconds=60)
        assert push_slots(session, "c", town.moment, 2)[0] == 2
