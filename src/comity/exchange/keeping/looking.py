"""The cards a rule is about, to look through and keep; the trash emptied by hand."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import run
from comity.exchange.keeping import idle, purging
from comity.exchange.keeping.commands import KeepCard, rule_of
from comity.exchange.keeping.model import KeepingMark, KeepingRule
from comity.exchange.keeping.pages import KEEPING, found_by
from comity.exchange.keeping.settings import PERMIT, may_purge
from comity.kernel.clock import now
from comity.kernel.errors import NotFound
from comity.records.types import RecordType
from comity.ui.cells import day_format
from comity.ui.pages.lists import type_by_slug
from comity.ui.pages.settings import kit
from comity.ui.render import done, fragment, fresh_key, is_fragment, page

PAGE = 50


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def show(request: HttpRequest, rule_id: UUID) -> HttpResponse:
    """GET: all cards of a rule for who keeps the settings, for anybody else those of his own that are going.

    Where there is none for him it says so, be there such a rule or not.
    """
    actor, rule = _actor(request), KeepingRule.objects.filter(pk=rule_id).first()
    record_type = idle.kind_of(actor.state, rule) if rule else None
    rows = _rows(actor, rule, record_type) if rule and record_type else None
    number = rows.count() if rows is not None else 0
    told: dict[str, Any] = {"title": _("Cards to look through"), "text": "", "back": None, "items": []}
    if rule is not None and actor.permits(PERMIT):
        told |= {"title": rule.name, "back": {"label": KEEPING.label(), "url": f"{KEEPING.url}/{rule.pk}"}}
    if rule and record_type and number:
        told |= _page(actor, rule, record_type, rows, request.GET.get("after", ""))
        text = ngettext("Nobody has touched %(n)s card for long.", "Nobody has touched %(n)s cards for long.", number)
        told |= {"title": rule.name, "text": text % {"n": number}}
    return page(request, "exchange/keeping.html", page=told)


def _rows(actor: Actor, rule: KeepingRule, record_type: RecordType) -> Any:
    if actor.permits(PERMIT):
        return found_by(actor, rule)
    going = KeepingMark.objects.filter(rule=rule, due_on__isnull=False)
    return policy.own(actor, record_type).filter(pk__in=going.values("record_id"))


def _page(actor: Actor, rule: KeepingRule, record_type: RecordType, rows: Any, after: str) -> dict[str, Any]:
    if after:
        rows = rows.filter(pk__gt=kit.key_of(after))
    found = list(rows.order_by("pk").values("pk", "title", "owner_id", "updated_at")[: PAGE + 1])
    shown = found[:PAGE]
    marks = KeepingMark.objects.filter(rule=rule, record_id__in=[one["pk"] for one in shown])
    due = dict(marks.values_list("record_id", "due_on"))
    return {
        "items": [_line(actor, record_type, rule.pk, one, due.get(one["pk"])) for one in shown],
        "prev_url": f"/keeping/{rule.pk}" if after else None,
        "next_url": f"/keeping/{rule.pk}?after={shown[-1]['pk']}" if len(found) > PAGE else None,
    }  # fmt: skip


def _line(actor: Actor, record_type: RecordType, rule_id: UUID, row: dict[str, Any], due: Any) -> dict[str, Any]:
    day = day_format(actor.language, now())
    owner = actor.state.users.get(row["owner_id"])
    changed = row["updated_at"].astimezone(idle.zone_of(actor.state)).date()
    return {
        "title": row["title"], "icon": record_type.icon, "url": f"/{record_type.slug}/{row['pk']}",
        "who": owner.name if owner else "", "changed": _("changed on %(day)s") % {"day": day(changed)},
        "due": _("into the trash on %(day)s") % {"day": day(due)} if due else "",
        "keep_url": f"/keeping/{rule_id}/{row['pk']}/keep" if actor.scope(record_type.key, "edit") != "none" else "",
        "idempotency": fresh_key(),
    }  # fmt: skip


@require_POST
def keep(request: HttpRequest, rule_id: UUID, record_id: UUID) -> HttpResponse:
    """POST: the card is still needed."""
    rule = rule_of(rule_id)
    run(_actor(request), KeepCard(rule.type_key, record_id), key=request.POST.get("idempotency", ""))
    return done(request, f"/keeping/{rule_id}", _("The card is kept."))


# --- the trash -------------------------------------------------------------------------------------------------------


def delete(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """GET asks whether a card in the trash is to be deleted for good; POST deletes it."""
    actor, record_type = _actor(request), type_by_slug(request, slug)
    row = purging.reach(actor, record_type).filter(pk=record_id).first() if may_purge(actor, record_type) else None
    if row is None:
        raise NotFound()
    return kit.ask(
        request, _("Delete “%(name)s” for good?") % {"name": row.title},
        _("Its values, notes, files, tasks and history are deleted. Nothing of it is left, and it can’t be undone."),
        _("Delete for good"), f"/trash?type={record_type.key}", purging.DeleteForGood(record_type.key, [record_id]),
        _("The card is deleted for good."),
    )  # fmt: skip


def empty(request: HttpRequest, slug: str) -> HttpResponse:
    """GET asks whether all cards of a kind are to be deleted for good, and tells how many; POST does what was told."""
    actor, record_type = _actor(request), type_by_slug(request, slug)
    if not may_purge(actor, record_type):
        raise NotFound()
    back, kind = f"/trash?type={record_type.key}", record_type.plural[actor.language]
    if request.method == "POST":
        before = _moment(request.POST.get("before", ""))
        text = purging.empty(actor, record_type, before, request.POST.get("idempotency", ""))
        return done(request, back, text)
    at, rows = now(), purging.reach(actor, record_type)
    number = purging.lying(actor, record_type, at).count()
    held = rows.count() - number
    texts = [ngettext("%(n)s card is deleted with its notes, files, tasks and history.",
                      "%(n)s cards are deleted with their notes, files, tasks and history.", number) % {"n": number},
             _("Nothing of them is left, and it can’t be undone.")]  # fmt: skip
    if held:
        stay = ngettext("%(n)s stays, for others still need it: %(why)s.",
                        "%(n)s stay, for others still need them: %(why)s.", held)  # fmt: skip
        texts.append(stay % {"n": held, "why": purging.why_needed(actor, record_type, rows)})
    title = _("Empty the trash: %(kind)s?") % {"kind": kind}
    told = {"title": title, "text": " ".join(texts), "url": request.get_full_path(), "fields": [],
            "hidden": [("before", at.isoformat())] if number else [], "cancel_url": back, "danger": True,
            "submit_label": _("Delete for good") if number else "", "idempotency": fresh_key()}  # fmt: skip
    if is_fragment(request):
        return fragment(request, "ui/fragments/ask.html", ask=told)
    return page(request, "ui/ask_page.html", ask=told)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise NotFound() from None
    if found.tzinfo is None:
        raise NotFound()
    return found
