"""The lists of countries, languages and currencies in the reader's language, in his order."""

from functools import cache, lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError

from comity.kernel.text import sort_key
from comity.ui.names import code_name

# Spoken by clients of such firms; any other ISO 639-1 code may come in by import.
SPOKEN = (
    "ar az be bg bn bs cs da de el en es et fa fi fr he hi hr hu hy id it ja ka kk ko ky lt lv mk mn ms nb nl pl pt"
    " ro ru sk sl sq sr sv tg th tk tr uk ur uz vi zh"
)


@lru_cache(maxsize=16)
def countries(language: str) -> list[dict[str, Any]]:
    """Every country (ISO 3166), by name."""
    territories = Locale.parse(language).territories
    found = [(code, name) for code, name in territories.items() if len(code) == 2 and code.isalpha()]
    found = [(code, name) for code, name in found if code not in ("EU", "EZ", "UN", "ZZ", "XA", "XB", "QO")]
    return _ordered(found)


@lru_cache(maxsize=16)
def languages(language: str) -> list[dict[str, Any]]:
    """The spoken languages, by name."""
    return _ordered([(code, code_name("language", code, language)) for code in SPOKEN.split()])


def language_name(code: str, language: str) -> str:
    """The name of a language."""
    return code_name("language", code, language)


def currencies(language: str, used: list[str]) -> list[dict[str, Any]]:
    """The currencies the company uses."""
    return [{"value": code, "label": code} for code in dict.fromkeys(used)]


def _ordered(found: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"value": code, "label": str(name)} for code, name in sorted(found, key=lambda one: sort_key(one[1]))]


@cache
def first_weekday(country: str) -> int:
    """The day the week begins with in a country, Monday = 0."""
    try:
        return Locale.parse(f"und_{country}").first_week_day
    except (UnknownLocaleError, ValueError):  # hardly a country
        return 0
