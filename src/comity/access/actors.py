"""Who acts: always an argument, never a thread-local."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from comity.access.bounds import Bounds
from comity.access.models import ACTIONS, SCOPES
from comity.access.snapshot import Snapshot, snapshot
from comity.kernel.errors import Refused
from comity.records.fields import LEVELS
from comity.records.kinds import Env


@dataclass(frozen=True, eq=False)
class Actor:
    """A user (or the system) with the rights in force at one snapshot."""

    kind: str  # user | system
    user_id: UUID | None
    state: Snapshot = field(repr=False)
    reason: str = ""  # of a system actor: which part of the house acts
    seen_by: UUID | None = None  # an administrator looks through these eyes: nothing may be written
    bounds: Bounds | None = None  # a program acts: within these bounds, and its figures are written as programs do

    @property
    def is_system(self) -> bool:
        """Whether the house itself acts; it sees and may do everything."""
        return self.kind == "system"

    @cached_property
    def member(self) -> Any:
        """The snapshot's Member, None for the system."""
        return self.state.users.get(self.user_id) if self.user_id else None

    @cached_property
    def administrator(self) -> bool:
        """Whether every right is his."""
        return self.is_system or bool(self.member and self.member.administrator)

    @cached_property
    def roles(self) -> tuple[Any, ...]:
        """The roles he holds."""
        held = self.state.roles_of.get(self.user_id, ()) if self.user_id else ()
        return tuple(self.state.roles[key] for key in held)

    @cached_property
    def own_teams(self) -> frozenset[UUID]:
        """The teams he is in."""
        memberships = self.state.memberships.get(self.user_id, ()) if self.user_id else ()
        return frozenset(team for team, _lead in memberships)

    @cached_property
    def branch(self) -> frozenset[UUID]:
        """The teams he is in and all below them."""
        teams: set[UUID] = set()
        for team in self.own_teams:
            teams |= self.state.branch(team)
        return frozenset(teams)

    @cached_property
    def colleagues_share(self) -> float:
        """How much of the people who work here his branch holds, 0 to 1."""
        everybody = sum(1 for user in self.state.users.values() if user.active) or 1
        places = self.state.memberships.values()
        return sum(1 for teams in places if any(team in self.branch for team, _lead in teams)) / everybody

    @cached_property
    def main_team(self) -> UUID | None:
        """Where records he makes belong."""
        memberships = self.state.memberships.get(self.user_id, ()) if self.user_id else ()
        return memberships[0][0] if memberships else None

    @cached_property
    def derived(self) -> dict[Any, Any]:
        """What other parts of the room have worked out from his rights; it stands as long as they do."""
        return {}

    @cached_property
    def _scopes(self) -> dict[tuple[str, str], str]:
        return {}

    def scope(self, type_key: str, action: str) -> str:
        """How far an action reaches on a type: none, own, team or all; the widest of his roles."""
        if action not in ACTIONS:
            raise ValueError(f"No action {action}")
        if self.barred(type_key, action):
            return "none"
        if self.administrator:
            return "all"
        held = self._scopes.get((type_key, action))
        if held is None:
            widest = 0
            for role in self.roles:
                grants = role.grants.get(type_key, role.grants.get("*", {}))
                widest = max(widest, SCOPES.index(grants.get(action, "none")))
            held = self._scopes[(type_key, action)] = SCOPES[widest]
        return held

    def barred(self, type_key: str, action: str) -> bool:
        """Whether nothing is left of an action on a type, whatever his roles and shares give: the type went with a
        module that is off, or the bounds of his token take it."""
        if self.state.off_types and type_key in self.state.off_types and not self.is_system:
            return True
        return self.bounds is not None and not self.bounds.allow(type_key, action)

    def level(self, type_key: str, field_key: str) -> str:
        """What he may do with a field: hide, mask, read or write; the most any of his roles allows."""
        level = self._level(type_key, field_key)
        return "read" if level == "write" and self.barred(type_key, "edit") else level

    def _level(self, type_key: str, field_key: str) -> str:
        if self.administrator or not self.roles:
            return "write"
        levels: list[str] = [role.fields.get(type_key, {}).get(field_key, "write") for role in self.roles]
        return max(levels, key=LEVELS.index)

    def permits(self, name: str) -> bool:
        """Whether a further right ("settings", "users", ...) is his; a token has them only where it has everything."""
        if self.bounds is not None and not self.bounds.whole:
            return False
        return self.administrator or any(name in role.permits for role in self.roles)

    def require(self, name: str) -> None:
        """Raises Refused unless `permits(name)`."""
        if not self.permits(name):
            raise Refused()

    @cached_property
    def language(self) -> str:
        """The language he reads."""
        organization = self.state.organization
        return (self.member and self.member.language) or (organization and organization.language) or "en"

    @cached_property
    def timezone(self) -> str:
        """The zone his days begin in."""
        organization = self.state.organization
        return (self.member and self.member.timezone) or (organization and organization.timezone) or "UTC"

    @cached_property
    def env(self) -> Env:
        """How his input is read."""
        organization = self.state.organization
        country, currency = (organization.country, organization.currency) if organization else ("", "EUR")
        language = self.language if self.bounds is None else "en"  # programs write 1234.5, whoever they act for
        return Env(language, country, self.timezone, currency)


def user_actor(
    user_id: UUID, state: Snapshot | None = None, seen_by: UUID | None = None, bounds: Bounds | None = None
) -> Actor:
    """The actor of a user, with his rights as they are now; `seen_by` an administrator: to look, not to write;
    `bounds`: of the program that acts for him.

    One object a user for as long as the state stands: what it has worked out serves the next request.
    """
    state = state or snapshot()
    found: Actor | None = state.actors.get((user_id, seen_by, bounds))
    if found is None:
        found = Actor("user", user_id, state, seen_by=seen_by, bounds=bounds)
        state.actors[user_id, seen_by, bounds] = found
    return found


def system(reason: str, state: Snapshot | None = None) -> Actor:
    """The house itself; `reason` names the part that acts. A house rule lists who may call this.

    One object a reason for as long as the state stands, as of users: its compiled queries serve the next request.
    """
    state = state or snapshot()
    found: Actor | None = state.actors.get((reason,))
    if found is None:
        found = state.actors[reason,] = Actor("system", None, state, reason)
    return found
