"""`make demo`: its config is kept, its parts end together, and what goes wrong is said in plain words."""

import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bot.config import load_settings
from bot.steady_clock import DEMO_CLOCK
from simulator.clock import PROCESS_CLOCK
from simulator.demo import run
from simulator.demo_config import write_config
from simulator.demo_parts import Failed, Parts, free_port, port_is_free

PLATFORM, BOT = "http://127.0.0.1:8000", "http://127.0.0.1:8001"
SLEEPS = (sys.executable, "-c", "import time; time.sleep(60)")


def parts_in(folder: Path) -> Parts:
    return Parts(folder, "config.toml", threading.Event())


def test_the_config_is_one_the_product_accepts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("YUNGE_CONFIG", str(path))

    write_config(path, "var/demo", PLATFORM, BOT)

    settings = load_settings()
    assert settings.server.bind == "127.0.0.1:8001"
    assert settings.official_account.api_base_url == settings.group_push.api_base_url == PLATFORM
    assert settings.scheduler.tick_seconds == 0.5
    assert path.stat().st_mode & 0o077 == 0


def test_a_second_run_keeps_the_secrets_and_moves_the_ports(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    write_config(path, "var/demo", PLATFORM, BOT)
    first = path.read_text("utf-8")

    write_config(path, "var/demo", "http://127.0.0.1:9000", "http://127.0.0.1:9001")

    second = path.read_text("utf-8")
    assert second == re.sub(r"127\.0\.0\.1:800", "127.0.0.1:900", first)


def test_two_demos_share_no_secret(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_config(tmp_path / name, "var/demo", PLATFORM, BOT)

    secrets = [
        set(re.findall(r'(?:secret|token|key|id) = "(.+)"', (tmp_path / n).read_text("utf-8"))) for n in ("one", "two")
    ]

    assert len(secrets[0]) == 7
    assert not secrets[0] & secrets[1]


def test_all_parts_end_together(tmp_path: Path) -> None:
    with parts_in(tmp_path) as parts:
        parts.start("first", *SLEEPS)
        parts.start("second", *SLEEPS)
        running = list(parts._running.values())

    assert all(part.returncode is not None for part in running)


def test_a_part_that_ends_by_itself_names_its_log(tmp_path: Path) -> None:
    with (
        pytest.raises(Failed, match=r"work has stopped by itself \(exit code 3\).*work\.log.*last words: no luck"),
        parts_in(tmp_path) as parts,
    ):
        parts.start("sleeper", *SLEEPS)
        parts.start("work", sys.executable, "-c", "print('no luck'); raise SystemExit(3)")
        parts.watch()


def test_a_command_that_fails_stops_the_demo(tmp_path: Path) -> None:
    with parts_in(tmp_path) as parts:
        assert parts.finish("init", sys.executable, "-c", "")
        with pytest.raises(Failed, match="import has stopped"):
            parts.finish("import", sys.executable, "-c", "raise SystemExit(1)")


def test_nothing_of_a_real_deployment_reaches_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNGE_DATABASE__URL", "postgresql://somewhere")

    with parts_in(tmp_path) as parts:
        parts.finish("env", sys.executable, "-c", "import os; print([n for n in os.environ if n.startswith('YUNGE')])")

    assert (tmp_path / "env.log").read_text().strip() == "['YUNGE_CONFIG']"


def test_every_part_is_told_where_the_clock_is(tmp_path: Path) -> None:
    with Parts(tmp_path, "config.toml", threading.Event(), {PROCESS_CLOCK: "clock.json"}) as parts:
        parts.finish("env", sys.executable, "-c", f"import os; print(os.environ[{PROCESS_CLOCK!r}])")

    assert (tmp_path / "env.log").read_text().strip() == "clock.json"
    assert PROCESS_CLOCK == DEMO_CLOCK


def test_a_taken_port_is_said_with_the_way_out() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        assert not port_is_free(port)
        assert free_port(port) > port
        with pytest.raises(Failed, match=f"Port {port} is taken.*make demo PORT="):
            run(port, False, threading.Event())


def test_told_to_stop_it_does_not_start_anything(tmp_path: Path) -> None:
    parts = parts_in(tmp_path)
    parts._stopped.set()

    began = time.monotonic()
    parts.start("late", *SLEEPS)

    assert not parts.finish("later", *SLEEPS)
    assert not parts.wait_for("http://127.0.0.1:9/")
    assert time.monotonic() - began < 1
    assert not parts._running


def test_help_says_what_it_does() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "simulator.demo", "--help"], capture_output=True, text=True, check=True
    )

    assert "--reset" in shown.stdout
