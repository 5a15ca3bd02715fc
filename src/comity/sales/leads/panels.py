"""What the card of a lead shows: where it stands, its first-answer clock, what can be done, where it may be already."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext as _
from markupsafe import Markup

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.writer import current
from comity.kernel.clock import now
from comity.kernel.text import listed
from comity.records.conditions import Where
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.sales.leads import clock, twins
from comity.sales.leads.conversion import reads
from comity.search.duplicates import Match, likely
from comity.timeline.story import Told
from comity.ui import names, registry, views
from comity.ui.cells import moment_format
from comity.ui.pages.lookup import card_option
from comity.ui.panels import may_edit
from comity.ui.render import html, icon

LEAD = frozenset({"lead"})
WAY = ("new", "working", "qualified", "converted")
OPEN: Where = {"all": [{"field": "state", "op": "none", "value": sorted(clock.CLOSED)}]}


def head(request: Any, record_type: RecordType, card: Any) -> Markup | None:
    """The way of a lead up to a deal, or how it ended; beside it the clock of the first answer."""
    actor: Actor = request.actor
    if not reads(actor, record_type, "state"):
        return None
    language, signals = actor.language, _clock(actor, record_type, card)
    if card.state == "refused":
        why = ""
        if card.refuse_reason and reads(actor, record_type, "refuse_reason"):
            why = names.choice_name(record_type.spec("refuse_reason"), card.refuse_reason, language)
        label = names.choice_name(record_type.spec("state"), card.state, language)
        return html("sales/stage_bar.html", {"bar": {"ended": {"label": label, "why": why}, "signals": signals}})
    at = WAY.index(card.state) if card.state in WAY else 0
    way = [choice for choice in record_type.spec("state").choices if choice.key in WAY]
    stages = [
        {"key": choice.key, "label": choice.label[language], "hue": choice.hue,
         "is": "here" if n == at else "done" if n < at else "ahead"}
        for n, choice in enumerate(way)
    ]  # fmt: skip
    return html("sales/stage_bar.html", {"bar": {"url": None, "stages": stages, "signals": signals}})


def _clock(actor: Actor, record_type: RecordType, card: Any) -> list[dict[str, str]]:
    if card.answered_at is not None:
        if card.answer_minutes is None or not reads(actor, record_type, "answer_minutes"):
            return []
        text = _("First answered within %(time)s") % {"time": clock.spoken(max(card.answer_minutes, 1))}
        return [{"tone": "", "icon": "clock", "text": text}]
    if card.answer_due_at is None or card.state in clock.CLOSED or not reads(actor, record_type, "answer_due_at"):
        return []
    left = clock.minutes_left(actor.state, card)
    if left < 0:
        text = _("The first answer is late by %(time)s") % {"time": clock.spoken(-left)}
        return [{"tone": "bad", "icon": "alert-circle", "text": text}]
    text = _("Answer within %(time)s") % {"time": clock.spoken(left)}
    due = moment_format(actor.language, now(), actor.timezone)(card.answer_due_at)
    return [{"tone": "now", "icon": "clock", "text": listed((text, due), actor.language)}]


def actions(actor: Actor, record_type: RecordType, card: Any, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Answered, Qualify, Convert, Refuse; Reopen what was refused."""
    if not reads(actor, record_type, "state") or not may_edit(actor, record_type, card):
        return []
    url, version = f"/leads/{card.pk}", f"?v={card.version}"
    if card.state == "converted":
        return []
    if card.state == "refused":
        return [{"label": _("Reopen"), "icon": "arrow-back-up", "url": f"{url}/reopen{version}", "method": "post"}]
    found: list[dict[str, Any]] = []
    if card.answered_at is None:
        found.append({"label": _("Answered"), "icon": "check", "url": f"{url}/answer{version}", "method": "post"})
    if card.state != "qualified":
        found.append({"label": _("Qualify"), "icon": "star", "url": f"{url}/qualify{version}", "method": "post"})
    found.append({"label": _("Convert"), "icon": "target-arrow", "url": f"{url}/convert", "primary": True})
    found.append({"label": _("Refuse"), "icon": "circle-x", "url": f"{url}/refuse", "last": True})
    return found


