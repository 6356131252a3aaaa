"""What is refused, what is put aside, and what leaves no trace. One deployment for all of it: starting one costs seconds."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from blackbox.conftest import Databases
from blackbox.little_street import building
from blackbox.running import ACCOUNT, ORIGINAL_ID, Product, Web
from blackbox.sealing import Seal, signature
from blackbox.talking import Envelope, Resident, Worker, account_envelope, bot_envelope, post, query

RESIDENT = Resident()
HELLO = RESIDENT.xml("text", {"Content": "楼道灯不亮了", "MsgId": "5"})
CAP = 64 * 1024


def _changed(envelope: Envelope, **fields: str | None) -> Envelope:
    parts = urlsplit(envelope.path)
    kept = {k: v for k, v in (dict(parse_qsl(parts.query)) | fields).items() if v is not None}
    return Envelope(f"{parts.path}?{urlencode(kept)}", envelope.body)


def _other(seal: Seal, xml: bytes) -> Envelope:
    sealed = seal.encrypt(xml)
    return Envelope("/wechat?" + query(seal, sealed), f"<xml><Encrypt>{sealed}</Encrypt></xml>".encode())


def _ago(seconds: float) -> str:
    return str(int(time.time() - seconds))


def _downgraded() -> Envelope:
    now = _ago(0)
    fields = {"timestamp": now, "nonce": "1", "signature": signature(ACCOUNT.token, now, "1")}
    return Envelope("/wechat?" + urlencode(fields), HELLO)


def _captured() -> Envelope:
    """A good query over another body: the signature of somebody else's message."""
    return Envelope(account_envelope(HELLO).path, account_envelope(HELLO).body)


WORDS = json.dumps(
    {"msgid": "1", "msgtype": "text", "chattype": "single", "from": {"userid": "x"}, "text": {"content": "待办"}}
)
FORGED: dict[str, Callable[[], Envelope]] = {
    "wrong signature": lambda: _changed(account_envelope(HELLO), msg_signature="0" * 40),
    "no signature": lambda: _changed(account_envelope(HELLO), msg_signature=None),
    "no query": lambda: Envelope("/wechat", account_envelope(HELLO).body),
    "stale": lambda: account_envelope(HELLO, timestamp=_ago(660)),
    "from the future": lambda: account_envelope(HELLO, timestamp=_ago(-660)),
    "a day old": lambda: account_envelope(HELLO, timestamp=_ago(86400)),
    "odd number": lambda: account_envelope(HELLO, timestamp=f"{_ago(0)}.0"),
    "full-width digits": lambda: account_envelope(
        HELLO, timestamp=_ago(0).translate({48 + n: 0xFF10 + n for n in range(10)})
    ),
    "captured query": _captured,
    "plain to a sealed account": _downgraded,
    "plain, said so": lambda: _changed(_downgraded(), encrypt_type="raw"),
    "clear body, sealed query": lambda: Envelope(account_envelope(HELLO).path, HELLO),
    "sealed for another account": lambda: _other(Seal(ACCOUNT.token, ACCOUNT.aes_key, "wxsomebodyelse00"), HELLO),
    "another key": lambda: _other(Seal(ACCOUNT.token, "z" * 42 + "E", ACCOUNT.receive_id), HELLO),
    "another token": lambda: _other(Seal("guess", ACCOUNT.aes_key, ACCOUNT.receive_id), HELLO),
    "bot: wrong signature": lambda: _changed(bot_envelope(WORDS.encode()), msg_signature="0" * 40),
    "bot: stale": lambda: bot_envelope(WORDS.encode(), timestamp=_ago(660)),
    "bot: no query": lambda: Envelope("/wecom/bot", bot_envelope(WORDS.encode()).body),
}
UNUSABLE: dict[str, bytes] = {
    "not XML": b"hello",
    "empty": b"",
    "wrong root": b"<a><MsgType>text</MsgType></a>",
    "no type": RESIDENT.xml("text", {"MsgId": "6"}).replace(b"MsgType", b"Other"),
    "nested type": f"<xml><ToUserName>{ORIGINAL_ID}</ToUserName><FromUserName>oBlackboxN</FromUserName><CreateTime>1"
    "</CreateTime><MsgType><a>text</a></MsgType></xml>".encode(),
    "entities": b'<!DOCTYPE z [<!ENTITY t "event">]>' + HELLO,
    "GB18030": RESIDENT.xml("text", {"Content": "x", "MsgId": "7"}).replace(b"x", "停水".encode("gb18030")),
    "junk after": HELLO + b"<xml/>",
    "NUL": RESIDENT.xml("text", {"Content": "a\x00b", "MsgId": "8"}),
    "300 letters of openid": Resident("oBlackbox" + "A" * 300).xml("text", {"Content": "x", "MsgId": "9"}),
    "deep": RESIDENT.xml("text", {"MsgId": "10"}).replace(
        b"</xml>", b"<Content>" + b"<a>" * 4000 + b"</a>" * 4000 + b"</Content></xml>"
    ),
}


