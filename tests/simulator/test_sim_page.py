"""The page in headless Chromium: both sides of one report."""

import shutil
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Page, expect, sync_playwright

from simulator.world import World

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: the page is not tried")


@pytest.fixture
def page(world: World) -> Iterator[Page]:
    world.resident("王阿姨")
    world.add_group("chat-9", "第九网格", "key-9")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
        page.goto(world.url)
        yield page
        browser.close()
        assert problems == []


def push(world: World, key: str, text: str) -> None:
    body = {"msgtype": "markdown", "markdown": {"content": text}}
    requests.post(f"{world.url}/cgi-bin/webhook/send?key={key}", json=body, timeout=2)


def test_a_report_is_seen_on_both_sides(world: World, page: Page) -> None:
    page.fill("#phone-text", "<b>路灯</b>坏了")
    page.press("#phone-text", "Enter")
    expect(page.locator("#phone-chat .theirs .bubble")).to_have_text("收到：<b>路灯</b>坏了")
    push(world, "key-3", '**#7 路灯** <font color="warning">两小时</font> <@chenxm>')
    card = page.locator("#group-chat .card")
    expect(card).to_contain_text("#7 路灯 两小时 @陈小明")
    card.click()
    page.click("#group-suggestions button")
    expect(page.locator("#group-chat .answer")).to_have_text("收到：@云格 接单")
    push(world, "key-9", "#8")
    page.click(".toast button")
    expect(page.locator("#group-name")).to_have_text("第九网格")


def test_trouble_is_switched_on_and_shown(world: World, page: Page) -> None:
    page.click("#wire summary")
    page.click("#faults .switch >> nth=0")
    expect(page.locator("#wire-faults")).to_have_text("1 个故障开着")
    page.click("#suggestions button")
    expect(page.locator("#ledger .again")).to_have_text("第 2 次投递")
    expect(page.locator("#wire-faults")).to_have_text("")


def test_time_is_moved_on_the_page(world: World, page: Page) -> None:
    expect(page.locator("#clock-hour")).to_have_text("16:00")
    page.click("text=快进10分钟")
    expect(page.locator("#clock-hour")).to_have_text("16:10")
    page.click("text=一天一分钟")
    expect(page.locator("#clock")).to_have_class("clock fast")
    page.click("text=正常速度")
    expect(page.locator("#clock")).to_have_class("clock")
    assert world.pacer.until is None


def test_a_ticket_is_seen_climbing(world: World, page: Page) -> None:
    push(world, "key-3", "**#7 路灯**")
    push(world, "key-9", "**【上报社区】#7 路灯**\n> 没有人签收")
    page.click("#board-toggle")
    expect(page.locator(".track .stop")).to_have_count(2)
    expect(page.locator(".track .newest")).to_contain_text("没有人签收")
    page.click(".stop.raised")
    expect(page.locator("#group-name")).to_have_text("第九网格")
    expect(page.locator("#group-chat .card.raised")).to_be_visible()
