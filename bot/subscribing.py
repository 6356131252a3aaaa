"""订阅通知: residents are asked, seldom and in passing, whether notices may reach them (protocol.md §2.4).

Asking costs no message: it is a line of an answer that leaves anyway. The row of `consents` remembers it: without
consent, `changed_at` is when the resident was last asked, or last said no.
"""

from datetime import timedelta

from bot.config import Settings
from bot.ladder.receipts import NOTHING_TO_READ
from bot.message import Reply
from bot.official_account_xml import REPLY_BYTES
from bot.turn import Turn
from models.announcement import Consent

PATH = "/subscribe"
ASKED_AGAIN = timedelta(days=30)
_READ = "receipt"
"""The kind of an answer to 已阅."""


def page_of(settings: Settings) -> str:
    """The address of the page; empty where there is nothing to subscribe to, or no address to reach us at."""
    account, base = settings.official_account, settings.deployment.public_url.rstrip("/")
    ready = settings.announcements.subscribe_template and account.app_id and account.app_secret.get_secret_value()
    return f"{base}{PATH}" if ready and base else ""


def consent_of(turn: Turn) -> Consent | None:
    template = turn.office.settings.announcements.subscribe_template
    return turn.session.get(Consent, (turn.resident.id, template), with_for_update=True)


def allowed(consent: Consent | None) -> bool:
    """A notice may still be sent."""
    return bool(consent and (consent.lasting or consent.remaining > 0))


def offer(turn: Turn, room: int = REPLY_BYTES) -> str:
    """One line with the link, and a note that it was said; empty when it is not the moment, or longer than `room` bytes."""
    page = page_of(turn.office.settings)
    if not page or not turn.resident.bulletins:
        return ""
    consent = consent_of(turn)
    if allowed(consent) or (consent and turn.now - consent.changed_at < ASKED_AGAIN):
        return ""
    line = f"想在微信里收到停水停电这类通知，点开按“允许”：{page}"
    if len(line.encode()) > room:
        return ""
    if consent is None:
        template = turn.office.settings.announcements.subscribe_template
        consent = Consent(resident_id=turn.resident.id, template_id=template, remaining=0, lasting=False)
        turn.session.add(consent)
    consent.changed_at = turn.now
    return line


def with_offer(turn: Turn, reply: Reply) -> Reply:
    """Whoever has just read an announcement is asked in the same breath."""
    if turn.message.reply_kind != _READ or not reply or reply.text.startswith(NOTHING_TO_READ):
        return reply
    line = offer(turn, REPLY_BYTES - len(f"{reply.text}\n\n".encode()))
    return Reply(f"{reply.text}\n\n{line}") if line else reply
