"""顶班 with its days, as people type them: read, or refused with nothing written, and never taken for other days."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from town import GRID, Town

from bot.group_grammar import understand
from bot.when import span_said
from handlers import all_commands
from models.roster import STAND_IN, RosterEntry

ZONE = ZoneInfo("Asia/Shanghai")
COMMANDS = tuple(all_commands())
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)
NEW_YEARS_EVE = datetime(2026, 12, 31, 10, 0, tzinfo=ZONE)

# said on a Tuesday, the 24th of November | first day | last day
DAYS = """
11-28到11-30 | 11-28 | 11-30
11月28日到30日 | 11-28 | 11-30
11月28日到11月30日 | 11-28 | 11-30
11.28-11.30 | 11-28 | 11-30
11.28-30 | 11-28 | 11-30
11-28到30 | 11-28 | 11-30
11-28到30号 | 11-28 | 11-30
11-28号到12-1号 | 11-28 | 12-01
11/28—11/30 | 11-28 | 11-30
2026-11-28到2026-11-30 | 11-28 | 11-30
十一月二十八到三十日 | 11-28 | 11-30
28到30号 | 11-28 | 11-30
明天到后天 | 11-25 | 11-26
明天、后天 | 11-25 | 11-26
明天后天 | 11-25 | 11-26
周六和周日 | 11-28 | 11-29
下周一到周三 | 11-30 | 12-02
下周一到下周三 | 11-30 | 12-02
周五到周二 | 11-27 | 12-01
11-30到12-2 | 11-30 | 12-02
12-30到1-2 | 12-30 | 01-02
12月30日至1月2日 | 12-30 | 01-02
11-23到11-26 | 11-24 | 11-26
"""

# no such day | the end before the beginning | over | days apart, which one span cannot hold
NO_DAYS = """
2-30 | 2-30到3-2 | 11-28到2-30 | 11-31 | 11-28到11-31 | 11-28到31 | 13-1
11-30到11-28 | 11月30日到28日 | 11.30-28 | 后天到明天 | 2026-11-30到2026-11-28
11-20到11-22 | 11-23 | 2025-11-28到2025-11-30
28号、30号 | 周四和周六
"""


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


@pytest.mark.parametrize(("text", "first", "last"), rows(DAYS))
def test_the_days_of_a_stand_in_as_people_write_them(text: str, first: str, last: str) -> None:
    span = span_said(text, TUESDAY, ZONE)

    assert span and (f"{span.since:%m-%d}", span.behind) == (first, "")
    assert f"{datetime.fromtimestamp(span.until.timestamp() - 1, ZONE):%m-%d}" == last


@pytest.mark.parametrize("text", [text for line in rows(NO_DAYS) for text in line])
def test_days_that_cannot_be_are_not_taken_for_others(text: str) -> None:
    assert span_said(text, TUESDAY, ZONE) is None


def test_on_new_year_s_eve_what_began_yesterday_runs_on_and_november_is_over() -> None:
    running = span_said("12-30到1-2", NEW_YEARS_EVE, ZONE)

    assert running and running.since == NEW_YEARS_EVE and running.until == datetime(2027, 1, 3, tzinfo=ZONE)
    assert span_said("11-28到11-30", NEW_YEARS_EVE, ZONE) is None


SENTENCES = """
请 小谢 顶班 11-28到11-30
小谢 顶班 11月28日到11月30日
请小谢顶班 下周一到周三
11-28到11-30 小谢顶班
让小谢从11月28日上午9点到11月30日下午5点顶班
麻烦让小谢帮我顶班，明天到后天，谢谢
小谢替小陈顶班 2026-11-28到2026-11-30
顶班 小谢 12月30日至1月2日
"""


@pytest.mark.parametrize("typed", SENTENCES.strip().splitlines())
def test_long_days_do_not_hide_the_command(typed: str) -> None:
    said = understand(typed, COMMANDS)

    assert said.command and "顶班" in said.command.verbs and not said.problem


@pytest.mark.parametrize(
    "typed",
    [
        "我明天要找人顶班，后天再来看您家的水管",
        "师傅11-28到11-30有人顶班，到时候上门给您修好",
        "28号顶班的师傅会来" + "看看" * 40,
    ],
)
def test_talk_that_only_mentions_it_is_still_for_the_resident(typed: str) -> None:
    assert understand(typed, COMMANDS, 1024).command is None


def entries(town: Town) -> list[RosterEntry]:
    with town.database.read() as session:
        return list(session.scalars(select(RosterEntry).where(RosterEntry.created_by == "chen")))


def test_please_stand_in_for_me_is_written_down_with_its_days(town: Town) -> None:
    told = town.group(GRID).says(town.staff()["小陈"], "请 小谢 顶班 11-28到11-30")

    assert "谢网格员 11月28日到11月30日 替陈网格员值班" in told
    [entry] = entries(town)
    assert (entry.kind, entry.stands_in_for) == (STAND_IN, "chen")
    assert f"{entry.since.astimezone(ZONE):%m-%d %H:%M} {entry.until.astimezone(ZONE):%m-%d %H:%M}" == (
        "11-28 00:00 12-01 00:00"
    )


@pytest.mark.parametrize("days", ["2-30到3-2", "11-30到11-28", "11-20到11-22"])
def test_days_that_cannot_be_are_asked_again_and_nothing_is_written(town: Town, days: str) -> None:
    told = town.group(GRID).says(town.staff()["小陈"], f"请 小谢 顶班 {days}")

    assert "没有这样的日子" in told and "顶班 小王 11-28到11-30" in told
    assert entries(town) == []
