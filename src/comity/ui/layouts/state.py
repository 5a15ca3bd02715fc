"""The layouts in force: part of the snapshot, so asking for one costs no query; which of them is an actor's.

A layout only orders and puts aside what its reader may see by his rights: it gives nothing and takes nothing.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from comity.access import snapshot
from comity.access.actors import Actor
from comity.access.models import Role
from comity.access.snapshot import Snapshot

PART = "layouts"  # of the snapshot
MENU = "menu"
OF_CARDS = ("card", "panels", "list", "board")
PARTS = (*OF_CARDS, MENU)

Whose = tuple[str, UUID | None]  # ("all", None) | ("role", id) | ("team", id)
EVERYBODY: Whose = ("all", None)
What = Mapping[str, Any]


def _load() -> dict[tuple[str, str], dict[Whose, What]]:
    from comity.changes.settings import Wrong
    from comity.ui.layouts.shapes import BadShape, tidy
    from comity.ui.models import Layout

    found: dict[tuple[str, str], dict[Whose, What]] = {}
    for type_key, part, role, team, what in Layout.objects.values_list("type_key", "part", "role", "team", "what"):
        whose: Whose = ("role", role) if role else ("team", team) if team else EVERYBODY
        with suppress(BadShape, KeyError):  # what came broken out of an archive shapes nothing
            found.setdefault((type_key, part), {})[whose] = tidy(part, what, Wrong())
    return found


def register() -> None:
    """Keep them in the snapshot."""
    snapshot.add_part(PART, _load)


def held(state: Snapshot, type_key: str, part: str) -> Mapping[Whose, What]:
    """The layouts of one part of a type, by whose they are."""
    found: Mapping[Whose, What] = state.parts[PART].get((type_key, part), {})
    return found


def roles_in_order(state: Snapshot) -> list[Role]:
    """All roles in their own order, in which they were made: of several a colleague holds, the first that has a layout
    decides."""
    return sorted(state.roles.values(), key=lambda one: one.pk)


def _candidates(actor: Actor) -> Iterator[Whose]:
    """Whose layouts may be his: those of his roles in their order, of his teams and the ones above, of everybody."""
    state = actor.state
    for role in sorted(actor.roles, key=lambda one: one.pk):
        yield ("role", role.pk)
    for team_id, _lead in state.memberships.get(actor.user_id, ()) if actor.user_id else ():
        above: UUID | None = team_id
        seen: set[UUID] = set()
        while above is not None and above in state.teams and above not in seen:
            seen.add(above)
            yield ("team", above)
            above = state.teams[above].parent_id
    yield EVERYBODY


def of(actor: Actor, type_key: str, part: str) -> What | None:
    """The layout that decides for him; None = as delivered."""
    own = actor.state.parts[PART].get((type_key, part))
    if not own:
        return None
    key = (PART, type_key, part)
    if key not in actor.derived:
        actor.derived[key] = next((own[whose] for whose in _candidates(actor) if whose in own), None)
    found: What | None = actor.derived[key]
    return found
