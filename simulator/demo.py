"""`python -m simulator.demo [--reset]`, what `make demo` runs: bot, scheduler and simulated platforms on loopback.

Everything it makes lies in var/demo; a second run goes on with it. All parts run in this process group and end
together.
"""

import argparse
import os
import shutil
import signal
import sys
import threading
from hashlib import sha256
from pathlib import Path

from simulator.clock import PROCESS_CLOCK, Clock
from simulator.demo_config import write_config
from simulator.demo_parts import Failed, Parts, free_port, port_is_free
from simulator.street import write_street

ROOT = Path(__file__).parents[1]
DEMO = "var/demo"
CONFIG, STREET, IMPORTED = f"{DEMO}/config.toml", f"{DEMO}/street", f"{DEMO}/street.imported"
CLOCK = f"{DEMO}/clock.json"

WELCOME = """\
Yunge demo: http://127.0.0.1:{port}/

  The page above is the outside world: a resident's phone on the left, the group chats on the right.
  Bot callbacks   {bot}/wechat and {bot}/wecom/bot
  Bot health      {bot}/health
  Logs            {folder}/web.log  work.log  simulator.log

  先试试：在左边的手机里，用王阿姨的身份发一句“楼道灯坏了，老人晚上不敢下楼”。
  右边她的网格群里马上会出现一张卡片，点一下卡片引用它，以陈晓敏的身份写“接单”。
  再写“下午三点上门”，看看王阿姨在手机里收到什么。
  要是谁也不接：点上面的“快进10分钟”，看它一级一级往上报。自动演一天：.venv/bin/python -m simulator.showing

  Try first: as 王阿姨 on the left, write 楼道灯坏了，老人晚上不敢下楼 (the stair light is out).
  A card appears in her grid's group on the right; quote it as 陈晓敏 and write 接单 (I take it).
  Then write 下午三点上门 (I come at three), and see what reaches 王阿姨.
  If nobody takes it: the buttons above move the time, and it climbs. A day played by itself:
  PORT={port} .venv/bin/python -m simulator.showing

  Ctrl-C ends everything. The next run goes on with the same records; `make demo RESET=1` starts afresh.
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m simulator.demo", description=__doc__)
    parser.add_argument("--reset", action="store_true", help="forget everything of earlier runs (also RESET=1)")
    reset = parser.parse_args().reset or os.environ.get("RESET", "") not in ("", "0")
    os.chdir(ROOT)
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: stopped.set())
    try:
        return run(_port(), reset, stopped)
    except Failed as failure:
        print(failure, file=sys.stderr, flush=True)
        return 1


def run(port: int, reset: bool, stopped: threading.Event) -> int:
    """Start every part, say where they are, and wait for the end."""
    if not port_is_free(port):
        raise Failed(f"Port {port} is taken. Stop what uses it, or choose another: make demo PORT={port + 10}")
    platform, bot = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{free_port(port + 1)}"
    if reset:
        shutil.rmtree(DEMO, ignore_errors=True)
    Path(DEMO).mkdir(parents=True, exist_ok=True)
    write_config(Path(CONFIG), DEMO, platform, bot)
    Clock(kept_in=Path(CLOCK))  # the file is there before anybody reads it, and goes on from the last run
    with Parts(Path(DEMO), CONFIG, stopped, {PROCESS_CLOCK: CLOCK}) as parts:
        seed(parts)
        parts.start("web", *parts.flask("web", "--bind", bot.removeprefix("http://")))
        parts.start("work", *parts.flask("work"))
        world = ("--port", str(port), "--bot-url", bot, "--street", STREET, "--config", CONFIG)
        parts.start("simulator", sys.executable, "-m", "simulator", *world)
        if parts.wait_for(f"{bot}/health") and parts.wait_for(f"{platform}/"):
            print(WELCOME.format(port=port, bot=bot, folder=DEMO), flush=True)
            parts.watch()
    print("The demo has ended.", flush=True)
    return 0


def seed(parts: Parts) -> None:
    """Bring the database up to date, and the street into it when it is new or has changed."""
    print("Preparing the database and the street …", flush=True)
    write_street(Path(STREET))
    parts.finish("init", *parts.flask("init"))
    digest = sha256(b"".join(path.read_bytes() for path in sorted(Path(STREET).iterdir()))).hexdigest()
    known = Path(IMPORTED)
    if Path(DEMO, "yunge.db").exists() and known.exists() and known.read_text() == digest:
        return
    if parts.finish("import", *parts.flask("import", STREET)):
        known.write_text(digest)


def _port() -> int:
    given = os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 1 <= int(given) <= 65000:
        raise Failed(f"PORT={given} is no port: choose a number from 1024 to 65000, as in make demo PORT=8010")
    return int(given)


if __name__ == "__main__":
    raise SystemExit(main())
