"""What a program's token may touch of all its user may: types of cards, to read them or to change them too."""

from collections.abc import Iterable
from dataclasses import dataclass

EVERYTHING = "*"
READ, WRITE = "read", "write"


@dataclass(frozen=True)
class Bounds:
    """The scopes of a token: (type key, "read" or "write"), EVERYTHING for all types. They take away, they never give.

    `named` of the types; without a line for EVERYTHING a type that is not named is not there.
    """

    named: tuple[tuple[str, str], ...] = ((EVERYTHING, WRITE),)

    @classmethod
    def of(cls, text: str) -> "Bounds":
        """From what is kept of a token: "person:write company:read", "*:read"; "" is everything."""
        lines = [line.partition(":") for line in text.split()]
        return cls(tuple(sorted((key, level) for key, _colon, level in lines))) if lines else cls()

    @classmethod
    def made(cls, lines: Iterable[tuple[str, str]]) -> "Bounds":
        """Of pairs; raises ValueError for a level there is not, and for none at all."""
        named = tuple(sorted(dict(lines).items()))
        if not named or any(level not in (READ, WRITE) or not key or " " in key for key, level in named):
            raise ValueError(named)
        return cls(named)

    def __str__(self) -> str:
        """As it is kept."""
        return " ".join(f"{key}:{level}" for key, level in self.named)

    @property
    def whole(self) -> bool:
        """Whether nothing is taken away."""
        return self.named == ((EVERYTHING, WRITE),)

    def level(self, type_key: str) -> str:
        """What is left of a type: "", "read" or "write"."""
        held = dict(self.named)
        return held.get(type_key, held.get(EVERYTHING, ""))

    def allow(self, type_key: str, action: str) -> bool:
        """Whether an action on a type is left."""
        level = self.level(type_key)
        return level == WRITE or (level == READ and action == "view")
