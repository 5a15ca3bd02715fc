"""Many cards at once: ask for what is needed, do it as one batch, offer one undo."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import batch as batches
from comity.changes.models import Batch
from comity.changes.writer import checked
from comity.kernel.errors import Invalid, NotFound
from comity.records.kinds import BadValue
from comity.records.types import RecordType
from comity.ui import forms, lists, registry
from comity.ui.bulk_actions import offered
from comity.ui.pages.lists import Listing, type_by_slug
from comity.ui.render import done, fragment, fresh_key, is_fragment, page

NOT_IN_BULK = frozenset({"phones", "emails", "handles", "address", "taxnumber", "longtext", "tags", "file"})


@require_POST
def bulk(request: HttpRequest, slug: str, action: str) -> HttpResponse:
    """POST: the chosen rows (`id`, or `all` with the list's `query`) and, once asked, the value."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    if action == "undo":
        held = batches.undo(actor, _uuid(request.POST.get("batch") or request.GET.get("batch")), fresh(request))
        return done(request, f"/{slug}/", told(held))
    if action not in {one["key"] for one in offered(actor, record_type)}:
        raise NotFound()
    ids = chosen(actor, record_type, request.POST)
    if not ids:
        return done(request, f"/{slug}/", _("Choose cards first."))
    if action == "trash":
        return finish(request, record_type, batches.StartBatch(record_type.key, "trash", ids))
    if action in registry.bulk:
        return rooms(request, record_type, registry.bulk[action], ids)
    if "sure" not in request.POST:
        return ask(request, record_type, action, len(ids), {})
    if action == "tag":
        tag = request.POST.get("tag", "")
        act = "untag" if request.POST.get("way") == "off" else "tag"
        if _uuid(tag) not in actor.state.tags:
            return ask(request, record_type, action, len(ids), {"tag": [_("Choose one of the list.")]})
        return finish(request, record_type, batches.StartBatch(record_type.key, act, ids, {"tag": tag}))
    key = "owner" if action == "owner" else request.POST.get("field", "")
    if key not in {spec.key for spec in editable(actor, record_type)}:
        return ask(request, record_type, action, len(ids), {"field": [_("Choose one of the list.")]})
    raw, wrong = forms.raw_values(actor, record_type, request.POST)
    if key not in raw and not wrong:
        return ask(request, record_type, action, len(ids), {})
    if key in wrong:
        return ask(request, record_type, action, len(ids), wrong)
    try:
        checked(actor, record_type.spec(key), raw[key])
    except BadValue as problem:
        return ask(request, record_type, action, len(ids), {key: [str(problem)]})
    return finish(request, record_type, batches.StartBatch(record_type.key, "update", ids, {"values": {key: raw[key]}}))


def rooms(request: HttpRequest, record_type: RecordType, one: registry.BulkAction, ids: list[UUID]) -> HttpResponse:
    """An action of a room above: its question, then its act; or the page it leads to."""
    if one.go is not None:
        answer: HttpResponse = one.go(request, record_type, ids)
        return answer
    errors: dict[str, list[str]] = {}
    if "sure" in request.POST:
        try:
            arguments = one.arguments(request, record_type)
            return finish(request, record_type, batches.StartBatch(record_type.key, one.act, ids, arguments))
        except Invalid as problem:
            errors = {key: [str(text) for text in found] for key, found in problem.fields.items()}
    fields = one.fields(request, record_type, errors)
    return question(request, record_type, one.key, one.label(), len(ids), fields, 422 if errors else 200)


def fresh(request: HttpRequest) -> str:
    """The form's idempotency key."""
    return request.POST.get("idempotency", "")


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        return UUID(int=0)


def chosen(actor: Actor, record_type: RecordType, post: QueryDict) -> list[UUID]:
    """The keys meant: forged ones fall out when each command asks for its rights."""
    if post.get("all") == "1":
        query = QueryDict(post.get("query", ""))
        listing = Listing(actor, record_type, query)
        return lists.ids(actor, record_type, listing.where, "view", batches.MOST)
    found = [_uuid(one) for one in post.getlist("id")]
    return [one for one in dict.fromkeys(found) if one.int][: batches.MOST]


def editable(actor: Actor, record_type: RecordType) -> list[Any]:
    """The fields that can be given one value on many cards."""
    return [
        spec for spec, level in policy.shown_fields(actor, record_type)
        if level == "write" and spec.kind not in NOT_IN_BULK and spec.key not in record_type.title_fields
    ]  # fmt: skip


def ask(
    request: HttpRequest, record_type: RecordType, action: str, number: int, errors: dict[str, list[str]]
) -> HttpResponse:
    """The dialog that asks for owner, tag, or field and value."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    post = request.POST
    specs = {spec.key: spec for spec in editable(actor, record_type)}
    fields: list[dict[str, Any]] = []
    if action == "owner":
        fields = [forms.field(actor, specs["owner"], None, errors.get("owner"))]
    elif action == "tag":
        tags = [{"value": str(key), "label": tag.name} for key, tag in actor.state.tags.items()]
        ways = [{"value": "on", "label": _("Put on")}, {"value": "off", "label": _("Take off")}]
        fields = [
            {"key": "tag", "kind": "choice", "label": _("Tag"), "choices": tags, "value": "",
             "errors": errors.get("tag", [])},
            {"key": "way", "kind": "choice", "label": _("What to do"), "choices": ways, "value": "on", "errors": [],
             "required": True},
        ]  # fmt: skip
    else:
        key = post.get("field", "")
        options = [{"value": one, "label": spec.label[actor.language]} for one, spec in specs.items()]
        fields = [{"key": "field", "kind": "choice", "label": _("Field"), "choices": options, "value": key,
                   "errors": errors.get("field", []), "required": True}]  # fmt: skip
        if key in specs:
            fields.append(forms.field(actor, specs[key], None, errors.get(key)))
    title = {"owner": _("Give to"), "tag": _("Tag")}.get(action, _("Change a field"))
    return question(request, record_type, action, title, number, fields, 422 if errors else 200)


def question(
    request: HttpRequest, record_type: RecordType, action: str, title: str, number: int, fields: list[dict[str, Any]],
    status: int,
) -> HttpResponse:  # fmt: skip
    """The dialog with those fields; the chosen cards travel along."""
    kept = [[name, value] for name in ("id", "all", "query") for value in request.POST.getlist(name)]
    context = {
        "title": title,
        "text": ngettext("%(n)s card", "%(n)s cards", number) % {"n": number},
        "url": f"/{record_type.slug}/bulk/{action}",
        "fields": fields,
        "hidden": [*kept, ["sure", "1"]],
        "submit_label": _("Next") if action == "edit" and len(fields) == 1 else _("Save"),
        "cancel_url": f"/{record_type.slug}/",
        "idempotency": fresh_key(),
    }
    if is_fragment(request):
        return fragment(request, "ui/fragments/ask.html", status, ask=context)
    return page(request, "ui/ask_page.html", status, ask=context)


def finish(request: HttpRequest, record_type: RecordType, command: batches.StartBatch) -> HttpResponse:
    """Do it, go back to the list, say what was done."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    held = batches.start(actor, command, fresh(request))
    undo = f"/{record_type.slug}/bulk/undo?batch={held.pk}" if held.state == "done" and held.done else ""
    query = QueryDict(request.POST.get("query", "")).urlencode()
    back = f"/{record_type.slug}/{'?' + query if query else ''}"
    return done(request, back, told(held), undo)


def told(held: Batch) -> str:
    """What became of a batch, in words."""
    if held.state == "running":
        return _("This is a lot of cards; it goes on in the background. A notice will tell when it is through.")
    text = ngettext("%(n)s card changed.", "%(n)s cards changed.", held.done) % {"n": held.done}
    if held.refused:
        refused = ngettext(
            "%(n)s could not be changed: no right, or changed by somebody else.",
            "%(n)s could not be changed: no right, or changed by somebody else.", held.refused,
        ) % {"n": held.refused}  # fmt: skip
        text = f"{text} {refused}"
    return text
