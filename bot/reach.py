"""Can the resident be written to right now? Said honestly to the worker who just wrote to them."""

from bot.command import GroupTurn

SENT = "已转告居民。"
GONE = "居民已取消关注，微信发不到；请电话或上门告知。"
HELD = "居民微信现在收不到，话已存好；请电话或上门告知。"


def reach_note(turn: GroupTurn) -> str:
    """One sentence for the group; the window is the platform's (protocol.md §2.2)."""
    assert turn.ticket
    resident = turn.ticket.resident
    if not resident.followed:
        return GONE
    return SENT if resident.sends_left(turn.now) > 0 else HELD
