"""What every generic page needs to know of people."""

from collections.abc import Mapping
from typing import Any

from comity.kernel.text import listed
from comity.parties.people.model import Person
from comity.parties.people.names import display_name, sort_text
from comity.records.labels import Label
from comity.records.types import RecordType, register


def _title(values: Mapping[str, Any], language: str) -> tuple[str, str]:
    return display_name(values, language), sort_text(values)


def _context(row: Mapping[str, Any], names: Mapping[str, str], language: str) -> str:
    return listed((row["position"], names.get("company", "")), language)


PERSON = register(
    RecordType(
        key="person",
        slug="people",
        model=Person,
        label=Label("Person", "Человек", "Людина", "Човек", "Orang", "شخص"),
        plural=Label("People", "Люди", "Люди", "Хора", "Orang", "الأشخاص"),
        icon="users",
        lead_when="person_clients",
        title=_title,
        title_fields=("given_name", "patronymic", "family_name"),
        display=display_name,
        context=_context,
        context_fields=("position", "company"),
        columns=("phones", "emails", "tags", "owner", "updated_at"),
        extra={"at": "company"},  # of search.rules: a namesake at the same company is likely the same
    )
)
