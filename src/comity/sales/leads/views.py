"""Addresses of what is done with a lead: answer, qualify, refuse, reopen."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import Command, run
from comity.changes.commands import type_of
from comity.kernel.errors import Conflict, Invalid, NotFound
from comity.kernel.text import fold, whole_number
from comity.records import kinds
from comity.records.fields import FieldSpec, of
from comity.records.kinds import BadValue
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.sales.leads.commands import AnswerLead, QualifyLead, RefuseLead, ReopenLead
from comity.sales.leads.conversion import reads
from comity.ui import forms
from comity.ui.pages.edit import texts_of, undo_url
from comity.ui.render import done, fragment, fresh_key, html, is_fragment, page

SAME = of("card", "same", "Which card is it", "Какая это карточка", "Яка це картка", "Коя карта е това",
          "Kartu yang mana", "أي بطاقة هي")  # fmt: skip
Errors = Mapping[str, list[str]]


def found(request: HttpRequest, lead_id: UUID) -> tuple[Actor, RecordType, Any]:
    """Who asks, the type, and the lead he may change; raises NotFound, Refused."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_of(actor, "lead")
    lead = policy.get(actor, record_type, lead_id, "edit")
    if not reads(actor, record_type, "state"):
        raise NotFound()
    return actor, record_type, lead


def answer(
    request: HttpRequest, template: str, title: str, lead: Any, status: int = 200, **context: Any
) -> HttpResponse:  # fmt: skip
    """A template in the dialog, or as a page of its own that leads back to the lead."""
    if is_fragment(request):
        return fragment(request, template, status, dialog=True, **context)
    back = {"label": lead.title, "url": f"/leads/{lead.pk}"}
    inner = html(template, context)
    return page(request, "ui/popover_page.html", status, page={"title": title, "back": back, "html": inner})


def gone(request: HttpRequest, lead_id: UUID, problem: Conflict) -> HttpResponse:
    """Somebody was quicker: who, and where to go on."""
    actor, record_type, lead = found(request, lead_id)
    url, title = f"/leads/{lead.pk}", lead.title
    for key in ("deal", "person", "company"):
        value = getattr(lead, f"{key}_id")
        if value and reads(actor, record_type, key) and (shown := policy.titles_of(actor, key, [value])):
            url, title = f"/{actor.state.record_types[key].slug}/{value}", shown[value]
            break
    told = {"title": lead.title, "what": str(problem.what), "todo": str(problem.todo), "url": url, "link": title}
    return answer(request, "sales/lead_gone.html", lead.title, lead, 409, gone=told)


def _press(
    request: HttpRequest, lead_id: UUID, what: str, command: Callable[[UUID, int], Command], text: str
) -> HttpResponse:  # fmt: skip
    """A button of the card: the same press twice is done once."""
    actor, _type, _lead = found(request, lead_id)
    version = whole_number(request.GET.get("v", ""))
    try:
        result = run(actor, command(lead_id, version), key=f"{what}-{lead_id}-{version}")
    except Conflict as problem:
        return gone(request, lead_id, problem)
    return done(request, f"/leads/{lead_id}", text, undo_url(result))


@require_POST
def answered(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """POST: the client was given a first answer."""
    return _press(request, lead_id, "answer", AnswerLead, _("Answered."))


@require_POST
def qualify(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """POST: it is worth going on with."""
    return _press(request, lead_id, "qualify", QualifyLead, _("Qualified."))


@require_POST
def reopen(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """POST: take a refused lead up again."""
    return _press(request, lead_id, "reopen", ReopenLead, _("Reopened."))


@require_http_methods(["GET", "POST"])
def refuse(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """GET [reason, same]: why. POST version, reason, same, note: refuse it."""
    actor, record_type, lead = found(request, lead_id)
    given = request.POST if request.method == "POST" else request.GET
    errors: dict[str, list[str]] = {}
    same: RecordRef | None = None
    try:
        same = chosen(actor, SAME, given)
    except BadValue as problem:
        errors["same"] = [str(problem)]
    version, status = whole_number(given.get("version", "")) or lead.version, 200
    if request.method == "POST":
        status = 422
        if not errors:
            command = RefuseLead(lead_id, version, given.get("reason", ""), given.get("note", ""), same)
            try:
                result = run(actor, command, key=given.get("idempotency", ""))
                return done(request, f"/leads/{lead_id}", _("Refused."), undo_url(result))
            except Invalid as problem:
                errors = texts_of(problem)
            except Conflict as problem:
                return gone(request, lead_id, problem)
    return answer(
        request, "sales/ask.html", _("Refuse"), lead, status,
        ask={
            "title": _("Refuse: %(name)s") % {"name": lead.title}, "url": f"/leads/{lead_id}/refuse",
            "version": version, "idempotency": fresh_key(), "hidden": [], "errors": [], "danger": True,
            "submit_label": _("Refuse"), "cancel_url": f"/leads/{lead_id}",
            "fields": _refuse_fields(actor, record_type, given, same, errors),
        },
    )  # fmt: skip


def _refuse_fields(
    actor: Actor, record_type: RecordType, given: Mapping[str, str], same: RecordRef | None, errors: Errors
) -> list[dict[str, Any]]:
    reason, note = record_type.spec("refuse_reason"), record_type.spec("refuse_note")
    return [
        forms.field(actor, reason, given.get("reason", ""), list(errors.get("reason", ())))
        | {"key": "reason", "required": True},
        forms.field(actor, SAME, same, list(errors.get("same", ())))
        | {"help": _("If it is here already: choose the card, and the two are linked.")},
        forms.field(actor, note, given.get("note", ""), list(errors.get("note", ()))) | {"key": "note"},
    ]


def chosen(actor: Actor, spec: FieldSpec, given: Mapping[str, str]) -> Any:
    """What stands in a combobox: the chosen card, without scripts the only one that bears the typed name.

    None when it is empty; raises BadValue.
    """
    key, typed = given.get(spec.key, ""), " ".join(given.get(f"{spec.key}_text", "").split())
    if key and (typed or f"{spec.key}_text" not in given):
        value = kinds.clean(spec, key, actor.env)
        if not policy.titles(actor, kinds.refs(spec, value)):
            raise BadValue(_("Choose one of the list."))
        return value
    if not typed:
        return None
    types = [spec.target] if spec.kind == "link" else list(actor.state.record_types)
    hits = []
    for one in types:
        named = policy.visible(actor, actor.state.record_types[one]).filter(title_fold=fold(typed))
        hits += [RecordRef(one, found_id) for found_id in named.values_list("pk", flat=True)[:2]]
    if len(hits) != 1:
        raise BadValue(_("Choose one of the list."))
    return hits[0] if spec.kind == "card" else hits[0].id
