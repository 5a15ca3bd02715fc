"""What the lower rooms keep of cards besides their rows: numbers, files, remarks, filters, answers, errors."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from comity.access import snapshot
from comity.access.models import AccessRequest, Share
from comity.changes.models import Answered, Batch, Undelivered
from comity.changes.traces import Holder, Traces, cleaning, deleting, naming, register
from comity.kernel import jobs, storage
from comity.kernel.clock import now
from comity.kernel.models import Job
from comity.records.models import ContactPoint, Relation, SavedView, StoredFile


def _points(traces: Traces) -> Any:
    return traces.hanging(ContactPoint).filter(field__in=traces.gone)


def _files(traces: Traces) -> Any:
    return StoredFile.objects.filter(pk__in=list(traces.file_ids))


def _drop_files(traces: Traces) -> int:
    """The rows now; the contents nobody else has behind the transaction, by a job that no crash can lose."""
    contents = list(_files(traces).values_list("sha256", flat=True))
    _files(traces).delete()
    drop_contents(contents)
    return len(contents)


def drop_contents(contents: Sequence[str]) -> None:
    """Have contents leave the store after this transaction, as far as no file points to them then."""
    if contents:
        jobs.enqueue("changes.drop_contents", {"contents": sorted(set(contents))})


@jobs.job("changes.drop_contents", lease=120)
def _drop(args: dict[str, Any], beat: jobs.Beat) -> None:
    for sha256 in args["contents"]:
        if not StoredFile.objects.filter(sha256=sha256).exists():
            storage.drop(sha256, now())
        beat()


def _relations(traces: Traces) -> Any:
    return traces.hanging(Relation, "from_type", "from_id") | traces.hanging(Relation, "to_type", "to_id")


def _clear_views(traces: Traces) -> int:
    number = _VIEWS.erase(traces)
    if number:
        snapshot.changed()
    return number


_VIEWS = cleaning("views", lambda traces: SavedView.objects.all(), "where", "name", wide=True)

register(deleting("points", _points))
register(Holder("files", _drop_files, lambda traces: len(traces.file_ids)))
register(cleaning("file_names", lambda traces: traces.beside(StoredFile), "name"))
register(cleaning("relations", _relations, "note", label=lambda: _("Remarks on links")))
register(cleaning("shares", lambda traces: traces.beside(Share), "reason"))
register(cleaning("access_requests", lambda traces: traces.beside(AccessRequest), "reason"))
register(Holder("views", _clear_views, _VIEWS.count, lambda: _("Filters of saved lists")))
register(cleaning("batches", lambda traces: naming(traces, Batch.objects.all(), "arguments"), "arguments"))
register(cleaning("answers", lambda traces: naming(traces, Answered.objects.all(), "result"), "result"))
register(cleaning("undelivered", lambda traces: Undelivered.objects.exclude(error=""), "error", wide=True))
register(cleaning("job_errors", lambda traces: Job.objects.exclude(error=""), "error", wide=True))
register(cleaning("jobs", lambda traces: naming(traces, Job.objects.all(), "args"), "args"))
