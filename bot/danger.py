"""In danger: what to say first to whoever cries, and how to stay with somebody who wants to die."""

import re
from functools import lru_cache

from bot import whereabouts
from bot.message import Reply
from bot.phrases import EMERGENCY_LINE
from bot.turn import Turn
from bot.understanding import normalise
from bot.understanding.rules import RuleBook
from models.matter import Matter
from models.ticket import Ticket, tickets_of
from models.transitions import TO_DO

DESPAIR = "suicide_risk"
OWN_CRY = "own_cry"
"""Marks the ticket of somebody who said it of themselves, in what explains it."""
THEMSELVES = "本人"
"""The word that stands for the speaker in a line of advice; see `advice`."""
_OTHERS = re.compile(
    r"[他她佢]|(?<!没)有人|有个|那个|个穿|一双鞋|[个男女]的|个人|大[爷妈叔娘伯姐哥]|师傅|小[伙孩娃姑]|姑娘|老[人头婆公伴汉爸妈娘爹师板乡太]|[孩娃]|学生"
    r"|妈|爸|爹|娘|[爷奶婆公嬢嫂舅姨姑叔伯哥姐弟妹]|丈夫|妻|媳妇|男人|女人|男友|女友|儿子|女儿|闺女|[孙侄]|室友|宿友|同学|同事|朋友|闺蜜"
    r"|合租|邻居|隔壁|楼[上下]|对[门面]|网友|直播|朋友圈|谁家|那家|人家|工人|[我俺]儿"
    r"|(?<!我)说(?:不想?活|要|谁|等|下辈子|给)|不回头"
)
_I = re.compile(
    r"(?<![说话叫喊问写发了])我(?:们)?(?:也|真|真的|就|都|已经|实在|好|很|太|现在|今晚|刚|刚才|今天|还是|只|只想|一直|再也)*"
    r"(?:不想(?:活|撑|再|过)|想死|想睡过去|想走|想跳|想解脱|想结束|要死|要跳|要走了|活够|活腻|活不|活着|撑不|熬不|不活|不配|死了|去死|先走"
    r"|跟着去|什么都没有|对不起|[站坐]在|割|吃了|喝了|吞|走了)"
)
_UNWANTED = re.compile(
    r"(?:别|不用|不要|不必|不需要|没必要)(?:再|你们|您们|任何人|谁)*(?:来|管|找|理|过来|上来|救|帮|陪)|走开|滚"
)
_OVER = "说不用来了（请见到人、确认平安再结）："
_WHERE = "您现在在哪里？说小区和几栋，或发个位置，好让人找到您。"


def advice(matter: Matter, text: str) -> str:
    """What to do at once, by what was said: the first line of the matter's advice whose rule hits, else the last.

    A line is `rule → words`, the rule as in bot/understanding/rules.py; 本人 hits when nobody else is spoken of.
    """
    *chosen, otherwise = matter.advice.strip().splitlines() or [EMERGENCY_LINE]
    said = f"{normalise(text)} {THEMSELVES if of_themselves(text) else ''}"
    for rule, _, words in (line.partition("→") for line in chosen):
        if _rule(rule).find(said):
            return words.strip()
    return otherwise


@lru_cache(maxsize=256)
def _rule(rule: str) -> RuleBook:
    return RuleBook({"": [rule]})


def of_themselves(text: str) -> bool:
    """我不想活了, 胸口疼: whoever writes is the one in danger, as far as the words tell."""
    said = normalise(text)
    return bool(_I.search(said)) or not _OTHERS.search(said)


def open_cry(turn: Turn) -> Ticket | None:
    """The resident's own cry that they want to die, while a person is still to come."""
    own = tickets_of(turn.session, turn.resident.id, unfinished=True)
    cries = (t for t in own if t.matter_code == DESPAIR and t.status in TO_DO and t.explained.get(OWN_CRY))
    return next(cries, None)


def ask_where(turn: Turn) -> str:
    """The question for a place, to somebody who may not want to be found."""
    return whereabouts.prompt(turn) if turn.answers.get("place_names") else _WHERE


def stay(turn: Turn, ticket: Ticket) -> Reply:
    """Whatever somebody in despair says goes to who is coming, and is answered kindly; nothing is taken back."""
    asked = (
        {**turn.talk.answers, "ticket": ticket.number, "urgent": True} if ticket.place == whereabouts.UNKNOWN else {}
    )
    unwanted = turn.understood.kind == "cancel" or turn.understood.resolved or bool(_UNWANTED.search(turn.text))
    _keep(turn, ticket, _OVER if unwanted else "")
    turn.talk.talking_ticket = ticket.number
    holder = f"{ticket.holder.surname}网格员" if ticket.holder else "赶来的人"
    if unwanted:
        told = f"我们听到了，不会逼您做什么，只是放心不下您。{holder}会来看看您，陪您说说话。难受就打12356，也可以一直在这里说。"
    else:
        told = f"我在听，您的话已转给{holder}，会有人陪您。别一个人扛着：喊家人到身边，或打12356、110。"
    if not asked:
        return Reply(told)
    turn.talk.open("relocate", asked, turn.now)
    return Reply(f"{told}\n{ask_where(turn)}")


def not_taken_back(turn: Turn, ticket: Ticket) -> Reply:
    """A life may hang on it, and nobody knows who holds the phone: a worker sees for themselves before it ends."""
    if ticket.explained.get(OWN_CRY) and ticket.matter_code == DESPAIR:
        return stay(turn, ticket)
    _keep(turn, ticket, _OVER)
    turn.talk.talking_ticket = ticket.number
    return Reply(
        f"您的话已转给{_whom(ticket)}。这件事关系到人身安全，#{ticket.number} 先不撤回，会有人来确认平安，没事了就结束。有危险马上打110。"
    )


def passed(turn: Turn, ticket: Ticket) -> Reply:
    """There was danger, and there is none now: somebody looks all the same."""
    turn.move(ticket, "note", note="说现在没有危险了，请看过再结。")
    turn.joined(ticket)
    return Reply(f"好的，已告诉{_whom(ticket)}。#{ticket.number} 还会有人来看一眼，没事就结束；又有情况，马上说。")


def _whom(ticket: Ticket) -> str:
    return f"{ticket.holder.surname}网格员" if ticket.holder else "网格群"


def _keep(turn: Turn, ticket: Ticket, label: str) -> None:
    turn.move(ticket, "note", note=f"{label}{turn.text}")
    turn.joined(ticket)
    turn.message.reply_kind = "note"
