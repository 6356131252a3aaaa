"""The page on a small phone: one big button under the thumb, and words for whatever the platform's script reports.

The platform's script is replaced by a little one with the same names; page, headers and policy are ours.
"""

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect, sync_playwright
from subscribing.conftest import PAGE, TEMPLATE
from town import Town

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: the page is not tried")

PHONE = {"width": 360, "height": 640}
ELDERLY_PIXELS, THUMB_PIXELS = 24, 60
"""18 pt of text and the touch target that the national guideline for the elderly asks for."""
SDK = """
window.wx = {config: (said) => { window.said = said; }, error: (act) => { window.fails = act; }};
customElements.define("wx-open-subscribe", class extends HTMLElement {
  connectedCallback() {
    const written = [...this.querySelectorAll("script")].filter((one) => !one.slot).map((one) => one.textContent);
    this.attachShadow({mode: "open"}).innerHTML = written.join("");
  }
});
"""
Open = Callable[..., Page]


@pytest.fixture
def open_page() -> Iterator[Open]:
    problems: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

        def opened(town: Town, *, agent: str = "MicroMessenger/8.0", sdk: str = SDK) -> Page:
            context = browser.new_context(viewport=PHONE, user_agent=agent)
            page = context.new_page()
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
            # Flask's client works in the thread of the test, the browser's calls are answered there too.
            answer = town.client.get("/subscribe")
            ours = dict(status=answer.status_code, headers=dict(answer.headers), body=answer.data)

            def fulfil(route: Route) -> None:
                if route.request.url == PAGE:
                    route.fulfill(**ours)
                elif route.request.url.startswith("https://res.wx.qq.com/"):
                    route.fulfill(status=200, content_type="text/javascript", body=sdk)
                else:
                    route.abort()

            page.route("**/*", fulfil)
            page.goto(PAGE)
            return page

        yield opened
        browser.close()
    assert problems == []


def reports(page: Page, event: str, detail: str = "{}") -> None:
    page.evaluate(
        "([name, said]) => document.getElementById('subscribe').dispatchEvent(new CustomEvent(name, {detail: JSON.parse(said)}))",
        [event, detail],
    )


def test_letters_and_button_are_big_and_under_the_thumb(noticing: Town, open_page: Open) -> None:
    page = open_page(noticing)

    button = page.locator("wx-open-subscribe").bounding_box()
    assert button and button["height"] >= THUMB_PIXELS and button["width"] >= PHONE["width"] * 0.8
    assert button["y"] > PHONE["height"] / 3, "the lower part of the screen is where a thumb reaches"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    sizes = page.evaluate("[...document.querySelectorAll('p')].map((p) => parseFloat(getComputedStyle(p).fontSize))")
    assert sizes and max(sizes) >= ELDERLY_PIXELS
    assert page.evaluate("window.said.openTagList") == ["wx-open-subscribe"]
    expect(page.locator("wx-open-subscribe")).to_have_attribute("template", TEMPLATE)
    expect(page.locator("#told")).to_be_hidden()


@pytest.mark.parametrize(
    ("event", "detail", "words"),
    [
        ("success", '{"subscribeDetails": "{\\"T\\":\\"{\\\\\\"status\\\\\\":\\\\\\"accept\\\\\\"}\\"}"}', "好了"),
        (
            "success",
            '{"subscribeDetails": "{\\"T\\":\\"{\\\\\\"status\\\\\\":\\\\\\"reject\\\\\\"}\\"}"}',
            "这次没有打开",
        ),
        ("error", '{"errMsg": "subscribe:fail"}', "再点一次"),
    ],
    ids=["allowed", "refused", "failed"],
)
def test_every_tap_is_answered(noticing: Town, open_page: Open, event: str, detail: str, words: str) -> None:
    page = open_page(noticing)

    reports(page, event, detail)

    expect(page.locator("#told")).to_contain_text(words)


def test_what_keeps_the_button_away_is_said(noticing: Town, open_page: Open) -> None:
    page = open_page(noticing)
    page.evaluate("window.fails({errMsg: 'config:invalid signature'})")
    expect(page.locator("#told")).to_contain_text("没有连上微信")

    page.evaluate("document.dispatchEvent(new CustomEvent('WeixinOpenTagsError', {detail: {}}))")
    expect(page.locator("#told")).to_contain_text("更新微信")

    expect(open_page(noticing, sdk="").locator("#told")).to_contain_text("网络不太好")
    expect(open_page(noticing, agent="Mozilla/5.0").locator("#told")).to_contain_text("请用手机微信打开")
