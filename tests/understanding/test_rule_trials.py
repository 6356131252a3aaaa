"""A change of the rules is tried on what people wrote before, and a correction is remembered."""

import json
from pathlib import Path
from typing import Any

from town import GRID, Town

from handlers.matters import shipped_matters


def flask(town: Town, *args: str) -> Any:
    return town.app.test_cli_runner().invoke(args=args)


def without_lamps(tmp_path: Path) -> Path:
    """A careless edit: the lamps lose all their rules and examples but one."""
    path = tmp_path / "change.toml"
    path.write_text(
        '[[matter]]\ncode = "street_light"\nkeywords = ["走廊灯泡"]\nexamples = ["走廊灯泡"]\n', encoding="utf-8"
    )
    return path


def test_a_correction_by_the_resident_stays_as_an_example(town: Town) -> None:
    wang = town.resident("王阿姨", home=town.building("紫荆苑3栋"))
    wang.says("楼道灯又不亮了")
    number = town.ticket()["number"]

    town.group(GRID).says("ChenXiaoMin", f"改类 {number} 单元门")

    [label] = town.rows("labels")
    assert (label["ticket"], label["guessed"], label["matter"]) == (number, "street_light", "access_gate")
    assert (label["by_kind"], label["text"]) == ("worker", "楼道灯又不亮了")


def test_a_change_that_would_lose_a_matter_is_told_before_it_goes_live(town: Town, tmp_path: Path) -> None:
    wang = town.resident("王阿姨", home=town.building("紫荆苑3栋"))
    wang.says("楼道灯又不亮了")
    number = town.ticket()["number"]
    town.group(GRID).says("ChenXiaoMin", f"办结 {number} 换了灯泡")
    wang.says("1")
    before = town.rows("tickets")

    told = flask(town, "rules", "try", str(without_lamps(tmp_path)), "--json")

    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    [change] = [change for change in found["changes"] if change["text"] == "楼道灯又不亮了"]
    assert (change["verdict"], change["before"]) == ("worse", "ticket street_light")
    assert found["worse"] == 1 and town.rows("tickets") == before


def test_a_file_nobody_can_follow_says_which_line(town: Town, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('[[matter]]\ncode = "street_light"\nkeywords = ["灯=4+坏"]\n', encoding="utf-8")

    told = flask(town, "rules", "try", str(bad))

    assert told.exit_code == 1 and "street_light" in told.output and "灯=4+坏" in told.output


def test_every_matter_has_a_first_version_and_a_change_makes_the_next(town: Town, tmp_path: Path) -> None:
    codes = {matter["code"] for matter in shipped_matters()}
    (tmp_path / "matters.csv").write_text(
        "code,name,keywords\nstreet_light,路灯、楼道灯不亮,路灯;楼道灯;灯~不亮\n", encoding="utf-8"
    )

    assert flask(town, "import", str(tmp_path)).exit_code == 0

    told = flask(town, "rules", "history", "street_light")
    assert told.output.count("revision") == 2 and "\n  - " in told.output
    assert all("revision" in flask(town, "rules", "history", code).output for code in sorted(codes)[:3])
