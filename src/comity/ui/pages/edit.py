"""Making and changing records: whole forms, one field in place, tags, both versions when two people meet."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import commands, demands
from comity.changes.bus import Result, run
from comity.changes.commands import Update, values_at
from comity.changes.writer import current
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused
from comity.kernel.text import listed
from comity.records import kinds
from comity.records.fields import FieldSpec
from comity.records.types import RecordType
from comity.ui import forms, uploads
from comity.ui.cells import moment_format
from comity.ui.drafts import draft_of, forget_draft
from comity.ui.layouts.fields import grouped
from comity.ui.layouts.state import of as layout_of
from comity.ui.pages.lists import type_by_slug
from comity.ui.pages.records import cell_context
from comity.ui.render import done, fragment, fresh_key, is_fragment, page
from comity.ui.values import json_html

Errors = Mapping[str, list[str]]


def groups(
    actor: Actor, record_type: RecordType, values: Mapping[str, Any], errors: Errors,
    only: frozenset[str] = frozenset(), *, new: bool = False,
) -> list[dict[str, Any]]:  # fmt: skip
    """The form's fields by group; `values` are in the form of `forms.shown_value`."""
    specs = [
        spec for spec, level in policy.shown_fields(actor, record_type)
        if level == "write" and (not only or spec.key in only) and not (new and spec.extra.get("later"))
    ]  # fmt: skip

    def drawn(fields: list[FieldSpec]) -> list[dict[str, Any]]:
        made = [forms.field(actor, spec, None, list(errors.get(spec.key, ()))) for spec in fields]
        return [forms.filled(one, values[one["key"]]) if one["key"] in values else one for one in made]

    def stays(spec: FieldSpec) -> bool:
        return bool(only or spec.required or spec.key in record_type.title_fields)

    language, found = actor.language, []
    for one in grouped(specs, layout_of(actor, record_type.key, "card"), stays):
        folded = drawn(one.folded)
        found.append({
            "label": one.label[language] if one.label else "", "fields": drawn(one.fields), "folded": folded,
            "open": any(field["errors"] for field in folded),
        })  # fmt: skip
    return found


def summary(record_type: RecordType, errors: Errors, language: str) -> list[dict[str, str]]:
    """The errors above the form, each leading to its field."""
    labels = {spec.key: spec.label[language] for spec in record_type.specs}
    return [
        {"text": f"{labels.get(key, key)}: {text}", "field_id": f"i-{key}"}
        for key, texts in errors.items() for text in texts
    ]  # fmt: skip


def texts_of(problem: Invalid) -> dict[str, list[str]]:
    """The problem's texts by field."""
    return {key: [str(text) for text in found] for key, found in problem.fields.items()}


def create(request: HttpRequest, slug: str) -> HttpResponse:
    """GET: an empty form (`quick=1`: for the dialog, three fields and what the address hands over). POST: make it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    if actor.scope(record_type.key, "create") == "none":
        raise Refused() if actor.scope(record_type.key, "view") != "none" else NotFound()
    given = uploads.posted(request, record_type) if request.method == "POST" else request.GET
    handed, errors = forms.raw_values(actor, record_type, given)
    only: frozenset[str] = frozenset()
    if request.GET.get("quick") == "1":
        only = frozenset(spec.key for spec in record_type.specs if spec.quick) | frozenset(handed)
    typed = typed_values(actor, record_type, handed)
    if request.method != "POST":
        return create_form(request, record_type, initial_values(actor, record_type) | typed, {}, only)
    if not errors:
        try:
            result = run(actor, commands.create(record_type.key, handed), key=request.POST.get("idempotency", ""))
            forget_draft(actor, f"new-{record_type.key}")
            url = f"/{slug}/{result.record.id}"
            return done(request, next_url(request, url), _("Saved."), undo_url(result))
        except Invalid as problem:
            errors = texts_of(problem)
    return create_form(request, record_type, typed, errors, only)


def initial_values(actor: Actor, record_type: RecordType) -> dict[str, Any]:
    """What the form of a new card begins with, in the form of `forms.shown_value`."""
    given = demands.beginnings(actor, record_type) | dict(record_type.initial(actor) if record_type.initial else {})
    shown = {key: forms.shown_value(actor, record_type.spec(key), value) for key, value in given.items()}
    return {"owner": str(actor.user_id)} | shown


def typed_values(actor: Actor, record_type: RecordType, raw: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, for the form again."""
    return {key: forms.typed_value(actor, record_type.spec(key), value) for key, value in raw.items()}


