"""Who decides on a deal: the people linked to it, and what they are in it or in its company."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

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


def is_undecided(deal: Any, known: Related) -> bool:
    """The same of one deal he sees, out of what its page knows: no query. `known` holds its company's title, if any."""
    linked = [
        row for row in known.rows
        if row.kind == "deal_person" and row.from_id == deal.pk and RecordRef("person", row.to_id) in known.titles
    ]  # fmt: skip
    people = {row.to_id for row in linked}
    if RecordRef("company", deal.company_id) in known.titles:
        linked += [row for row in known.near if row.to_id == deal.company_id and row.from_id in people]
    return not any(f"|{role}|" in row.roles for row in linked for role in DECIDERS)


def roles_in_companies(deal_id: Slot) -> QuerySet[Relation]:
    """What the people linked to a deal decide in companies: what `is_undecided` wants to be near."""
    people = Relation.objects.filter(from_type="deal", from_id=deal_id, kind="deal_person", to_type="person")
    return Relation.objects.filter(
        _decides(), kind="works_at", from_type="person", from_id__in=people.values("to_id"), to_type="company"
    )


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
