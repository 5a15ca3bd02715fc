"""One field in its place: editor, read view, both versions when two people meet; and the tags."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import commands
from comity.changes.bus import run
from comity.changes.writer import current
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused
from comity.records.fields import FieldSpec
from comity.records.types import RecordType
from comity.ui import forms, rows, uploads
from comity.ui.pages.edit import (
    belongs,
    conflict_page,
    pairs,
    posted_version,
    summary,
    texts_of,
    undo_url,
    who_and_when,
)
from comity.ui.pages.lists import type_by_slug
from comity.ui.pages.records import cell_context, field_context
from comity.ui.pages.records import tags as tags_context
from comity.ui.render import done, fragment, fresh_key, html, is_fragment, page
from comity.ui.values import json_html


def writable(actor: Actor, record_type: RecordType, key: str) -> FieldSpec:
    """The field he may write; NotFound when he may not see it, Refused when he may only read."""
    levels = {spec.key: (spec, level) for spec, level in policy.shown_fields(actor, record_type)}
    if key not in levels:
        raise NotFound()
    spec, level = levels[key]
    if level != "write":
        raise Refused()
    return spec


def field(request: HttpRequest, slug: str, record_id: UUID, key: str) -> HttpResponse:
    """GET: the editor of one field (`show=1`: its read view). POST: save it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    spec = writable(actor, record_type, key)
    cell = request.GET.get("in") == "cell"
    url = f"/{slug}/{record_id}"
    card = policy.get(actor, record_type, record_id, "view" if request.GET.get("show") else "edit")
    if request.method != "POST":
        if request.GET.get("show"):
            return field_view(request, record_type, card, spec, cell)
        value = forms.shown_value(actor, spec, current(record_type, card, (spec,))[key])
        return field_editor(request, record_type, card, spec, value, [], card.version, cell)
    version = posted_version(request)
    raw, errors = forms.raw_values(actor, record_type, uploads.posted(request, record_type))
    raw = {one: raw[one] for one in (key, *spec.extra.get("with", ())) if one in raw} if key in raw else {}
    if not errors:
        try:
            result = run(
                actor,
                commands.update(record_type.key, record_id, version, raw),
                key=request.POST.get("idempotency", ""),
            )
        except Invalid as problem:
            errors = texts_of(problem)
        except Conflict as problem:
            if not is_fragment(request) or cell:
                return conflict_page(request, record_type, card, problem, request.POST)
            return field_conflict(request, record_type, card, spec, problem)
        else:
            if not is_fragment(request):
                return done(request, url, _("Saved."), undo_url(result))
            card = policy.get(actor, record_type, record_id)
            saved = _("%(field)s: saved") % {"field": spec.label[actor.language]}
            toast = {"text": saved, "undo_url": undo_url(result)}
            return field_view(request, record_type, card, spec, cell, toast if result.event else None)
    typed = forms.typed_value(actor, spec, raw.get(key, ""))
    messages = [text for found in errors.values() for text in found]
    return field_editor(request, record_type, card, spec, typed, messages, version, cell)


def field_view(
    request: HttpRequest, record_type: RecordType, card: Any, spec: FieldSpec, cell: bool, toast: Any = None
) -> HttpResponse:
    """The read view of one field, on the card or in a list."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    values = current(record_type, card)
    ctx = cell_context(actor, record_type, card, values)
    may_edit = policy.may(actor, record_type, card, "edit")
    if cell:
        ctx.points = {card.id: values}
        held = {spec.key: values[spec.key]} if spec.stored == "rows" else {}
        body = rows.cell(actor, record_type, spec, ctx, {**card.__dict__, **held})
        if toast:
            body += html("ui/fragments/toast.html", {"toast": toast})
        return HttpResponse(body)
    url = f"/{record_type.slug}/{card.id}"
    context = field_context(actor, record_type, spec, "write", values, ctx, url, may_edit)
    return fragment(request, "ui/fragments/field.html", toast=toast, field=context)


def field_editor(
    request: HttpRequest,
    record_type: RecordType,
    card: Any,
    spec: FieldSpec,
    value: Any,
    errors: list[str],
    version: int,
    cell: bool,
) -> HttpResponse:
    """The editor in place; without scripts a page with the one field."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    url = f"/{record_type.slug}/{card.id}"
    inside = "?in=cell" if cell else ""
    made = forms.filled(forms.field(actor, spec, None, errors), value) | {
        "autofocus": True,
        "dup": False,
        "edit_url": f"{url}/fields/{spec.key}{inside}",
        "cancel_url": f"{url}/fields/{spec.key}?show=1{'&in=cell' if cell else ''}",
    }
    # Asked anew each time: why it was changed the last time is no answer.
    along = [
        forms.field(actor, record_type.spec(key), None) for key in spec.extra.get("with", ())
        if policy.level(actor, record_type, record_type.spec(key)) == "write"
    ]  # fmt: skip
    status = 422 if errors else 200
    if is_fragment(request):
        template = "ui/fragments/cell_edit.html" if cell else "ui/fragments/field_edit.html"
        return fragment(
            request, template, status, field=made, along=along, version=version, idempotency=fresh_key(), cls=""
        )
    context = {
        "title": card.title, "url": made["edit_url"], "version": version, "submit_label": _("Save"),
        "cancel_url": url, "idempotency": fresh_key(), "groups": [{"label": "", "fields": [made, *along]}],
        "multipart": spec.kind == "file",
        "errors": summary(record_type, {spec.key: errors} if errors else {}, actor.language),
        "back": {"label": card.title, "url": url},
    }  # fmt: skip
    return page(request, "ui/form.html", status, form=context)