def create_form(
    request: HttpRequest, record_type: RecordType, values: dict[str, Any], errors: Errors, only: frozenset[str]
) -> HttpResponse:
    """The form of a new record; a quick one shows only those fields."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    language, slug = actor.language, record_type.slug
    key = f"new-{record_type.key}"
    draft = None if only or errors else draft_of(actor, key)
    if draft is not None:
        raw, _wrong = forms.raw_values(actor, record_type, draft)
        values = values | typed_values(actor, record_type, raw)
    context: dict[str, Any] = {
        "title": _("New: %(what)s") % {"what": record_type.label[language]},
        "url": f"/{slug}/new",
        "submit_label": _("Save"),
        "cancel_url": f"/{slug}/",
        "idempotency": fresh_key(),
        "groups": groups(actor, record_type, values, errors, only, new=True),
        "errors": summary(record_type, errors, language),
        "duplicates_url": f"/{slug}/duplicates",
        "back": {"label": record_type.plural[language], "url": f"/{slug}/"},
        "next": (request.POST if request.method == "POST" else request.GET).get("next", ""),
        "multipart": _brings_files(record_type),
    }
    status = 422 if errors else 200
    if only and is_fragment(request):
        more = {"url": f"/{slug}/new?quick=1", "more_url": f"/{slug}/new"}
        return fragment(request, "ui/fragments/quick.html", status, form=context | more)
    context["draft_key"] = key
    if draft is not None:
        context["draft"] = draft_bar(key)
    return page(request, "ui/form.html", status, form=context)


def next_url(request: HttpRequest, default: str) -> str:
    """Where to go after saving: only within this site."""
    wanted = request.POST.get("next", "")
    return wanted if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) else default


def undo_url(result: Result) -> str:
    """The address that takes back what a command did."""
    return f"/undo/{result.event}" if result.event else ""


def edit(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """GET: the whole form. POST: save what is on it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    card = policy.get(actor, record_type, record_id, "edit")
    if request.method != "POST":
        values = current(record_type, card)
        shown = {spec.key: forms.shown_value(actor, spec, values[spec.key]) for spec in record_type.specs}
        draft = draft_of(actor, draft_key(record_type, record_id))
        if draft is None:
            return edit_form(request, record_type, card, shown, {}, card.version)
        raw, version = resumed(actor, record_type, card, draft)
        shown |= typed_values(actor, record_type, raw)
        return edit_form(request, record_type, card, shown, {}, version, begun=True)
    version = posted_version(request)
    post = without_theirs(request.POST, record_type)
    raw, errors = forms.raw_values(actor, record_type, uploads.posted(request, record_type, post))
    if not errors:
        try:
            result = save(request, commands.update(record_type.key, record_id, version, raw), post)
            forget_draft(actor, draft_key(record_type, record_id))
            return done(request, next_url(request, f"/{slug}/{record_id}"), _("Saved."), undo_url(result))
        except Invalid as problem:
            errors = texts_of(problem)
        except Conflict as problem:
            return conflict_page(request, record_type, card, problem, post)
    return edit_form(request, record_type, card, typed_values(actor, record_type, raw), errors, version)


def draft_key(record_type: RecordType, record_id: UUID) -> str:
    """Where what is typed in the whole form of a card waits to be saved."""
    return f"{record_type.key}-{record_id}"


def save(request: HttpRequest, update: Update, post: QueryDict) -> Result:
    """Save a whole form. A field he left as the form brought it is not his change: others' values stay there.

    Where he and others have changed the same field, Conflict is raised, and `post` holds no more the fields he left.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    key = post.get("idempotency", "")
    try:
        return run(actor, update, key=key)
    except Conflict as problem:
        before = values_at(update.type_key, update.record_id, update.version)
        left = {field for field, value in problem.current["mine"].items() if value == before.get(field)}
        if not left:
            raise
        for name in [name for name in post if any(belongs(name, field) for field in left)]:
            del post[name]
        kept = {field: value for field, value in update.values.items() if field not in left}
        return run(actor, replace(update, values=kept), key=key)


def resumed(actor: Actor, record_type: RecordType, card: Any, draft: QueryDict) -> tuple[dict[str, Any], int]:
    """A card's draft taken up again: raw input, and the version it was typed over, so that others' changes are met.

    Fields he had left as they were show what others have made of them since.
    """
    text = draft.get("version", "")
    version = min(int(text), card.version) if text.isdecimal() and 0 < len(text) < 10 and int(text) else 1
    raw, _wrong = forms.raw_values(actor, record_type, draft)
    for key, value in values_at(record_type.key, card.id, version).items():
        if key in raw:
            spec = record_type.spec(key)
            with suppress(kinds.BadValue):
                if kinds.to_json(spec, kinds.clean(spec, raw[key], actor.env)) == value:
                    del raw[key]
    return raw, version


def posted_version(request: HttpRequest) -> int:
    """The version the form was made from; forms without one are refused, so that nothing is overwritten unseen."""
    text = request.POST.get("version", "")
    if not text.isdecimal() or len(text) > 9 or int(text) == 0:
        raise Invalid(fields={"version": [_("This form is damaged. Load the page again.")]})
    return int(text)


def without_theirs(post: QueryDict, record_type: RecordType) -> QueryDict:
    """The post without the fields where the person took the others' version."""
    kept = post.copy()
    for spec in record_type.specs:
        if post.get(f"take-{spec.key}") == "theirs":
            for name in [name for name in kept if belongs(name, spec.key)]:
                del kept[name]
    return kept


