"""Permissions for a client's deals to pass gates until a day: which stand, how one is withdrawn and comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import Work, run
from comity.changes.commands import type_of
from comity.changes.undo import way
from comity.kernel.clock import now
from comity.kernel.errors import NotFound, Refused
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.sales.deals.gates import PERMIT
from comity.sales.pipelines import state as pipeline_state
from comity.sales.pipelines.model import GatePass, Pipeline
from comity.timeline.models import Event
from comity.timeline.types import EventType, Payload, register
from comity.ui.cells import written_day
from comity.ui.pages.edit import next_url, undo_url
from comity.ui.render import done

WITHDRAWN = "deal.pass_withdrawn"


def standing(actor: Actor, pipeline: str) -> list[tuple[GatePass, str]]:
    """The permissions in force for a pipeline, with the names of their clients; only those of clients he sees."""
    rows = GatePass.objects.filter(pipeline__key=pipeline, until__gte=policy.today(actor)).order_by("until", "id")
    held = list(rows)
    titles = policy.titles(actor, {RecordRef(row.client_type, row.client_id) for row in held})
    return [(row, title) for row in held if (title := titles.get(RecordRef(row.client_type, row.client_id)))]


@dataclass
class WithdrawPass:
    """End the permission for a client's deals to pass the gates of a pipeline, before its day."""

    key: ClassVar[str] = "deal.withdraw_pass"
    pass_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused. What has passed already stays where it is."""
        _require_right(work.actor)
        row = GatePass.objects.select_for_update().filter(pk=self.pass_id).first()
        if row is None:
            raise NotFound()
        _withdraw(work, row)


def _withdraw(work: Work, row: GatePass, undone: int | None = None) -> None:
    policy.get(work.actor, type_of(work.actor, row.client_type), row.client_id)
    told = {
        "pass": str(row.pk), "pipeline": row.pipeline.key, "until": row.until.isoformat(), "reason": row.reason,
        "by": str(row.created_by or ""), "given_at": row.created_at.isoformat(),
    }  # fmt: skip
    row.delete()
    _tell(work, RecordRef(row.client_type, row.client_id), told, "withdrawn", undone)


def _tell(work: Work, client: RecordRef, told: Mapping[str, Any], what: str, undone: int | None) -> None:
    work.tell(WITHDRAWN, client, {**told, "what": what, **({"undone": undone} if undone else {})})


def _require_right(actor: Actor) -> None:
    if not actor.permits(PERMIT):
        raise Refused(
            _("You may not withdraw this permission."), kept=_("It stands as it was."),
            todo=_("Ask a colleague who may let deals pass."),
        )  # fmt: skip


@way("gate_pass")
def _back(work: Work, event: Event) -> None:
    """The permission stands again, as it was given; and again undone, it is withdrawn again."""
    _require_right(work.actor)
    told = event.payload
    row = GatePass.objects.select_for_update().filter(pk=told["pass"]).first()
    if (row is None) != (told["what"] == "withdrawn"):
        raise Refused(_("This has been taken back already."), kept=_("Nothing was changed."))
    if row is not None:
        _withdraw(work, row, event.pk)
        return
    pipeline = Pipeline.objects.filter(key=told["pipeline"]).first()
    if pipeline is None:
        raise Refused(_("The pipeline of this permission is no longer there."), kept=_("Nothing was changed."))
    client = RecordRef(event.primary_type, event.primary_id)
    GatePass.objects.create(
        pk=UUID(told["pass"]), client_type=client.type, client_id=client.id, pipeline=pipeline,
        until=date.fromisoformat(told["until"]), reason=told["reason"], created_at=told["given_at"] or now(),
        created_by=UUID(told["by"]) if told["by"] else None,
    )  # fmt: skip
    kept = {key: value for key, value in told.items() if key not in ("what", "undone")}
    _tell(work, client, kept, "given", event.pk)


def _words(payload: Payload, actor: Actor) -> str:
    pipeline = pipeline_state.of(actor.state).by_key.get(payload["pipeline"])
    said = {
        "pipeline": pipeline.label[actor.language] if pipeline else "?",
        "until": written_day(date.fromisoformat(payload["until"]), "d MMMM y", actor.language),
        "reason": payload["reason"],
    }
    if payload["what"] == "given":
        text = _("let this client’s deals pass the gates of “%(pipeline)s” again until %(until)s; reason: %(reason)s")
    else:
        text = _("withdrew the permission for this client’s deals to pass the gates of “%(pipeline)s” until %(until)s")
    return text % said


def _cut(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    """Told to who sees deals and may know their stages; what undo needs is nobody's."""
    deal = actor.state.record_types.get("deal")
    if deal is None or actor.scope("deal", "view") == "none":
        return None
    if not any(spec.key == "stage" for spec in policy.readable_fields(actor, deal)):
        return None
    return {key: value for key, value in payload.items() if key not in ("pass", "by", "given_at")}


register(EventType(WITHDRAWN, _words, icon="lock", redact=_cut, undo="gate_pass", says_all=True))


def told(actor: Actor, row: GatePass) -> dict[str, Any]:
    """A permission in words, and where who may withdraws it."""
    until = written_day(row.until, "d MMMM y", actor.language)
    text = _("Deals of this client may pass the gates until %(until)s; reason: %(reason)s")
    return {
        "text": text % {"until": until, "reason": row.reason},
        "url": f"/deals/passes/{row.pk}/withdraw" if actor.permits(PERMIT) else "",
    }


@require_POST
def withdraw(request: HttpRequest, pass_id: UUID, back: str = "/deals/board") -> HttpResponse:
    """POST [next]: withdraw a permission, and back to where it was shown."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    url = next_url(request, back)
    try:
        result = run(actor, WithdrawPass(pass_id), key=request.POST.get("idempotency", ""))
    except NotFound:
        return done(request, url, _("This permission stands no more."))
    return done(request, url, _("The permission is withdrawn."), undo_url(result))
