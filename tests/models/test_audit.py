"""The audit chain: whoever changes, removes or swaps a row is found out (I11, TH52)."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session
from town import TUESDAY

from models.audit import AuditRow, broken_links, record


@pytest.mark.parametrize(
    ("harm", "found"), [("changed", [3]), ("swapped", [2, 3]), ("removed", [4]), ("end removed", [5])]
)
def test_a_touched_audit_chain_is_found(session: Session, harm: str, found: list[int]) -> None:
    for n in range(1, 6):
        record(session, TUESDAY + timedelta(seconds=n), "zhao", "reveal.phone", f"ticket {n}")
    assert list(broken_links(session)) == []

    if harm == "changed":
        session.get_one(AuditRow, 3).subject = "ticket 4"
    elif harm == "swapped":
        second, third = session.get_one(AuditRow, 2), session.get_one(AuditRow, 3)
        second.subject, third.subject = third.subject, second.subject
    else:
        session.delete(session.get_one(AuditRow, 3 if harm == "removed" else 5))
    session.flush()
    session.expire_all()

    assert list(broken_links(session)) == found
