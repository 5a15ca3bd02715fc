"""Who decides on a deal: the people linked to it, and what they are in it or in its company."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from comity.access import policy
from comity.access.actors import Actor
from comity.records.models import RecordRef, Relation

DECIDERS = frozenset({"decider", "director"})


def lacks_decider(actor: Actor, deals: Iterable[RecordRef]) -> set[RecordRef]:
    """Those of the deals he sees to which nobody he sees is linked who decides; a handful of queries for them all.

    One decides who has such a role in the deal, or in the company the deal is with.
    """
    ids = [ref.id for ref in deals if ref.type == "deal"]
    seen = policy.visible(actor, actor.state.record_types["deal"]).filter(pk__in=ids)
    return {RecordRef("deal", key) for key in undecided(actor, dict(seen.values_list("pk", "company_id")))}


def undecided(actor: Actor, company_of: Mapping[UUID, UUID | None]) -> set[UUID]:
    """The same of deals that he sees, given with their companies."""
    linked = Relation.objects.filter(kind="deal_person", from_type="deal", from_id__in=company_of, to_type="person")
    rows = list(linked.values_list("from_id", "to_id", "roles"))
    people = policy.titles_of(actor, "person", list({person for _deal, person, _roles in rows}))
    rows = [row for row in rows if row[1] in people]
    decided = {deal for deal, _person, roles in rows if DECIDERS.intersection(roles.split("|"))}
    rows = [row for row in rows if row[0] not in decided and company_of[row[0]]]
    if rows:
        at_work = Relation.objects.filter(
            kind="works_at", from_type="person", from_id__in={person for _deal, person, _roles in rows},
            to_type="company", to_id__in={company_of[deal] for deal, _person, _roles in rows},
        )  # fmt: skip
        deciders = {
            (person, company) for person, company, roles in at_work.values_list("from_id", "to_id", "roles")
            if DECIDERS.intersection(roles.split("|"))
        }  # fmt: skip
        decided |= {deal for deal, person, _roles in rows if (person, company_of[deal]) in deciders}
    return company_of.keys() - decided
