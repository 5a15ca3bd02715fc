"""The sample goes, what people have entered beside it stays: for a firm that began to work in the demo company."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.hashers import check_password

from comity.access import snapshot
from comity.access.actors import system
from comity.changes import intake
from comity.changes.bus import Work, run
from comity.identity import sessions
from comity.identity.models import Organization, User
from comity.kernel.errors import Refused
from comity.kernel.ids import new_id
from comity.packs.demo.clients import BEFORE, DAYS
from comity.packs.demo.office import PASSWORD
from comity.records.types import RecordType
from comity.timeline.models import Event, EventSubject

CHUNK = 500
COMING_AND_GOING = ("user.login", "user.login_failed", "user.logout", "user.password_set")


def ended() -> datetime:
    """The moment up to which the year of the sample was told; what is later is people's own."""
    first = Event.objects.order_by("id").first()
    if first is None:
        raise Refused()
    moment: datetime = first.at + timedelta(days=DAYS + BEFORE)
    return moment


def entered() -> Any:
    """The events of what people have done in the base since it was loaded."""
    return Event.objects.filter(at__gt=ended(), actor_kind="user").exclude(type__in=COMING_AND_GOING)


def leave() -> tuple[int, int]:
    """Put the sample into the trash; (cards that went, sample cards that stay because somebody has worked on them).

    Raises Refused for a base that is not the demo company.
    """
    result = run(system("demo"), LeaveSample(), batch_id=new_id())
    snapshot.forget()
    return result.data["gone"], result.data["stay"]


@dataclass
class LeaveSample:
    """The sample's cards go into the trash, its people can log in no more; from now on this is a real base."""

    key: ClassVar[str] = "demo.leave"

    def apply(self, work: Work) -> None:
        """Result.data: {"gone", "stay"}. Raises Refused."""
        company = Organization.objects.first()
        if company is None or not company.demo or not work.actor.is_system:
            raise Refused()
        moment, gone, stay = ended(), 0, 0
        for record_type in work.actor.state.record_types.values():
            one_gone, one_stay = self._cards(work, record_type, moment)
            gone, stay = gone + one_gone, stay + one_stay
        self._people(set(entered().values_list("actor_id", flat=True)))
        Organization.objects.filter(pk=company.pk).update(demo=False)
        snapshot.changed()
        work.result.data = {"gone": gone, "stay": stay}

    def _cards(self, work: Work, record_type: RecordType, moment: datetime) -> tuple[int, int]:
        made = Event.objects.filter(type="record.created", primary_type=record_type.key, at__lte=moment)
        sample = list(made.values_list("primary_id", flat=True))
        touched = set[UUID]()
        rows = EventSubject.objects.filter(type_key=record_type.key, event__in=entered().values("pk"))
        touched.update(rows.values_list("record_id", flat=True))
        goes = [one for one in sample if one not in touched]
        number = 0
        for start in range(0, len(goes), CHUNK):
            records = intake.of_load(record_type, goes[start : start + CHUNK])
            intake.take_away(work, record_type, records)
            number += len(records)
        return number, len(touched.intersection(sample))

    def _people(self, busy: set[UUID | None]) -> None:
        """Nobody gets in any more with the password everybody knows: who has entered nothing is switched off, the
        others choose a new one. The last administrator stays."""
        sample = User.objects.filter(email__endswith="@demo.example", active=True)
        others = User.objects.filter(active=True, administrator=True, service=False).exclude(pk__in=sample.values("pk"))
        keeps = busy if others.exists() else busy | set(sample.filter(administrator=True).values_list("pk", flat=True))
        for user in sample:
            user.active = user.pk in keeps
            if check_password(PASSWORD, user.password):
                user.password = ""
                sessions.end_all(user.pk)
            user.save(update_fields=["active", "password"])
