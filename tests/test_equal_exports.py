"""The same day in the same street: what is exported afterwards is the same, whichever database kept it (I14)."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from town import COMMUNITY, GRID, Town

COMPARED = ("tickets", "events", "clocks", "whistles", "followers", "escalations", "labels", "outbox", "messages")
OURS = ("id", "message_ids", "breach", "dedupe_key", "platform_id")
"""Numbers a database, or the simulated platform, hands out as it likes; everything else has to be equal."""


@contextmanager
def town_on(kind: str, templates: Callable[[str], Any], street: Path, catalogue: Any) -> Iterator[Town]:
    template = templates(kind)
    url, name = template.copy()
    town = Town(url, street, catalogue)
    yield town
    town.close()
    template.drop(name)


def a_day(town: Town) -> None:
    """One ticket nobody takes, one that is whistled, put off and done, one that neighbours join and merge."""
    home = town.building("紫荆苑3栋")
    wang, li, zhang = (town.resident(name, home=home) for name in ("王阿姨", "李叔", "张姐"))
    group, community = town.group(GRID), town.group(COMMUNITY)
    wang.says("楼道灯又不亮了")
    li.says("楼下垃圾堆成山了没人收")
    zhang.says("楼下垃圾桶满了 臭得很")
    town.tick()
    lamp, rubbish = (ticket["number"] for ticket in town.rows("tickets")[-2:])
    group.says("ChenXiaoMin", f"接单 {rubbish}")
    group.says("ChenXiaoMin", f"吹哨 {rubbish} 城管 桶不够用")
    group.says("ChenXiaoMin", f"改类 {rubbish} garbage_sorting")
    group.says("ChenXiaoMin", f"延期 {rubbish} 11-26 等新桶")
    for _ in range(30):
        town.passes(minutes=20)
        town.tick()
    community.says("ZhaoLiHua", f"督办 {lamp} 今天必须修好")
    group.says("ChenXiaoMin", f"挂账 {rubbish} 12-01 等新桶到货")
    group.says("ChenXiaoMin", f"办结 {lamp} 换了灯泡")
    town.tick()
    wang.says("3")
    wang.says("还有单元门也坏了")
    for _ in range(10):
        town.passes(days=1)
        town.tick()


def exported(town: Town, kind: str) -> list[str]:
    rows = [{name: value for name, value in row.items() if name not in OURS} for row in town.rows(kind)]
    if kind == "outbox":  # when a row was sent within a tick is up to the threads that send
        rows = [
            {k: v for k, v in row.items() if k not in ("sent_at", "next_try_at", "attempts", "sends")} for row in rows
        ]
    return sorted(repr(sorted(row.items(), key=lambda item: item[0])) for row in rows)


def test_a_day_leaves_the_same_rows_on_both_databases(
    templates: Callable[[str], Any], street: Path, catalogue: Any, subtests: Any
) -> None:
    with ExitStack() as open_towns:
        towns = [
            open_towns.enter_context(town_on(kind, templates, street, catalogue)) for kind in ("sqlite", "postgres")
        ]
        for town in towns:
            a_day(town)
        assert {row["cause"] for row in towns[0].rows("escalations")} >= {"response", "report_in"}
        for kind in COMPARED:
            with subtests.test(kind):
                one, other = (exported(town, kind) for town in towns)
                assert one == other and one
