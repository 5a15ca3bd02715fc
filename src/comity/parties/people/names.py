"""How a person's name is put together, by language."""

from collections.abc import Mapping
from typing import Any

FAMILY_FIRST = frozenset({"ru", "uk"})  # formal order in lists: family, given, patronymic


def display_name(values: Mapping[str, Any], language: str) -> str:
    """The name as readers of a language write it in lists: "Mara Sample", "Иванов Иван Петрович"."""
    given, patronymic, family = (values.get(key) or "" for key in ("given_name", "patronymic", "family_name"))
    parts = (family, given, patronymic) if language in FAMILY_FIRST else (given, patronymic, family)
    return " ".join(filter(None, parts))


def sort_text(values: Mapping[str, Any]) -> str:
    """What lists are ordered by: family name, then given name and patronymic."""
    return " ".join(filter(None, (values.get(key) or "" for key in ("family_name", "given_name", "patronymic"))))
