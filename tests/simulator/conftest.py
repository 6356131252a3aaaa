"""A world that talks to the little bot without a socket, and a clock that stands still."""

from collections.abc import Iterator

import pytest

from simulator.config import WorldConfig
from simulator.groups import Member
from simulator.world import World
from tests.simulator.little_bot import LittleBot


class StandingClock:
    """表: a clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def config() -> WorldConfig:
    return WorldConfig(poll_seconds=0)


@pytest.fixture
def bot(config: WorldConfig) -> LittleBot:
    return LittleBot(config)


@pytest.fixture
def world(config: WorldConfig, bot: LittleBot) -> Iterator[World]:
    world = World(config, deliver=bot, now=StandingClock())
    world.add_group("chat-3", "第三网格", "key-3", [Member("chenxm", "陈小明", "专职网格员")])
    world.start()
    yield world
    world.stop()
