"""A cover picture: handed in, approved with the words, seen where the platforms show it, and holding up no news."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from announcing.crowd import APPROVER, AUTHOR, hire
from announcing.ladder_scene import (
    CUSTOM,
    MASS,
    calls,
    chunks_of,
    goes,
    house,
    lives,
    recipient,
    row_of,
    stands,
    states,
)
from sqlalchemy import select, update
from town import Town

from models.announcement import Announcement
from models.cover import Cover
from scheduler.announce import announce, send_mass
from simulator.resident_hand import ResidentHand
from simulator.screen import Item

ADD_PICTURE, ADD_DRAFT = "/cgi-bin/material/add_material", "/cgi-bin/draft/add"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(200)) + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(100))
LINK = "https://example.org/water"
PUBLIC = "https://yunge.example.org"
WATER = ("--title", "停水通知", "--body", "明天上午九点到十二点停水，请提前存水。")


@pytest.fixture
def town(build_town: Callable[..., Town], monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setenv("YUNGE_DEPLOYMENT__PUBLIC_URL", PUBLIC)
    town = build_town()
    with town.database.write() as session:
        hire(session)
    return town


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "水.jpg"
    path.write_bytes(JPEG)
    return path


def says(town: Town, *words: object, fails: bool = False) -> str:
    result = town.app.test_cli_runner().invoke(args=["announce", *map(str, words)])
    assert result.exit_code == (1 if fails else 0), result.output
    return result.output


def asks(town: Town, *words: object) -> Any:
    return json.loads(says(town, *words, "--json"))


def drafted(town: Town, code: str, cover: object, *more: object) -> int:
    number: int = asks(town, "draft", *WATER, "--building", code, "--cover", cover, *more, "--as", AUTHOR)["id"]
    return number


def released(town: Town, code: str, cover: object, *more: object) -> int:
    """Seen by its author, approved by another, its delay over."""
    number = drafted(town, code, cover, *more)
    says(town, "preview", number, "--send-to-me")
    town.deliver()
    says(town, "approve", number, "--as", APPROVER)
    town.passes(minutes=6)
    return number


def shown(hand: ResidentHand, kind: str) -> list[Item]:
    return [item for item in hand.resident.screen.items("push") if item.kind == kind]


def covers(town: Town) -> list[str]:
    with town.database.read() as session:
        return list(session.scalars(select(Cover.sha256)))


@pytest.mark.parametrize(("content", "name"), [(JPEG, "a.jpg"), (PNG, "没有后缀")])
def test_a_mass_message_goes_as_an_article_with_its_cover(
    town: Town, tmp_path: Path, content: bytes, name: str
) -> None:
    code, path = house(town), tmp_path / name
    path.write_bytes(content)
    hands = lives(town, code, "甲", "乙", "丙")

    number = released(town, code, path, "--link", LINK, "--receipt")
    goes(town)
    town.world.mass.tell_results()
    goes(town)

    for hand in hands:
        [item] = shown(hand, "mass")
        assert item.details["title"] == "【公告】停水通知" and "请提前存水" in item.details["digest"]
        assert "<p>明天上午九点到十二点停水，请提前存水。</p>" in item.details["content"]
        assert "回复1（已阅）" in item.details["content"] and "退订" in item.details["content"]
        assert item.details["content_source_url"] == LINK and bytes.fromhex(item.details["cover"]) == content[:32]
    assert states(town, number) == {"sent": 3} and town.world.articles.drafts == {}
    assert len(calls(town, ADD_PICTURE)) == len(calls(town, ADD_DRAFT)) == len(calls(town, MASS)) == 1
    assert "已记下您看过" in hands[0].says("1")


def test_a_long_title_is_cut_and_stands_whole_in_the_article(town: Town, picture: Path) -> None:
    code, title = house(town), "关于" + "很" * 36 + "通知"
    hands = lives(town, code, "甲", "乙")

    released(town, code, picture, "--title", title, "--body", "一、3<5 且 A&B\n二、照办")
    goes(town)

    details = shown(hands[0], "mass")[0].details
    assert len(details["title"]) == 32 and f"<p>【公告】{title}</p>" in details["content"]
    assert "<p>一、3&lt;5 且 A&amp;B</p><p>二、照办</p>" in details["content"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "是空的"),
        (JPEG + bytes(1 << 20), "最大 1 MB，这个有 1.0 MB"),
        (JPEG + bytes(3 << 20), "最大 1 MB，这个有 3.0 MB"),
        (b"GIF89a" + bytes(50), "这个是 GIF"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "这个是 WebP"),
        (b"\x00\x00\x00\x18ftypheic", "这个是 HEIC"),
        (b"<svg onload='alert(1)'/>", "这个是 SVG"),
        (b"<html><script>alert(1)</script>", "这个文件的内容不是"),
        (b"\xff\xd8", "这个文件的内容不是"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "这个文件的内容不是"),
    ],
)
def test_what_is_no_picture_is_refused_with_what_to_do(town: Town, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "照片.jpg"
    path.write_bytes(content)

    said = says(town, "draft", *WATER, "--building", house(town), "--cover", path, "--as", AUTHOR, fails=True)

    assert words in said and covers(town) == [] and town.rows("announcements") == []


@pytest.mark.parametrize("path", ["没有这个文件.jpg", "."])
def test_a_path_that_leads_nowhere_is_refused(town: Town, path: str) -> None:
    said = says(town, "draft", *WATER, "--building", house(town), "--cover", path, "--as", AUTHOR, fails=True)
    assert "读不出来" in said


def test_the_picture_is_part_of_what_is_approved(town: Town, picture: Path, tmp_path: Path) -> None:
    code, other = house(town), tmp_path / "other.png"
    other.write_bytes(PNG)
    lives(town, code, "甲", "乙")
    number = released(town, code, picture)
    before = asks(town, "preview", number)["fingerprint"]

    says(town, "edit", number, "--cover", other, "--as", AUTHOR)

    assert row_of(town, number).state == "draft" and asks(town, "preview", number)["fingerprint"] != before
    assert "还没有看过" in says(town, "approve", number, "--as", APPROVER, fails=True)
    assert len(covers(town)) == 1, "the one before is kept no longer"
    says(town, "edit", number, "--cover", "", "--as", AUTHOR)
    assert covers(town) == [] and asks(town, "preview", number)["cover"] is None


def test_an_edit_of_other_words_keeps_the_picture_and_so_does_a_second_call(town: Town, picture: Path) -> None:
    code = house(town)
    hands = lives(town, code, "甲", "乙")
    number = drafted(town, code, picture, "--receipt")
    says(town, "edit", number, "--title", "停水改期", "--as", AUTHOR)
    assert asks(town, "preview", number)["cover"]["kind"] == "image/jpeg"
    says(town, "preview", number, "--send-to-me")
    town.deliver()
    says(town, "approve", number, "--as", APPROVER)
    town.passes(minutes=6)
    goes(town)
    town.world.mass.tell_results()
    goes(town)
    hands[0].says("1")

    again = asks(town, "again", number, "--as", AUTHOR)["id"]

    assert asks(town, "preview", again)["cover"]["kind"] == "image/jpeg" and len(covers(town)) == 1


@pytest.mark.parametrize("change", ["other picture", "no picture"])
def test_a_picture_changed_behind_the_rules_stops_everything(
    town: Town, picture: Path, change: str, tmp_path: Path
) -> None:
    code, other = house(town), tmp_path / "other.png"
    other.write_bytes(PNG)
    lives(town, code, "甲", "乙")
    number = released(town, code, picture)
    drafted(town, code, other)
    with town.database.write() as session:
        sha = session.scalar(select(Cover.sha256).where(Cover.kind == "image/png"))
        session.get_one(Announcement, number).cover = sha if change == "other picture" else None

    goes(town, 2)

    assert calls(town, MASS) == calls(town, ADD_PICTURE) == [] and states(town, number) == {"waiting": 2}


def test_a_picture_whose_bytes_were_changed_is_not_sent(town: Town, picture: Path) -> None:
    code = house(town)
    hands = lives(town, code, "甲", "乙")
    number = released(town, code, picture)
    with town.database.write() as session:
        session.execute(update(Cover).values(content=PNG))

    goes(town)

    assert calls(town, ADD_PICTURE) == [] and "请提前存水" in shown(hands[0], "mass")[0].text
    assert "封面没有用上，群发改发文字（cover_changed）" in says(town, "progress", number)


@pytest.mark.parametrize("path", [ADD_PICTURE, ADD_DRAFT])
def test_an_unknown_outcome_is_repeated_and_makes_no_endless_drafts(town: Town, picture: Path, path: str) -> None:
    code = house(town)
    hands = lives(town, code, "甲", "乙")
    town.world.fault(path, "reset", accepted=True)

    number = released(town, code, picture)
    for _ in range(12):
        goes(town)
        town.passes(minutes=1)
    town.world.mass.tell_results()
    goes(town)

    assert len(calls(town, path)) == 3 and len(town.world.articles.pictures) <= 3 and town.world.articles.made <= 3
    assert [len(shown(hand, "mass")) for hand in hands] == [1, 1] and shown(hands[0], "mass")[0].details == {}
    assert states(town, number) == {"sent": 2} and "封面没有用上" in says(town, "progress", number)


@pytest.mark.parametrize("path", [ADD_PICTURE, ADD_DRAFT])
@pytest.mark.parametrize(("kind", "code"), [("reset", 0), ("errcode", -1), ("errcode", 45011), ("http", 502)])
def test_a_disturbance_costs_time_and_nothing_else(town: Town, picture: Path, path: str, kind: Any, code: int) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙")
    town.world.fault(path, kind, code=code, times=1)

    released(town, place, picture)
    goes(town)
    assert shown(hands[0], "mass") == []
    town.passes(minutes=2)
    goes(town)

    assert [item.details["title"] for hand in hands for item in shown(hand, "mass")] == ["【公告】停水通知"] * 2
    assert len(calls(town, MASS)) == 1


@pytest.mark.parametrize(("path", "code"), [(ADD_PICTURE, 48001), (ADD_PICTURE, 40005), (ADD_DRAFT, 48001)])
def test_a_refusal_for_good_means_words(town: Town, picture: Path, path: str, code: int) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙")
    town.world.fault(path, "errcode", code=code)

    number = released(town, place, picture)
    for _ in range(8):
        goes(town)
        town.passes(minutes=6)

    assert [shown(hand, "mass")[0].details for hand in hands] == [{}, {}]
    assert f"errcode:{code}" in says(town, "progress", number) and asks(town, "progress", number)["in_words"]


def test_an_emergency_does_not_wait_for_its_picture(town: Town, picture: Path) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙")
    town.world.fault(ADD_PICTURE, "errcode", code=-1, times=1)

    released(town, place, picture, "--urgent", "主管爆裂")
    goes(town)

    assert [len(shown(hand, "mass")) for hand in hands] == [1, 1] and len(calls(town, ADD_PICTURE)) == 1


def test_news_does_not_wait_long_for_its_picture(town: Town, picture: Path) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙")
    town.world.fault(ADD_DRAFT, "errcode", code=45011)

    released(town, place, picture)
    for _ in range(8):
        goes(town)
        town.passes(minutes=5)

    assert [len(shown(hand, "mass")) for hand in hands] == [1, 1] and len(calls(town, ADD_DRAFT)) < 10


def test_whoever_goes_on_after_a_crash_makes_nothing_twice(town: Town, picture: Path) -> None:
    """Each step is done by a process that dies behind it; the first finds the platform busy, so the rungs are chosen."""
    place = house(town)
    hands = lives(town, place, "甲", "乙")
    town.world.fault(ADD_PICTURE, "errcode", code=45011, times=1)
    number = released(town, place, picture)
    announce(town.office, town.courier.account)
    town.passes(minutes=2)
    for made in (ADD_PICTURE, ADD_DRAFT):
        assert send_mass(town.office, town.courier.account, number) and calls(town, made)[-1].ok

    goes(town)

    assert (len(calls(town, ADD_PICTURE)), len(calls(town, ADD_DRAFT)), len(calls(town, MASS))) == (2, 1, 1)
    assert len(town.world.articles.pictures) == 1 and [len(shown(hand, "mass")) for hand in hands] == [1, 1]


def test_a_step_somebody_else_has_begun_is_left_to_them(town: Town, picture: Path) -> None:
    place = house(town)
    lives(town, place, "甲", "乙")
    number = released(town, place, picture)
    town.world.fault(ADD_PICTURE, "errcode", code=45011, times=1)
    announce(town.office, town.courier.account)
    with town.database.write() as session:
        row = session.get_one(Announcement, number)
        row.article = {"tries": 1, "next_at": (town.moment + timedelta(seconds=60)).isoformat()}

    goes(town)
    assert len(calls(town, ADD_PICTURE)) == 1 and calls(town, MASS) == []
    town.passes(minutes=2)
    goes(town)

    assert len(calls(town, ADD_PICTURE)) == 2 and len(calls(town, MASS)) == 1


def test_each_mass_call_has_a_draft_of_its_own_and_all_share_the_picture(town: Town, picture: Path) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙", "丙", "丁")
    for hand in hands[:2]:
        hand.says("你好")
    town.world.fault(CUSTOM, "errcode", code=45015)

    number = released(town, place, picture, "--urgent", "主管爆裂")
    goes(town, 3)

    assert len(chunks_of(town, number)) == 2 and [len(shown(hand, "mass")) for hand in hands] == [1] * 4
    assert all(shown(hand, "mass")[0].details for hand in hands)
    assert (len(calls(town, ADD_PICTURE)), len(calls(town, ADD_DRAFT))) == (1, 2)


def test_one_person_alone_is_no_mass_message_and_needs_no_article(town: Town, picture: Path) -> None:
    place = house(town)
    [hand] = lives(town, place, "独居的")

    number = released(town, place, picture)
    goes(town, 3)

    assert calls(town, ADD_PICTURE) == calls(town, MASS) == []
    assert stands(town, number, hand) == ("task", "group_push")


def test_the_same_picture_is_uploaded_once_for_all_announcements(town: Town, picture: Path) -> None:
    place = house(town)
    lives(town, place, "甲", "乙")
    for title in ("一", "二"):
        released(town, place, picture, "--title", title)
        goes(town)

    assert (len(calls(town, ADD_PICTURE)), len(calls(town, ADD_DRAFT)), len(calls(town, MASS))) == (1, 2, 2)


def test_a_mass_call_refused_for_now_keeps_its_draft(town: Town, picture: Path) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙")
    town.world.fault(MASS, "errcode", code=-1, times=1)

    released(town, place, picture)
    goes(town)
    town.passes(minutes=1)
    goes(town)

    assert len(calls(town, ADD_DRAFT)) == 1 and [len(shown(hand, "mass")) for hand in hands] == [1, 1]


@pytest.mark.parametrize("looks_first", [False, True])
def test_an_article_nobody_answered_for_is_on_no_phone_twice(town: Town, picture: Path, looks_first: bool) -> None:
    """Whether the platform looks for the draft or for the clientmsgid first, when it is called again."""
    place = house(town)
    hands = lives(town, place, "甲", "乙")
    town.world.articles.looks_first = looks_first
    town.world.fault(MASS, "reset", accepted=True, times=1)

    number = released(town, place, picture)
    goes(town, 3)
    town.world.mass.tell_results()
    goes(town, 2)

    assert [len(shown(hand, "mass")) for hand in hands] == [1, 1] and len(calls(town, ADD_DRAFT)) == 1
    assert states(town, number) == ({"unknown": 2} if looks_first else {"sent": 2})


@pytest.mark.parametrize(("times", "in_words"), [(1, False), (2, True)])
def test_a_draft_somebody_deleted_is_made_again_once(town: Town, picture: Path, times: int, in_words: bool) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙")
    town.world.fault(MASS, "errcode", code=40007, times=times)

    released(town, place, picture)
    goes(town, 3)

    assert len(calls(town, ADD_DRAFT)) == 2 and len(calls(town, MASS)) == times + 1
    assert [item.details == {} for hand in hands for item in shown(hand, "mass")] == [in_words, in_words]


def test_a_picture_somebody_deleted_over_there_is_uploaded_again(town: Town, picture: Path) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙")
    released(town, place, picture, "--title", "一")
    goes(town)
    town.world.articles.pictures.clear()

    released(town, place, picture, "--title", "二")
    goes(town)

    assert len(calls(town, ADD_PICTURE)) == 2 and [len(shown(hand, "mass")) for hand in hands] == [2, 2]
    assert shown(hands[0], "mass")[1].details["title"] == "【公告】二"


def test_withdrawn_while_its_article_is_made_it_stays_unsent(town: Town, picture: Path) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙")
    town.world.fault(ADD_DRAFT, "errcode", code=-1, times=1)
    number = released(town, place, picture)
    goes(town)

    assert "没有发出 2 人" in says(town, "withdraw", number, "--as", AUTHOR)
    town.passes(minutes=2)
    goes(town, 2)

    assert calls(town, MASS) == [] and [shown(hand, "mass") for hand in hands] == [[], []]


def talker(town: Town, code: str) -> ResidentHand:
    """Somebody who may be written to by customer-service message."""
    wang, _ = lives(town, code, "王阿姨", "邻居")
    wang.says("你好")
    return wang


def test_with_a_link_a_customer_service_message_is_a_card(town: Town, picture: Path) -> None:
    code = house(town)
    wang = talker(town, code)
    number = drafted(town, code, picture, "--link", LINK, "--receipt")
    token = address(town)
    assert town.client.get(token).status_code == 404, "nobody has released it"
    assert "客服消息 1 人：图文卡片" in says(town, "preview", number)
    says(town, "preview", number, "--send-to-me")
    town.deliver()
    says(town, "approve", number, "--as", APPROVER)
    town.passes(minutes=6)
    goes(town)

    [item] = shown(wang, "news")
    [card] = item.details["articles"]
    assert card["title"] == "【公告】停水通知" and card["url"] == LINK
    assert "请提前存水" in card["description"] and "回复1" in card["description"] and "退订" in card["description"]
    assert card["picurl"] == f"{PUBLIC}{token}" and stands(town, number, wang) == ("sent", "official_account")
    answer = town.client.get(urlsplit(card["picurl"]).path)
    assert answer.data == JPEG and answer.mimetype == "image/jpeg"
    assert "已记下您看过" in wang.says("1")


def address(town: Town) -> str:
    """Path of the only picture."""
    with town.database.read() as session:
        cover = session.scalars(select(Cover)).one()
        return f"/cover/{cover.token}.{cover.kind.removeprefix('image/')}"


def test_the_address_of_a_picture_is_public_and_tells_nothing_else(town: Town, picture: Path) -> None:
    code = house(town)
    talker(town, code)
    number = released(town, code, picture, "--link", LINK)
    path = address(town)

    answer = town.client.get(path)

    assert answer.headers["Cache-Control"] == "public, max-age=86400" and len(path) > 43
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and "Set-Cookie" not in answer.headers
    assert town.client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    head = town.client.head(path)
    assert head.status_code == 200 and head.data == b""
    for wrong in (
        path.replace(".jpeg", ".png"),
        path[:-6] + "x.jpeg",
        "/cover/.jpeg",
        "/cover/1.jpeg",
        f"/cover/{'é' * 43}.jpeg",
    ):
        assert town.client.get(wrong).status_code == 404, wrong
    assert town.client.post(path).status_code == 405
    says(town, "withdraw", number, "--as", AUTHOR)
    assert town.client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ((), "没有链接"),
        (("--link", LINK, "--body", "停水。" * 100), "正文放不进卡片"),
    ],
)
def test_what_makes_no_card_goes_in_words(town: Town, picture: Path, more: tuple[str, ...], words: str) -> None:
    code = house(town)
    wang = talker(town, code)
    number = released(town, code, picture, *more)
    assert words in says(town, "preview", number)

    goes(town)

    assert shown(wang, "news") == [] and "停水" in shown(wang, "text")[0].text


@pytest.mark.parametrize("public", ["", "http://yunge.example.org"])
def test_without_a_public_address_no_phone_could_fetch_it(
    build_town: Callable[..., Town], monkeypatch: pytest.MonkeyPatch, picture: Path, public: str
) -> None:
    monkeypatch.setenv("YUNGE_DEPLOYMENT__PUBLIC_URL", public)
    town = build_town()
    with town.database.write() as session:
        hire(session)
    code = house(town)
    wang = talker(town, code)
    number = released(town, code, picture, "--link", LINK)
    assert "public_url" in says(town, "preview", number)

    goes(town)

    assert shown(wang, "news") == [] and len(shown(wang, "text")) == 1
    assert recipient(town, number, wang).state == "sent"
