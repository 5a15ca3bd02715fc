"""Note a consent or its withdrawal; take back what one noted by mistake."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import commands, files
from comity.changes.bus import Work
from comity.changes.undo import UNDO_DAYS
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused, too_long
from comity.kernel.text import clean
from comity.parties.consents.model import Consent
from comity.parties.consents.options import PURPOSES, WAYS
from comity.records.models import RecordRef, StoredFile

PERSON = "person"
LONGEST = 2000  # characters of a note
EARLIEST = date(1900, 1, 1)


@dataclass
class NoteConsent:
    """Write into a person's journal that he agreed (`given`) to something, or no longer does. Needs edit.

    purpose   a key of the list "consent_purpose"; what is offered no more can still be withdrawn
    day       "2026-03-31"; past or today
    way       a key of the list "consent_way"; may be "" for a withdrawal only
    """

    key: ClassVar[str] = "consent.note"
    person_id: UUID
    purpose: str
    given: bool
    day: str
    way: str = ""
    note: str = ""
    file_id: UUID | None = None

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid. Result.data: {"consent": id}."""
        commands.hold(work, PERSON, self.person_id)  # nobody merges the card meanwhile
        day, note = self._checked(work.actor)
        row = Consent.objects.create(
            type_key=PERSON, record_id=self.person_id, purpose=self.purpose, given=self.given, day=day, way=self.way,
            note=note, file_id=self.file_id, created_by=work.actor.user_id, created_at=now(),
        )  # fmt: skip
        work.result.data["consent"] = str(row.pk)
        tell(work, "consent.given" if row.given else "consent.withdrawn", row)

    def _checked(self, actor: Actor) -> tuple[date, str]:
        wrong: dict[str, list[str]] = {}
        if self.purpose not in offered(actor, PURPOSES.key, retired=not self.given):
            wrong["purpose"] = [_("Choose one of the list.")]
        if self.given and not self.way:
            wrong["way"] = [_("Say how the consent was given.")]
        elif self.way and self.way not in offered(actor, WAYS.key):
            wrong["way"] = [_("Choose one of the list.")]
        day = EARLIEST
        try:
            day = date.fromisoformat(self.day.strip())
            if day < EARLIEST:
                raise ValueError(day)
        except ValueError:
            wrong["day"] = [_("Enter a date such as 2026-03-31.")]
        if day > policy.today(actor):
            wrong["day"] = [_("This day is still to come. Note a consent on the day it is given, or later.")]
        note = clean(self.note).strip()
        if len(note) > LONGEST:
            wrong["note"] = [too_long(len(note), LONGEST)]
        if self.file_id is not None and self.file_id not in {one.pk for one in files_of(actor, self.person_id)}:
            wrong["file"] = [_("This file does not hang on the card any more.")]
        if wrong:
            raise Invalid(fields=wrong)
        return day, note


@dataclass
class TakeBackConsent:
    """Take back an entry one made by mistake (an administrator: anybody’s) within 30 days. Needs edit on the person.

    It stays in the journal, with a word of that, and holds no more.
    """

    key: ClassVar[str] = "consent.take_back"
    consent_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Conflict."""
        person = Consent.objects.filter(pk=self.consent_id).values_list("record_id", flat=True).first()
        if person is None:
            raise NotFound()
        commands.hold(work, PERSON, person)
        row = Consent.objects.get(pk=self.consent_id)
        if not his_own(work.actor, row):
            raise Refused(
                _("Only who noted an entry may take it back."), todo=_("Note what holds now as a new entry instead.")
            )
        if row.undone_at is not None:
            raise Conflict(_("This entry has been taken back already."), kept=_("Nothing was changed."))
        if not fresh(row):
            text = ngettext(
                "This happened more than %(days)s day ago and can no longer be undone.",
                "This happened more than %(days)s days ago and can no longer be undone.",
                UNDO_DAYS,
            )
            raise Refused(text % {"days": UNDO_DAYS}, todo=_("Note what holds now as a new entry instead."))
        row.undone_at, row.undone_by = now(), work.actor.user_id
        row.save(update_fields=["undone_at", "undone_by"])
        tell(work, "consent.taken_back", row)


def his_own(actor: Actor, row: Consent) -> bool:
    """Whether an entry is his to take back, if he edits the person."""
    return actor.administrator or (row.created_by is not None and row.created_by == actor.user_id)


def fresh(row: Consent) -> bool:
    """Whether an entry can still be taken back."""
    return row.undone_at is None and row.created_at >= now() - timedelta(days=UNDO_DAYS)


def tell(work: Work, event_type: str, row: Consent) -> None:
    """An event about an entry. Note and file stay out of it: they may have to go one day, and history stays."""
    payload: dict[str, Any] = {
        "consent": str(row.pk), "purpose": row.purpose, "given": row.given, "day": row.day.isoformat(), "way": row.way,
    }  # fmt: skip
    work.tell(event_type, RecordRef(row.type_key, row.record_id), payload)


def offered(actor: Actor, list_key: str, *, retired: bool = False) -> set[str]:
    """The keys of a list's values one may choose, those that are offered no more too where they are asked for."""
    return {one.key for one in actor.state.options[list_key] if retired or not one.retired}


def files_of(actor: Actor, person_id: UUID) -> list[StoredFile]:
    """The files on a person's card that an actor who sees the card may know of, newest first."""
    rows = StoredFile.objects.filter(type_key=PERSON, record_id=person_id, deleted_at=None)
    record_type = actor.state.record_types[PERSON]
    return [row for row in rows.order_by("-created_at", "-id") if files.reads(actor, record_type, row)]


def blank_notes(person_id: UUID) -> int:
    """For the command that erases a person's data: the journal stays as proof, its notes and files go out of it.

    Returns how many entries had any. Call it inside that command's transaction.
    """
    rows = Consent.objects.filter(type_key=PERSON, record_id=person_id)
    return rows.exclude(note="", file_id=None).update(note="", file_id=None)
