"""Eyes to look at a layout with: of somebody who holds one role. They see no card, only what a page has."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from comity.access.actors import Actor
from comity.access.models import Role


@dataclass(frozen=True, eq=False)
class Eyes(Actor):
    """A reader with one role, who reads the language of the one who looks."""

    held: tuple[Role, ...] = ()
    reads: str = "en"

    @cached_property
    def roles(self) -> tuple[Any, ...]:
        """The role."""
        return self.held

    @cached_property
    def language(self) -> str:
        """As of who looks."""
        return self.reads


def of_role(actor: Actor, role: Role) -> Eyes:
    """The eyes of a role's holders, for `actor` to look with."""
    return Eyes("user", None, actor.state, held=(role,), reads=actor.language)
