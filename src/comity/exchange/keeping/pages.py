"""Settings > Keeping: the rules with what each would touch now, the term of the trash, what was done."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from comity.access import policy
from comity.access.actors import Actor, system
from comity.changes.models import Batch
from comity.changes.settings import DeleteSetting, SaveSetting, version_of
from comity.exchange.keeping import events, idle, purging
from comity.exchange.keeping.commands import ACT, AgreeToRule, parts, rule_of, undo_run
from comity.exchange.keeping.model import SHOW, TRASH, KeepingCount, KeepingRule
from comity.exchange.keeping.settings import PERMIT, RULE, TERM, TITLE, may_clear, may_purge, problem_of, term
from comity.kernel.errors import NotFound
from comity.kernel.text import listed
from comity.records.types import RecordType
from comity.timeline import types as event_types
from comity.timeline.models import Event
from comity.ui import help as helping
from comity.ui.pages.bulk import told
from comity.ui.pages.settings import changed, kit
from comity.ui.pages.settings.conditions import condition_card, edit_condition
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card
from comity.ui.render import done

KEY = "keeping"
LAST = 20  # lines of what was done
MOST_EVENTS = 2000  # read for them: a large trash is cleared in many steps
PERIODS = (30, 90, 180, 365)


def then_label(then: str) -> str:
    """What becomes of cards, in words."""
    return {SHOW: _("Only show me"), TRASH: _("Into the trash")}[then]


def found_by(actor: Actor, rule: KeepingRule) -> Any:
    """The cards a rule is about now, as far as he sees them; None when it can't be judged."""
    record_type, q = idle.kind_of(actor.state, rule), idle.fitting(system("keeping"), rule)
    if record_type is None or q is None:
        return None
    return policy.visible(actor, record_type, every=True).filter(q)


def cards_text(number: int) -> str:
    """So many cards."""
    return ngettext("%(n)s card", "%(n)s cards", number) % {"n": number}


def _rule(item: str) -> KeepingRule:
    return rule_of(kit.key_of(item))


def _type(request: HttpRequest, rule: KeepingRule) -> RecordType | None:
    return idle.kind_of(actor_of(request).state, rule)


def _cards(request: HttpRequest, item: str) -> list[Card]:
    if item:
        return _of_rule(request, _rule(item))
    return [_rules(request), _trash(request), _log(request)]


# --- rules -----------------------------------------------------------------------------------------------------------


def _rules(request: HttpRequest) -> Card:
    actor, rows = actor_of(request), []
    for rule in KeepingRule.objects.select_related("count").order_by("type_key", "name", "pk"):
        record_type = _type(request, rule)
        cells = [rule.name, record_type.plural[actor.language] if record_type else "?", _months(rule.months),
                 then_label(rule.then), _last(actor, rule)]  # fmt: skip
        rows.append({"cells": cells, "url": f"{KEEPING.url}/{rule.pk}"})
    columns = [_("Rule"), _("Cards"), _("Untouched for"), _("What then"), _("Last night")]
    make = button(_("New rule"), act_url(KEY, "new"), icon="plus", primary=True)
    empty = _("No rules yet: cards stay as long as nobody puts them away.")
    table = {"caption": _("Rules of keeping"), "columns": columns, "rows": rows, "empty_text": empty}
    return card("rules", _("Rules"), actions=[make], table=table)


def _last(actor: Actor, rule: KeepingRule) -> str:
    """What the last run found, for who sees all cards of the kind."""
    count: KeepingCount | None = getattr(rule, "count", None)
    if count is None or actor.scope(rule.type_key, "view") != "all":
        return "–"
    waits = count.asked == idle.digest(rule) != count.agreed
    return listed((cards_text(count.found), _("waits for your word") if waits else ""), actor.language)


def _months(number: int) -> str:
    return ngettext("%(n)s month", "%(n)s months", number) % {"n": number}


def _fields(request: HttpRequest, rule: KeepingRule | None) -> list[dict[str, Any]]:
    actor = actor_of(request)
    fields: list[dict[str, Any]] = [
        {"key": "name", "kind": "text", "label": _("Rule"), "required": True, "max_length": 80,
         "value": rule.name if rule else "", "placeholder": _("For example: leads that came to nothing")},
        {"key": "months", "kind": "integer", "label": _("Nobody has touched it for so many months"), "required": True,
         "value": str(rule.months if rule else 12),
         "help": _("Changed, spoken of, called, written to, linked: all that is a touch. A card with an open task, an "
                   "open deal or a next step to come is never meant.")},
        {"key": "then", "kind": "choice", "label": _("What then"), "required": True,
         "value": rule.then if rule else SHOW,
         "choices": [{"value": one, "label": then_label(one)} for one in (SHOW, TRASH)],
         "help": _("Before cards go into the trash, their owners and those who keep the settings are told, 14 days "
                   "ahead. What somebody touches until then stays.")},
    ]  # fmt: skip
    if rule is None:
        types = [{"value": one.key, "label": one.plural[actor.language]} for one in idle.kinds(actor.state)]
        fields.insert(1, {"key": "type_key", "kind": "choice", "label": _("Cards"), "required": True, "value": "",
                          "choices": types})  # fmt: skip
    return fields


