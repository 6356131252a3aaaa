"""清溪街道 for tests: the real application, the simulated platforms, one clock, and the cast of house.md §6."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import select

from bot.config import Settings
from bot.group_push import GroupPush
from bot.official_account_api import OfficialAccountApi
from bot.token_store import SqlTokenStore
from models.area import Building
from models.exporting import Exporter
from models.person import Person, Posting
from models.ticket import Ticket
from scheduler.deliver import Courier
from scheduler.due import keep_clocks
from scheduler.remind import remind
from simulator.config import WorldConfig
from simulator.group_hand import GroupHand
from simulator.resident_hand import ResidentHand
from simulator.world import World
from wsgi import create_app

TUESDAY = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai, on a working day."""

GRID, COMMUNITY, STREET = "990102001001003", "990102001001", "990102001000"
OTHER_GRID = "990102001001004"


class Town:
    """小镇: people act through signed and encrypted callbacks; nothing is mocked."""

    def __init__(self, database_url: str, street, catalogue=None, **sections: Mapping) -> None:
        self.moment = TUESDAY
        config = WorldConfig()
        self.world = World(config, deliver=self._deliver, street=street, now=lambda: self.moment.timestamp()).start()
        account = {name: getattr(config, name) for name in ("app_id", "app_secret", "original_id", "token", "aes_key")}
        self.settings = Settings(
            database={"url": database_url},
            deployment={"name": "清溪街道云格", **sections.pop("deployment", {})},
            official_account={**account, "api_base_url": self.world.url},
            group_bot={"token": config.bot_token, "aes_key": config.bot_aes_key},
            group_push={"api_base_url": self.world.url},
            **sections,
        )
        self.app = create_app(self.settings, lambda: self.moment)
        self.office = self.app.extensions["yunge"]
        self.office._catalogue = catalogue
        self.database = self.office.database
        self.client = self.app.test_client()
        tokens = SqlTokenStore(self.database, "test", self.office.now)
        self.courier = Courier(
            self.office, OfficialAccountApi(self.settings, tokens, self.office.now), GroupPush(self.settings)
        )

    def _deliver(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        parts = urlsplit(path)
        answer = self.client.open(parts.path, method=method, query_string=parts.query, data=body, headers=dict(headers))
        return answer.status_code, dict(answer.headers), answer.data

    def close(self) -> None:
        self.courier.close()
        self.world.stop()
        self.database.close()

    def passes(self, **span: float) -> None:
        """Time goes by; the clock is the only thing that moves."""
        self.moment += timedelta(**span)

    def tick(self) -> None:
        """One round of the timetable: what is due on a clock is done, promised messages go out."""
        keep_clocks(self.office)
        remind(self.office)
        self.deliver()

    def deliver(self) -> None:
        """Promised messages go out; the clocks stand still."""
        self.courier.drain()

    def resident(self, nickname: str, home: str = "") -> ResidentHand:
        """A follower; `home` is a building code they are bound to by scanning its QR."""
        hand = self.world.resident(nickname)
        if home:
            hand.scans(f"b-{home}")
        return hand

    def building(self, title: str) -> str:
        """紫荆苑3栋 → its code."""
        with self.database.read() as session:
            return next(b.code for b in session.scalars(select(Building)) if b.title == title)

    def group(self, code: str) -> GroupHand:
        return self.world.group(f"chat-{code}")

    def cards(self, code: str) -> list[str]:
        return [card.text for card in self.group(code).cards]

    def rows(self, kind: str) -> list[dict]:
        with self.database.read() as session:
            return list(Exporter(session, self.settings.deployment.zone, with_personal=False).lines(kind))

    def ticket(self, number: int | None = None) -> dict:
        """The ticket of that number, or the newest one that is no noise."""
        rows = [row for row in self.rows("tickets") if number is None or row["number"] == number]
        return rows[-1]

    def stored(self, number: int) -> Ticket:
        with self.database.read() as session:
            return session.get_one(Ticket, number)

    def coordinates(self, title: str) -> tuple[float, float]:
        with self.database.read() as session:
            found = next(b for b in session.scalars(select(Building)) if b.title == title)
            return found.latitude or 0.0, found.longitude or 0.0

    def staff(self) -> dict[str, str]:
        """The cast of house.md §6 by the names the transcripts use → WeCom userid."""
        keys = {"小陈": "chen", "周网格长": "zhou", "赵主任": "zhao", "前网格员": "p1022"}
        with self.database.read() as session:
            found = {name: session.get_one(Person, key).wecom_userid for name, key in keys.items()}
            other = session.scalars(
                select(Posting).where(Posting.area_code == OTHER_GRID, Posting.duty == "full_time")
            ).first()
            liaison = session.scalars(
                select(Posting).where(Posting.department_code == "jw", Posting.duty == "liaison")
            ).first()
            found["外网格员"] = other.person.wecom_userid
            for name, code in (("城管联络员", "cg"), ("消防联络员", "xf")):
                of_department = select(Posting).where(Posting.department_code == code, Posting.duty == "liaison")
                found[name] = session.scalars(of_department).one().person.wecom_userid
            at_street = select(Posting).where(Posting.area_code == STREET, Posting.duty == "staff")
            found["街道干部"] = session.scalars(at_street.order_by(Posting.id)).first().person.wecom_userid
            found["联络员"] = liaison.person.wecom_userid if liaison else ""
        return {**found, "路人": "PasserBy"}
