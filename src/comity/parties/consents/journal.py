"""The journal of a person read: all entries, and what holds of them now."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.utils.translation import pgettext

from comity.access.actors import Actor
from comity.parties.consents.commands import PERSON
from comity.parties.consents.model import Consent
from comity.ui.cells import written_day

MOST = 500  # entries of one person that are told


def entries(person_id: UUID) -> list[Consent]:
    """The entries of a person the actor sees, those taken back too; the newest day first."""
    rows = Consent.objects.filter(type_key=PERSON, record_id=person_id)
    return list(rows.order_by("-day", "-created_at", "-id")[:MOST])


def holding(rows: Iterable[Consent]) -> dict[str, Consent]:
    """By purpose the entry that holds now, of rows in the order of `entries`."""
    found: dict[str, Consent] = {}
    for row in rows:
        if row.undone_at is None:
            found.setdefault(row.purpose, row)
    return found


def value_name(actor: Actor, list_key: str, key: str) -> str:
    """What a value of a list is called, those out of use too."""
    label = next((one.label for one in actor.state.options[list_key] if one.key == key), None)
    return label[actor.language] if label else key


def day_text(day: date, language: str) -> str:
    """ "3 March 2026"."""
    return written_day(day, "d MMMM y", language)


def what(given: bool, day: str) -> str:
    """Whether it was given or withdrawn, and when."""
    text = pgettext("a consent", "Given on %(day)s") if given else pgettext("a consent", "Withdrawn on %(day)s")
    return text % {"day": day}
