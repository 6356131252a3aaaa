"""The platform's own account reports how mass messages went; it is nobody who lives here."""

from sqlalchemy import func, select
from town import Town

from models.conversation import Conversation
from models.message import Message
from models.resident import Resident


def test_its_report_is_kept_and_makes_no_resident(town: Town) -> None:
    with town.database.read() as session:
        before = [session.scalar(select(func.count()).select_from(table)) for table in (Resident, Conversation)]
    hands = [town.world.resident(name) for name in ("甲", "乙")]
    town.world.mass.send([hand.openid for hand in hands], "明天停水", "id-1")

    town.world.mass.tell_results()

    with town.database.read() as session:
        assert [session.scalar(select(func.count()).select_from(table)) for table in (Resident, Conversation)] == before
        kept = session.scalars(select(Message).where(Message.type == "masssendjobfinish")).one()
    assert (kept.sender, kept.resident_id, kept.reply_text) == ("mphelper", None, "")
