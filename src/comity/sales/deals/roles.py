"""Who decides on a deal: the people linked to it, and what they are in it or in its company."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q

from comity.access import policy
from comity.access.actors import Actor
from comity.records.models import RecordRef, Relation
from comity.records.prepared import Slot
from comity.ui.panels import Related

DECIDERS = ("decider", "director")


def lacks_decider(actor: Actor, deals: Iterable[RecordRef]) -> set[RecordRef]:
    """Those of the deals he sees to which nobody he sees is linked who decides; one query.

    One decides who has such a role in the deal, or in the company the deal is with, if that is seen too.
    """
    ids = [ref.id for ref in deals if ref.type == "deal"]
    return {RecordRef("deal", key) for key in _undecided(actor).filter(pk__in=ids).values_list("pk", flat=True)}


def is_undecided(actor: Actor, deal: Any, known: Related) -> bool:
    """The same of one deal he sees, of which its page knows this; a query only where a role in the company matters."""
    linked = [
        row for row in known.rows
        if row.kind == "deal_person" and row.from_id == deal.pk and RecordRef("person", row.to_id) in known.titles
    ]  # fmt: skip
    if any(f"|{role}|" in row.roles for row in linked for role in DECIDERS):
        return False
    if not linked or RecordRef("company", deal.company_id) not in known.titles:
        return True
    return bool(actor.state.statements.of(_One(actor)).rows(id=deal.pk))


@dataclass(frozen=True)
class _One:
    """One deal, if nobody decides on it. Slot: `id`."""

    actor: Actor

    def build(self) -> Any:
        """The query."""
        deals = _undecided(self.actor)
        return deals.filter(pk=Slot("id", deals.model._meta.pk)).values_list("pk")


def _undecided(actor: Actor) -> Any:
    types = actor.state.record_types
    person = policy.visible(actor, types["person"]).filter(pk=OuterRef("to_id"))
    company = policy.visible(actor, types["company"]).filter(pk=OuterRef("to_id"))
    in_company = Relation.objects.filter(
        _decides(), Exists(company), kind="works_at", from_type="person", from_id=OuterRef("to_id"), to_type="company",
        to_id=OuterRef(OuterRef("company_id")),
    )  # fmt: skip
    linked = Relation.objects.filter(
        kind="deal_person", from_type="deal", from_id=OuterRef("pk"), to_type="person"
    ).filter(_decides() | Exists(in_company), Exists(person))
    return policy.visible(actor, types["deal"]).exclude(Exists(linked))


def _decides() -> Q:
    """Whether one of the roles of a relation is one of those who decide."""
    q = Q()
    for role in DECIDERS:
        q |= Q(roles__contains=f"|{role}|")
    return q
