"""The page of an erasure: what is known of a person, what goes, what stays and why; a reason, and a word to type."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.blanking import about_people
from comity.changes.bus import run
from comity.exchange.erasing import planning
from comity.exchange.erasing.commands import LONGEST, OTHER, PERMIT, REQUEST, EraseData
from comity.exchange.erasing.planning import Known, counted_types, key_of, known
from comity.kernel.errors import Conflict, Invalid, NotFound
from comity.kernel.text import fold, whole_number
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.search.cards import cards
from comity.ui import registry
from comity.ui.names import size_text
from comity.ui.pages.lists import type_by_slug
from comity.ui.pages.records import cell_context, find
from comity.ui.render import Markup, done, fresh_key, page
from comity.ui.values import value_html


def _word() -> str:
    """What is typed to confirm."""
    return pgettext("typed to confirm that a person's data is to be erased", "ERASE")


def erase(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """GET: what is known of him and what would go. POST: erase it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    if not actor.permits(PERMIT) or not about_people(record_type):
        raise NotFound()
    card = find(actor, record_type, record_id)
    if not policy.may(actor, record_type, card, "edit"):
        raise NotFound()
    if request.method != "POST":
        return _show(request, actor, record_type, card, None, {})
    post = request.POST
    wrong: dict[str, list[str]] = {}
    if fold(post.get("word", "").strip()) != fold(_word()):
        wrong["word"] = [_("Type the word %(word)s to go on.") % {"word": _word()}]
    try:
        if wrong:
            raise Invalid(fields=wrong)
        result = run(actor, _command(record_type, record_id, post), key=post.get("idempotency", ""))
    except Invalid as problem:
        found = {key: [str(text) for text in texts] for key, texts in problem.fields.items()}
        return _show(request, actor, record_type, card, post, found)
    except Conflict:
        found = {"": [_("Somebody has changed this card meanwhile. Look at it again, then erase.")]}
        return _show(request, actor, record_type, find(actor, record_type, record_id), post, found, 409)
    return done(request, f"/{slug}/{record_id}", planning.when_gone(result.data["fields"]))


def _command(record_type: RecordType, record_id: UUID, post: QueryDict) -> EraseData:
    try:
        day = date.fromisoformat(post.get("day", "").strip())
    except ValueError:
        day = None
    return EraseData(
        record_type.key, record_id, whole_number(post.get("version", "")), post.get("reason", ""), day,
        post.get("words", ""), fields=[one for one in post.getlist("fields") if one],
        files=[key for one in post.getlist("files") if (key := key_of(one))], notes=post.get("notes", "") == "1",
    )  # fmt: skip


def _show(
    request: HttpRequest, actor: Actor, record_type: RecordType, card: Any, post: QueryDict | None,
    wrong: Mapping[str, list[str]], status: int = 422,
) -> HttpResponse:  # fmt: skip
    made = known(actor, record_type, card)
    url = f"/{record_type.slug}/{card.pk}"
    named = cards(actor, [made.traces.ref]).get(made.traces.ref)
    context = {
        "title": _("Erase personal data"), "name": named.title if named else card.title, "url": f"/erase{url}",
        "back": {"url": url, "label": named.title if named else card.title},
        "card": _card_rows(actor, record_type, card, made),
        "places": [{"label": label, "number": number} for label, number in made.places],
        "linked": [{"label": label, "number": number} for label, number in counted_types(actor, made.linked)],
        "others": [_line(actor, made, ref) for ref in made.others],
        "copies": [_line(actor, made, ref) for ref in made.copies],
        "errors": [{"text": " ".join(texts), "field_id": f"i-{key}" if key else ""} for key, texts in wrong.items()],
        "fields": _choices(actor, record_type, made, post, wrong), "why": _why(post, wrong),
        "hidden": [["version", card.version], ["idempotency", fresh_key()]],
    }  # fmt: skip
    return page(request, "exchange/erase.html", status if wrong else 200, page=context)


