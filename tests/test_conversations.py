"""Every transcript in tests/conversations, replayed through the front door on both databases."""

from pathlib import Path

import pytest
from town import Town
from transcript import Transcript

FOLDER = Path(__file__).parent / "conversations"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_talk_goes_as_written(town: Town, path: Path) -> None:
    Transcript(town, town.staff()).play(path)
