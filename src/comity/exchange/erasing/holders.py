"""What the rooms below, and this one, keep of cards besides the cards: see changes.traces."""

from functools import partial
from typing import Any
from urllib.parse import unquote_plus

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from comity.changes.trace_holders import drop_contents
from comity.changes.traces import Holder, Traces, cleaning, deleting, register
from comity.exchange.duplicates.model import LikelyPair, Scan
from comity.exchange.exports.commands import drop_file
from comity.exchange.exports.model import WORKING, Export
from comity.exchange.imports.commands import FILE_TYPE
from comity.exchange.imports.model import ExternalKey, Import, ImportRow
from comity.kernel.clock import now
from comity.notices.models import Notice
from comity.parties.consents.commands import PERSON, blank_notes
from comity.parties.consents.model import Consent
from comity.records.models import StoredFile
from comity.timeline.models import Event
from comity.ui.models import Draft
from comity.work.notes.model import Note

LOADED = ("done", "undone", "stopped", "failed", "undoing", "running")  # imports that have made cards

# --- what people write ------------------------------------------------------------------------------------------------


def _notes(traces: Traces) -> Any:
    return traces.hanging(Note)


def _drafts(traces: Traces) -> list[Any]:
    keys = tuple(f"{traces.ref.type}-{one}" for one in traces.ids)
    wide = traces.needles.wide
    return [
        draft for draft in Draft.objects.all().iterator(chunk_size=200)
        if draft.key.startswith(keys) or wide.holds(unquote_plus(draft.data))
    ]  # fmt: skip


def _drop_drafts(traces: Traces) -> int:
    return int(Draft.objects.filter(pk__in=[draft.pk for draft in _drafts(traces)]).delete()[0])


# --- consents: the journal stays as proof, without notes and files ----------------------------------------------------


def _blank_consents(traces: Traces) -> int:
    return sum(blank_notes(one) for one in traces.ids) if traces.ref.type == PERSON else 0


def _count_consents(traces: Traces) -> int:
    return int(traces.hanging(Consent).exclude(note="", file_id=None).count())


# --- imports: the file he came with, what was kept of it --------------------------------------------------------------


def _imports(traces: Traces) -> Any:
    by_key = traces.hanging(ExternalKey).filter(load__isnull=False).values("load")
    told = Event.objects.filter(primary_type=traces.ref.type, primary_id__in=traces.ids, batch_id__isnull=False)
    return Import.objects.filter(Q(pk__in=by_key) | Q(batch__in=told.values("batch_id")))


def _clear_imports(traces: Traces) -> int:
    contents: list[str] = []
    loads = list(_imports(traces).filter(state__in=LOADED))
    for load in loads:
        for column in load.found.get("columns", ()):
            column |= {"samples": [], "words": None}
        load.found = traces.needles.clean(load.found)
        load.mapping = traces.needles.clean(load.mapping)
        load.checked = {"counts": load.checked["counts"]} if "counts" in load.checked else {}
        load.left = traces.needles.clean(load.left)
        load.save(update_fields=["found", "mapping", "checked", "left"])
        files = StoredFile.objects.filter(type_key=FILE_TYPE, record_id=load.pk)
        contents += files.values_list("sha256", flat=True)
        files.delete()
        for row in load.rows.all().iterator(chunk_size=500):
            if traces.needles.holds(row.reasons):
                ImportRow.objects.filter(pk=row.pk).update(reasons=traces.needles.clean(row.reasons))
    drop_contents(contents)
    traces.hanging(ExternalKey).delete()
    return len(loads)


# --- exports: files that lie for a day and may have him in them -------------------------------------------------------


def _exports(traces: Traces) -> Any:
    return Export.objects.filter(Q(state="done", ready_at__lte=now()) | Q(state__in=WORKING))


def _drop_exports(traces: Traces) -> int:
    """Ready ones lose their file; one that is being written is stopped, and its file dropped by who writes it."""
    found = list(_exports(traces))
    Export.objects.filter(pk__in=[one.pk for one in found]).update(state="stopped")
    for one in found:
        transaction.on_commit(partial(drop_file, one))
    return len(found)


def _pairs(traces: Traces) -> Any:
    rows = LikelyPair.objects.filter(type_key=traces.ref.type)
    return rows.filter(Q(first_id__in=traces.ids) | Q(second_id__in=traces.ids))


def add() -> None:
    """Make them known."""
    register(deleting("notes", _notes))
    register(cleaning("notes_beside", lambda traces: traces.beside(Note), "text",
                      label=lambda: _("Notes that name the person")))  # fmt: skip
    register(Holder("drafts", _drop_drafts, lambda traces: len(_drafts(traces)), lambda: _("Drafts of forms")))
    register(Holder("consents", _blank_consents, _count_consents,
                    lambda: _("Notes in the journal of consents (the entries stay, as proof)")))  # fmt: skip
    register(cleaning("notices", lambda traces: traces.beside(Notice), "data"))
    register(Holder("imports", _clear_imports, lambda traces: int(_imports(traces).count()),
                    lambda: _("Files of imports the card came with")))  # fmt: skip
    register(Holder("exports", _drop_exports, lambda traces: int(_exports(traces).count()),
                    lambda: _("Exports of the last day, waiting to be fetched")))  # fmt: skip
    register(cleaning("export_filters", lambda traces: Export.objects.all(), "asked", wide=True))
    register(deleting("pairs", _pairs, lambda: _("Likely pairs")))
    register(cleaning("scans", lambda traces: Scan.objects.filter(finished_at__isnull=False), "after", wide=True))
