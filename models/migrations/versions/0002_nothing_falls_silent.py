"""Clocks that climb, rosters, whistles, followers, escalations."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _new_tables()
    _clocks()
    _tickets()
    _wake_later()
    op.add_column("matters", sa.Column("photo", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("matters", sa.Column("same_metres", sa.Integer(), nullable=False, server_default="0"))


def _wake_later() -> None:
    """Tickets that wait for their resident get the clock that ends the waiting."""
    tickets = sa.table("tickets", *map(sa.column, ("number", "status")), sa.column("handled_at", _MOMENT))
    clocks = sa.table(
        "clocks", *map(sa.column, ("ticket_number", "kind", "state", "by_wall", "amount_seconds", "used_seconds")),
        sa.column("paused_seconds"), sa.column("breached_levels", sa.JSON()),
        *(sa.column(name, _MOMENT) for name in ("started_at", "running_since", "due_at", "next_at")),
    )  # fmt: skip
    session, now = op.get_bind(), datetime.now(UTC)
    for number, status, handled_at in session.execute(
        sa.select(tickets).where(tickets.c.status.in_(("handled", "need_info")))
    ).all():
        kind, days = ("silence", 7) if status == "handled" else ("supply", 3)
        since = (handled_at or now) if kind == "silence" else now
        due = since + timedelta(days=days)
        session.execute(clocks.insert().values(
            ticket_number=number, kind=kind, state="running", by_wall=True, amount_seconds=days * 86400, used_seconds=0,
            paused_seconds=0, breached_levels=[], started_at=since, running_since=since, due_at=due, next_at=due,
        ))  # fmt: skip


def _clocks() -> None:
    """Clocks that run already keep the deadline that was told: they go on by the wall clock, up to it."""
    _add("clocks", sa.Column("whistle_id", sa.Integer()), "whistles.id")
    _add("clocks", sa.Column("by_wall", sa.Boolean(), nullable=False, server_default=sa.true()))
    _add("clocks", sa.Column("amount_seconds", sa.Double(), nullable=False, server_default="0"))
    _add("clocks", sa.Column("used_seconds", sa.Double(), nullable=False, server_default="0"))
    _add("clocks", sa.Column("running_since", _MOMENT))
    _add("clocks", sa.Column("next_at", _MOMENT))
    _add("clocks", sa.Column("warned_at", _MOMENT))
    given, used = (
        _seconds("due_at", "started_at"),
        _seconds("coalesce(paused_at, stopped_at, started_at)", "started_at"),
    )
    op.execute(f"UPDATE clocks SET amount_seconds = {given}, used_seconds = {used}")
    op.execute("UPDATE clocks SET running_since = started_at, next_at = due_at WHERE state = 'running'")
    op.drop_index("ix_clocks_due", "clocks")
    op.drop_index("ix_clocks_ticket_number", "clocks")
    op.create_index("ix_clocks_next", "clocks", ["state", "next_at"])
    op.create_index("ix_clocks_ticket", "clocks", ["ticket_number", "kind"])
    op.create_index("ix_clocks_whistle_id", "clocks", ["whistle_id"])


def _tickets() -> None:
    for column, target in (("raised_code", "areas.code"), ("supervised_by", "areas.code")):
        _add("tickets", sa.Column(column, sa.String(length=40)), target)
    _add("tickets", sa.Column("merged_into", sa.Integer()), "tickets.number")
    for column in ("deferred_until", "reminded_at"):
        _add("tickets", sa.Column(column, _MOMENT))
    _add("tickets", sa.Column("request", sa.JSON()))
    _add("tickets", sa.Column("ruled", sa.Boolean(), nullable=False, server_default=sa.false()))
    for column in ("followers", "photos"):
        _add("tickets", sa.Column(column, sa.Integer(), nullable=False, server_default="0"))
    op.drop_index("ix_tickets_silent", "tickets")
    op.create_index("ix_tickets_merged_into", "tickets", ["merged_into"])
    op.create_index("ix_tickets_raised_code", "tickets", ["raised_code"])
    op.create_index("ix_tickets_near", "tickets", ["matter_code", "status", "latitude"])
    op.create_index("ix_tickets_same", "tickets", ["matter_code", "status", "building_code"])


def _add(table: str, column: "sa.Column[object]", target: str = "") -> None:
    """Add in place: rebuilding a table that others refer to would break their rows on SQLite."""
    if target:
        column.append_foreign_key(sa.ForeignKey(target, name=f"fk_{table}_{column.name}_{target.split('.')[0]}"))
    op.add_column(table, column, inline_references=bool(target))


def _seconds(end: str, start: str) -> str:
    if op.get_bind().dialect.name == "sqlite":
        return f"(julianday({end}) - julianday({start})) * 86400"
    return f"extract(epoch from {end} - {start})"


def downgrade() -> None:
    raise NotImplementedError("go back by restoring the backup")


def _new_tables() -> None:
    op.create_table(
        "roster",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_key", sa.String(length=40), nullable=False),
        sa.Column("area_code", sa.String(length=40), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("weekdays", sa.String(length=20), nullable=False),
        sa.Column("begins", sa.String(length=5), nullable=False),
        sa.Column("ends", sa.String(length=5), nullable=False),
        sa.Column("stands_in_for", sa.String(length=40), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_by", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_roster_area_code_areas")),
        sa.ForeignKeyConstraint(["person_key"], ["people.key"], name=op.f("fk_roster_person_key_people")),
        sa.ForeignKeyConstraint(["stands_in_for"], ["people.key"], name=op.f("fk_roster_stands_in_for_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster")),
    )
    op.create_index("ix_roster_area", "roster", ["area_code", "until"])
    op.create_index("ix_roster_person", "roster", ["person_key", "until"])
    op.create_index("ix_roster_until", "roster", ["kind", "until"])
    op.create_index("ix_roster_stands_in_for", "roster", ["stands_in_for"])

    op.create_table(
        "escalations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_number", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("breach", sa.String(length=40), nullable=False),
        sa.Column("area_code", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_number"], ["tickets.number"], name=op.f("fk_escalations_ticket_number_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
        sa.UniqueConstraint("ticket_number", "cause", "level", "breach", name=op.f("uq_escalations_ticket_number")),
    )
    op.create_index("ix_escalations_at", "escalations", ["at"])

    op.create_table(
        "followers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_number", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("came_with", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("building_code", sa.String(length=40), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("door", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["building_code"], ["buildings.code"], name=op.f("fk_followers_building_code_buildings")
        ),
        sa.ForeignKeyConstraint(["came_with"], ["tickets.number"], name=op.f("fk_followers_came_with_tickets")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_followers_resident_id_residents")),
        sa.ForeignKeyConstraint(["ticket_number"], ["tickets.number"], name=op.f("fk_followers_ticket_number_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followers")),
        sa.UniqueConstraint("ticket_number", "resident_id", name=op.f("uq_followers_ticket_number")),
    )
    op.create_index("ix_followers_building_code", "followers", ["building_code"])
    op.create_index("ix_followers_came_with", "followers", ["came_with"])
    op.create_index("ix_followers_resident_id", "followers", ["resident_id"])

    op.create_table(
        "whistles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_number", sa.Integer(), nullable=False),
        sa.Column("department_code", sa.String(length=40), nullable=False),
        sa.Column("area_code", sa.String(length=40), nullable=False),
        sa.Column("called_by", sa.String(length=40), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reported_by", sa.String(length=40), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("result_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_whistles_area_code_areas")),
        sa.ForeignKeyConstraint(
            ["department_code"], ["departments.code"], name=op.f("fk_whistles_department_code_departments")
        ),
        sa.ForeignKeyConstraint(["ticket_number"], ["tickets.number"], name=op.f("fk_whistles_ticket_number_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_whistles")),
    )
    op.create_index("ix_whistles_area_code", "whistles", ["area_code"])
    op.create_index("ix_whistles_department_code", "whistles", ["department_code"])
    op.create_index("ix_whistles_ticket", "whistles", ["ticket_number", "department_code"])
