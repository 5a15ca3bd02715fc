"""The words of the demo company in one language, and invented people, firms and numbers made of them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

FOLDER = Path(__file__).parent / "words"
PAIRED = frozenset({"adjectives", "nouns", "given_m", "given_f", "family"})  # with their Latin letters
LISTED = frozenset({"patronymic", "cities", "streets"})


@dataclass(frozen=True)
class Words:
    """One file of `words/`, read and split."""

    language: str
    raw: Mapping[str, Any]

    @classmethod
    def of(cls, language: str) -> "Words":
        """The words of a language; FileNotFoundError when there are none."""
        return cls(language, tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8")))

    def __getitem__(self, key: str) -> Any:
        value = self.raw[key]
        if key in LISTED:
            return [part for part in value.split(", ") if part]
        if key in PAIRED:
            return [tuple(part.rsplit(":", 1)) for part in value.split(", ")]
        return value

    @cached_property
    def firms(self) -> list[tuple[str, str]]:
        """All firms that can be made: (name, Latin name for addresses)."""
        return [
            (self["name"].format(adjective=adjective, noun=noun), f"{first}-{second}")
            for noun, second in self["nouns"] for adjective, first in self["adjectives"]
        ]  # fmt: skip

    def form(self, text: str, female: bool) -> str:
        """The form of a word for him or her."""
        his, _bar, hers = text.partition("|")
        return hers if female and hers else his

    def person(self, n: int, chance: Random) -> tuple[dict[str, Any], str]:
        """The n-th invented person of at most 400, no two of one name: (values of the card, Latin name)."""
        family, second = self["family"][n % 20]
        given, first = [*self["given_f"], *self["given_m"]][(n // 20 + 7 * n) % 20]
        female = (n // 20 + 7 * n) % 20 < 10
        values = {
            "given_name": given,
            "family_name": self.form(family, female),
            "gender": "female" if female else "male",
            "salutation": "ms" if female else "mr",
        }
        if self["patronymic"]:
            values["patronymic"] = self.form(chance.choice(self["patronymic"]), female)
        return values, f"{first}.{second}"

    def address(self, chance: Random) -> dict[str, str]:
        """A street that does not exist in a town that does."""
        return {
            "street": f"{chance.choice(self['streets'])} {chance.randint(1, 98)}",
            "city": chance.choice(self["cities"]),
            "country": self["country"],
        }

    def phone(self, kind: str, number: int) -> str:
        """The n-th number (below 1000) of a range that nobody has: "office" or "mobile"."""
        return str(self[kind].format(number))
