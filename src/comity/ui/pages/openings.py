"""Access for a term: opening a card or many, asking for access to an address, answering who asks."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from comity.access import policy
from comity.access.actors import Actor
from comity.access.models import Share
from comity.changes import openings
from comity.changes.bus import run
from comity.changes.openings import ACT, AnswerRequest, AskForAccess, CloseCard, OpenCard
from comity.kernel.errors import Conflict, Invalid, Problem
from comity.kernel.text import listed
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.ui import registry
from comity.ui.pages.edit import undo_url
from comity.ui.pages.lists import type_by_slug
from comity.ui.render import done, fragment, fresh_key, is_fragment, page

CARD = re.compile(r"^/([a-z0-9_-]{1,40})/([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})(?:/.*)?$", re.IGNORECASE)
ASK = "/access/ask"
Wrong = Mapping[str, list[str]]


def open_card(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """GET: to whom the card is open for a term. POST: open it, change a term or end it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record_type = type_by_slug(request, slug)
    card = policy.get(actor, record_type, record_id, "share")
    held = list(policy.in_force().filter(type_key=record_type.key, record_id=record_id, until__isnull=False))
    wrong: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            given = arguments(request)
            command = _command(record_type, record_id, given, held)
            result = run(actor, command, key=request.POST.get("idempotency", ""))
            return done(request, f"/{slug}/{record_id}", _("Saved."), undo_url(result))
        except Invalid as problem:
            wrong = _texts(problem)
    names = [
        _("%(name)s until %(day)s") % {"name": name_of(actor, one), "day": openings.written_end(actor, as_held(one))}
        for one in held
    ]
    text = _("Open to: %(names)s.") % {"names": listed(names, actor.language)} if names else ""
    levels = [
        *level_choices(),
        *([{"value": "", "label": pgettext("of access to a card", "no longer")}] if held else []),
    ]
    ask = {
        "title": _("Open for a time"), "text": text, "url": f"/{slug}/{record_id}/open", "hidden": [],
        "fields": fields(request, actor, wrong, levels), "submit_label": pgettext("give access to a card", "Open"),
        "cancel_url": f"/{slug}/{record_id}", "idempotency": fresh_key(),
        "back": {"label": card.title, "url": f"/{slug}/{record_id}"},
    }  # fmt: skip
    return _answer(request, ask, 422 if wrong else 200)


def _command(record_type: RecordType, record_id: UUID, given: Mapping[str, Any], held: list[Share]) -> Any:
    user, team = (UUID(given[name]) if given[name] else None for name in ("user", "team"))
    if given["level"]:
        return OpenCard(record_type.key, record_id, user, team, given["level"], given["until"], given["reason"])
    share = next((one for one in held if (one.user_id, one.team_id) == (user, team)), None)
    if share is None:
        raise Invalid(fields={"with": [_("Nothing is open to them for a term.")]})
    return CloseCard(share.pk)


def as_held(share: Share) -> list[Any]:
    """An opening as events tell it."""
    assert share.until is not None  # noqa: S101 - of a term
    return ["edit" if share.edit else "view", share.until.isoformat(), share.reason]


def name_of(actor: Actor, share: Share) -> str:
    """Who it is open to."""
    return openings.whom(actor.state, {"user": str(share.user_id or ""), "team": str(share.team_id or "")})


def level_choices() -> list[dict[str, str]]:
    """How far a card is opened."""
    return [{"value": "view", "label": _("may read")}, {"value": "edit", "label": _("may edit")}]


def fields(
    request: HttpRequest, actor: Actor, wrong: Wrong, levels: list[dict[str, str]] | None = None
) -> list[dict[str, Any]]:
    """With whom, how, until when, why."""
    state: Any = actor.state
    people = [
        {"value": f"user:{key}", "label": user.name}
        for key, user in state.users.items() if user.active and key != actor.user_id
    ]  # fmt: skip
    teams = [{"value": f"team:{key}", "label": team.name} for key, team in state.teams.items()]
    whom = {
        "key": "with", "kind": "choice", "label": _("With whom"), "value": request.POST.get("with", ""),
        "required": True, "errors": wrong.get("with", []),
        "choices": [{"label": _("Colleagues"), "choices": people}, {"label": _("Teams"), "choices": teams}],
    }  # fmt: skip
    return [whom, *term_fields(request, actor, wrong, levels or level_choices(), "")]