def _of_rule(request: HttpRequest, rule: KeepingRule) -> list[Card]:
    actor, key, record_type = actor_of(request), str(rule.pk), _type(request, rule)
    deletes = button(_("Delete rule"), act_url(KEY, "delete", key), dialog=True, danger=True, icon="trash")
    found = found_by(actor, rule)
    number = found.count() if found is not None else 0
    look = [button(_("Look at them"), f"/keeping/{key}", icon="eye")] if number else []
    cards = [
        card("rule", _("Rule"), url=act_url(KEY, "rule", key), version=version_of(rule), fields=_fields(request, rule),
             actions=[*look, deletes], help=_now(rule, number) if found is not None else ""),
    ]  # fmt: skip
    if record_type is not None:
        none = _("None: all cards of this kind are meant that nobody has touched for so long.")
        url, broken = act_url(KEY, "where", key), problem_of(record_type, rule.where)
        cards.append(condition_card(request, record_type, rule.where, url, none=none, broken=broken))
    count = KeepingCount.objects.filter(rule=rule).first()
    if count and record_type and count.asked == idle.digest(rule) != count.agreed:
        agree = [button(_("This is meant"), act_url(KEY, "agree", key, digest=count.asked), dialog=True, icon="check")]
        text = _("The rule waits: it would put %(n)s of %(cards)s cards into the trash, more than a fifth of them. "
                 "Look whether its condition is what you mean.") % {"n": count.found, "cards": count.cards}  # fmt: skip
        cards.insert(0, card("asks", _("More than a fifth of the cards"), help=text,
                             actions=agree if may_clear(actor, record_type) else []))  # fmt: skip
    return cards


def _now(rule: KeepingRule, number: int) -> str:
    """What the rule would touch at this moment."""
    if rule.then == SHOW:
        text = ngettext("Right now it shows %(n)s card.", "Right now it shows %(n)s cards.", number)
    else:
        text = ngettext(
            "Right now it is about %(n)s card. Nothing goes before its owner was told and 14 days have passed.",
            "Right now it is about %(n)s cards. Nothing goes before their owners were told and 14 days have passed.",
            number,
        )
    return text % {"n": number}


def _new(request: HttpRequest, item: str) -> HttpResponse:
    made = kit.form(
        _("New rule"), act_url(KEY, "new"), _fields(request, None), back=KEEPING, submit=_("Make rule"),
        explain=_("Then you see at once how many cards it is about, and can narrow it by a condition."),
    )  # fmt: skip
    return kit.fill_in(
        request, made, lambda: SaveSetting(RULE, kit.posted(request, "name", "type_key", "months", "then")),
        lambda result: done(request, f"{KEEPING.url}/{result.record.id}", _("Saved")),
    )  # fmt: skip


def _save(request: HttpRequest, item: str) -> HttpResponse:
    values = kit.posted(request, "name", "months", "then")
    command = SaveSetting(RULE, values, _rule(item).pk, request.POST.get("version", ""))
    return kit.save(request, KEY, "rule", command, item)


def _where(request: HttpRequest, item: str) -> HttpResponse:
    rule = _rule(item)
    record_type = _type(request, rule)
    if record_type is None:
        raise NotFound()
    return edit_condition(
        request, record_type, rule.where, act_url(KEY, "where", item), lead=_("Mean what fits"),
        back={"label": rule.name, "url": f"{KEEPING.url}/{rule.pk}"},
        save=lambda where: SaveSetting(RULE, {"where": where}, rule.pk),
    )  # fmt: skip


def _delete(request: HttpRequest, item: str) -> HttpResponse:
    rule = _rule(item)
    return kit.ask(
        request, _("Delete the rule “%(name)s”?") % {"name": rule.name},
        _("Cards it has told of stay where they are; what it has put into the trash stays there."), _("Delete"),
        f"{KEEPING.url}/{rule.pk}", DeleteSetting(RULE, rule.pk), _("The rule is deleted."), KEEPING.url,
    )  # fmt: skip


