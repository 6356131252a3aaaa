"""One town for a whole file: rows that only look at what they added themselves need no town of their own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from town import Town


@pytest.fixture(scope="module", params=("sqlite", "postgres"))
def busy_town(
    request: pytest.FixtureRequest, templates: Callable[[str], Any], street: Path, catalogue: Any
) -> Iterator[Town]:
    template = templates(request.param)
    url, name = template.copy()
    town = Town(url, street, catalogue)
    yield town
    town.close()
    template.drop(name)
