"""What residents do without writing: follow, scan, tap the menu, leave."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot import phrases, whereabouts
from bot.ladder import results
from bot.ladder.recipients import left_the_account
from bot.message import Inbound, Reply
from bot.placed import of_home
from bot.subscribing import offer
from bot.turn import Turn
from models.area import Area, Building
from models.outbox import cancel_for
from models.resident import Home, bind_home
from models.roster import covering


def from_the_platform(session: Session, inbound: Inbound, now: datetime) -> bool:
    """True for what the platform's own account reports: it is nobody who could be written to."""
    if inbound.event != results.MASS_FINISHED:
        return False
    results.mass_finished(session, inbound.details, now)
    return True


def answer(turn: Turn) -> Reply:
    """Events we do not know are recorded and stay silent."""
    match turn.inbound.event:
        case "subscribe":
            return _subscribe(turn)
        case "scan":
            turn.resident.touched(turn.now)
            return _scene(turn) or turn.begin(turn.office.services["menu"])
        case "unsubscribe" | "user_authorization_revoke" | "user_authorization_cancellation":
            turn.resident.followed = False
            turn.talk.close()
            cancel_for(turn.session, turn.resident.openid, "unfollowed")
            left_the_account(turn.session, turn.resident)
        case "click" if service := turn.office.services.get(turn.inbound.event_key):
            turn.resident.touched(turn.now)
            return turn.begin(service, service.begin(turn, ""))
        case event if event in results.SUBSCRIPTION_EVENTS:
            settings, details = turn.office.settings, turn.inbound.details
            results.subscription(turn.session, settings, turn.resident, event, details, turn.now)
    return Reply()


def _subscribe(turn: Turn) -> Reply:
    """Three lines, perhaps a fourth about notices, and one question; a scanned building answers the question already."""
    turn.resident.followed = True
    turn.resident.touched(turn.now)
    turn.resident.privacy_notice = phrases.PRIVACY_VERSION
    asked = offer(turn)
    if told := _scene(turn):
        greeting = f"您好，这里是{_name(turn)}。", phrases.PRIVACY, asked, told.text
        return Reply("\n".join(filter(None, greeting)))
    bind = turn.office.services["bind_home"]
    turn.begin(bind)
    return Reply(phrases.welcome(_name(turn), asked))


def _name(turn: Turn) -> str:
    return turn.office.settings.deployment.name


def _scene(turn: Turn) -> Reply | None:
    """`b-CODE` binds a building in one step, `g-CODE` opens a grid (contract §6)."""
    kind, _, code = turn.inbound.event_key.partition("-")
    if kind == "b" and (building := turn.session.get(Building, code)):
        home = bind_home(turn.session, turn.resident, building.code, "", "", turn.now)
        turn.message.reply_kind = "bind_home"
        where = f"{whereabouts.grid_name(turn, building.grid_code)}{_worker(turn, building.grid_code)}"
        return Reply(f"已记住您住{building.title}，属于{where}。\n{_what_waited(turn, home)}")
    if kind == "g" and (area := turn.session.get(Area, code)):
        turn.talk.open("bind_home", {}, turn.now)
        return Reply(f"您好，这里是{area.name}{_worker(turn, area.code)}。\n请问您住几栋？例如：紫荆苑3栋2单元501。")
    return None


def _what_waited(turn: Turn, home: Home) -> str:
    """Whatever waited for a place has it now; otherwise how to begin."""
    service = turn.office.services.get(turn.talk.service)
    if not service or service.code == "bind_home" or all(question.slot != "place" for question in service.questions):
        turn.talk.close()
        return "有什么事直接说，例如：楼道灯不亮了。"
    turn.answer(place=of_home(home))
    return turn.go_on(service).text


def _worker(turn: Turn, grid_code: str) -> str:
    duty = covering(turn.session, turn.now, turn.office.settings.deployment.zone, area_code=grid_code)
    return f"，{duty[0].title}负责" if duty else ""