def term_fields(
    request: HttpRequest, actor: Actor, wrong: Wrong, levels: list[dict[str, str]], reason: str
) -> list[dict[str, Any]]:
    """How, until when, why; a week is proposed."""
    week = (policy.today(actor) + timedelta(days=7)).isoformat()
    return [
        {"key": "level", "kind": "choice", "label": _("How"), "value": request.POST.get("level", "view"),
         "choices": levels, "errors": wrong.get("level", [])},
        {"key": "until", "kind": "date", "label": _("Until the end of"), "value": request.POST.get("until", week),
         "required": True, "errors": wrong.get("until", [])},
        {"key": "reason", "kind": "text", "label": _("Why"), "value": request.POST.get("reason", reason),
         "required": True, "max_length": openings.REASON, "errors": wrong.get("reason", [])},
    ]  # fmt: skip


def arguments(request: HttpRequest, record_type: RecordType | None = None) -> dict[str, Any]:
    """What was posted; raises Invalid before anything is begun."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    kind, _colon, key = request.POST.get("with", "").partition(":")
    known: Mapping[UUID, Any] = actor.state.users if kind == "user" else actor.state.teams
    found = next((str(one) for one in known if str(one) == key), "")
    level, until = request.POST.get("level", ""), request.POST.get("until", "")
    wrong: dict[str, list[Any]] = {}
    if not found:
        wrong["with"] = [_("Choose a colleague or a team.")]
    if level not in ("view", "edit") and (record_type is not None or level):
        wrong["level"] = [_("Choose one of the list.")]
    if level:
        try:
            openings.end_of(until, actor)
        except Invalid as problem:
            wrong |= problem.fields
        if not request.POST.get("reason", "").strip():
            wrong["reason"] = [_("Say in a few words why.")]
    if wrong:
        raise Invalid(fields=wrong)
    return {
        "user": found if kind == "user" else "", "team": found if kind == "team" else "", "level": level,
        "until": until, "reason": request.POST.get("reason", "")[: openings.REASON],
    }  # fmt: skip


def _texts(problem: Problem) -> dict[str, list[str]]:
    found: Mapping[str, Any] = getattr(problem, "fields", {})
    return {key: [str(text) for text in texts] for key, texts in found.items()}


def _answer(request: HttpRequest, ask: dict[str, Any], status: int) -> HttpResponse:
    if is_fragment(request):
        return fragment(request, "ui/fragments/ask.html", status, ask=ask)
    return page(request, "ui/ask_page.html", status, ask=ask)


def card_address(address: str) -> tuple[str, UUID] | None:
    """The slug and key in the address of a card, as it is copied from a browser; None: it is no such address."""
    try:
        path = urlsplit(address.strip()[:2000]).path
    except ValueError:
        return None
    found = CARD.match(path)
    return (found[1].lower(), UUID(found[2])) if found else None


def ask_url(path: str) -> str:
    """Where access to what stands at an address is asked for; "" = it is no card's address."""
    found = card_address(path)
    return f"{ASK}?address=/{found[0]}/{found[1]}" if found else ""


