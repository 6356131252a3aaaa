"""`flask doctor` tells an operator what is left to do, and nothing else."""

from collections.abc import Callable

import pytest
from sqlalchemy import update
from town import Town

from bot.config import OfficialAccount
from bot.doctor import Finding, examine
from models.knowledge import KnowledgeEntry


def found(town: Town, name: str, api_base_url: str = "") -> Finding | None:
    """As an account at this address would be examined; without credentials no call is made."""
    if api_base_url:
        account = OfficialAccount(api_base_url=api_base_url)
        town.office.settings = town.settings.model_copy(update={"official_account": account})
    return next((finding for finding in examine(town.office, town.courier.account) if finding.name == name), None)


def test_example_answers_are_named_in_a_real_deployment(town: Town) -> None:
    finding = found(town, "knowledge", "https://api.weixin.qq.com")

    assert finding and not finding.well
    assert "examples of a fictional street" in finding.text and "--replace-examples" in finding.remedy


@pytest.mark.parametrize("address", ["http://127.0.0.1:8123", "http://localhost:8123", "http://[::1]:8123"])
def test_the_demo_may_use_them(town: Town, address: str) -> None:
    assert found(town, "knowledge", address) is None


def test_answers_of_ones_own_are_well(town: Town) -> None:
    with town.database.write() as session:
        session.execute(update(KnowledgeEntry).values(example=False))

    finding = found(town, "knowledge", "https://api.weixin.qq.com")

    assert finding and finding.well


def test_a_template_without_an_address_is_named(build_town: Callable[..., Town]) -> None:
    town = build_town(announcements={"subscribe_template": "TEMPLATE-NOTICE"})

    finding = found(town, "subscribe page")

    assert finding and not finding.well and "public_url" in finding.remedy


def test_the_page_is_well_when_the_platform_gives_a_ticket(build_town: Callable[..., Town]) -> None:
    rules = {
        "announcements": {"subscribe_template": "TEMPLATE-NOTICE"},
        "deployment": {"public_url": "https://yunge.example"},
    }
    town = build_town(**rules)
    town.world.fault("/cgi-bin/ticket/getticket", "errcode", code=48001, times=1)

    before = found(town, "subscribe page")
    town.passes(minutes=1)
    after = found(town, "subscribe page")

    assert before and not before.well and "48001" in before.text
    assert after and after.well and "https://yunge.example/subscribe" in after.text and "JS接口安全域名" in after.text


def test_where_no_template_is_set_nothing_is_said_of_the_page(town: Town) -> None:
    assert found(town, "subscribe page") is None
