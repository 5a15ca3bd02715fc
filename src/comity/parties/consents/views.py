"""Addresses of the journal of consents: what holds now, all entries, a new one, one taken back."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import run
from comity.kernel.clock import now
from comity.kernel.errors import Invalid, NotFound
from comity.parties.consents import journal, panel
from comity.parties.consents.commands import LONGEST, PERSON, NoteConsent, TakeBackConsent, files_of, fresh, his_own
from comity.parties.consents.model import Consent
from comity.parties.consents.options import PURPOSES, WAYS
from comity.parties.consents.panel import GIVEN, WITHDRAWN
from comity.ui.cells import moment_format
from comity.ui.pages.edit import next_url, undo_url
from comity.ui.pages.records import find
from comity.ui.render import done, fragment, fresh_key, is_fragment, page


@require_safe
def show(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """GET: what holds now, for the panel on the card; as a page of its own, the whole journal."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    card = find(actor, actor.state.record_types[PERSON], person_id)
    if is_fragment(request):
        return fragment(request, "parties/consents_held.html", consents=panel.held(actor, card))
    return page(request, "parties/consents.html", page=_journal(actor, card))


def _journal(actor: Actor, card: Any) -> dict[str, Any]:
    url, may = f"/people/{card.pk}/consents", panel.writes(actor, card)
    rows = journal.entries(card.pk)
    held = {row.pk for row in journal.holding(rows).values()}
    known = {one.pk: one for one in files_of(actor, card.pk)} if any(row.file_id for row in rows) else {}
    moment = moment_format(actor.language, now(), actor.timezone)
    told = []
    for row in rows:
        file = known.get(row.file_id) if row.file_id else None
        told.append({
            "purpose": journal.value_name(actor, PURPOSES.key, row.purpose), "given": row.given,
            "said": panel.said(actor, row), "holds": row.pk in held, "undone": row.undone_at is not None,
            "note": row.note, "file": {"name": file.name, "url": f"/files/{file.pk}"} if file else None,
            "noted_text": _act(actor, _("Noted: %(who)s, %(when)s"), row.created_by, moment(row.created_at)),
            "undone_text": _act(actor, _("Taken back: %(who)s, %(when)s"), row.undone_by, moment(row.undone_at))
            if row.undone_at else "",
            "back_url": f"{url}/{row.pk}/back" if may and fresh(row) and his_own(actor, row) else None,
        })  # fmt: skip
    return {
        "title": _("Consents"), "back": {"label": card.title, "url": f"/people/{card.pk}"}, "rows": told,
        "add_url": f"{url}/new?all=1" if may else None, "key": fresh_key(),
    }  # fmt: skip


def _act(actor: Actor, text: str, user_id: UUID | None, when: str) -> str:
    member = actor.state.users.get(user_id) if user_id else None
    return text % {"who": member.name if member else _("Comity"), "when": when}


@require_http_methods(["GET", "POST"])
def note(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """GET: the form for a new entry; `purpose` and `given` may be chosen already. POST: write it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    card = policy.get(actor, actor.state.record_types[PERSON], person_id, "edit")
    back = f"/people/{card.pk}/consents" if request.GET.get("all") else f"/people/{card.pk}"
    errors: dict[str, list[str]] = {}
    asked = request.GET.dict() if request.method == "GET" else request.POST.dict()
    if request.method == "POST":
        try:
            result = run(actor, _command(person_id, asked), key=asked.get("idempotency", ""))
            text = _("Consent noted.") if asked.get("given") == GIVEN else _("Withdrawal noted.")
            return done(request, next_url(request, back), text, undo_url(result))
        except Invalid as problem:
            errors = {key: [str(text) for text in found] for key, found in problem.fields.items()}
    ask = {
        "title": _("Note a withdrawal") if asked.get("given") == WITHDRAWN else _("Note a consent"),
        "text": card.title, "url": f"/people/{card.pk}/consents/new",
        "fields": _fields(actor, person_id, asked, errors),
        "hidden": [["next", next_url(request, back)]], "submit_label": _("Save"), "cancel_url": back,
        "idempotency": fresh_key(),
    }  # fmt: skip
    status = 422 if errors else 200
    if is_fragment(request):
        return fragment(request, "ui/fragments/ask.html", status, ask=ask)
    return page(request, "ui/ask_page.html", status, ask=ask)


def _command(person_id: UUID, asked: dict[str, str]) -> NoteConsent:
    file_id = None
    if asked.get("file"):
        try:
            file_id = UUID(asked["file"])
        except ValueError:
            raise Invalid(fields={"file": [_("Choose one of the list.")]}) from None
    if asked.get("given") not in (GIVEN, WITHDRAWN):
        raise Invalid(fields={"given": [_("Choose one of the list.")]})
    return NoteConsent(
        person_id, asked.get("purpose", ""), asked["given"] == GIVEN, asked.get("day", ""), asked.get("way", ""),
        asked.get("note", ""), file_id,
    )  # fmt: skip


def _fields(actor: Actor, person_id: UUID, asked: dict[str, str], errors: dict[str, list[str]]) -> list[dict[str, Any]]:
    given, purpose = WITHDRAWN if asked.get("given") == WITHDRAWN else GIVEN, asked.get("purpose", "")
    sayings = [{"value": GIVEN, "label": pgettext("a consent", "Given")},
               {"value": WITHDRAWN, "label": pgettext("a consent", "Withdrawn")}]  # fmt: skip
    fields: list[dict[str, Any]] = [
        {"key": "purpose", "kind": "choice", "label": pgettext("the purpose of a consent", "For what"),
         "required": True, "value": purpose,
         "choices": panel.choices(actor, PURPOSES.key, purpose if given == WITHDRAWN else "")},
        {"key": "given", "kind": "choice", "label": _("What was said"), "required": True, "choices": sayings,
         "value": given},
        {"key": "day", "kind": "date", "label": _("When"), "required": True, "no_days": True,
         "value": asked.get("day", policy.today(actor).isoformat())},
        {"key": "way", "kind": "choice", "label": pgettext("how a consent was got", "How"),
         "value": asked.get("way", ""), "choices": panel.choices(actor, WAYS.key), "required": given == GIVEN},
        {"key": "note", "kind": "longtext", "rows": 2, "label": _("Note"), "value": asked.get("note", ""),
         "max_length": LONGEST},
    ]  # fmt: skip
    if held := files_of(actor, person_id):
        fields.append({
            "key": "file", "kind": "choice", "label": _("File"), "value": asked.get("file", ""),
            "choices": [{"value": str(one.pk), "label": one.name} for one in held],
            "help": _("The scanned sheet, if it hangs on the card."),
        })  # fmt: skip
    return [field | {"errors": errors.get(field["key"], [])} for field in fields]


@require_POST
def take_back(request: HttpRequest, person_id: UUID, consent_id: UUID) -> HttpResponse:
    """POST: take back an entry one made by mistake."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    policy.get(actor, actor.state.record_types[PERSON], person_id)
    if not Consent.objects.filter(pk=consent_id, type_key=PERSON, record_id=person_id).exists():
        raise NotFound()
    run(actor, TakeBackConsent(consent_id), key=request.POST.get("idempotency", ""))
    return done(request, f"/people/{person_id}/consents", _("Taken back."))
