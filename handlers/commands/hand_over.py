"""交班: everything one has in hand goes to a colleague, now; residents are told once."""

from sqlalchemy import select

from bot.colleagues import called_postings_of, named, rights_of, title_of, words_said
from bot.command import Command, GroupTurn
from bot.group_talk import Forbidden, actor_of
from models import audit
from models.authority import counts_from, role_on
from models.database import Refused
from models.life import apply
from models.person import Person, Posting
from models.roster import arranges
from models.ticket import Ticket, join, ticket_for_update
from models.transitions import ACCEPTED, DEFERRED, HANDLER, NEED_INFO, move_of

FORM = "交班 李芳"
VERBS = ("交班", "交接给", "移交给")
IN_HANDS = (ACCEPTED, NEED_INFO, DEFERRED)
"""What is handled already only waits for the resident's word: it stays with whoever did it."""


def _run(turn: GroupTurn, _words: str) -> str:
    before, _, behind = words_said(turn, VERBS)
    giver, taker = _from_and_to(turn, f"{before} {behind}")
    numbers = turn.session.scalars(
        select(Ticket.number).where(Ticket.holder_key == giver.key, Ticket.status.in_(IN_HANDS)).order_by(Ticket.number)
    ).all()
    if not numbers:
        raise Refused(f"{_whose(turn, giver)}手里没有在办的工单。")
    tickets = [ticket for number in numbers if (ticket := ticket_for_update(turn.session, number))]
    rights = rights_of(turn, taker)
    given = [ticket for ticket in tickets if ticket.holder_key == giver.key and _hand_over(turn, ticket, taker, rights)]
    kept = [ticket for ticket in tickets if ticket not in given]
    if not given:
        raise Forbidden(
            f"{title_of(turn, taker)}不能办{_listed(kept)}，没有交。请换本网格的同事，或发：转派 编号 姓名",
            f"hand_over {giver.key} to {taker.key}",
        )
    audit.record(
        turn.session, turn.now, turn.person.key, "roster.hand_over", f"{giver.key} to {taker.key} {len(given)}"
    )
    left = f"{_listed(kept)}不归{title_of(turn, taker)}办，还在{_whose(turn, giver)}手里。" if kept else ""
    return f"已交给{title_of(turn, taker)}{len(given)}件：{_listed(given)}，居民会收到通知。{left}"


def _from_and_to(turn: GroupTurn, words: str) -> tuple[Person, Person]:
    """交班 李芳: mine to 李芳. 交班 小王 李芳: those of 小王, by whoever arranges the roster. Raises Refused."""
    found = named(turn, words)
    if not found:
        raise Refused(f"请写交给谁，例如：{FORM}")
    if len(found) > 2:
        raise Refused(f"一次交给一个人，例如：{FORM}")
    giver, taker = (turn.person, found[0]) if len(found) == 1 else found
    if giver.key == taker.key:
        raise Refused("不用交给自己。请写接班同事的姓名。")
    if giver.key != turn.person.key and not any(
        arranges(turn.session, turn.postings, posting) for posting in called_postings_of(turn, giver)
    ):
        raise Forbidden(
            f"不能替{title_of(turn, giver)}交班，请本人，或网格长、上级工作人员来说。", f"hand_over of {giver.key}"
        )
    return giver, taker


def _hand_over(turn: GroupTurn, ticket: Ticket, taker: Person, rights: list[Posting]) -> bool:
    """One ticket, if both may: the speaker make this move from this chat, the taker handle it."""
    wanted = move_of("hand_over").by
    mine = role_on(turn.session, turn.postings, ticket, wanted)
    theirs = role_on(turn.session, rights, ticket, (HANDLER,))
    if not mine or mine[0] not in wanted or not theirs or theirs[0] != HANDLER:
        return False
    if not counts_from(turn.session, turn.inbound.chat_id, ticket):
        return False
    changes = {"holder_key": taker.key, "asked_key": None}
    apply(
        turn.session, ticket, "hand_over", actor_of(*mine), turn.office.promises, turn.now,
        note=f"交给{title_of(turn, taker)}", changes=changes,
    )  # fmt: skip
    join(turn.session, turn.message.id, ticket.number)
    return True


def _listed(tickets: list[Ticket]) -> str:
    return "、".join(f"#{ticket.number}" for ticket in tickets)


def _whose(turn: GroupTurn, giver: Person) -> str:
    return "您" if giver.key == turn.person.key else title_of(turn, giver)


COMMAND = Command(verbs=VERBS, form=FORM, run=_run, about_ticket=False)