def field_conflict(
    request: HttpRequest, record_type: RecordType, card: Any, spec: FieldSpec, problem: Conflict
) -> HttpResponse:
    """Both versions of one field, in its place."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    url = f"/{record_type.slug}/{card.id}/fields/{spec.key}"
    values = current(record_type, policy.get(actor, record_type, card.id))
    ctx = cell_context(actor, record_type, card, values)
    clash = problem.current or {}
    who, when = who_and_when(actor, problem)
    made = field_context(actor, record_type, spec, "write", values, ctx, url, True)
    conflict = {
        "who": who, "when": when, "version": clash["version"], "url": url, "cancel_url": f"{url}?show=1",
        "mine": json_html(spec, "read", clash["mine"].get(spec.key), ctx, actor),
        "theirs": json_html(spec, "read", clash["theirs"].get(spec.key), ctx, actor),
        "mine_values": pairs(request.POST, [name for name in request.POST if belongs(name, spec.key)]),
    }  # fmt: skip
    return fragment(request, "ui/fragments/conflict_field.html", 409, field=made, conflict=conflict)


def tags(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """GET: the editor of the tags (`show=1`: the read view). POST: save them."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    spec = writable(actor, record_type, "tags")
    card = policy.get(actor, record_type, record_id, "edit")
    url = f"/{slug}/{record_id}"
    errors: list[str] = []
    if request.method == "POST":
        raw, wrong = forms.raw_values(actor, record_type, request.POST)
        errors = wrong.get("tags", [])
        if not errors:
            values = {"tags": raw.get("tags", [])}
            result = run(
                actor, commands.update(record_type.key, record_id, posted_version(request), values),
                key=request.POST.get("idempotency", ""),
            )  # fmt: skip
            if not is_fragment(request):
                return done(request, url, _("Saved."), undo_url(result))
            card = policy.get(actor, record_type, record_id)
            saved = _("%(field)s: saved") % {"field": spec.label[actor.language]}
            toast = {"text": saved, "undo_url": undo_url(result)}
            context = tags_context(actor, record_type, current(record_type, card), url, True)
            return fragment(request, "ui/fragments/tags.html", toast=toast, tags=context)
    values = current(record_type, card)
    if request.GET.get("show"):
        return fragment(request, "ui/fragments/tags.html", tags=tags_context(actor, record_type, values, url, True))
    made = forms.field(actor, spec, values["tags"], errors) | {"autofocus": True}
    if is_fragment(request):
        return fragment(
            request, "ui/fragments/tags_edit.html", 422 if errors else 200, field=made, url=f"{url}/tags",
            cancel_url=f"{url}/tags?show=1", version=card.version, idempotency=fresh_key(),
        )  # fmt: skip
    context = {
        "title": card.title, "url": f"{url}/tags", "version": card.version, "submit_label": _("Save"),
        "cancel_url": url, "idempotency": fresh_key(), "groups": [{"label": "", "fields": [made]}], "errors": [],
        "back": {"label": card.title, "url": url},
    }  # fmt: skip
    return page(request, "ui/form.html", 422 if errors else 200, form=context)
