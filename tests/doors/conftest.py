from collections.abc import Iterator

import pytest

from tests.doors.fake_platform import FakePlatform, running


@pytest.fixture
def platform() -> Iterator[FakePlatform]:
    with running() as fake:
        yield fake
