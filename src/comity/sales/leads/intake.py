"""Leads out of files: in the state they were in; nobody is late with an answer to an inquiry of last year."""

from typing import Any

from comity.changes import intake
from comity.changes.bus import Work
from comity.changes.intake import Way
from comity.records.types import RecordType

FIELDS = frozenset(("state", "refuse_reason", "refuse_note"))


def given(work: Work, record_type: RecordType, values: dict[str, Any]) -> dict[str, Any]:
    """Its state; what became a deal elsewhere is one worth going on with here."""
    state = values.get("state") or "new"
    return {"state": "qualified" if state == "converted" else state}


def register() -> None:
    """Make the way known."""
    intake.use("lead", Way(FIELDS, given))
