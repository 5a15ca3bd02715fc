"""What the cards show of deals: the way along the stages, what can be done, lines, a warning, a line on clients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from markupsafe import Markup

from comity.access import policy
from comity.access.actors import Actor
from comity.kernel.clock import now
from comity.kernel.money import format_money, format_number
from comity.kernel.text import listed
from comity.records.models import RecordRef
from comity.records.prepared import EVERYBODYS, Slot, columns, key_slots, keys, portions
from comity.records.types import RecordType
from comity.sales.deals import signals
from comity.sales.deals.lines import sum_of
from comity.sales.deals.model import DealLine
from comity.sales.deals.roles import is_undecided, roles_in_companies
from comity.sales.pipelines import state
from comity.sales.pipelines.state import StageState
from comity.ui import names, registry
from comity.ui.cells import moment_format
from comity.ui.panels import may_edit, related
from comity.ui.registry import Summary
from comity.ui.render import fresh_key, html

DEAL = frozenset({"deal"})
CLIENTS = frozenset({"company", "person"})


def reads(actor: Actor, record_type: RecordType, *fields: str) -> bool:
    """Whether he reads all these fields in clear."""
    return all(policy.level(actor, record_type, record_type.spec(key)) in ("read", "write") for key in fields)


def stages_of(actor: Actor, card: Any) -> tuple[StageState, ...]:
    """The stages a deal goes along, with the one it stands in even when it is retired; none of a lost pipeline."""
    pipelines = state.of(actor.state)
    here = pipelines.stages.get(card.stage)
    pipeline = pipelines.by_key.get(here.pipeline if here else card.pipeline)
    if pipeline is None:
        return ()
    return tuple(one for one in pipeline.stages if one.kind == "open" and (not one.retired or one.key == card.stage))


def stage_bar(request: Any, record_type: RecordType, card: Any) -> Markup | None:
    """The stages in order, each a button that moves the deal there; or how it ended."""
    actor: Actor = request.actor
    if not reads(actor, record_type, "stage", "state"):
        return None
    stages = stages_of(actor, card)
    if card.state == "open":
        if not stages:
            return None
        bar = {
            "url": f"/deals/{card.pk}/move" if may_edit(actor, record_type, card) else None,
            "version": card.version,
            "key": fresh_key(),
            "stages": _steps(actor, stages, card.stage),
            "signals": _signals(actor, record_type, card),
        }
    else:
        bar = {"ended": _ending(actor, record_type, card)}
    return html("sales/stage_bar.html", {"bar": bar})


def _steps(actor: Actor, stages: Sequence[StageState], at: str) -> list[dict[str, Any]]:
    place = next((n for n, stage in enumerate(stages) if stage.key == at), -1)
    return [
        {"key": stage.key, "label": stage.label[actor.language], "hue": stage.hue,
         "is": "here" if n == place else "done" if n < place else "ahead"}
        for n, stage in enumerate(stages)
    ]  # fmt: skip


def _signals(actor: Actor, record_type: RecordType, card: Any) -> list[dict[str, str]]:
    """How long it has stood here, and how often it went back."""
    found = []
    if card.state == "open" and card.stage_since and reads(actor, record_type, "stage_since"):
        moment, stage = signals.here_and_now(actor), state.of(actor.state).stages.get(card.stage)
        text = stay(signals.days_in_stage(card, moment), stage.norm_days if stage else 0)
        stuck = signals.is_stuck(actor, card, moment)
        found.append({"tone": "warn" if stuck else "", "icon": "clock", "text": text})
    if signals.went_back(card) and reads(actor, record_type, "moves_back"):
        text = ngettext("went back %(n)s time", "went back %(n)s times", card.moves_back) % {"n": card.moves_back}
        found.append({"tone": "warn", "icon": "arrow-back-up", "text": text})
    return found


def stay(days: int, norm: int) -> str:
    """A stay in a stage in words: "5 days here; usual 3"."""
    if days <= 0:
        return _("here since today")
    if not norm:
        return ngettext("%(days)s day here", "%(days)s days here", days) % {"days": days}
    text = ngettext("%(days)s day here; usual %(norm)s", "%(days)s days here; usual %(norm)s", days)
    return text % {"days": days, "norm": norm}


def _ending(actor: Actor, record_type: RecordType, card: Any) -> dict[str, Any]:
    """Won or lost, when, and why, as far as he reads it."""
    language = actor.language
    words = []
    for key in ("won_reason", "lost_reason", "competitor"):
        value = getattr(card, key)
        if value and reads(actor, record_type, key):
            words.append(names.choice_name(record_type.spec(key), value, language))
    when = ""
    if card.closed_at and reads(actor, record_type, "closed_at"):
        when = moment_format(language, now(), actor.timezone)(card.closed_at)
    return {
        "won": card.state == "won", "label": names.choice_name(record_type.spec("state"), card.state, language),
        "when": when, "why": listed(words, language),
    }  # fmt: skip


def head_actions(actor: Actor, record_type: RecordType, card: Any, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Move, win, lose; reopen what has ended."""
    if not reads(actor, record_type, "stage", "state") or not may_edit(actor, record_type, card):
        return []
    url = f"/deals/{card.pk}"
    if card.state != "open":
        return [{"label": _("Reopen"), "icon": "arrow-back-up", "url": f"{url}/reopen"}]
    return [
        {"label": _("Move to"), "icon": "switch-horizontal", "url": f"{url}/move"},
        {"label": _("Won"), "icon": "circle-check", "url": f"{url}/won"},
        {"label": _("Lost"), "icon": "circle-x", "url": f"{url}/lost"},
    ]


