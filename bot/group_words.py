"""A resident's words and places as a group may read them: masked, short, and harmless as markdown (contract §8)."""

from bot.group_push import markdown_escape
from models.masking import mask_words
from models.ticket import Ticket

MOST_WORDS = 200
"""Characters of a resident's words on a card; the rest is read with 详情."""


def words_for_group(text: str, names: tuple[str, ...], most: int = MOST_WORDS) -> str:
    """No phone, door, full name or openid; one line; mentions and links nothing."""
    masked = mask_words(" ".join(text.split()), names)
    return markdown_escape(masked if len(masked) <= most else masked[: most - 1] + "…")


def place_for_group(ticket: Ticket, names: tuple[str, ...]) -> str:
    """Building and unit; for a confidential matter the building alone (domain §6)."""
    place = ticket.place
    if ticket.matter.confidential:
        place = place.split("栋")[0] + "栋" if "栋" in place else ""
    return words_for_group(place or ticket.area.name, names)
