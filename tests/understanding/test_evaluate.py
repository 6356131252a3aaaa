"""How good are the rules? What `flask evaluate` measures, on little files one can count by hand."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bot.catalogue import Catalogue
from bot.config import Settings
from bot.learning.evaluate import Judge, Judged, Opinion, evaluation, judged, macro_f1
from bot.learning.labelled import LabelledText
from bot.learning.report import evaluation_text
from wsgi import create_app

HERE = Path(__file__).parent


def said(right: str, *ranked: tuple[str, float], also: tuple[str, ...] = (), seconds: float = 0.0) -> Judged:
    return Judged(LabelledText(1, "字", (right,) if right else (), also), Opinion(ranked), seconds)


def measure(*results: Judged, known: str = "甲 乙 丙") -> dict[str, Any]:
    return dict(evaluation(results, known.split()))


def test_precision_recall_and_f1_of_each_label() -> None:
    found = measure(said("甲", ("甲", 1)), said("甲", ("甲", 1)), said("甲", ("乙", 1)), said("乙", ("乙", 1)))

    assert found["accuracy"] == 0.75
    assert found["per_class"]["甲"] == {"precision": 1.0, "recall": 0.6667, "f1": 0.8, "support": 3}
    assert found["per_class"]["乙"] == {"precision": 0.5, "recall": 1.0, "f1": 0.6667, "support": 1}
    assert found["macro_f1"] == 0.7333
    assert found["confusion"] == [{"gold": "甲", "predicted": "乙", "count": 1}]


def test_macro_f1_is_over_the_labels_that_occur() -> None:
    assert macro_f1(Counter({("甲", "甲"): 1, ("甲", "丙"): 1})) == pytest.approx(2 / 3)
    assert macro_f1(Counter()) == 0.0


def test_saying_nothing_is_wrong_but_no_label() -> None:
    found = measure(said("甲"), said("甲", ("甲", 1)))
    assert found["accuracy"] == 0.5
    assert set(found["per_class"]) == {"甲"}
    assert found["confusion"] == [{"gold": "甲", "predicted": "", "count": 1}]


def test_a_label_no_rule_knows_is_named_and_counts_as_wrong() -> None:
    found = measure(said("城堡", ("甲", 1)), said("甲", ("甲", 1)))
    assert found["unknown_labels"] == {"城堡": 1}
    assert found["accuracy"] == 0.5


def test_another_acceptable_answer_counts_at_first_and_is_told_apart() -> None:
    found = measure(said("甲", ("乙", 1), also=("乙",)))
    assert (found["accuracy"], found["right_without_also"]) == (1.0, 0.0)
    assert found["confusion"] == []


def test_the_second_best_counts_among_two() -> None:
    found = measure(said("甲", ("乙", 3), ("甲", 2)), said("甲", ("乙", 3), ("丙", 2), ("甲", 1)))
    assert (found["accuracy"], found["among_best_two"]) == (0.0, 0.5)


def test_the_further_ahead_the_fewer_are_decided() -> None:
    found = measure(
        said("甲", ("甲", 5), ("乙", 1)),
        said("甲", ("甲", 3)),
        said("甲", ("乙", 3), ("甲", 1)),
        said("甲", ("乙", 3), ("甲", 2)),
        said("甲"),
    )

    assert found["curve"] == [
        {"margin": 1, "coverage": 0.8, "precision": 0.5},
        {"margin": 2, "coverage": 0.6, "precision": 0.6667},
        {"margin": 3, "coverage": 0.4, "precision": 1.0},
        {"margin": 4, "coverage": 0.2, "precision": 1.0},
    ]
    assert found["threshold"] == {"margin": 3, "coverage": 0.4, "precision": 1.0}


def test_texts_equally_far_ahead_are_decided_together() -> None:
    found = measure(said("甲", ("甲", 2)), said("甲", ("乙", 2)))
    assert found["curve"] == [{"margin": 2, "coverage": 1.0, "precision": 0.5}]
    assert found["threshold"] is None


def test_the_curve_stays_short_and_keeps_both_ends() -> None:
    curve = measure(*(said("甲", ("甲", number)) for number in range(1, 500)))["curve"]
    assert len(curve) <= 21
    assert (curve[0]["margin"], curve[-1]["margin"]) == (1, 499)


def test_the_slowest_texts_are_named_first_and_shortened() -> None:
    rows = [
        Judged(LabelledText(line, "字" * 900, ("甲",)), Opinion((("甲", 1.0),)), line / 1000) for line in range(1, 9)
    ]
    slowest = measure(*rows)["slowest"]
    assert [one["line"] for one in slowest] == [8, 7, 6, 5, 4]
    assert slowest[0] == {"line": 8, "milliseconds": 8.0, "characters": 900, "text": "字" * 40}


def test_nothing_to_measure_is_no_accident() -> None:
    found = measure(said(""))
    assert (found["rows"], found["measured"], found["accuracy"], found["curve"]) == (1, 0, 0.0, [])
    assert "0 texts with a matter, 1 in all" in evaluation_text({**found, "left_out": 0})


def always(kind: str, emergency: bool) -> Judge:
    return lambda text: Opinion((("甲", 1.0),), kind, emergency)


def test_kinds_and_alarms_are_measured_where_the_file_tells_them() -> None:
    rows = [
        LabelledText(1, "着火了", ("甲",), emergency=True),
        LabelledText(2, "消防演练", (), emergency=False),
        LabelledText(3, "谢谢", (), kind="courtesy"),
    ]

    found: dict[str, Any] = dict(evaluation(list(judged(rows, always("courtesy", True))), ["甲"]))

    assert (found["emergency_recall"], found["false_alarms"], found["false_alarm_lines"]) == (1.0, 1.0, [2])
    assert found["kind_accuracy"] == 1.0
    assert found["measured"] == 1
    assert "alarmed on lines [2]" in evaluation_text({**found, "left_out": 0})


# The command


@pytest.fixture(scope="module")
def app(templates: Callable[[str], Any], catalogue: Catalogue) -> Iterator[Flask]:
    """The shipped catalogue; nothing is written here."""
    made = create_app(Settings(database={"url": templates("sqlite").url}))
    made.extensions["yunge"]._catalogue = catalogue
    yield made
    made.extensions["yunge"].database.close()


def run(app: Flask, *args: str) -> Any:
    return app.test_cli_runner().invoke(args=["evaluate", *args])


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "R.toml"
    path.write_text('[[label]]\nname = "照明"\nrules = ["灯"]\n[[label]]\nname = "环卫"\nrules = ["垃圾"]\n', "utf-8")
    return path


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.csv"
    path.write_text("text,label\n路灯坏了,照明\n垃圾满了,环卫\n灯下有垃圾,照明\n谁知道,城堡\n", "utf-8")
    return path


def test_any_labels_can_be_tried_with_a_file_of_rules(app: Flask, rules: Path, texts: Path) -> None:
    done = run(app, str(texts), "--rules", str(rules), "--json")

    found = json.loads(done.stdout)
    assert found["accuracy"] == 0.5
    assert found["unknown_labels"] == {"城堡": 1}
    assert set(found) >= {"macro_f1", "per_class", "confusion", "curve", "threshold", "slowest"}


def test_the_highest_alarm_floor_that_hears_enough_is_named() -> None:
    """Fifty real ones, one of them faint: it may be missed; of four calm ones one is as loud as the others."""
    loudness = {f"险{n}": -9.0 if n == 0 else 1.0 + n for n in range(50)} | {f"静{n}": n - 1.0 for n in range(4)}
    rows = [LabelledText(n, text, (), emergency=text[0] == "险") for n, text in enumerate(loudness, 1)]

    found = dict(evaluation(list(judged(rows, lambda text: Opinion((), emergency=True, loudness=loudness[text]))), []))

    assert found["alarm_from"] == {"at": 2.0, "false_alarms": 0.25}


def test_the_report_names_what_is_confused(app: Flask, rules: Path, texts: Path) -> None:
    done = run(app, str(texts), "--rules", str(rules))
    assert "照明 → 环卫: 1" in done.stdout
    assert "labels no rule knows, counted as wrong: 城堡 (1)" in done.stdout


def test_the_catalogue_is_tried_with_messages_and_alarms(app: Flask) -> None:
    messages, alarms = (json.loads(run(app, str(HERE / name), "--json").stdout)
                        for name in ("messages_dev.jsonl", "emergency_dev.jsonl"))  # fmt: skip

    assert (messages["rows"], alarms["rows"]) == (150, 60)
    assert messages["accuracy"] > 0.9 and messages["kind_accuracy"] > 0.9
    assert alarms["emergency_recall"] > 0.9 and alarms["false_alarms"] < 0.1
    assert alarms["alarm_from"]["false_alarms"] <= alarms["false_alarms"]


def test_labels_the_catalogue_does_not_have_are_an_error_that_says_what_to_do(app: Flask, texts: Path) -> None:
    done = run(app, str(texts))
    assert done.exit_code == 1
    assert "--rules" in done.output


def test_rules_proposed_beside_the_catalogue_are_tried_beside_it(app: Flask, tmp_path: Path) -> None:
    texts, rules = tmp_path / "texts.csv", tmp_path / "R.toml"
    texts.write_text("text,matter\n喀嚓呜啦哗,street_light\n", "utf-8")
    rules.write_text('scoring = "catalogue"\n[[label]]\nname = "street_light"\nrules = ["喀嚓呜啦=4"]\n', "utf-8")

    alone, beside = run(app, str(texts), "--json"), run(app, str(texts), "--rules", str(rules), "--json")

    assert (json.loads(alone.stdout)["accuracy"], json.loads(beside.stdout)["accuracy"]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("content", "complaint"), [("a,b\n1,2\n", "Columns found: a, b"), ("text,label\n", "no row with a text")]
)
def test_a_file_that_cannot_be_used_is_an_error_of_one_line(
    app: Flask, tmp_path: Path, rules: Path, content: str, complaint: str
) -> None:
    path = tmp_path / "other.csv"
    path.write_text(content, "utf-8")

    done = run(app, str(path), "--rules", str(rules))

    assert done.exit_code == 1
    assert complaint in done.output and "Traceback" not in done.output
