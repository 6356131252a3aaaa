"""A street that has a template for notices and an address of its own."""

from collections.abc import Callable

import pytest
from town import Town

TEMPLATE = "TEMPLATE-NOTICE"
SITE = "https://yunge.example"
PAGE = f"{SITE}/subscribe"


@pytest.fixture
def noticing(build_town: Callable[..., Town]) -> Town:
    return build_town(announcements={"subscribe_template": TEMPLATE}, deployment={"public_url": SITE})


@pytest.fixture
def lasting(build_town: Callable[..., Town]) -> Town:
    """Its template is a long-term one."""
    rules = {"subscribe_template": TEMPLATE, "subscribe_lasting": True}
    return build_town(announcements=rules, deployment={"public_url": SITE})
