"""The audit chain: whoever changes, removes or swaps a row is found out (I11, TH52)."""

from datetime import timedelta

import pytest
from town import TUESDAY

from models.audit import AuditHead, AuditRow, broken_links, record
from models.database import Database


@pytest.mark.parametrize("harm", ["changed", "removed", "end removed", "swapped"])
def test_a_touched_audit_chain_is_found(database_url: str, harm: str) -> None:
    database = Database(database_url)
    with database.write() as session:
        for n in range(1, 6):
            record(session, TUESDAY + timedelta(seconds=n), "zhao", "reveal.phone", f"ticket {n}")
    with database.read() as session:
        assert list(broken_links(session)) == []

    with database.write() as session:
        if harm == "changed":
            session.get_one(AuditRow, 3).subject = "ticket 4"
        elif harm == "swapped":
            second, third = session.get_one(AuditRow, 2), session.get_one(AuditRow, 3)
            second.subject, third.subject = third.subject, second.subject
        else:
            session.delete(session.get_one(AuditRow, 3 if harm == "removed" else 5))

    with database.read() as session:
        assert (
            list(broken_links(session)) == {"changed": [3], "swapped": [2, 3], "removed": [4], "end removed": [5]}[harm]
        )
        assert session.get_one(AuditHead, 1).seq == 5
    database.close()
