"""The product as an operator runs it: real processes, one configuration, its own database."""

import json
import logging
import os
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from blackbox.sealing import Seal

ROOT = Path(__file__).parents[2]
FLASK = str(ROOT / ".venv/bin/flask")
ACCOUNT = Seal("token-account-canary", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wxblackbox0000001")
BOT = Seal("token-bot-canary", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "")
ORIGINAL_ID = "gh_blackbox"
SECRET = "app-secret-canary"
TICK = 0.5
LONG = bool(os.environ.get("BLACKBOX_LONG"))
"""The whole crash suite takes minutes; without it one case of each kind runs."""
BOTH = ["sqlite", "postgres"]
ONE_OF_BOTH = BOTH if LONG else ["sqlite"]
measured = logging.getLogger("blackbox").info  # seen with --log-cli-level=INFO
Row = dict[str, Any]

CONFIG = f"""
[deployment]
name = "试金街道云格"
public_url = "http://127.0.0.1:8000"
[database]
url = "DATABASE"
[official_account]
app_id = "{ACCOUNT.receive_id}"
app_secret = "{SECRET}"
original_id = "{ORIGINAL_ID}"
token = "{ACCOUNT.token}"
aes_key = "{ACCOUNT.aes_key}"
api_base_url = "PLATFORM"
[group_bot]
name = "云格"
token = "{BOT.token}"
aes_key = "{BOT.aes_key}"
[group_push]
api_base_url = "PLATFORM"
"""
BRISK = {
    "SCHEDULER__TICK_SECONDS": str(TICK),
    "SCHEDULER__LEASE_SECONDS": "4",
    "DELIVERY__RETRY_FIRST_SECONDS": "0.3",
    "DELIVERY__RETRY_LONGEST_SECONDS": "2",
    "DELIVERY__SEND_DEADLINE_SECONDS": "2",
    "SERVER__WORKERS": "1",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], object], seconds: float, what: str = "") -> None:
    """Poll until `true()`; fail aloud after `seconds`."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.03)


class Running:
    """进程: one `flask web` or `flask work` and everything it started."""

    def __init__(self, command: list[str], env: dict[str, str], log: Path) -> None:
        with open(log, "ab") as file:
            self.popen = subprocess.Popen(command, cwd=ROOT, env=env, stdout=file, stderr=file, start_new_session=True)

    def signal(self, number: int) -> None:
        try:
            os.killpg(self.popen.pid, number)
        except ProcessLookupError:
            return

    def stand_still(self) -> None:
        """SIGSTOP, and wait until the last thread has stopped."""
        self.signal(signal.SIGSTOP)
        os.waitpid(self.popen.pid, os.WUNTRACED)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.popen.wait(10)

    def kill_the_first(self) -> None:
        """kill -9 of the started process alone; what it started must not keep the port or answer with old code."""
        self.popen.kill()
        self.popen.wait(10)

    def stop(self) -> None:
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self.popen.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("SIGTERM was not obeyed within 10 s") from None
        self.signal(signal.SIGKILL)


class Product:
    """被测系统: one deployment in a temp folder, seen only through its commands and its ports."""

    def __init__(self, folder: Path, database: str, platform: str, **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.database, self.running = folder, database, list[Running]()
        config = folder / "config.toml"
        config.write_text(CONFIG.replace("DATABASE", database).replace("PLATFORM", platform), encoding="utf-8")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("YUNGE_", "PYTEST_"))}
        self.env |= {"YUNGE_CONFIG": str(config), "PYTHONUNBUFFERED": "1"}
        self.env |= {f"YUNGE_{name}": value for name, value in (BRISK | settings).items()}

    def flask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [FLASK, *arguments], cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=60, check=False
        )

    def exports(self, *kinds: str) -> list[list[Row]]:
        """The rows of each kind, read side by side: a command takes a second to start."""
        asked = [
            subprocess.Popen(
                [FLASK, "export", kind], cwd=ROOT, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            for kind in kinds
        ]
        answers = [(process, *process.communicate(timeout=60)) for process in asked]
        for process, _, errors in answers:
            assert process.returncode == 0, errors.decode()
        return [[json.loads(line) for line in said.decode().splitlines() if line] for _, said, _ in answers]

    def export(self, kind: str) -> list[Row]:
        return self.exports(kind)[0]

    def counts(self) -> list[int]:
        return [len(rows) for rows in self.exports("messages", "tickets")]

    def start(self, *arguments: str, before: tuple[str, ...] = ()) -> Running:
        process = Running([*before, FLASK, *arguments], self.env, self.folder / f"{arguments[0]}.log")
        self.running.append(process)
        return process

    def web(self, port: int = 0, before: tuple[str, ...] = ()) -> "Web":
        web = Web(self, port or free_port(), before)
        until(web.healthy, 20, f"web answers; log: {self.log('web')[-2000:]}")
        return web

    def work(self) -> Running:
        return self.start("work")

    def freeze(self, process: Running) -> None:
        """SIGSTOP between two of its writes: with SQLite a frozen writer holds everybody, as every file lock does."""
        process.stand_still()
        while not self._writable():
            process.signal(signal.SIGCONT)
            time.sleep(0.05)
            process.stand_still()

    def _writable(self) -> bool:
        if not self.database.startswith("sqlite"):
            return True
        try:
            with closing(sqlite3.connect(self.database.removeprefix("sqlite:///"), timeout=0)) as connection:
                connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def close(self) -> None:
        for process in self.running:
            process.kill()


class Web:
    """网页端: one `flask web` on its own port."""

    def __init__(self, product: Product, port: int, before: tuple[str, ...] = ()) -> None:
        self.port = port
        self.process = product.start("web", "--bind", f"127.0.0.1:{port}", before=before)

    def healthy(self) -> bool:
        try:
            return self.request("GET", "/health")[0] == 200
        except OSError:
            return False

    def request(
        self, method: str, path: str, body: bytes | None = None, timeout: float = 5.0, chunked: bool = False
    ) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            headers = {"Content-Type": "text/xml"} if body is not None else {}
            parts = iter([body[i : i + 8192] for i in range(0, len(body), 8192)]) if chunked and body else body
            connection.request(method, path, parts, headers, encode_chunked=chunked)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except HTTPException as torn:
            raise ConnectionResetError from torn
        finally:
            connection.close()
