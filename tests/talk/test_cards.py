"""Whatever a resident writes, the card in the group is short, masked, harmless and names its ticket first."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from noise import make_noise
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue import promises_from
from bot.config import Settings
from bot.notices import TO_GROUP, digest, notice_of, words_of
from models.area import Building
from models.database import Database
from models.life import apply, open_ticket
from models.masking import mask_words
from models.matter import Matter
from models.outbox import OutboxMessage
from models.person import Person
from models.resident import resident_of
from models.ticket import Actor, Filing

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
CANARY = "13812340000"
OPENID = "oCANARYcanaryCANARYcanary-_1"
IDENTITY = "51010119900101123X"
CARD_BYTES = 4096
PROMISES = promises_from(Settings(), {})
MENTION = re.compile(r"<@|@all|@所有人")

assert make_noise  # the template has other people's rows in it


def spelled(digits: str) -> st.SearchStrategy[str]:
    """A number as people write it: grouped, full width, mathematical, with invisible characters in between."""
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    bold = {ord(str(n)): chr(0x1D7CE + n) for n in range(10)}
    return st.sampled_from(
        [
            digits,
            digits.translate(wide),
            digits.translate(bold),
            f"+86 {digits}",
            f"{digits[:3]} {digits[3:7]} {digits[7:]}",
        ]
        + [
            sign.join((digits[:3], digits[3:7], digits[7:]))
            for sign in ("-", "－", ".", "—", "\u200b", "\u200d", "\u2060", "，")
        ]
        + [" ".join(digits)]
    )


SECRETS = st.one_of(
    spelled(CANARY),
    st.sampled_from([OPENID, IDENTITY, "陈晓敏", "周建国", "3栋2单元501", "三单元五零一室", "住501", "我叫王秀英"]),
)
TRICKS = st.sampled_from(
    ["<@ChenXiaoMin>", "@all", "<@all>", "[点我](http://evil.example)", "http://evil.example/a", "**粗**", "# 题", "> 引", "`x`",
     "<font color=\"warning\">", "]]>", "\u202e", "\x00", "👨‍👩‍👧‍👦", "\n", "\t", "1024 接单", "|表|", "![图](//x.y)"]
)  # fmt: skip
WORDS = st.lists(st.one_of(st.text(max_size=40), SECRETS, TRICKS), max_size=12).map("，".join)


@pytest.fixture(scope="module")
def standing(templates: Any) -> Iterator[Database]:
    template = templates("sqlite")
    url, name = template.copy()
    database = Database(url)
    yield database
    database.close()
    template.drop(name)


@pytest.fixture
def session(standing: Database) -> Iterator[Session]:
    with Session(standing.engine, expire_on_commit=False) as session:
        yield session


def cards_of(
    session: Session, text: str, place: str, matter: str, names: tuple[str, ...]
) -> list[tuple[int, str, str]]:
    """Every card that a ticket with these words can become, with its number and the matter's name."""
    building = session.scalars(select(Building).order_by(Building.code).limit(1)).one()
    filing = Filing(
        matter=session.get_one(Matter, matter), area_code=building.grid_code, text=text, place=place, door="501"
    )
    resident = resident_of(session, OPENID, NOW)
    ticket = open_ticket(session, resident, filing, PROMISES, NOW)
    worker = Actor("handler", "worker", "chen")
    for action, actor in (("accept", worker), ("note", Actor("resident", "resident", "1")), ("return", worker)):
        apply(session, ticket, action, actor, PROMISES, NOW, note=text)
    rows = session.scalars(
        select(OutboxMessage).where(OutboxMessage.ticket_number == ticket.number, OutboxMessage.channel == "group_push")
    )
    facts = {
        "now": NOW,
        "zone": ZoneInfo("Asia/Shanghai"),
        "bot_name": "云格",
        "staff_names": names,
        "reopen_hours": 72,
    }
    found = []
    for row in rows:
        for kind in TO_GROUP:
            row.kind, row.facts = (
                kind,
                {"kind": "reply", "area": building.grid_code, "cause": "response", "clock": "overall"},
            )
            found.append((ticket.number, ticket.matter.name, words_of(notice_of(session, row, **facts))))
    found.append((ticket.number, ticket.matter.name, digest(session, [ticket.number], "云格")[0]))
    return found


@pytest.mark.parametrize("matter", ["street_light", "fire", "staff_conduct", "other"])
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=WORDS, place=st.one_of(st.just("紫荆苑3栋2单元"), WORDS.map(lambda words: words[:190])))
def test_card_is_fit_for_a_group(session: Session, text: str, place: str, matter: str) -> None:
    text = text.replace("\x00", "\ufffd")
    names = tuple(sorted(name for name in session.scalars(select(Person.name)) if len(name) > 1))
    roster = {f"<@{userid}>" for userid in session.scalars(select(Person.wecom_userid)) if userid}

    with session.begin_nested() as nested:
        cards = cards_of(session, text, place.replace("\x00", ""), matter, names)
        nested.rollback()
    session.expunge_all()  # what was looked up inside the savepoint would else outlive it

    for number, name, card in cards:
        lines = card.splitlines()
        assert f"#{number}" in (lines[1] if "一下来了" in lines[0] else lines[0])
        assert name in (lines[1] if "一下来了" in lines[0] else lines[0])
        assert len(card.encode()) <= CARD_BYTES and card.encode().decode() == card
        shown = card
        for member in roster:  # 上报 and emergencies mention those on duty, and nothing else mentions anybody
            shown = shown.replace(member, "")
        assert not MENTION.search(shown) and "](" not in shown and "://" not in shown and "<font" not in shown
        assert "\u202e" not in shown and "\u200b" not in shown
        digits = "".join(char for char in shown if char.isdigit())
        assert CANARY not in digits
        for secret in (OPENID, IDENTITY, "陈晓敏", "周建国", "单元501", "五零一", "住501", "王秀英"):
            assert secret not in shown


KEPT = ["三楼的灯不亮", "10-12点停水", "30-40分钟", "2026年11月24日", "交了1000元", "一单元二楼", "我家3000块的车", "3栋1单元4楼漏水",
        "我叫物业来修", "已经3天了", "2号楼门口", "1.5米深", "6幢和7幢"]  # fmt: skip


@pytest.mark.parametrize("text", KEPT)
def test_masking_leaves_ordinary_figures_alone(text: str) -> None:
    assert mask_words(text) == text


MASKED = {
    "电话138 1234 0000": "电话138****0000",
    "１３８１２３４００００": "138****0000",
    "1 3 8 1 2 3 4 0 0 0 0": "138****0000",
    "幺三八一二三四零零零零": "幺三八****",
    "88123456": "881****56",
    "0571-88123456": "0571-****456",
    IDENTITY: "510***********123X",
    "紫荆苑3-501": "紫荆苑3-***",
    "3-2-501": "3-2-***",
    "二单元1502室": "二单元***",
    "五〇一室": "***室",
    "我家302漏水": "我家***漏水",
    "我叫王秀英灯坏了": "我叫王**灯坏了",
    "我是李大明，灯坏了": "我是李**，灯坏了",
    "联系人：李四 电话": "联系人：李** 电话",
}


@pytest.mark.parametrize("text", MASKED)
def test_masking_hides_who_and_which_door(text: str) -> None:
    assert mask_words(text) == MASKED[text]


@given(WORDS)
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask_words(text, ("陈晓敏",))

    assert mask_words(once, ("陈晓敏",)) == once