def client_actions(actor: Actor, record_type: RecordType, card: Any, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A new deal with this client filled in."""
    deal = actor.state.record_types["deal"]
    if actor.scope("deal", "create") == "none":
        return []
    filled = {record_type.key: str(card.pk)}
    if record_type.key == "person" and values.get("company") and reads(actor, record_type, "company"):
        filled["company"] = str(values["company"])
    query = {key: one for key, one in filled.items() if policy.level(actor, deal, deal.spec(key)) == "write"}
    return [{"label": _("New deal"), "icon": "plus", "url": f"/deals/new?{urlencode({'quick': '1', **query})}",
             "primary": True}]  # fmt: skip


def warning(request: Any, record_type: RecordType, card: Any) -> Markup | None:
    """That nobody linked to the deal decides."""
    actor: Actor = request.actor
    if card.state != "open":
        return None
    company = [RecordRef("company", card.company_id)] if card.company_id else []
    if not is_undecided(card, related(actor, record_type, card, company)):
        return None
    link = ""
    if may_edit(actor, record_type, card):
        link = f"/deals/{card.pk}/links?{urlencode({'kind': 'deal_person', 'side': 'to', 'roles': 'decider'})}"
    return html("sales/no_decider.html", {"link": link})


@dataclass(frozen=True)
class _Lines:
    """The lines of a deal, in order."""

    def build(self) -> Any:
        """The query; its slot is the deal's key."""
        rows = DealLine.objects.filter(deal_id=Slot("id", DealLine._meta.get_field("deal_id")))
        return rows.order_by("position", "id").values_list(*columns(DealLine))


def lines_of(deal_id: UUID) -> list[DealLine]:
    """The lines of a deal, for who reads its amount."""
    return EVERYBODYS.of(_Lines()).objects(DealLine, id=deal_id)


def lines_panel(actor: Actor, record_type: RecordType, card: Any) -> dict[str, Any] | None:
    """What the deal is about, with its sum; money is shown to who reads the amount."""
    if not reads(actor, record_type, "amount"):
        return None
    currency = card.amount_currency or actor.env.currency
    language = actor.language
    held = lines_of(card.pk)
    sums = [sum_of(one.quantity, one.price, currency).units for one in held]
    items = [
        {"name": one.name, "sum": format_money(units, currency, language),
         "detail": f"{format_number(one.quantity, language)} × {format_money(one.price, currency, language)}"}
        for one, units in zip(held, sums, strict=True)
    ]  # fmt: skip
    total = format_money(sum(sums), currency, language)
    writes = policy.level(actor, record_type, record_type.spec("amount")) == "write"
    made = html("sales/lines_panel.html", {"lines": items, "total": total})
    add = f"/deals/{card.pk}/lines" if writes and may_edit(actor, record_type, card) else None
    return {"label": _("Lines"), "items": items, "html": made, "add_url": add}


@dataclass(frozen=True)
class _Told:
    """What lines on clients' cards tell of so many deals he sees."""

    actor: Actor
    size: int

    def build(self) -> Any:
        """The query; its slots are the deals' keys."""
        deal = self.actor.state.record_types["deal"]
        seen = policy.visible(self.actor, deal).filter(pk__in=key_slots(deal.model._meta.pk, self.size))
        return seen.values("id", "stage", "state", "amount", "amount_currency", "created_at")


def summaries(actor: Actor, record_type: RecordType, ids: Sequence[UUID]) -> dict[UUID, Summary]:
    """Stage and amount of deals, as far as he reads them: the open ones first, then the newest."""
    stage, amount = reads(actor, record_type, "stage", "state"), reads(actor, record_type, "amount")
    found = {}
    for part, size in portions(ids):
        for row in actor.state.statements.of(_Told(actor, size)).values(**keys(part, size)):
            found[row["id"]] = _summary(actor, row, stage, amount)
    return found


def _summary(actor: Actor, row: Mapping[str, Any], stage: bool, amount: bool) -> Summary:
    language = actor.language
    words, steps = [], None
    here = state.of(actor.state).stages.get(row["stage"]) if stage else None
    if here is not None:
        words.append(here.label[language])
        pipeline = state.of(actor.state).by_key[here.pipeline]
        if here in pipeline.open:
            steps = (pipeline.open.index(here) + 1, len(pipeline.open))
    if amount and row["amount"] is not None:
        words.append(format_money(row["amount"], row["amount_currency"], language))
    closed = stage and row["state"] != "open"
    return Summary(listed(words, language), (closed, -row["created_at"].timestamp()), steps)


def register() -> None:
    """Add what deals bring to the cards."""
    registry.add(registry.Block("stages", stage_bar, "head", DEAL, order=10, label=lambda: _("Stages")))
    registry.add(registry.Block("decider", warning, "flow", DEAL, order=10, label=lambda: _("Nobody who decides")))
    registry.add(registry.Actions("deal", head_actions, "head", DEAL, order=10))
    registry.add(registry.Actions("new-deal", client_actions, "head", CLIENTS, order=10))
    registry.add(registry.Panel("lines", lines_panel, DEAL, DEAL, order=10, label=lambda: _("Lines")))
    registry.add_summaries("deal", summaries)
    registry.add_near("deal", roles_in_companies)
