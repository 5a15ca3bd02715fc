"""How a person's name is put together, and taken apart, by language."""

import re
from collections.abc import Mapping
from typing import Any

from comity.kernel.text import fold
from comity.parties.people.model import SALUTATIONS

FAMILY_FIRST = frozenset({"ru", "uk"})  # formal order in lists: family, given, patronymic
_TITLES = {fold(text).rstrip("."): one.key for one in SALUTATIONS for text in one.label.texts.values()}
_PATRONYMIC = re.compile(r"(ович|евич|йович|ьович|инич|ич|овна|евна|ёвна|івна|ївна|ична|инична)$")
_FAMILY = re.compile(
    r"(ов|ев|ёв|єв|їв|ин|ін|їн|ын|ова|ева|ёва|єва|ина|іна|їна|ына|ский|цкий|ський|цький|ская|цкая|ська|цька|ски|ска"
    r"|енко|ко|чук|юк|щук|ук|ак|як|ык|их|ых|дзе|швили|ян|ишин)$"
)
# Given names that end like family names.
_LIKE_FAMILY = (
    "марина галина ирина екатерина катерина полина алина арина кристина валентина антонина нина ангелина карина регина"
    " калина лина дарина ірина каліна константин валентин мартин вениамин лев яков ян дамян мар'ян"
)
_GIVEN = frozenset(_LIKE_FAMILY.split())
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_SERVANT = ("عبد", "ابو", "ام")  # a given name of two words begins with them


def display_name(values: Mapping[str, Any], language: str) -> str:
    """The name as readers of a language write it in lists: "Mara Sample", "Иванов Иван Петрович"."""
    given, patronymic, family = values.get("given_name"), values.get("patronymic"), values.get("family_name")
    parts = (family, given, patronymic) if language in FAMILY_FIRST else (given, patronymic, family)
    return " ".join(filter(None, parts))


def sort_text(values: Mapping[str, Any]) -> str:
    """What lists are ordered by: family name, then given name and patronymic."""
    return " ".join(filter(None, (values.get("family_name"), values.get("given_name"), values.get("patronymic"))))


def take_apart(name: str) -> dict[str, str]:
    """The parts of a name written in one line, by field: salutation, given_name, patronymic, family_name.

    It goes by the letters of the name, since a client's language need not be ours: a comma stands after the family
    name; in Cyrillic the endings tell; in Arabic the given name stands first; elsewhere the family name is the last.
    A guess that people mend by hand where it is wrong; no word is lost.
    """
    if name.count(",") > 1:
        name = name.replace(",", " ")
    family, comma, rest = (part.strip() for part in name.partition(","))
    words = (rest if comma else name).split()
    found: dict[str, str] = {}
    if len(words) > 1 and (title := _TITLES.get(fold(words[0]).rstrip("."))):
        found["salutation"] = title
        words = words[1:]
    if comma and family and words:
        parts = _parts(words)
        if "patronymic" not in parts or parts["family_name"]:
            parts = {"given_name": " ".join(words)}
        parts["family_name"] = " ".join(family.split())
    else:
        parts = _parts(words or family.split())
    return found | {key: text for key, text in parts.items() if text}


def _parts(words: list[str]) -> dict[str, str]:
    text = " ".join(words)
    if _CYRILLIC.search(text):
        return _cyrillic(words)
    if _ARABIC.search(text):
        at = 2 if len(words) > 2 and fold(words[0]) in _SERVANT else 1
        return _cut(words, at)
    at = len(words) - 1
    while at > 1 and words[at - 1].islower() and not words[0].islower():  # van, de, bin
        at -= 1
    return _cut(words, at)


def _cut(words: list[str], at: int) -> dict[str, str]:
    """The given name, then from word `at` the family name; one word alone is a given name."""
    return {"given_name": " ".join(words[: at or 1]), "family_name": " ".join(words[at or 1 :])}


def _cyrillic(words: list[str]) -> dict[str, str]:
    """Given name, patronymic and family name in either order: «Петров Иван Ильич», «Иван Ильич Петров»."""
    middle = next((n for n in range(1, len(words)) if _PATRONYMIC.search(words[n].lower())), 0)
    if middle and not (len(words) == 2 and _is_family(words[0])):
        others = words[: middle - 1] + words[middle + 1 :]
        return {"given_name": words[middle - 1], "patronymic": words[middle], "family_name": " ".join(others)}
    if len(words) == 2 and _is_family(words[0]) and not _is_family(words[1]):
        return {"given_name": words[1], "family_name": words[0]}
    return _cut(words, len(words) - 1)


def _is_family(word: str) -> bool:
    return bool(_FAMILY.search(word.lower())) and word.lower() not in _GIVEN