def belongs(name: str, key: str) -> bool:
    """Whether a posted name is a part of a field."""
    return name == key or name.startswith((f"{key}-", f"{key}_text", f"{key}_new"))


def edit_form(
    request: HttpRequest, record_type: RecordType, card: Any, values: dict[str, Any], errors: Errors, version: int,
    *, begun: bool = False,
) -> HttpResponse:  # fmt: skip
    """The form of an existing record; `begun`: it holds what the person had typed at an earlier visit."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    url, key = f"/{record_type.slug}/{card.id}", draft_key(record_type, card.id)
    context: dict[str, Any] = {
        "title": card.title,
        "url": f"{url}/edit",
        "version": version,
        "submit_label": _("Save"),
        "cancel_url": url,
        "idempotency": fresh_key(),
        "groups": groups(actor, record_type, values, errors),
        "errors": summary(record_type, errors, actor.language),
        "duplicates_url": f"/{record_type.slug}/duplicates?exclude={card.id}",
        "back": {"label": card.title, "url": url},
        "draft_key": key,
        "multipart": _brings_files(record_type),
    }
    if begun:
        context["draft"] = draft_bar(key)
    return page(request, "ui/form.html", 422 if errors else 200, form=context)


def _brings_files(record_type: RecordType) -> bool:
    """Whether a card's form has room for files."""
    return any(spec.kind == "file" for spec in record_type.specs)


def draft_bar(key: str) -> dict[str, str]:
    """What stands above a form that holds a draft."""
    return {"text": _("This is what you had begun."), "discard_url": f"/drafts/{key}?discard=1"}


def who_and_when(actor: Actor, problem: Conflict) -> tuple[str, str]:
    """Who made the newest of the others' changes, and when, in words."""
    found = list(((problem.current or {}).get("who") or {}).values())
    if not found:
        return "?", ""
    user, at = max(found, key=lambda one: one[1])
    member = next((one for key, one in actor.state.users.items() if str(key) == user), None)
    from comity.kernel.clock import now

    when = moment_format(actor.language, now(), actor.timezone)(datetime.fromisoformat(at)) if at else ""
    return (member.name if member else "?"), when


def conflict_page(
    request: HttpRequest, record_type: RecordType, card: Any, problem: Conflict, post: QueryDict
) -> HttpResponse:
    """Both versions side by side; what is chosen is saved against the newer version."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    url = f"/{record_type.slug}/{card.id}"
    clash = problem.current or {}
    values = current(record_type, policy.get(actor, record_type, card.id))
    ctx = cell_context(actor, record_type, card, values)
    lines, named = [], set()
    for key, mine in clash["mine"].items():
        spec = record_type.spec(key)
        names = [name for name in post if belongs(name, key)]
        named.update(names)
        theirs = clash["theirs"].get(key)
        lines.append({
            "key": key, "label": spec.label[actor.language], "same": mine == theirs,
            "mine": json_html(spec, "read", mine, ctx, actor), "theirs": json_html(spec, "read", theirs, ctx, actor),
            "mine_values": pairs(post, names),
        })  # fmt: skip
    rest = [name for name in post if name not in named and name not in ("version", "idempotency")
            and not name.startswith("take-")]  # fmt: skip
    who, when = who_and_when(actor, problem)
    context = {
        "title": card.title, "text": "", "who": who, "when": when, "url": f"{url}/edit",
        "version": clash["version"], "back_url": url, "rows": lines, "keep": pairs(post, rest),
        "idempotency": fresh_key(),
    }  # fmt: skip
    return page(request, "ui/conflict.html", 409, conflict=context)


def pairs(post: QueryDict, names: list[str]) -> list[list[str]]:
    """[[name, value], ...] of some posted names."""
    return [[name, value] for name in names for value in post.getlist(name)]


def duplicates(request: HttpRequest, slug: str) -> HttpResponse:
    """GET, while typing: likely duplicates among what the person sees."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    raw, _wrong = forms.raw_values(actor, record_type, request.GET)
    exclude = request.GET.get("exclude", "")
    from comity.search import duplicates as likely

    found = likely.likely(actor, record_type, raw, UUID(exclude) if len(exclude) == 36 else None)
    from comity.ui.pages.lookup import card_option

    items, language = [], actor.language
    for match in found:
        other = actor.state.record_types[match.ref.type]
        label = other.label[language] if other.key != record_type.key else ""
        sub = listed((label, match.context, match.reason), language)
        items.append(card_option(actor, match.ref, match.title, sub))
    return fragment(request, "ui/fragments/duplicates.html", duplicates=items)
