"""What to look for when a person's words are taken out of everything: names, numbers, addresses, however written."""

import re
from collections.abc import Iterable, Mapping
from copy import copy
from itertools import permutations
from typing import Any

from comity.kernel.text import fold
from comity.records import kinds
from comity.records.erased import ERASED
from comity.records.fields import CONTACT_KINDS, TEXT_KINDS, FieldSpec

LONG = 20  # characters from which a text is nobody else's
FEWEST_DIGITS = 7
LAST_DIGITS = 9  # of a phone: the beginning is written in many ways
_BETWEEN = r"[\s().\-/\u00a0]*"


class Needles:
    """Words to find and to take out.

    words  found anywhere in a text, whatever their case
    exact  found only where a text is nothing else: a given name alone is many people's
    wide   the same for places that are not about the card: the words alone
    """

    def __init__(self, words: Iterable[str] = (), exact: Iterable[str] = (), phones: Iterable[str] = ()) -> None:
        self.exact = frozenset(one for one in exact if len(one) > 2)
        found = {form for one in words for form in (one.strip(), fold(one).strip()) if len(form) > 3}
        parts = [r"\s+".join(re.escape(part) for part in one.split()) for one in sorted(found, key=len, reverse=True)]
        parts += [_phone(one) for one in sorted(set(phones)) if len(one) >= FEWEST_DIGITS]
        self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE) if parts else None

    @property
    def wide(self) -> "Needles":
        found = copy(self)
        found.exact = frozenset()
        return found

    def __bool__(self) -> bool:
        return self._pattern is not None or bool(self.exact)

    def holds(self, value: Any) -> bool:
        """Whether a text, or anything in a JSON value, has some of it."""
        if isinstance(value, str):
            return value in self.exact or bool(self._pattern and self._pattern.search(value))
        if isinstance(value, Mapping):
            return any(self.holds(key) or self.holds(one) for key, one in value.items())
        return isinstance(value, list | tuple) and any(self.holds(one) for one in value)

    def clean(self, value: Any) -> Any:
        """The same without it."""
        if isinstance(value, str):
            if value in self.exact:
                return ERASED
            return self._pattern.sub(ERASED, value) if self._pattern else value
        if isinstance(value, Mapping):
            return {self.clean(key): self.clean(one) for key, one in value.items()}
        return [self.clean(one) for one in value] if isinstance(value, list | tuple) else value


def _phone(digits: str) -> str:
    """The last digits with anything between them, and the country in front."""
    last = _BETWEEN.join(digits[-LAST_DIGITS:])
    return rf"(?:\+?(?:\d{_BETWEEN}){{0,6}})?{last}"


class Gathering:
    """Needles on their way: values of fields, as they are and as they were."""

    def __init__(self) -> None:
        self.words: set[str] = set()
        self.exact: set[str] = set()
        self.phones: set[str] = set()

    def title(self, text: str) -> None:
        """A name of the card."""
        if text and text != ERASED:
            (self.words if " " in text.strip() else self.exact).add(text)

    def names(self, parts: Iterable[str]) -> None:
        """The parts of a name: each alone, and together in any order."""
        held = [part for part in parts if part and part != ERASED]
        self.exact.update(held)
        for many in (2, 3):
            self.words.update(" ".join(some) for some in permutations(held[:4], many))

    def value(self, spec: FieldSpec, value: Any) -> None:
        """A value in its JSON form."""
        if kinds.empty(value):
            return
        if spec.kind in CONTACT_KINDS:
            for point in value if isinstance(value, list | tuple) else ():
                self._point(spec, str(point.get("value", "")))
        elif spec.kind == "address" and isinstance(value, Mapping):
            self._text(str(value.get("street", "")), 6)
        elif spec.kind in TEXT_KINDS and isinstance(value, str):
            self._text(value, 8 if spec.kind in ("url", "taxnumber") else LONG)

    def _point(self, spec: FieldSpec, text: str) -> None:
        if spec.kind == "phones":
            self.phones.add("".join(str(int(char)) for char in text if char.isdecimal()))
        else:
            self._text(text, 5)

    def _text(self, text: str, least: int) -> None:
        if len(text) >= least or (len(text) > 5 and sum(char.isdigit() for char in text) > 3):
            self.words.add(text)

    def needles(self) -> Needles:
        """Ready to look with."""
        return Needles(self.words, self.exact, self.phones)