@pytest.fixture(scope="module")
def product(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("refused"), databases.fresh("sqlite"), "http://127.0.0.1:9")
    yield product
    product.close()


@pytest.fixture(scope="module")
def web(product: Product) -> Web:
    return product.web()


def test_forged_stale_and_replayed_callbacks_get_403_and_leave_no_row(product: Product, web: Web) -> None:
    before = product.counts()
    heard = {name: post(web, envelope(), RESIDENT).status for name, envelope in FORGED.items()}
    assert heard == dict.fromkeys(FORGED, 403)
    assert product.counts() == before


def test_signed_garbage_gets_success_and_is_put_aside(product: Product, web: Web) -> None:
    tickets = product.counts()[1]
    for name, xml in UNUSABLE.items():
        heard = post(web, account_envelope(xml), RESIDENT)
        assert (heard.status, heard.text) == (200, "") and heard.seconds < 3, name
    for junk in (b"hello", b"[]", b"{}", b"null", b'{"msgtype": {}}', b"\xff\xfe"):
        heard = post(web, bot_envelope(junk), Worker("x"))
        assert (heard.status, heard.text) == (200, ""), junk
    messages, filed = product.exports("messages", "tickets")
    assert [row["decision"] for row in messages].count("quarantined") == len(UNUSABLE) + 6
    assert len(filed) == tickets


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("path", ["/wechat", "/wecom/bot"])
def test_a_body_over_64_kib_gets_413_chunked_too(web: Web, path: str, chunked: bool) -> None:
    signed = urlsplit(account_envelope(b"x").path).query
    for size in (CAP + 1, 3 * CAP):
        try:
            assert web.request("POST", f"{path}?{signed}", b"x" * size, chunked=chunked)[0] == 413
        except (BrokenPipeError, ConnectionResetError):
            pytest.fail("the connection was torn before the 413 could be read")
    assert web.request("POST", f"{path}?{signed}", b"x" * CAP, chunked=chunked)[0] == 403


def test_two_residents_with_the_same_message_id_are_two_messages(product: Product, web: Web) -> None:
    both = [Resident(), Resident()]
    numbers = set()
    for n, resident in enumerate(both, 1):
        resident.scan(web, building(n))
        numbers |= set(resident.say(web, "楼道灯不亮了", msg_id="777", created=1_790_000_000).numbers)
    assert len(numbers) == 2
    messages, tickets = product.exports("messages", "tickets")
    assert [row["platform_id"] for row in messages].count("777") == 2
    assert numbers <= {row["number"] for row in tickets}


def test_a_chunked_callback_within_the_cap_is_an_ordinary_one(web: Web) -> None:
    RESIDENT.scan(web, building(1))
    envelope = RESIDENT.text("楼道灯不亮了")
    status, raw = web.request("POST", envelope.path, envelope.body, chunked=True)
    assert status == 200 and "#" in RESIDENT.opened(raw)


def test_verification_echoes_only_what_is_signed(web: Web) -> None:
    now, echo = _ago(0), "<b>5</b>"
    good = {"timestamp": now, "nonce": "2", "echostr": "837465", "signature": signature(ACCOUNT.token, now, "2")}
    assert web.request("GET", "/wechat?" + urlencode(good)) == (200, b"837465")
    assert web.request("GET", "/wechat?" + urlencode(good | {"signature": "0" * 40}))[0] == 403
    assert b"<b>" not in web.request("GET", "/wechat?" + urlencode(good | {"echostr": echo}))[1]


def test_import_errors_name_file_row_and_column_and_change_nothing(product: Product, tmp_path: Path) -> None:
    from blackbox import little_street

    little_street.write(tmp_path)
    people = tmp_path / "people.csv"
    people.write_text(people.read_text("utf-8") + "p-new,新人,13900000055,new\n", "utf-8")
    buildings = tmp_path / "buildings.csv"
    lines = buildings.read_text("utf-8").splitlines()
    lines[7] = lines[7].replace(little_street.grid(1), "000000000000")
    buildings.write_text("\n".join(lines) + "\n", "utf-8")
    done = product.flask("import", str(tmp_path))
    said = done.stdout + done.stderr
    assert done.returncode != 0 and "buildings.csv" in said and "8" in said and "grid_code" in said, said
    (tmp_path / "buildings.csv").unlink()
    people.write_text(people.read_text("utf-8").replace("wecom_userid", "wecom_id", 1), "utf-8")
    done = product.flask("import", str(tmp_path))
    assert (
        done.returncode != 0 and "people.csv" in done.stdout + done.stderr and "wecom_id" in done.stdout + done.stderr
    )
    dry = product.flask("import", "--dry-run", str(_postings_of("p-new", tmp_path / "only")))
    assert dry.returncode != 0, "a failed import must not leave p-new behind"


def _postings_of(person: str, folder: Path) -> Path:
    folder.mkdir()
    rows = f"person_key,area_code,department_code,duty\n{person},990199001000,,staff\n"
    (folder / "postings.csv").write_text(rows, "utf-8")
    return folder
