"""Links between cards and shares of a card."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.access import policy
from comity.access.actors import Actor
from comity.access.models import Share
from comity.changes.bus import run
from comity.changes.commands import Link, ShareRecord, Unlink
from comity.kernel.errors import Invalid, NotFound
from comity.kernel.text import listed
from comity.records import relations
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.ui.pages.edit import undo_url
from comity.ui.pages.lists import type_by_slug
from comity.ui.render import done, fragment, fresh_key, is_fragment, page


def add(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """GET: choose what to link, as what (`roles`: ticked already). POST: link it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    card = policy.get(actor, record_type, record_id, "edit")
    kind = relations.get(actor.state.relation_kinds, request.GET.get("kind", ""))
    if kind is None:
        raise NotFound()
    away = request.GET.get("side") != "from"
    target = kind.to_type if away else kind.from_type
    here = RecordRef(record_type.key, card.id)
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        other = _other(actor, target, request)
        roles = tuple(role for role in request.POST.getlist("roles") if role)
        if other is None:
            errors = {"other": [_("Choose one of the list.")]}
        else:
            first, second = (here, other) if away else (other, here)
            try:
                command = Link(kind.key, first, second, roles, request.POST.get("note", ""))
                result = run(actor, command, key=request.POST.get("idempotency", ""))
                return done(request, f"/{slug}/{record_id}", _("Linked."), undo_url(result))
            except Invalid as problem:
                errors = {key: [str(text) for text in found] for key, found in problem.fields.items()}
    label = kind.forward if away else kind.backward
    fields: list[dict[str, Any]] = []
    types = [target] if target else list(actor.state.record_types)
    for key in types:
        shown = actor.state.record_types[key]
        fields.append({
            "key": f"other-{key}", "kind": "link", "type": key, "label": shown.label[actor.language], "value": None,
            "lookup_url": f"/lookup/{key}", "errors": errors.get("other", []) if key == types[0] else [],
        })  # fmt: skip
    if kind.roles:
        choices = [{"value": role.key, "label": role.label[actor.language]} for role in kind.roles]
        chosen = (request.POST or request.GET).getlist("roles")
        fields.append({"key": "roles", "kind": "multichoice", "label": _("Role"), "choices": choices, "value": chosen,
                       "errors": errors.get("roles", [])})  # fmt: skip
    fields.append({"key": "note", "kind": "text", "label": _("Remark"), "value": request.POST.get("note", ""),
                   "max_length": 200, "errors": errors.get("note", [])})  # fmt: skip
    ask = {
        "title": label[actor.language], "text": card.title, "url": request.get_full_path(), "fields": fields,
        "hidden": [], "submit_label": _("Link"), "cancel_url": f"/{slug}/{record_id}", "idempotency": fresh_key(),
        "others": [] if away else _new_ones(actor, kind, here, f"/{slug}/{record_id}"),
    }  # fmt: skip
    return _answer(request, ask, 422 if errors else 200)


def _new_ones(actor: Actor, kind: relations.Kind, here: RecordRef, back: str) -> list[dict[str, str]]:
    """Where the other card has a field that makes this very link: the way to a new one with this card filled in."""
    found = []
    for key, record_type in ((one.key, one) for one in actor.state.types_on):
        if kind.from_type not in ("", key) or actor.scope(key, "create") == "none":
            continue
        for spec in record_type.specs:
            if (
                spec.relation == kind.key
                and spec.target == here.type
                and policy.level(actor, record_type, spec) == "write"
            ):
                query = urlencode({"quick": "1", spec.key: str(here.id), "next": back})
                label = _("New: %(what)s") % {"what": record_type.label[actor.language]}
                found.append({"url": f"/{record_type.slug}/new?{query}", "label": label})
    return found


def _other(actor: Actor, target: str, request: HttpRequest) -> RecordRef | None:
    """The chosen card; without scripts the only one that bears the typed name."""
    from comity.kernel.text import fold

    for key in [target] if target else list(actor.state.record_types):
        chosen, typed = request.POST.get(f"other-{key}", ""), request.POST.get(f"other-{key}_text", "").strip()
        if chosen:
            try:
                return RecordRef(key, UUID(chosen))
            except ValueError:
                return None
        if typed:
            seen = policy.visible(actor, actor.state.record_types[key]).filter(title_fold=fold(typed))
            hits = list(seen.values_list("id", flat=True)[:2])
            if len(hits) == 1:
                return RecordRef(key, hits[0])
    return None


def _answer(request: HttpRequest, ask: dict[str, Any], status: int = 200) -> HttpResponse:
    if is_fragment(request):
        return fragment(request, "ui/fragments/ask.html", status, ask=ask)
    return page(request, "ui/ask_page.html", status, ask=ask)


@require_POST
def remove(request: HttpRequest, slug: str, record_id: UUID, relation_id: UUID) -> HttpResponse:
    """POST: take a link away."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    policy.get(actor, type_by_slug(request, slug), record_id)
    result = run(actor, Unlink(relation_id), key=request.POST.get("idempotency", ""))
    return done(request, f"/{slug}/{record_id}", _("Link taken away."), undo_url(result))


def shares(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """GET: with whom the card is shared. POST: share it, change or end a share."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    card = policy.get(actor, record_type, record_id, "share")
    errors: list[str] = []
    if request.method == "POST":
        try:
            command = _share(record_type, record_id, request.POST.get("with", ""), request.POST.get("level", ""))
            result = run(actor, command, key=request.POST.get("idempotency", ""))
            return done(request, f"/{slug}/{record_id}", _("Saved."), undo_url(result))
        except Invalid as problem:
            errors = [str(text) for found in problem.fields.values() for text in found]
    state: Any = actor.state
    held = Share.objects.filter(type_key=record_type.key, record_id=card.id, until=None)
    names = []
    for user, team, may_edit in held.values_list("user", "team", "edit"):
        known = state.users.get(user) or state.teams.get(team)
        right = _("may edit") if may_edit else _("may read")
        names.append(f"{known.name if known else '?'} ({right})")
    people = [{"value": f"user:{key}", "label": user.name} for key, user in state.users.items() if user.active]
    teams = [{"value": f"team:{key}", "label": team.name} for key, team in state.teams.items()]
    levels = [{"value": "view", "label": _("may read")}, {"value": "edit", "label": _("may edit")},
              {"value": "", "label": _("no longer")}]  # fmt: skip
    fields = [
        {"key": "with", "kind": "choice", "label": _("With whom"), "value": "", "required": True, "errors": errors,
         "choices": [{"label": _("Colleagues"), "choices": people}, {"label": _("Teams"), "choices": teams}]},
        {"key": "level", "kind": "choice", "label": _("How"), "value": "view", "choices": levels, "errors": []},
    ]  # fmt: skip
    held_by = listed(names, actor.language)
    text = _("Shared with: %(names)s.") % {"names": held_by} if names else _("Shared with nobody yet.")
    ask = {
        "title": _("Share"), "text": text, "url": f"/{slug}/{record_id}/shares", "fields": fields, "hidden": [],
        "submit_label": _("Save"), "cancel_url": f"/{slug}/{record_id}", "idempotency": fresh_key(),
    }  # fmt: skip
    return _answer(request, ask, 422 if errors else 200)


def _share(record_type: RecordType, record_id: UUID, whom: str, level: str) -> ShareRecord:
    kind, _colon, key = whom.partition(":")
    try:
        one = UUID(key)
    except ValueError:
        raise Invalid(fields={"with": [_("Choose a colleague or a team.")]}) from None
    user, team = (one, None) if kind == "user" else (None, one)
    return ShareRecord(record_type.key, record_id, user, team, level)
