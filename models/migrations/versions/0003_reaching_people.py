"""Announcements, reminders, policy knowledge, labels and versions of rules."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _new_tables()
    about = sa.ForeignKey("announcements.id", name="fk_tickets_announcement_id_announcements")
    op.add_column("tickets", sa.Column("announcement_id", sa.Integer(), about), inline_references=True)
    op.create_index("ix_tickets_announcement_id", "tickets", ["announcement_id"])


def downgrade() -> None:
    raise NotImplementedError("go back by restoring the backup")


def _new_tables() -> None:
    op.create_table(
        "covers",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("media_id", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_covers")),
        sa.UniqueConstraint("token", name=op.f("uq_covers_token")),
    )
    op.create_table(
        "announcements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wants_receipt", sa.Boolean(), nullable=False),
        sa.Column("urgent_reason", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("author_key", sa.String(length=60), nullable=False),
        sa.Column("approver_key", sa.String(length=60), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("second_call_of", sa.Integer(), nullable=True),
        sa.Column("cover", sa.String(length=64), nullable=True),
        sa.Column("article", sa.JSON(), nullable=False),
        sa.Column("look_key", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["cover"], ["covers.sha256"], name=op.f("fk_announcements_cover_covers")),
        sa.ForeignKeyConstraint(
            ["second_call_of"], ["announcements.id"], name=op.f("fk_announcements_second_call_of_announcements")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_index("ix_announcements_cover", "announcements", ["cover"])
    op.create_index("ix_announcements_due", "announcements", ["state", "send_at"])
    op.create_index("ix_announcements_second_call_of", "announcements", ["second_call_of"])

    op.create_table(
        "matter_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter_code", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("changed_by", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter_versions")),
        sa.UniqueConstraint("matter_code", "revision", name=op.f("uq_matter_versions_matter_code")),
    )
    op.create_index("ix_matter_versions_revision", "matter_versions", ["revision"])

    op.create_table(
        "open_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("nearest", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_questions")),
        sa.UniqueConstraint("text", name=op.f("uq_open_questions_text")),
    )
    op.create_index("ix_open_questions_last_at", "open_questions", ["last_at"])

    op.create_table(
        "consents",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.String(length=64), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("lasting", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_consents_resident_id_residents")),
        sa.PrimaryKeyConstraint("resident_id", "template_id", name=op.f("pk_consents")),
    )
    op.create_table(
        "knowledge",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("matter_code", sa.String(length=40), nullable=True),
        sa.Column("area_code", sa.String(length=40), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("effective_until", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("owner", sa.String(length=60), nullable=False),
        sa.Column("example", sa.Boolean(), nullable=False),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("fk_knowledge_area_code_areas")),
        sa.ForeignKeyConstraint(["matter_code"], ["matters.code"], name=op.f("fk_knowledge_matter_code_matters")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_knowledge")),
    )
    op.create_index("ix_knowledge_area_code", "knowledge", ["area_code"])
    op.create_index("ix_knowledge_matter_code", "knowledge", ["matter_code"])
    op.create_index("ix_knowledge_review_on", "knowledge", ["review_on"])

    op.create_table(
        "mass_chunks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("platform_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcements.id"], name=op.f("fk_mass_chunks_announcement_id_announcements")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mass_chunks")),
        sa.UniqueConstraint("client_id", name=op.f("uq_mass_chunks_client_id")),
    )
    op.create_index("ix_mass_chunks_announcement_id", "mass_chunks", ["announcement_id"])
    op.create_index("ix_mass_chunks_platform_id", "mass_chunks", ["platform_id"])

    op.create_table(
        "mass_uses",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_mass_uses_resident_id_residents")),
        sa.PrimaryKeyConstraint("resident_id", "month", name=op.f("pk_mass_uses")),
    )
    op.create_table(
        "resident_tags",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_resident_tags_resident_id_residents")),
        sa.PrimaryKeyConstraint("resident_id", "tag", name=op.f("pk_resident_tags")),
    )
    op.create_index("ix_resident_tags_tag", "resident_tags", ["tag"])

    op.create_table(
        "recipients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("grid_code", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("tried", sa.JSON(), nullable=False),
        sa.Column("chunk_id", sa.Integer(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcements.id"], name=op.f("fk_recipients_announcement_id_announcements")
        ),
        sa.ForeignKeyConstraint(["chunk_id"], ["mass_chunks.id"], name=op.f("fk_recipients_chunk_id_mass_chunks")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_recipients_resident_id_residents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipients")),
        sa.UniqueConstraint("announcement_id", "resident_id", name=op.f("uq_recipients_announcement_id")),
    )
    op.create_index("ix_recipients_chunk_id", "recipients", ["chunk_id"])
    op.create_index("ix_recipients_grid", "recipients", ["announcement_id", "grid_code", "state"])
    op.create_index("ix_recipients_resident_id", "recipients", ["resident_id"])
    op.create_index("ix_recipients_state", "recipients", ["announcement_id", "state", "id"])

    op.create_table(
        "labels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("guessed", sa.String(length=40), nullable=False),
        sa.Column("matter", sa.String(length=40), nullable=False),
        sa.Column("by_kind", sa.String(length=20), nullable=False),
        sa.Column("by_key", sa.String(length=60), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_number"], ["tickets.number"], name=op.f("fk_labels_ticket_number_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
    )
    op.create_index("ix_labels_at", "labels", ["at"])
    op.create_index("ix_labels_matter", "labels", ["matter"])
    op.create_index("ix_labels_ticket_number", "labels", ["ticket_number"])

    op.create_table(
        "reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=True),
        sa.Column("ticket_number", sa.Integer(), nullable=True),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_by", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_reminders_resident_id_residents")),
        sa.ForeignKeyConstraint(["ticket_number"], ["tickets.number"], name=op.f("fk_reminders_ticket_number_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
    )
    op.create_index("ix_reminders_due", "reminders", ["state", "next_at"])
    op.create_index("ix_reminders_resident_id", "reminders", ["resident_id"])
    op.create_index("ix_reminders_ticket_number", "reminders", ["ticket_number"])