def ask(request: HttpRequest) -> HttpResponse:
    """GET, POST: ask to be let see the card of an address. The answer is the same whether there is such a card."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    address = request.POST.get("address", request.GET.get("address", ""))
    wrong: dict[str, list[str]] = {}
    if request.method == "POST":
        found = card_address(address)
        record_type = actor.state.by_slug.get(found[0]) if found else None
        try:
            if found is None:
                raise Invalid(fields={"address": [_("Paste the address of a card, as your colleague sent it.")]})
            if record_type is not None and policy.find(actor, record_type, found[1]) is not None:
                return HttpResponseRedirect(f"/{found[0]}/{found[1]}")  # it is open to him by now
            command = AskForAccess(record_type.key if record_type else found[0], found[1],
                                   request.POST.get("reason", ""))  # fmt: skip
            run(actor, command, key=request.POST.get("idempotency", ""))
            said = _("If there is such a card, whoever is responsible for it is asked. A notice tells when it is open.")
            return done(request, "/", said)
        except Invalid as problem:
            wrong = _texts(problem)
    told = {
        "title": _("Ask for access"), "url": ASK, "hidden": [], "submit_label": _("Ask"), "cancel_url": "/",
        "text": _("Whoever is responsible for the card reads your reason, and may open it to you until a day."),
        "idempotency": fresh_key(),
        "fields": [
            {"key": "address", "kind": "text", "label": _("Address of the card"), "value": address, "required": True,
             "autofocus": not address, "errors": wrong.get("address", [])},
            {"key": "reason", "kind": "text", "label": _("What you need it for"), "required": True,
             "autofocus": bool(address),
             "value": request.POST.get("reason", ""), "max_length": openings.REASON,
             "errors": wrong.get("reason", [])},
        ],
    }  # fmt: skip
    return _answer(request, told, 422 if wrong else 200)


def _became(refused: bool, name: str) -> str:
    """What was answered, and by whom."""
    if not name:
        return _("Access was refused.") if refused else _("Access was opened.")
    text = _("Access was refused by %(name)s.") if refused else _("Access was opened by %(name)s.")
    return text % {"name": name}


def answer(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """GET: who asks for which card, and why. POST: open it until a day, or refuse."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    asked = openings.question(actor, request_id)
    record_type = actor.state.record_types[asked.type_key]
    url = f"/{record_type.slug}/{asked.record_id}"
    wrong: dict[str, list[str]] = {}
    if request.method == "POST":
        level = request.POST.get("level", "")
        command = AnswerRequest(asked.pk, level, request.POST.get("until", ""), request.POST.get("reason", ""))
        try:
            run(actor, command, key=request.POST.get("idempotency", ""))
            opened, refused = pgettext("of access to a card", "Opened."), pgettext("of access to a card", "Refused.")
            return done(request, url, opened if level else refused)
        except (Invalid, Conflict) as problem:
            wrong = _texts(problem) or {"level": [str(problem.what)]}
    ref = RecordRef(asked.type_key, asked.record_id)
    member = actor.state.users.get(asked.user_id)
    named = {"name": member.name if member else "?", "card": policy.titles(actor, [ref]).get(ref, ""),
             "reason": asked.reason}  # fmt: skip
    text = _("%(name)s asks to be let see “%(card)s”: %(reason)s") % named
    told: dict[str, Any] = {"title": _("Access asked for"), "text": text, "url": f"/access/requests/{asked.pk}",
                            "cancel_url": url, "idempotency": fresh_key(), "hidden": []}  # fmt: skip
    if asked.answer and not wrong:
        by = actor.state.users.get(asked.answered_by) if asked.answered_by else None
        told["text"] = f"{text} – {_became(asked.answer == 'refused', by.name if by else '')}"
        told |= {"fields": [], "submit_label": ""}
    else:
        levels = [*level_choices(), {"value": "", "label": pgettext("of access to a card", "refuse")}]
        told |= {"fields": term_fields(request, actor, wrong, levels, asked.reason), "submit_label": _("Answer")}
    return _answer(request, told, 422 if wrong else 200)


registry.add(
    registry.BulkAction(
        "open", ACT, lambda: _("Open for a time"), "clock", lambda actor, one: actor.scope(one.key, "share") != "none",
        lambda request, one, wrong: fields(request, request.actor, wrong), arguments, order=60,
    )
)  # fmt: skip
