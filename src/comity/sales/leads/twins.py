"""Where a lead may be here already: among leads, people and companies."""

from collections.abc import Iterator, Mapping
from typing import Any

from comity.parties.people.names import take_apart
from comity.search import duplicates
from comity.search.duplicates import Twins

POINTS = ("phones", "emails")


def _points(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {key: raw[key] for key in POINTS if raw.get(key)}


def _as_person(raw: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """His phones, addresses and name; which of two words is the family name is a guess, so both are tried."""
    parts = take_apart(str(raw.get("contact_name") or ""))
    given, family = parts.get("given_name", ""), parts.get("family_name", "")
    yield _points(raw) | {"given_name": given, "family_name": family}
    if given and family:
        yield {"given_name": family, "family_name": given}


def _as_company(raw: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield _points(raw) | {"name": raw.get("company_name")}


def register() -> None:
    """Make the house look for leads among people and companies too."""
    duplicates.also("lead", Twins("person", _as_person))
    duplicates.also("lead", Twins("company", _as_company))
