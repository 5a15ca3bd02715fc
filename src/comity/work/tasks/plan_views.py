"""A task is planned, or something done is written down: from a card, from Today, from anywhere."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import commands
from comity.changes.bus import run
from comity.kernel.errors import Invalid, Refused
from comity.records.cleaning import BadValue, Env, card_ref
from comity.records.models import RecordRef
from comity.ui import forms
from comity.ui.pages.edit import next_url, typed_values, undo_url
from comity.ui.render import Markup, done, fresh_key, html, is_fragment
from comity.work.tasks import dialogs
from comity.work.tasks.commands import LogTask
from comity.work.tasks.next_step import task_type
from comity.work.tasks.views import answer

KEYS = ("name", "kind", "due_at", "whole_day", "owner")


def about_card(actor: Actor, text: str) -> tuple[RecordRef, str] | None:
    """The card an address names ("deal:key") with its title; None when he does not see it."""
    record_type = task_type(actor)
    try:
        ref = card_ref(record_type.spec("about"), text, Env())
    except BadValue:
        return None
    title = policy.titles(actor, {ref}).get(ref) if ref else None
    return (ref, title) if ref and title is not None else None


def url_of(actor: Actor, ref: RecordRef) -> str:
    """The page of a card."""
    return f"/{actor.state.record_types[ref.type].slug}/{ref.id}"


@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """GET `about`, `kind`: the form of a new task. POST: plan it. `composer` names the card's form it came from."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.scope("task", "create") == "none":
        raise Refused()
    record_type, given = task_type(actor), request.POST if request.method == "POST" else request.GET
    about = about_card(actor, given.get("about", ""))
    back = url_of(actor, about[0]) if about else "/tasks/"
    raw, errors = forms.raw_values(actor, record_type, given)
    if request.method != "POST":
        errors = {}
    else:
        if not errors:
            try:
                result = run(actor, commands.create("task", raw), key=given.get("idempotency", ""))
                default = back if about else f"/tasks/{result.record.id}"
                return done(request, next_url(request, default), _("Planned."), undo_url(result))
            except Invalid as problem:
                errors = dialogs.texts_of(problem)
        if is_fragment(request) and about and given.get("composer") in ("task", "meeting"):
            return HttpResponse(composer(actor, about[0], given["composer"], given, errors), status=422)
    values = dialogs.initial(actor, given.get("kind", ""), given) | typed_values(actor, record_type, raw)
    keys = KEYS if about else (*KEYS, "about")
    query = {"about": str(about[0])} if about else {}
    form: dict[str, Any] = {
        "title": _("Plan"), "text": about[1] if about else "", "url": "/tasks/plan", "submit_label": _("Plan"),
        "hidden": [["about", str(about[0])]] if about else [], "others_url": f"/tasks/new?{urlencode(query)}",
        "fields": dialogs.plan_fields(actor, record_type, values, errors, keys),
    }  # fmt: skip
    form["fields"][0]["autofocus"] = True
    return answer(request, form, back, errors)


@require_http_methods(["GET", "POST"])
def log(request: HttpRequest) -> HttpResponse:
    """GET `about`, `kind`: what came of something done. POST: write it down, and plan what comes next."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.scope("task", "create") == "none":
        raise Refused()
    record_type, given = task_type(actor), request.POST if request.method == "POST" else request.GET
    about = about_card(actor, given.get("about", ""))
    back = url_of(actor, about[0]) if about else "/tasks/"
    choice = record_type.spec("kind").choice(given.get("kind") or "call")
    label = choice.label[actor.language] if choice else ""
    errors: dialogs.Errors = {}
    if request.method == "POST":
        values = {"name": given.get("name", "").strip() or label, "kind": given.get("kind") or "call"}
        if about:
            values["about"] = str(about[0])
        try:
            command = LogTask(values, given.get("result", ""), dialogs.next_values(given))
            result = run(actor, command, key=given.get("idempotency", ""))
            return done(request, next_url(request, back), _("Saved."), undo_url(result))
        except Invalid as problem:
            errors = dialogs.texts_of(problem)
        if is_fragment(request) and about and given.get("composer") == "call":
            return HttpResponse(composer(actor, about[0], "call", given, errors), status=422)
    more = dialogs.next_fields(actor, request.POST, errors)
    form: dict[str, Any] = {
        "title": label, "text": about[1] if about else "", "url": "/tasks/log", "submit_label": _("Save"),
        "fields": [dialogs.result_field(request.POST, errors)],
        "more": {"label": _("Next step"), "fields": more},
        "hidden": [["kind", given.get("kind") or "call"], *([["about", str(about[0])]] if about else [])],
    }  # fmt: skip
    return answer(request, form, back, errors)


def composer(
    actor: Actor, about: RecordRef, mode: str, given: Any = None, errors: dialogs.Errors = dialogs.FINE
) -> Markup:
    """The form on a card: plan a task or a meeting, write a call down."""
    initial = dialogs.initial(actor, mode, {}) | {key: given[key] for key in given or {}}
    form = {
        "mode": mode, "about": str(about), "next": url_of(actor, about), "idempotency": fresh_key(),
        "values": initial, "errors": [text for texts in errors.values() for text in texts],
        "plan_url": f"/tasks/plan?{urlencode({'about': str(about), 'kind': mode})}",
        "following": dialogs.next_fields(actor, given or {}, {}) if mode == "call" else [],
    }  # fmt: skip
    return html("work/composer_task.html", {"form": form})
