"""Addresses of what becomes of a deal: move it, win it, lose it, reopen it."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.changes.bus import Command
from comity.kernel.errors import Conflict, Invalid
from comity.sales.deals import gate_form
from comity.sales.deals.asking import Asking
from comity.sales.deals.commands import LoseDeal, MoveDeal, ReopenDeal, WinDeal, stage_before
from comity.sales.deals.gate_form import Errors, Passing
from comity.sales.deals.gates import GateClosed, Missing
from comity.sales.deals.panels import stages_of
from comity.sales.pipelines import state
from comity.sales.pipelines.state import StageState
from comity.ui import forms, names
from comity.ui.pages.edit import texts_of
from comity.ui.render import done


@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    """GET [stage, next]: to which stage, and what the gate wants first. POST version, stage; at a gate the fields,
    files (file-KIND), override, until: move it there. A stage that ends deals leads to its own question."""
    asking = Asking(request, deal_id, "move")
    key = (request.POST if asking.posted else request.GET).get("stage", "")
    target = state.of(asking.actor.state).stages.get(key)
    if asking.card.state != "open":
        return _closed(asking) if asking.posted else _reopen(Asking(request, deal_id, "reopen"))
    if target is None:
        return _choose(asking)
    if target.kind != "open":
        ending = Asking(request, deal_id, target.kind)
        return _win(ending, ask_only=True) if target.kind == "won" else _lose(ending, ask_only=True)
    if not asking.posted:
        return _ask_move(asking, target, gate_form.wanted(asking, target), Passing())
    return _move(asking, target)


@require_http_methods(["GET", "POST"])
def won(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    """GET: what decided it. POST version, reason, note, and at a gate as in `move`: the deal is won."""
    return _win(Asking(request, deal_id, "won"))


@require_http_methods(["GET", "POST"])
def lost(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    """GET: why. POST version, reason, competitor, note: the deal is lost."""
    return _lose(Asking(request, deal_id, "lost"))


@require_http_methods(["GET", "POST"])
def reopen(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    """GET: into which stage. POST version, stage: the deal goes on."""
    return _reopen(Asking(request, deal_id, "reopen"))


def _choose(asking: Asking) -> HttpResponse:
    """To which stage it goes."""
    language = asking.actor.language
    errors: Errors = {"stage": [_("Choose one of the list.")]} if asking.posted else {}
    here = asking.card.stage
    field = _stages(asking, [one for one in stages_of(asking.actor, asking.card) if one.key != here], "", errors)
    if elsewhere := _other_pipelines(asking):
        mine = state.of(asking.actor.state).by_key.get(asking.card.pipeline)
        own = {"label": mine.label[language] if mine else "", "choices": field["choices"]}
        field["choices"] = [own, *elsewhere]
    known = state.of(asking.actor.state).stages.get(here)
    text = _("It stands in “%(stage)s” now.") % {"stage": known.label[language]} if known else ""
    return asking.answer(
        422 if errors else 200, title=_("Move to"), text=text, fields=[field], errors=errors, submit_label=_("Move")
    )


def _other_pipelines(asking: Asking) -> list[dict[str, Any]]:
    """The stages of the other pipelines he may work in, each pipeline a group: there its gates judge the deal."""
    language = asking.actor.language
    return [
        {"label": one.label[language],
         "choices": [{"value": stage.key, "label": stage.label[language]} for stage in one.open]}
        for one in state.of(asking.actor.state).open_to(asking.actor) if one.key != asking.card.pipeline
    ]  # fmt: skip


def _stages(asking: Asking, stages: list[StageState], chosen: str, errors: Errors) -> dict[str, Any]:
    """The field to choose a stage by."""
    language = asking.actor.language
    return {
        "key": "stage", "kind": "choice", "label": asking.spec("stage").label[language], "required": True,
        "choices": [{"value": one.key, "label": one.label[language]} for one in stages], "value": chosen,
        "errors": errors.get("stage", []),
    }  # fmt: skip


def _move(asking: Asking, target: StageState) -> HttpResponse:
    given, version = Passing.read(asking), asking.version
    missing, status, alert = None, 422, ""
    if not given.errors:
        try:
            command = MoveDeal(
                asking.card.pk, version, target.key, given.values, given.override, given.until, across=True
            )
            result = asking.run(command)
            return asking.done(result, _("Moved to “%(stage)s”.") % {"stage": target.label[asking.actor.language]})
        except GateClosed as problem:
            missing = problem.missing
        except Invalid as problem:
            given.errors = texts_of(problem)
        except Conflict:
            alert, status = asking.meanwhile(version), 409
            if asking.card.state != "open" or asking.card.stage == target.key:
                return _overtaken(asking, alert)
    if missing is None:
        missing = gate_form.wanted(asking, target)
    return _ask_move(asking, target, missing, given, status, alert)


def _ask_move(
    asking: Asking, target: StageState, missing: Missing, given: Passing, status: int = 200, alert: str = ""
) -> HttpResponse:
    """What has to be filled in, done or added before the deal leaves its stage."""
    added = gate_form.parts(asking, missing, given)
    return asking.answer(
        status,
        title=_("Move to “%(stage)s”") % {"stage": target.label[asking.actor.language]},
        text=_("Before this deal moves on:") if missing else "",
        alert=alert,
        hidden=[["stage", target.key]],
        errors=given.errors,
        submit_label=_("Move now") if alert else _("Move"),
        cancel_label=_("Leave it as it is now") if alert else "",
        **added,
    )


def _overtaken(asking: Asking, alert: str) -> HttpResponse:
    """Somebody has ended the deal, or moved it to this very place: there is nothing left to ask."""
    go = {"url": asking.url, "label": _("Show the deal")}
    return asking.answer(409, title=asking.card.title, alert=alert, fields=[], go=go)


def _closed(asking: Asking) -> HttpResponse:
    """The same, of a deal that has ended before."""
    return _overtaken(asking, asking.meanwhile(asking.version))


def _win(asking: Asking, ask_only: bool = False) -> HttpResponse:
    """`ask_only`: another question has led here, this one is not answered yet."""
    if asking.card.state == "won":
        return done(asking.request, asking.url, _("This deal is won already."))
    ending = state.of(asking.actor.state).by_key[asking.card.pipeline].ending("won")
    given, missing, post = Passing(), gate_form.wanted(asking, ending), asking.post
    if asking.posted and not ask_only:
        given = Passing.read(asking)
    command = WinDeal(
        asking.card.pk, asking.version, post.get("reason", ""), post.get("note", ""), given.values, given.override,
        given.until,
    )  # fmt: skip
    return _end(asking, _("Won"), ["won_reason"], None if ask_only else command, given, missing)


def _lose(asking: Asking, ask_only: bool = False) -> HttpResponse:
    """The same for a lost deal; no gate holds it back."""
    if asking.card.state == "lost":
        return done(asking.request, asking.url, _("This deal is lost already."))
    post = asking.post
    command = LoseDeal(
        asking.card.pk, asking.version, post.get("reason", ""), post.get("competitor", ""), post.get("note", "")
    )
    return _end(asking, _("Lost"), ["lost_reason", "competitor"], None if ask_only else command, Passing(), Missing())


def _end(
    asking: Asking, label: str, lists: list[str], command: Command | None, given: Passing, missing: Missing
) -> HttpResponse:
    """Ask for the reasons, the first of `lists` first, and for what the gate wants; end the deal."""
    status, alert, version = 422 if given.errors else 200, "", asking.version
    if asking.posted and command is not None and not given.errors:
        try:
            return asking.done(asking.run(command), _("Deal closed: %(state)s.") % {"state": label})
        except GateClosed as problem:
            status, missing = 422, problem.missing
        except Invalid as problem:
            status, given.errors = 422, texts_of(problem)
        except Conflict:
            alert, status = asking.meanwhile(version), 409
            if asking.card.state != "open":
                return _overtaken(asking, alert)
    added = gate_form.parts(asking, missing, given)
    reasons = [
        _reason(asking, key, "reason" if n == 0 else key, given.errors) for n, key in enumerate(lists)
        if n == 0 or forms.choices_of(asking.actor, asking.spec(key))
    ]  # fmt: skip
    note = {"key": "note", "kind": "longtext", "label": asking.spec("close_note").label[asking.actor.language],
            "value": asking.post.get("note", ""), "errors": given.errors.get("note", [])}  # fmt: skip
    return asking.answer(
        status, title=label, text=asking.card.title, alert=alert, errors=given.errors,
        submit_label=label, danger="lost_reason" in lists, **added | {"fields": [*reasons, note, *added["fields"]]},
    )  # fmt: skip


def _reason(asking: Asking, field: str, key: str, errors: Errors) -> dict[str, Any]:
    """A choice out of the list of a field of deals."""
    spec = asking.spec(field)
    return {
        "key": key, "kind": "choice", "label": spec.label[asking.actor.language], "required": key == "reason",
        "choices": forms.choices_of(asking.actor, spec), "value": asking.post.get(key, ""),
        "errors": errors.get(key, []),
    }  # fmt: skip


def _reopen(asking: Asking) -> HttpResponse:
    """Ask into which stage a deal that has ended goes back."""
    if asking.card.state == "open":
        return done(asking.request, asking.url, _("This deal is open already."))
    language = asking.actor.language
    stages = [one for one in stages_of(asking.actor, asking.card) if not one.retired]
    errors: Errors = {}
    status, alert, chosen = 200, "", ""
    if asking.posted:
        version, chosen = asking.version, asking.post.get("stage", "")
        try:
            result = asking.run(ReopenDeal(asking.card.pk, version, chosen))
            label = next((one.label[language] for one in stages if one.key == chosen), "")
            return asking.done(result, _("Reopened in “%(stage)s”.") % {"stage": label} if label else _("Reopened."))
        except Invalid as problem:
            errors, status = texts_of(problem), 422
        except Conflict:
            alert, status = asking.meanwhile(version), 409
            if asking.card.state == "open":
                return _overtaken(asking, alert)
    field = _stages(asking, stages, chosen or stage_before(asking.actor, asking.card), errors)
    ended = names.choice_name(asking.spec("state"), asking.card.state, language)
    return asking.answer(
        status, title=_("Reopen"), alert=alert, fields=[field], errors=errors, submit_label=_("Reopen"),
        text=_("This deal has ended (%(state)s). It goes on from the stage you choose.") % {"state": ended},
    )  # fmt: skip
