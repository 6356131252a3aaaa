"""`python -m simulator.tour FOLDER`: plays a morning on the demo's page, as a person would, and keeps three pictures of it.

The demo runs in a copy of the checkout, so that nobody's own demo is touched. Needs Chromium and what `make test`
installs.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, ViewportSize, expect, sync_playwright

from simulator.demo_parts import free_port
from simulator.showing import rises
from simulator.stage import Stage
from simulator.street_places import DISTRICT_NAME

ROOT = Path(__file__).parents[1]
WINDOW, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
PATIENCE = 15_000
"""Milliseconds until an answer, a card or a notice must be on the page."""
STILL_SECONDS = 0.5
# The flags beside --no-sandbox keep Chromium from calling home.
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@contextmanager
def demo() -> Iterator[str]:
    """The demo's address, in a fresh copy, until the end of the `with`."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "yunge")
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "var", "__pycache__"))
        environment = os.environ | {"PORT": str(free_port(8300))}
        command = [sys.executable, "-m", "simulator.demo"]
        with subprocess.Popen(command, cwd=copy, env=environment, stdout=subprocess.PIPE, text=True) as running:
            try:
                yield _address(running)
            finally:
                running.send_signal(signal.SIGINT)
                running.communicate(timeout=PATIENCE / 1000)


def _address(running: subprocess.Popen[str]) -> str:
    for line in running.stdout or ():
        if found := re.match(r"Yunge demo: (\S+)", line):
            return found.group(1)
    raise SystemExit("The demo did not start.")


def says(page: Page, side: str, words: str) -> None:
    """Type and send, as the resident (`phone`) or as the grid worker (`group`)."""
    page.fill(f"#{side}-text", words)
    page.press(f"#{side}-text", "Enter")


def sees(page: Page, side: str, words: str) -> None:
    """The newest bubble with these words is there and in view."""
    bubble = page.locator(f"#{side}-chat .theirs .bubble", has_text=words).last
    expect(bubble).to_be_visible(timeout=PATIENCE)
    bubble.scroll_into_view_if_needed()


def quotes_card(page: Page) -> None:
    page.locator("#group-chat .card", has_text="接单").last.click()


def play(page: Page, folder: Path) -> None:
    """One report from the first sentence to its confirmation."""
    says(page, "phone", "楼道灯又不亮了")
    sees(page, "phone", "已登记 #")
    sees(page, "group", "居民说：楼道灯又不亮了")
    quotes_card(page)
    page.fill("#group-text", "下午三点上门")
    keep(page, folder / "demo.png")
    page.press("#group-text", "Enter")
    sees(page, "phone", "下午三点上门")
    quotes_card(page)
    says(page, "group", "办结 灯泡已换")
    sees(page, "phone", "3 没解决")
    says(page, "phone", "1")
    sees(page, "phone", "1 到 5")
    sees(page, "group", "居民确认：已解决")


def keep_climb(page: Page, stage: Stage, folder: Path) -> None:
    """A report that nobody takes, when it has reached the district."""
    ticket = rises(stage, "垃圾堆了一地没人收")
    page.locator(".chip", has_text=DISTRICT_NAME).click()
    sees(page, "group", f"#{ticket}")
    page.click("#board-toggle")
    expect(page.locator(".track .stop.raised")).to_have_count(3, timeout=PATIENCE)
    keep(page, folder / "climb.png")


def keep(seen: Page | Locator, path: Path) -> None:
    time.sleep(STILL_SECONDS)
    seen.screenshot(path=path)
    print(f"{path}  {path.stat().st_size // 1000} kB")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m simulator.tour", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go, such as docs/images")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport=WINDOW, locale="zh-CN")
        page.goto(address)
        sees(page, "phone", "已记住您住")
        stage = Stage(address, pause=0, say=lambda _: None)
        stage.morning()
        play(page, folder)
        phone = browser.new_page(viewport=PHONE, locale="zh-CN", device_scale_factor=2)
        phone.goto(address)
        sees(phone, "phone", "1 到 5")
        keep(phone.locator(".phone"), folder / "phone.png")
        keep_climb(page, stage, folder)
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
