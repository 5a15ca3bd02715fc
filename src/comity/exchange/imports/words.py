"""Words of files: choices by their label in any language, colleagues, tags, countries, yes and no."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from comity.access.actors import Actor
from comity.kernel.text import fold
from comity.records.fields import Choice, FieldSpec
from comity.records.labels import LANGUAGES

YES = frozenset(fold(one) for one in (
    "1", "yes", "y", "true", "да", "так", "ya", "نعم", "on", "+", "x", "v", "✓", "истина", "правда", "ja", "sí", "oui",
))  # fmt: skip
NO = frozenset(fold(one) for one in (
    "0", "no", "n", "false", "нет", "ні", "не", "tidak", "لا", "off", "-", "ложь", "nein", "non", "",
))  # fmt: skip
NOTHING = frozenset(fold(one) for one in ("-", "–", "—", "нет", "n/a", "na", "none", "null", "не указано", "не указан"))
# How other programs call what is over; by the kind of a stage or state.
WON = frozenset(fold(one) for one in (
    "won", "closed won", "closedwon", "deal won", "успешно реализовано", "сделка успешна", "выиграна", "выиграно",
    "успешно реализована", "successful", "closed - won", "gewonnen", "abgeschlossen und gewonnen", "ganado",
    "cierre ganado", "угода успішна", "виграно", "vyhráno", "vyhráno ", "закрыто и выиграно", "закрыта успешно",
    "menang", "مكسوبة", "спечелена",
))  # fmt: skip
LOST = frozenset(fold(one) for one in (
    "lost", "closed lost", "closedlost", "deal lost", "закрыто и не реализовано", "сделка провалена", "проиграна",
    "проиграно", "closed - lost", "unsuccessful", "verloren", "abgeschlossen und verloren", "perdido",
    "cierre perdido", "угода провалена", "програно", "prohráno", "закрыто и проиграно", "закрыта неуспешно", "kalah",
    "خاسرة", "изгубена", "загубена", "анализ причины провала", "closed and lost",
))  # fmt: skip
OPEN = frozenset(fold(one) for one in (
    "open", "открыта", "открыто", "в работе", "offen", "abierto", "otevřený", "otevřeno", "відкрита",
    "in progress",
))  # fmt: skip


def choices(spec: FieldSpec) -> dict[str, str]:
    """{folded label in any language, or key: key} of a choice field; those in use before retired ones."""
    found: dict[str, str] = {}
    for one in sorted(spec.choices, key=lambda choice: choice.retired):
        for text in (one.key, *one.label.texts.values()):
            found.setdefault(fold(text), one.key)
    return found


def meant(spec: FieldSpec, text: str, known: Mapping[str, str]) -> str | None:
    """The key a text means in a choice field; None for none. `known` is what `choices` gave."""
    folded = fold(text)
    if folded in known:
        return known[folded]
    for words, kind in ((WON, "won"), (LOST, "lost"), (OPEN, "open")):
        if folded in words:
            return _of_kind(spec, kind)
    return None


def _of_kind(spec: FieldSpec, kind: str) -> str | None:
    exact: Choice | None = spec.choice(kind)
    if exact is not None:
        return exact.key
    return None


def users(actor: Actor) -> dict[str, UUID]:
    """{folded name or address: colleague} of those who ever worked here; two of one name are nobody."""
    found: dict[str, UUID] = {}
    twice: set[str] = set()
    for key, member in actor.state.users.items():
        names = {fold(member.name), " ".join(reversed(fold(member.name).split()))}
        for text in names:
            if text in found and found[text] != key:
                twice.add(text)
            found.setdefault(text, key)
        if member.email:
            found[fold(member.email)] = key
    return {text: key for text, key in found.items() if text not in twice}


def tags(actor: Actor) -> dict[str, UUID]:
    """{folded name: tag}."""
    return {tag.fold: key for key, tag in actor.state.tags.items()}


@cache
def _locales() -> tuple[Any, ...]:
    from babel import Locale

    return tuple(Locale.parse(one) for one in LANGUAGES)


@cache
def countries() -> dict[str, str]:
    """{folded name or code: code}."""
    found: dict[str, str] = {}
    for locale in _locales():
        for code, name in locale.territories.items():
            if len(code) == 2 and code.isalpha():
                found.setdefault(fold(name), code)
                found.setdefault(code.lower(), code)
    return found | {"usa": "US", "uk": "GB", "сша": "US", "россия": "RU", "рф": "RU", "uae": "AE", "оаэ": "AE"}


@cache
def languages() -> dict[str, str]:
    """The same for languages."""
    found: dict[str, str] = {}
    for locale in _locales():
        for code, name in locale.languages.items():
            if len(code) == 2:
                found.setdefault(fold(name), code)
                found.setdefault(code, code)
    return found