def _agree(request: HttpRequest, item: str) -> HttpResponse:
    rule = _rule(item)
    count = KeepingCount.objects.filter(rule=rule).first()
    if count is None:
        raise NotFound()
    text = _("It is about %(n)s of %(cards)s cards. From the next night on they are announced, and go 14 days later; "
             "you can take that back for 30 days.") % {"n": count.found, "cards": count.cards}  # fmt: skip
    return kit.ask(
        request, _("Is this meant?"), text, _("Yes, go on"), f"{KEEPING.url}/{rule.pk}",
        AgreeToRule(rule.pk, request.GET.get("digest", "")), _("The rule goes on from the next night."),
    )  # fmt: skip


# --- the trash -------------------------------------------------------------------------------------------------------


def term_text() -> str:
    """How long the trash keeps cards, in words."""
    row = term()
    if row is None or not row.days:
        return _("What was put into the trash stays here until it is restored.")
    text = ngettext(
        "Cards lie in the trash for %(n)s day, then they are deleted for good.",
        "Cards lie in the trash for %(n)s days, then they are deleted for good.", row.days,
    )  # fmt: skip
    return text % {"n": row.days}


def _trash(request: HttpRequest) -> Card:
    actor, lines = actor_of(request), []
    before = purging.overdue(actor.state)
    for one in actor.state.types_on if before else ():
        rows = purging.reach(actor, one).filter(deleted_at__lt=before)
        left = rows.count() - purging.free(one, rows).count()
        if left:
            cells = [one.plural[actor.language], cards_text(left), purging.why_needed(actor, one, rows)]
            lines.append({"cells": cells, "url": f"/trash?type={one.key}"})
    columns = [_("Cards"), pgettext("how many cards", "Stay"), _("Still needed by")]
    table = {"caption": _("What stays in the trash"), "columns": columns, "rows": lines}
    change = button(_("Change"), act_url(KEY, "term"), dialog=True, icon="pencil")
    help_ = term_text() if before else _("Cards lie in the trash for ever: nothing is deleted by itself.")
    more = {"table": table} if lines else {}
    return card("trash", TITLE[actor.language], help=help_, actions=[change], **more)


def _term(request: HttpRequest, item: str) -> HttpResponse:
    """Ask for the days, and tell beforehand how much lies there for how long."""
    actor, row = actor_of(request), term()
    fields = [{
        "key": "days", "kind": "integer", "label": _("Days in the trash"), "value": str(row.days or "") if row else "",
        "help": _("Empty: for ever."),
    }]  # fmt: skip
    days = request.POST.get("days", "").strip()
    return kit.ask(
        request, _("How long does the trash keep cards?"), _longest(actor), _("Save"), KEEPING.url,
        lambda: SaveSetting(TERM, {"days": days}, row.pk if row else None), _("Saved"), fields=fields,
    )  # fmt: skip


def _longest(actor: Actor) -> str:
    """How many cards a term would take the next night: nobody sets it blindly."""
    state = actor.state
    edges = [(days, purging.edge(state, days)) for days in PERIODS]
    every, older = 0, dict.fromkeys(PERIODS, 0)
    for one in state.types_on:
        rows = purging.reach(actor, one)
        every += rows.count()
        for days, at in edges:
            older[days] += rows.filter(deleted_at__lt=at).count()
    text = _("After that they are deleted for good, every night: nothing of them is left, and it can’t be undone. What "
             "other cards need stays.")  # fmt: skip
    if not every:
        return text
    lie = ngettext("%(n)s card lies there now.", "%(n)s cards lie there now.", every) % {"n": every}
    parts = [
        _("Longer than %(days)s days: %(n)s.") % {"days": days, "n": older[days]} for days in PERIODS if older[days]
    ]
    return " ".join([text, lie, *parts])


# --- what was done ---------------------------------------------------------------------------------------------------


def _log(request: HttpRequest) -> Card:
    actor, lines = actor_of(request), []
    runs = {str(one.pk): one for one in Batch.objects.filter(command=ACT).order_by("-pk")[:LAST]}
    for event in _done():
        event_type, who = event_types.get(event.type), actor.state.users.get(event.actor_id)
        if event_type is not None:
            cells = [kit.moment(actor, event.at), who.name if who else _("Comity"),
                     event_type.text(event.payload, actor)]  # fmt: skip
            lines.append({"cells": cells, "actions": _back(runs.get(event.payload.get("batch", "")))})
    table = {"caption": _("What was done"), "columns": [_("When"), _("Who"), _("What")], "rows": lines,
             "empty_text": _("Nothing yet. The rules run every night.")}  # fmt: skip
    return card("log", _("What was done"), table=table)


