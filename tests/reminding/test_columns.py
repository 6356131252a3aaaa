"""The account's menu: checked before it leaves, published as the platform wants it, every tap answered."""

import json
from pathlib import Path

import pytest
import requests
from town import Town

from bot.menu_columns import menu_of, read_columns
from handlers.menu_cli import SHIPPED
from models.database import Refused


def run(town: Town, *words: str) -> tuple[int, str]:
    result = town.app.test_cli_runner().invoke(args=["menu", *words])
    return result.exit_code, result.output


def token_of(town: Town) -> str:
    query = {
        "grant_type": "client_credential",
        "appid": town.world.config.app_id,
        "secret": town.world.config.app_secret,
    }
    return requests.get(f"{town.world.url}/cgi-bin/token", params=query, timeout=5).json()["access_token"]


def published(town: Town) -> dict:
    token = token_of(town)
    return requests.get(f"{town.world.url}/cgi-bin/menu/get", params={"access_token": token}, timeout=5).json()


def test_what_is_shipped_is_what_the_account_shows(town: Town) -> None:
    code, said = run(town, "push")

    assert code == 0, said
    assert published(town)["menu"] == menu_of(read_columns(SHIPPED, town.office.services))


def test_every_tap_of_the_shipped_menu_is_answered(town: Town) -> None:
    aunt = town.resident("王阿姨", town.building("紫荆苑3栋"))
    keys = [
        entry.key for column in read_columns(SHIPPED, town.office.services) for entry in (column.entry or (column,))
    ]

    answers = {key: aunt.taps_menu(key) for key in keys}

    assert len(keys) == 10 and all(answers.values()), answers


BAD = {
    "four columns": ('[[column]]\nname = "报修"\nkey = "report"\n' * 4, "最多3个栏目"),
    "six entries": (
        '[[column]]\nname = "我的"\n' + '[[column.entry]]\nname = "报修"\nkey = "report"\n' * 6,
        "最多5个子菜单",
    ),
    "a long column": ('[[column]]\nname = "我要反映问题"\nkey = "report"\n', "最多4个汉字"),
    "an unknown service": ('[[column]]\nname = "报修"\nkey = "repair"\n', "没有 repair 这项服务"),
    "no encryption": ('[[column]]\nname = "报修"\nurl = "http://example.invalid"\n', "https://"),
    "both": ('[[column]]\nname = "报修"\nkey = "report"\nurl = "https://example.invalid"\n', "只能有一个"),
    "no target": ('[[column]]\nname = "报修"\n', "要有一个"),
    "an unknown word": ('[[column]]\nname = "报修"\nkye = "report"\n', "读不懂"),
    "no columns": ("column = []\n", "读不懂"),
    "no toml": ("[[column\n", "读不懂"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_the_platform_would_not_take_is_refused_before_it_leaves(case: str, tmp_path: Path) -> None:
    text, words = BAD[case]
    path = tmp_path / "columns.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(Refused, match=words):
        read_columns(path, {"report"})


def test_a_refused_menu_leaves_the_old_one(town: Town, tmp_path: Path) -> None:
    run(town, "push")
    path = tmp_path / "columns.toml"
    path.write_text('[[column]]\nname = "报修"\nkey = "repair"\n', encoding="utf-8")

    code, said = run(town, "push", "--file", str(path))

    assert code == 1 and "没有发布" in said
    assert len(published(town)["menu"]["button"]) == 3


ENTRY = {"type": "click", "name": "报修", "key": "report"}


@pytest.mark.parametrize("buttons, code", [
    ([ENTRY] * 4, 40016),
    ([], 40016),
    ([{**ENTRY, "name": "我要反映问题"}], 40018),
    ([{"name": "我的", "sub_button": [ENTRY] * 6}], 40023),
    ([{"name": "我的", "sub_button": [{**ENTRY, "name": "长" * 21}]}], 40025),
    ([{**ENTRY, "key": ""}], 40019),
    ([{"type": "view", "name": "网站", "url": "https://" + "x" * 1024}], 40020),
    ([{"type": "tap", "name": "报修"}], 40017),
    ([ENTRY], 0),
])  # fmt: skip
def test_the_simulated_account_refuses_what_the_real_one_would(town: Town, buttons: list, code: int) -> None:
    token = token_of(town)

    body = json.dumps({"button": buttons}, ensure_ascii=False).encode()
    answer = requests.post(f"{town.world.url}/cgi-bin/menu/create", body, params={"access_token": token}, timeout=5)

    assert answer.json()["errcode"] == code
