"""Whose work a page is about: one's own, the team's, one colleague's. What he may see of it the policy says."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q

from comity.access import policy
from comity.access.actors import Actor
from comity.records.prepared import key_slots, keys, portions
from comity.records.types import RecordType
from comity.work.tasks.model import Task

MINE, TEAM = "mine", "team"


@dataclass(frozen=True)
class Whose:
    """The choice of a page. `people` are the colleagues meant, None = everybody whose work he sees."""

    kind: str  # MINE | TEAM
    people: tuple[UUID, ...] | None
    who: UUID | None = None  # the one colleague chosen among the team

    def q(self) -> Q:
        """Which rows of a type with owners are meant."""
        return Q() if self.people is None else Q(owner__in=self.people)

    def rows(self, actor: Actor, record_type: RecordType) -> Any:
        """The rows meant of a type with owners, as far as he sees them."""
        if self.mine:
            return policy.own(actor, record_type)
        return policy.visible(actor, record_type).filter(self.q())

    @property
    def mine(self) -> bool:
        """Whether it is his own work."""
        return self.kind == MINE

    def params(self) -> dict[str, str]:
        """The choice as it stands in addresses; empty for one's own."""
        if self.mine:
            return {}
        return {"scope": TEAM} | ({"who": str(self.who)} if self.who else {})


@lru_cache(maxsize=1024)
def list_url(slug: str, whose: Whose, *where: tuple[str, str, str], sort: str = "") -> str:
    """The list of a type with conditions (field, operator, value), of those it is about as far as a filter says it."""
    owner = "me" if whose.mine else str(whose.who or "")
    conditions = [*where, *([("owner", "any", owner)] if owner else [])]
    params = [("match", "all")]
    for n, (key, op, value) in enumerate(conditions):
        params += [(f"f-{n}", key), (f"op-{n}", op), *([(f"v-{n}", value)] if value else [])]
    return f"/{slug}/?{urlencode([*params, *([('sort', sort)] if sort else [])])}"


def colleagues(actor: Actor) -> dict[UUID, Any]:
    """The colleagues whose work he may look at, himself among them, by name; empty for who has only his own.

    Those who see the tasks of all or of their team, and who leads a team.
    """
    users, scope = actor.state.users, actor.scope("task", "view")
    if scope == "all":
        return {key: user for key, user in users.items() if user.active} if len(users) > 1 else {}
    teams: frozenset[UUID] | set[UUID] = actor.branch if scope == "team" else _led(actor)
    held = actor.state.memberships
    found = {
        key: user for key, user in users.items()
        if user.active and (key == actor.user_id or any(team in teams for team, _lead in held.get(key, ())))
    }  # fmt: skip
    return found if found.keys() - {actor.user_id} else {}


def _led(actor: Actor) -> set[UUID]:
    places = actor.state.memberships.get(actor.user_id, ()) if actor.user_id else ()
    return {below for team, lead in places if lead for below in actor.state.branch(team)}


def choose(actor: Actor, params: Mapping[str, str]) -> Whose:
    """The choice an address brings (`scope`, `who`); one's own where he may not look at others' work."""
    own = Whose(MINE, (actor.user_id,) if actor.user_id else ())
    if params.get("scope") != TEAM:
        return own
    team = colleagues(actor)
    if not team:
        return own
    everybody = actor.scope("task", "view") == "all"
    try:
        who = UUID(params.get("who", ""))
    except ValueError:
        return Whose(TEAM, None if everybody else tuple(team))
    if who in team or (everybody and who in actor.state.users):  # one who has left may still hold something
        return Whose(TEAM, (who,), who)
    return Whose(TEAM, None if everybody else tuple(team))


def mates(actor: Actor) -> set[UUID]:
    """The colleagues who share a team with him."""
    held = actor.state.memberships
    return {key for key, places in held.items() if any(team in actor.own_teams for team, _lead in places)}


def changeable(actor: Actor, owners: Mapping[UUID, UUID | None]) -> set[UUID]:
    """Which of these tasks (key: who is responsible) he may change; the base is asked only for those his rights do not
    settle at once."""
    scope = actor.scope("task", "edit")
    if actor.seen_by is not None:
        return set()
    if scope == "all":
        return set(owners)
    sure = {key for key, owner in owners.items() if owner == actor.user_id} if scope != "none" else set()
    if unsure := owners.keys() - sure:
        for part, size in portions(list(unsure)):
            rows = actor.state.statements.of(_Editable(actor, size)).rows(**keys(part, size))
            sure |= {key for (key,) in rows}
    return sure


@dataclass(frozen=True)
class _Editable:
    """Those of so many tasks he may change. Its slots are their keys."""

    actor: Actor
    size: int

    def build(self) -> Any:
        """The query."""
        editable = policy.visible(self.actor, self.actor.state.record_types["task"], "edit")
        return editable.filter(pk__in=key_slots(Task._meta.pk, self.size)).values_list("pk")