def _done() -> list[Event]:
    """The last events of keeping, newest first; what was deleted in one go is one of them."""
    told = (events.ANNOUNCED, events.ASKS, events.AGREED, events.DONE)
    found = list(Event.objects.filter(type__in=told).order_by("-id")[:LAST])
    by_run: dict[Any, Event] = {}
    for event in Event.objects.filter(type=events.PURGED).order_by("-id")[:MOST_EVENTS]:
        first = by_run.setdefault(event.batch_id or event.pk, event)
        if first is not event:
            first.payload["count"] += event.payload["count"]
    return sorted([*found, *by_run.values()], key=lambda event: -event.pk)[:LAST]


def _back(run: Batch | None) -> list[dict[str, Any]]:
    """The way back of a run that has one still."""
    if run is None or run.state != "done" or not run.done:
        return []
    return [button(_("Put back"), act_url(KEY, "undo", run.pk), method="post", icon="arrow-back-up")]


def _undo(request: HttpRequest, item: str) -> HttpResponse:
    """Take back what a rule has put into the trash in one night."""
    if request.method != "POST":
        raise NotFound()
    held = undo_run(actor_of(request), kit.key_of(item), request.POST.get("idempotency", ""))
    return done(request, KEEPING.url, told(held) if held.state == "running" else _put_back(held))


def _put_back(held: Batch) -> str:
    """What became of putting cards back, in words."""
    house = system("keeping")
    record_type, ids = house.state.record_types[held.arguments["type"]], held.arguments["ids"]
    there = sum(
        policy.visible(house, record_type, action).filter(pk__in=part).count()
        for part in parts([UUID(hex=one) for one in ids]) for action in ("view", "restore")
    )  # fmt: skip
    gone, left = len(ids) - there, max(held.refused - (len(ids) - there), 0)
    texts = [ngettext("%(n)s card put back.", "%(n)s cards put back.", held.done) % {"n": held.done}]
    if gone:
        text = ngettext(
            "%(n)s was deleted for good since and can’t come back.",
            "%(n)s were deleted for good since and can’t come back.", gone,
        )  # fmt: skip
        texts.append(text % {"n": gone})
    if left:
        text = ngettext(
            "%(n)s stays as it is: changed since, or not yours to put back.",
            "%(n)s stay as they are: changed since, or not yours to put back.", left,
        )  # fmt: skip
        texts.append(text % {"n": left})
    return " ".join(texts)


def _change_words() -> dict[str, str]:
    return {"months": _("Untouched for so many months"), "then": _("What then"), "days": _("Days in the trash"),
            "where": _("Condition")}  # fmt: skip


def _change_text(actor: Actor, name: str, value: Any) -> str | None:
    return then_label(value) if name == "then" else None


class _Clearing:
    """What the trash offers to who may delete for good."""

    def text(self) -> str:
        """How long cards stay there."""
        return term_text()

    def empty_url(self, actor: Actor, record_type: RecordType) -> str:
        """The question before it is emptied."""
        return f"/trash/{record_type.slug}/empty" if may_purge(actor, record_type) else ""

    def delete_url(self, record_type: RecordType, record_id: UUID) -> str:
        """The question before one card is deleted."""
        return f"/trash/{record_type.slug}/{record_id}/delete"


KEEPING = kit.add(SettingsPage(
    KEY, lambda: pgettext("of cards", "Keeping"), "archive", 157, _cards,
    {"new": _new, "rule": _save, "where": _where, "delete": _delete, "agree": _agree, "term": _term, "undo": _undo},
    permit=PERMIT, words=lambda: _("retention, old cards, trash, delete for good"),
    intro=lambda: _("Which cards are put away when nobody touches them for long, and how long the trash keeps them. "
                    "Nothing goes by itself before you have made a rule."),
    item_title=lambda request, item: _rule(item).name,
))  # fmt: skip


def register() -> None:
    """What the rest of the house is told of keeping."""
    from comity.ui.pages import trash

    changed.add(RULE, changed.Words(_change_words, _change_text))
    changed.add(TERM, changed.Words(_change_words))
    trash.offer(_Clearing())
    helping.add("/settings/keeping", lambda: _(
        "A rule finds cards that nobody has touched for months. It shows them to you, or puts them into the trash: not "
        "before their owners were told and two weeks have passed. A rule that would take more than a fifth of the "
        "cards waits for your word."))  # fmt: skip
    helping.add("/keeping", lambda: _(
        "Cards nobody has touched for long. Press Keep on those that are still needed; working on a card keeps it "
        "too."))  # fmt: skip
