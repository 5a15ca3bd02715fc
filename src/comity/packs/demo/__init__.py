"""The demo company: an invented firm with a year of clients, in six languages, to look around in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import override

if TYPE_CHECKING:
    from comity.packs.demo.words import Words

__all__ = ["DemoLogin", "DemoLogins", "load", "logins", "remove"]


@dataclass(frozen=True)
class DemoLogin:
    """One of the demo company's people, as `make run` prints it."""

    email: str
    password: str
    role: str


DemoLogins = tuple[DemoLogin, ...]


def load(language: str = "en") -> DemoLogins:
    """Fill an empty base with the demo company in a language (en ru uk bg id ar); who can log in.

    The same content each time, dated back from this moment. Raises Refused when the base is in use already.
    """
    from comity.access import snapshot
    from comity.changes import dispatcher
    from comity.kernel import clock
    from comity.kernel.transaction import write_transaction
    from comity.packs.demo.words import Words

    words = Words.of(language)
    end = clock.now() - timedelta(minutes=20)
    with write_transaction():
        _require_empty()
        with override(language):
            _live(words, end)
    snapshot.forget()
    dispatcher.drain()
    _read_up_to(end - timedelta(days=3))
    return logins()


def remove() -> None:
    """Empty a base that began as the demo company, with its files; raises Refused for any other."""
    from django.apps import apps
    from django.db import DEFAULT_DB_ALIAS

    from comity.access import snapshot
    from comity.identity.models import Organization
    from comity.kernel import clock, storage
    from comity.kernel.errors import Refused
    from comity.kernel.transaction import write_transaction
    from comity.records import json_access
    from comity.records.models import CustomField

    with write_transaction():
        company = Organization.objects.first()
        if company is None or not company.demo:
            raise Refused()
        for row in CustomField.objects.filter(indexed=True, archived_at=None):
            record_type = snapshot.snapshot().record_types.get(row.type_key)
            if record_type is not None:
                json_access.drop_index(record_type.model, row.key, record_type.key if record_type.own else "")
        for model in apps.get_models(include_auto_created=True):
            if model.__module__.startswith("comity.") and model._meta.managed:
                model._base_manager.all()._raw_delete(DEFAULT_DB_ALIAS)
    snapshot.forget()
    later = clock.now() + timedelta(seconds=1)
    for sha256 in list(storage.saved_before(later)):
        storage.drop(sha256, later)


def _read_up_to(moment: datetime) -> None:
    """Everybody has read his notices but those of the last days."""
    from comity.access.actors import user_actor
    from comity.identity.models import User
    from comity.notices.bell import mark_read
    from comity.notices.models import Notice

    for user_id in User.objects.values_list("id", flat=True):
        old = Notice.objects.filter(user_id=user_id, at__lt=moment).values_list("id", flat=True)
        mark_read(user_actor(user_id), list(old))


def _live(words: "Words", end: datetime) -> None:
    """Found the company and go through its year up to `end`."""
    from comity.kernel import clock
    from comity.packs.demo import clients, office, sales

    with clock.stopped(end - timedelta(days=clients.DAYS + clients.BEFORE)):
        house = office.establish(words)
        sales.establish(house)
        house.opened()
    year = clients.Year(house, Random(20260101), end)  # noqa: S311 - the same story each time
    clients.plan(year)
    sales.plan(year)
    for moment, _order, step in sorted(year.steps, key=lambda planned: planned[:2]):
        with clock.stopped(moment):
            step()
    with clock.stopped(end):
        office.views(house)
        sales.goals(year)


def logins() -> DemoLogins:
    """The demo's people who can log in, the owner first."""
    from comity.identity.models import User
    from comity.packs.demo.office import PASSWORD, PEOPLE

    emails = [f"{key}@demo.example" for key in PEOPLE]
    found = {user.email: user for user in User.objects.filter(email__in=emails, active=True)}
    return tuple(DemoLogin(one, PASSWORD, found[one].job_title) for one in emails if one in found)


def _require_empty() -> None:
    from comity.identity.models import Organization, User
    from comity.kernel.errors import Refused
    from comity.records.types import all_types

    filled = any(one.model.unguarded.exists() for one in all_types())
    if filled or Organization.objects.exists() or User.objects.exists():
        raise Refused(
            _("This base is in use already, so the demo company was not loaded."),
            kept=_("Nothing was changed."),
            todo=_("Load it into a new, empty base: choose another data folder first."),
        )