def _card_rows(actor: Actor, record_type: RecordType, card: Any, made: Known) -> list[dict[str, Any]]:
    ctx = cell_context(actor, record_type, card, {}, {})
    levels = {spec.key: level for spec, level in policy.shown_fields(actor, record_type)}
    found = []
    for spec, value, _told in made.fields:
        level = levels.get(spec.key)
        html = value_html(spec, level, value, ctx) if level else Markup("•••")
        found.append({"label": spec.label[actor.language], "html": html})
    return found


def _line(actor: Actor, made: Known, ref: RecordRef) -> dict[str, str]:
    record_type, named = actor.state.record_types[ref.type], made.titles[ref]
    return {
        "url": f"/{record_type.slug}/{ref.id}", "title": named.title, "sub": record_type.label[actor.language]
    }  # fmt: skip


def _choices(
    actor: Actor, record_type: RecordType, made: Known, post: QueryDict | None, wrong: Mapping[str, list[str]]
) -> list[dict[str, Any]]:
    """What is chosen: the fields, the files, the notes."""
    told = [spec.key for spec, _value, about in made.fields if about]
    fields: list[dict[str, Any]] = [{
        "key": "fields", "kind": "multichoice", "label": _("Fields that go"), "errors": wrong.get("fields"),
        "value": told if post is None else post.getlist("fields"),
        "help": _("Ticked is what tells something about a person. Their older values go out of the story too."),
        "choices": [{"value": spec.key, "label": spec.label[actor.language]} for spec, _value, _about in made.fields],
    }]  # fmt: skip
    if made.files:
        fields.append({
            "key": "files", "kind": "multichoice", "label": _("Files that go"), "errors": wrong.get("files"),
            "value": [str(one.pk) for one in made.files] if post is None else post.getlist("files"),
            "help": _("Those in the trash are listed too. A contract you have to keep by law: take its tick away."),
            "choices": [
                {"value": str(one.pk), "label": f"{one.name} ({size_text(one.size, actor.language)})"}
                for one in made.files
            ],
        })  # fmt: skip
    fields.append({
        "key": "notes", "kind": "bool", "label": _("Erase the notes on the card too (%(n)s)") % {"n": made.notes},
        "value": post is None or post.getlist("notes")[-1:] == ["1"],
        "help": _("Without the tick they stay, and the name, numbers and addresses go out of them."),
    })  # fmt: skip
    return fields


def _why(post: QueryDict | None, wrong: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """The reason, and the word."""
    held: Mapping[str, Any] = post or {}
    reasons = {REQUEST: _("The person asked for it"), OTHER: _("Something else")}
    return [
        {"key": "reason", "kind": "choice", "label": _("Why"), "required": True, "value": held.get("reason", REQUEST),
         "errors": wrong.get("reason"), "choices": [{"value": key, "label": one} for key, one in reasons.items()]},
        {"key": "day", "kind": "date", "label": _("Asked on"), "value": held.get("day", ""), "no_days": True,
         "errors": wrong.get("day"), "help": _("Where the person asked for it.")},
        {"key": "words", "kind": "text", "label": _("What else"), "value": held.get("words", ""),
         "max_length": LONGEST, "errors": wrong.get("words"),
         "help": _("Where it is something else. These words stay in the story: leave the person’s name out.")},
        {"key": "word", "kind": "text", "label": _("Type %(word)s to confirm") % {"word": _word()}, "required": True,
         "value": "", "errors": wrong.get("word")},
    ]  # fmt: skip


def _menu(actor: Actor, record_type: RecordType, card: Any, values: Any) -> list[dict[str, Any]]:
    if not actor.permits(PERMIT) or actor.seen_by is not None or not any(s.personal for s in record_type.specs):
        return []
    may_edit = card.__dict__.get("_may_edit")
    if may_edit is None:
        may_edit = policy.may(actor, record_type, card, "edit")
    url = f"/erase/{record_type.slug}/{card.pk}"
    return [{"label": _("Erase personal data"), "icon": "user-off", "url": url, "method": "get"}] if may_edit else []


def register() -> None:
    """The line in the card's menu."""
    registry.add(registry.Actions("erase", _menu, place="menu", order=95))
