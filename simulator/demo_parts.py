"""The processes of the demo: started in our own process group, watched, and ended together."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

READY_SECONDS = 90
GRACE_SECONDS = 5
LOOK_SECONDS = 0.2
_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Failed(Exception):
    """The demo cannot go on; the text says why and what to do."""


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(first: int) -> int:
    """The first free port from `first` on."""
    for port in range(first, min(first + 100, 65536)):
        if port_is_free(port):
            return port
    raise Failed(f"No free port from {first} on. Choose another: make demo PORT={max(first - 1000, 1024)}")


class Parts:
    """部件: what runs beside us. Leaving the `with` ends all of it."""

    def __init__(
        self, folder: Path, config: str, stopped: threading.Event, told: Mapping[str, str] | None = None
    ) -> None:
        """`told`: environment variables for every part."""
        self._folder = folder
        self._stopped = stopped
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        # Nothing of an operator's real deployment may leak into the demo.
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("YUNGE_", "FLASK_"))}
        self._environment = kept | {"YUNGE_CONFIG": config, "PYTHONUNBUFFERED": "1"} | dict(told or {})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def flask(self, *words: str) -> tuple[str, ...]:
        """The command line of one of the product's commands, from the environment we run in."""
        return (str(Path(sys.executable).with_name("flask")), *words)

    def start(self, name: str, *command: str) -> None:
        """Start a part that runs until the end; what it says goes to its log."""
        if self._stopped.is_set():
            return
        with self._log(name).open("wb") as log:
            self._running[name] = self._open(name, command, log.fileno())

    def finish(self, name: str, *command: str) -> bool:
        """Run a command to its end; False when told to stop meanwhile. Raises Failed when it fails."""
        self.start(name, *command)
        while (part := self._running.get(name)) and part.poll() is None and not self._stopped.wait(LOOK_SECONDS / 4):
            pass
        if not part or part.poll() is None:
            return False
        if self._running.pop(name).returncode:
            raise Failed(self._epitaph(name, part.returncode))
        return True

    def wait_for(self, url: str) -> bool:
        """Wait until `url` answers 200; False when told to stop. Raises Failed when it never does."""
        until = time.monotonic() + READY_SECONDS
        answer = "nothing"
        while not self._stopped.wait(LOOK_SECONDS):
            self._check()
            answer = _answer(url)
            if answer == "200":
                return True
            if time.monotonic() > until:
                raise Failed(f"{url} answers {answer} after {READY_SECONDS} s. Read {self._folder}/*.log")
        return False

    def watch(self) -> None:
        """Wait until told to stop. Raises Failed as soon as a part ends by itself."""
        while not self._stopped.wait(LOOK_SECONDS):
            self._check()

    def _check(self) -> None:
        for name, part in self._running.items():
            if part.poll() is not None and not self._stopped.wait(LOOK_SECONDS):
                raise Failed(self._epitaph(name, part.returncode))

    def _open(self, name: str, command: tuple[str, ...], log: int) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                preexec_fn=_end_with_parent,
            )
        except OSError as error:
            raise Failed(
                f"{name} cannot be started: {error.strerror}. Build the environment first: make setup"
            ) from None

    def _end(self) -> None:
        for part in self._running.values():
            if part.poll() is None:
                part.terminate()
        until = time.monotonic() + GRACE_SECONDS
        for part in self._running.values():
            try:
                part.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                part.kill()
                part.wait()

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _epitaph(self, name: str, code: int) -> str:
        lines = self._log(name).read_text(encoding="utf-8", errors="replace").strip().splitlines()
        last = f" Its last words: {lines[-1]}" if lines else ""
        return f"{name} has stopped by itself (exit code {code}). Read {self._log(name)}.{last}"


def _end_with_parent() -> None:
    """A part also ends when the demo itself is killed, so that no port stays taken (Linux)."""
    if _LIBC:
        _LIBC.prctl(_DEATH_SIGNAL, signal.SIGTERM)


def _answer(url: str) -> str:
    # A proxy of the machine must not be asked for our own loopback.
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=5) as response:
            return str(response.status)
    except HTTPError as error:
        return str(error.code)
    except (URLError, OSError):
        return "nothing"
