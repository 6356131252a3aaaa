"""`python -m simulator`: the outside world as a process, with its page at `/`."""

import argparse
import os
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from simulator.cast import BOUND, OTHERS, home_scene
from simulator.clock import PROCESS_CLOCK
from simulator.config import WorldConfig, config_from_toml
from simulator.world import World

PATIENCE_SECONDS = 120


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--bot-url", default="http://127.0.0.1:8001", help="where the bot listens")
    parser.add_argument("--street", type=Path, help="folder of import files: groups, people, buildings")
    parser.add_argument("--config", type=Path, help="the product's own config file, for keys and names")
    parser.add_argument("--mode", choices=["plain", "compatible", "safe"], help="message mode of the account")
    return parser.parse_args(given)


def build_world(asked: argparse.Namespace) -> World:
    clock_file = Path(named) if (named := os.environ.get(PROCESS_CLOCK)) else None
    config = WorldConfig(bot_url=asked.bot_url)
    if asked.config:
        config = config_from_toml(asked.config, config)
    if asked.mode:
        config = replace(config, mode=asked.mode)
    return World(config, street=asked.street, clock_file=clock_file)


def introduce(world: World) -> None:
    """Once the bot listens, 王阿姨 scans the code on her door; the others just follow."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not world.wechat.verify():
        if time.monotonic() > until:
            return
        time.sleep(0.5)
    world.resident(BOUND, following=False).follows(home_scene(world.street))


def main() -> int:
    asked = arguments()
    world = build_world(asked)
    world.resident(BOUND, following=False)
    for nickname in OTHERS:
        world.resident(nickname, following=False)
    try:
        world.start(asked.host, asked.port)
    except (OSError, SystemExit):
        print(f"Port {asked.port} is taken. Choose another: --port N", file=sys.stderr)
        return 1
    print(f"Simulator: {world.url}/", flush=True)
    threading.Thread(target=introduce, args=(world,), daemon=True).start()
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    stopped.wait()
    world.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
