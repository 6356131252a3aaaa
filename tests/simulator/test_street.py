"""The fictional street: complete, consistent, always the same, and readable by the place parser."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from bot.understanding.places import BuildingEntry, Gazetteer
from simulator.street import main, write_street

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    folder = tmp_path_factory.mktemp("street")
    write_street(folder)
    return {path.stem: list(csv.DictReader(path.read_text("utf-8").splitlines())) for path in folder.iterdir()}


def test_the_street_has_its_size(street: dict[str, Rows]) -> None:
    levels = Counter((row["level"], row["kind"]) for row in street["areas"])

    assert levels == {
        ("district", "basic"): 1,
        ("street", "basic"): 1,
        ("community", "basic"): 20,
        ("grid", "basic"): 105,
        ("grid", "special"): 2,
    }
    assert 1450 <= len(street["buildings"]) <= 1550
    assert len(street["departments"]) == 22
    assert len(street["groups"]) == 1 + 1 + 20 + 107 + 22


def test_every_code_leads_somewhere(street: dict[str, Rows]) -> None:
    areas = {row["code"] for row in street["areas"]}
    departments = {row["code"] for row in street["departments"]}
    people = {row["key"] for row in street["people"]}

    assert {row["parent_code"] for row in street["areas"]} <= areas | {""}
    assert {row["grid_code"] for row in street["buildings"]} == {
        r["code"] for r in street["areas"] if r["level"] == "grid"
    }
    assert {row["person_key"] for row in street["postings"]} == people
    for row in street["postings"] + street["groups"]:
        assert (row["area_code"] in areas) != (row["department_code"] in departments)


def test_keys_are_unique(street: dict[str, Rows]) -> None:
    for kind, column in (
        *(("areas", "code"), ("buildings", "code"), ("people", "key"), ("people", "wecom_userid")),
        *(("groups", "chat_id"), ("groups", "webhook_key"), ("calendar", "date")),
    ):
        assert max(Counter(row[column] for row in street[kind]).values()) == 1, (kind, column)
    assert max(Counter((row["estate"], row["name"]) for row in street["buildings"]).values()) == 1


def test_every_grid_has_its_leader_and_its_worker(street: dict[str, Rows]) -> None:
    duties = {(row["area_code"], row["duty"]) for row in street["postings"] if not row["to"]}

    for grid in (row["code"] for row in street["areas"] if row["level"] == "grid"):
        assert {(grid, duty) for duty in ("grid_leader", "full_time", "part_time", "advisor", "volunteer")} <= duties


def test_the_cast_is_on_stage(street: dict[str, Rows]) -> None:
    home = next(row for row in street["buildings"] if row["estate"] + row["name"] == "紫荆苑3栋")
    names = {row["key"]: row["name"] for row in street["people"]}
    duties = {(row["area_code"], row["duty"]): names[row["person_key"]] for row in street["postings"] if not row["to"]}

    assert home["grid_code"].endswith("003")
    assert duties[home["grid_code"], "full_time"].startswith("陈")
    assert duties[home["grid_code"], "grid_leader"].startswith("周")
    assert "赵丽华" in names.values()


def test_every_level_above_the_grid_has_somebody_to_decide(street: dict[str, Rows]) -> None:
    staffed = {row["area_code"] for row in street["postings"] if row["duty"] == "staff"}
    grouped = {row["area_code"] for row in street["groups"]} | {row["department_code"] for row in street["groups"]}
    liaisons = {row["department_code"] for row in street["postings"] if row["duty"] == "liaison"}

    assert {row["code"] for row in street["areas"] if row["level"] != "grid"} <= staffed
    assert {row["code"] for row in street["areas"] + street["departments"]} <= grouped
    assert liaisons - {""} == {row["code"] for row in street["departments"]}


def test_the_market_works_in_shifts(street: dict[str, Rows]) -> None:
    market = next(row["code"] for row in street["areas"] if row["name"] == "清溪农贸市场专属网格")
    posted = {row["person_key"] for row in street["postings"] if row["area_code"] == market}

    assert [(row["area_code"], row["kind"], row["begins"], row["ends"]) for row in street["roster"]] == [
        (market, "shift", "05:00", "13:00"),
        (market, "shift", "13:00", "21:00"),
    ]
    assert {row["person_key"] for row in street["roster"]} <= posted


def test_neighbours_stand_about_60_metres_apart(street: dict[str, Rows]) -> None:
    gazetteer = gazetteer_of(street)

    for row in street["buildings"][::50]:
        near = gazetteer.near(float(row["latitude"]), float(row["longitude"]), 100)
        assert near[0][1] == 0
        assert 50 <= near[1][1] <= 70


def test_every_building_is_found_by_its_title(street: dict[str, Rows]) -> None:
    gazetteer = gazetteer_of(street)

    for row in street["buildings"]:
        found = gazetteer.find(f"我住{row['estate']}{row['name']}")
        assert [entry.code for entry in found.buildings] == [row["code"]], row
        assert found.kind == "building", row


def test_the_street_is_always_the_same(
    street: dict[str, Rows], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["simulator.street", str(tmp_path)])

    main()

    again = {path.stem: list(csv.DictReader(path.read_text("utf-8").splitlines())) for path in tmp_path.iterdir()}
    assert again == street


def gazetteer_of(street: dict[str, Rows]) -> Gazetteer:
    return Gazetteer(
        BuildingEntry(
            *(
                row["code"],
                row["grid_code"],
                row["estate"],
                row["name"],
                tuple(filter(None, row["aliases"].split(";"))),
            ),
            *(float(row["latitude"]), float(row["longitude"]), row["units"]),
        )
        for row in street["buildings"]
    )
