"""Logs hold ids and places, never what somebody wrote."""

import json

import pytest
import structlog

from bot.logs import begin_logs


def test_an_exception_is_logged_by_type_and_place_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    begin_logs()
    try:
        raise ValueError("13812340000 住3栋501")
    except ValueError:
        structlog.get_logger().exception("respond.failed", message="abc")
    line = json.loads(capsys.readouterr().err.strip().splitlines()[-1])
    assert line["error"] == "ValueError" and line["places"][-1].startswith("test_logs.py:")
    assert "13812340000" not in json.dumps(line)
