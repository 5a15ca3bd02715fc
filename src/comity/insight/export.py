"""A report as a file: who took which figures out of the house is told, like every change."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import ngettext

from comity.access.actors import Actor
from comity.changes.bus import Work
from comity.changes.colleagues import own_id
from comity.insight import reports
from comity.kernel.errors import NotFound, Refused
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.timeline.types import EventType, Payload
from comity.timeline.types import register as register_event


@dataclass
class ExportReport:
    """Tell that a report was taken as a file: which, with which choices, how many rows."""

    key: ClassVar[str] = "report.export"
    report: str
    choices: list[tuple[str, str]]
    rows: int

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        report = reports.get(self.report)
        if report is None or not report.open_to(work.actor):
            raise NotFound()
        if work.actor.scope(report.type_key, "export") == "none":
            raise Refused()
        payload = {"report": report.key, "filter": [list(one) for one in self.choices], "rows": self.rows}
        work.tell("report.exported", RecordRef("user", own_id(work.actor)), payload)


def _text(payload: Payload, actor: Actor) -> str:
    report = reports.get(payload["report"])
    text = ngettext(
        "exported the report “%(report)s” with %(num)s row", "exported the report “%(report)s” with %(num)s rows",
        payload["rows"],
    )  # fmt: skip
    return text % {"report": report.label() if report else payload["report"], "num": payload["rows"]}


def _for_settings(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    return payload if actor.permits("settings") else None


def register() -> None:
    """Make the event known."""
    register_event(EventType("report.exported", _text, icon="download", redact=_for_settings))


def may_export(actor: Actor, report: reports.Report) -> bool:
    """Whether he may take the report as a file."""
    if actor.state.off.hides(ExportReport):
        return False
    return actor.scope(report.type_key, "export") != "none" and actor.seen_by is None
