"""Relation kinds: what two records can be to each other, with a name for each direction."""

from collections.abc import Mapping
from dataclasses import dataclass

from comity.records.fields import OWN, Choice
from comity.records.labels import Label
from comity.records.models import RelationKind


@dataclass(frozen=True)
class Kind:
    """A shipped or administrator-made relation kind. Empty `from_type` / `to_type` fit any record."""

    key: str
    forward: Label  # what the second is to the first, as a heading on the first's card
    backward: Label
    from_type: str = ""
    to_type: str = ""
    roles: tuple[Choice, ...] = ()

    def fits(self, from_type: str, to_type: str) -> bool:
        """Whether records of these types can be related this way."""
        return self.from_type in ("", from_type) and self.to_type in ("", to_type)

    def role(self, key: str) -> Choice | None:
        """The role with that key."""
        return next((role for role in self.roles if role.key == key), None)


_kinds: dict[str, Kind] = {}

RELATED = Kind(
    "related",
    Label("Related", "Связаны", "Пов’язані", "Свързани", "Terkait", "ذو صلة"),
    Label("Related", "Связаны", "Пов’язані", "Свързани", "Terkait", "ذو صلة"),
)


def register(kind: Kind) -> Kind:
    """Make a shipped kind known; its key is none of those kept for the administrator's kinds."""
    if kind.key.startswith(OWN):
        raise ValueError(f"Relation kind {kind.key}: keys with {OWN!r} are the administrator's")
    if kind.key in _kinds:
        raise ValueError(f"Relation kind {kind.key} exists already")
    _kinds[kind.key] = kind
    return kind


def shipped() -> tuple[Kind, ...]:
    """The kinds that come with the rooms, in the order of registration."""
    return tuple(_kinds.values())


def get(made: Mapping[str, RelationKind], key: str) -> Kind | None:
    """A shipped kind, or one of those made by administrators (from the snapshot)."""
    if key in _kinds:
        return _kinds[key]
    row = made.get(key)
    return Kind(row.key, Label.of(row.forward), Label.of(row.backward)) if row else None


def fitting(made: Mapping[str, RelationKind], type_key: str) -> list[Kind]:
    """The kinds a record of that type can take part in."""
    every = [*_kinds.values(), *(Kind(row.key, Label.of(row.forward), Label.of(row.backward)) for row in made.values())]
    return [
        kind for kind in every if "" in (kind.from_type, kind.to_type) or type_key in (kind.from_type, kind.to_type)
    ]


register(RELATED)
