"""Whose eyes conditions see with, and what is wrong with a tree that cannot be judged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from comity.records.fields import FieldSpec


class BadCondition(ValueError):
    """The tree names a field the actor cannot read in clear, or an operator or value that does not fit."""


@dataclass(frozen=True)
class Scope:
    """Whose eyes the conditions see with: readable fields per type, visible records behind links, who and when."""

    fields: Mapping[str, FieldSpec]
    type_key: str = ""
    user_id: UUID | None = None
    team_ids: frozenset[UUID] = frozenset()
    timezone: str = "UTC"
    today: date = date(1970, 1, 1)
    # type key -> (its readable fields, its visible records); of every type a card may be of
    linked: Callable[[str], tuple[Mapping[str, FieldSpec], Any]] | None = field(default=None, compare=False)
    types: tuple[str, ...] = ()
