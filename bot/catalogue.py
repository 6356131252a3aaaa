"""Everything a process knows by heart: matters, places and promises, read once and again when they change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from bot.config import Settings
from bot.knowledge import KnowledgeIndex
from bot.knowledge.stored import knowledge_index
from bot.understanding import BadRule, MatterDefinition, Understanding, parse_rule
from bot.understanding.places import BuildingEntry, Gazetteer
from models.area import Building
from models.clock import Promises
from models.matter import Matter, catalogue_revision
from models.person import Person
from models.working_time import CalendarDay, WorkingTime, periods_from

log = structlog.get_logger()


@dataclass(frozen=True)
class Catalogue:
    """目录: the facts of one revision; replaced as a whole, never changed."""

    revision: int
    understanding: Understanding
    gazetteer: Gazetteer
    promises: Promises
    staff_names: tuple[str, ...]
    """Full names of people with postings: a resident's words may hold them, a group card may not."""
    matter_names: Mapping[str, str]
    knowledge: KnowledgeIndex


def load_catalogue(session: Session, settings: Settings) -> Catalogue:
    """Read one revision; about a second for 1,500 buildings, most of it jieba."""
    buildings = [
        BuildingEntry(
            code=b.code,
            grid_code=b.grid_code,
            estate=b.estate,
            name=b.name,
            aliases=tuple(part for part in b.aliases.split(";") if part),
            latitude=b.latitude,
            longitude=b.longitude,
        )
        for b in session.scalars(select(Building))
    ]
    gazetteer = Gazetteer(buildings)
    definitions = matter_definitions(session)
    return Catalogue(
        revision=catalogue_revision(session),
        understanding=Understanding(
            definitions,
            gazetteer.words(),
            settings.understanding.sure_margin,
            settings.understanding.alarm_from,
            places_in=lambda text: [place.raw for place in gazetteer.find_all(text) if place.buildings],
        ),
        gazetteer=gazetteer,
        promises=promises_from(settings, {day.day: day.kind for day in session.scalars(select(CalendarDay))}),
        staff_names=tuple(sorted({name for name in session.scalars(select(Person.name)) if len(name) > 1})),
        matter_names={matter.code: matter.name for matter in definitions},
        knowledge=knowledge_index(session),
    )


def matter_definitions(session: Session) -> list[MatterDefinition]:
    """The matters as understanding wants them, without the rule lines nobody can follow."""
    broken = {keyword for _, keyword, _ in unreadable_rules(session)}
    if broken:
        log.error("catalogue.rules_left_out", number=len(broken))
    return [
        MatterDefinition(
            code=m.code,
            name=m.name,
            category=m.category,
            timing=m.timing,
            keywords=tuple(rule for rule in m.keywords if rule not in broken),
            examples=tuple(m.examples),
        )
        for m in session.scalars(select(Matter).options(undefer("*")).order_by(Matter.code))
    ]


def unreadable_rules(session: Session) -> list[tuple[str, str, str]]:
    """(matter, keyword line, what is wrong) for every line nobody can follow; the rest works without them."""
    found = []
    for code, keywords in session.execute(select(Matter.code, Matter.keywords).order_by(Matter.code)):
        for keyword in keywords:
            try:
                parse_rule(keyword)
            except BadRule as error:
                found.append((code, keyword, str(error)))
    return found


def promises_from(settings: Settings, different: Mapping) -> Promises:  # type: ignore[type-arg]
    """The deployment's promises as the clocks use them."""
    said, hours = settings.promises, settings.working_time
    working = WorkingTime(periods_from(hours.periods), tuple(hours.weekdays), settings.deployment.zone, dict(different))
    return Promises(
        working=working,
        response=timedelta(minutes=said.response_minutes),
        emergency=timedelta(minutes=said.emergency_minutes),
        small=timedelta(hours=said.small_hours),
        slow_days=said.slow_days,
        complex_days=said.complex_days,
        step=timedelta(minutes=said.step_minutes),
        emergency_step=timedelta(minutes=said.emergency_step_minutes),
        warn_share=said.warn_percent / 100,
        handling_share=said.handling_percent / 100,
        report_in=timedelta(minutes=said.report_in_minutes),
        supply=timedelta(days=said.supply_days),
        silence=timedelta(days=said.silence_days),
    )
