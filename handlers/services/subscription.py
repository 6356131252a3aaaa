"""订阅通知: how notices come by WeChat, and how they are turned off; the page asks, the platform keeps the answer."""

from bot.message import Reply
from bot.service import Service
from bot.subscribing import allowed, consent_of, page_of
from bot.turn import Turn

OFF = "不想收了：公众号右上角“…”→“设置”→“通知管理”里关掉；一条公告都不要，请回复“退订”。"
NONE_HERE = "这里还没有开通订阅通知。公告会发在公众号里，回复“公告”随时能看；一条都不要，请回复“退订”。"


def _fulfil(turn: Turn) -> Reply:
    page = page_of(turn.office.settings)
    if not page:
        return Reply(NONE_HERE)
    consent = consent_of(turn)
    if consent and consent.lasting:
        return Reply(f"您已经打开订阅通知，停水停电这类通知会直接发给您。\n{OFF}")
    so_far = f"您现在可以收到{consent.remaining}条。" if consent and allowed(consent) else ""
    again = "" if turn.office.settings.announcements.subscribe_lasting else "每允许一次，收一条。"
    return Reply(f"{so_far}点开按“允许”，停水停电这类通知就直接发给您。{again}\n{page}\n{OFF}")


SERVICE = Service(
    code="subscription", name="", words=("订阅通知", "订阅", "退订通知", "退订通知怎么弄"), fulfil=_fulfil
)