def matches(actor: Actor, record_type: RecordType, card: Any) -> list[Match]:
    """Where a lead may be here already, by what he reads of it in clear; the surest first."""
    telling = tuple(spec for spec in policy.readable_fields(actor, record_type) if spec.duplicate)
    held = card.__dict__.get("_values")  # what its page has read already
    values = {spec.key: held[spec.key] for spec in telling} if held else current(record_type, card, telling)
    return likely(actor, record_type, values, card.pk, 8)


def known_already(request: Any, record_type: RecordType, card: Any) -> Markup | None:
    """Cards that may be the same client, each with the way to take it."""
    actor: Actor = request.actor
    if card.state in clock.CLOSED or not (found := matches(actor, record_type, card)):
        return None
    may_take = may_edit(actor, record_type, card) and reads(actor, record_type, "state")
    items = []
    for one in found[:5]:
        shown = actor.state.record_types[one.ref.type]
        label = shown.label[actor.language] if one.ref.type != "person" else ""
        item = card_option(actor, one.ref, one.title, listed((label, one.context, str(one.reason)), actor.language))
        if may_take:
            same = {"reason": "twice", "same": str(one.ref)}
            query = f"refuse?{urlencode(same)}" if one.ref.type == "lead" else f"convert?{one.ref.type}={one.ref.id}"
            item["take_url"] = f"/leads/{card.pk}/{query}"
        items.append(item)
    return html("sales/lead_twins.html", {"twins": items})


def became(actor: Actor, told_events: Sequence[Told]) -> Mapping[int, Markup]:
    """What leads have become, as links, for the story's boxes; cards he doesn't see are not among them."""
    found = {}
    for one in told_events:
        lines = []
        for key in ("deal", "person", "company"):
            value = one.payload["changes"].get(key, (None, None))[1]
            title = one.titles.get(RecordRef(key, UUID(value))) if value else None
            if title is not None:
                shown = actor.state.record_types[key]
                link = Markup('<a class="chip" href="/{}/{}" dir="auto">{}{}</a>')
                lines.append(link.format(shown.slug, value, icon(shown.icon, "s"), title))
        if lines:
            found[one.event.id] = Markup('<span class="chips">{}</span>').format(Markup("").join(lines))
    return found


def _view(*leaves: dict[str, Any]) -> Where:
    return {"all": [*OPEN["all"], *leaves]}


def _mine(actor: Actor) -> Where:
    return _view({"field": "owner", "op": "any", "value": ["me"]})


def register() -> None:
    """Add what leads bring to their card and their list."""
    from comity.sales.leads import events  # noqa: F401 - what leads tell, and what follows

    twins.register()
    registry.add(registry.Block("lead", head, "head", LEAD, order=10, label=lambda: _("Stages")))
    registry.add(
        registry.Block("twins", known_already, "flow", LEAD, order=10, label=lambda: _("Likely known already"))
    )
    registry.add(registry.Actions("lead", actions, "head", LEAD, order=10))
    registry.add_body(["lead.converted"], became)
    views.build_in(
        "lead",
        views.BuiltIn("open", lambda: _("Open"), lambda actor: OPEN, sort="-created_at"),
        views.BuiltIn("new", lambda: _("New leads"), lambda actor: {
            "all": [{"field": "state", "op": "any", "value": ["new"]}]}, sort="-created_at"),
        views.BuiltIn("mine", lambda: _("Mine, open"), _mine, sort="next_at"),
        views.BuiltIn("unanswered", lambda: _("Unanswered"), lambda actor: _view(
            {"field": "answered_at", "op": "empty"}), sort="answer_due_at", counted=True),
        views.BuiltIn("refused", lambda: _("Refused"), lambda actor: {
            "all": [{"field": "state", "op": "any", "value": ["refused"]}]}, sort="-updated_at"),
        views.BuiltIn("all", lambda: _("All"), lambda actor: {}),
    )  # fmt: skip
