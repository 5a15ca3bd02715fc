"""An archive loaded into an empty installation: all of it, or nothing."""

import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

from django.apps import apps
from django.core.management.color import no_style
from django.db import DataError, IntegrityError, connection, models
from django.utils.translation import gettext as _

from comity.access import snapshot
from comity.access.actors import system
from comity.changes import dispatcher
from comity.changes.bus import Work, run
from comity.exchange.exports.whole import checking, layout, lines
from comity.exchange.exports.whole.checking import Unloadable, bad_line
from comity.exchange.exports.whole.writing import Manifest, cards
from comity.identity.models import Organization
from comity.kernel import jobs, stamps, storage
from comity.kernel.clock import now
from comity.kernel.errors import Refused
from comity.kernel.ids import new_id
from comity.records import json_access, types
from comity.records.models import CustomField, CustomType, RecordRef
from comity.records.types import RecordType
from comity.timeline import sequencer
from comity.timeline.models import Event, EventSubject

BATCH = 500
Step = Callable[[int], None]


def load(path: Path, step: Step = lambda done: None) -> Manifest:
    """Load an archive; its manifest. Raises Unloadable or Refused, and nothing is loaded then."""
    with checking.opened(path) as archive:
        _require_empty()
        manifest = checking.check(archive)
        kept: list[str] = []
        try:
            _keep_files(archive, kept)
            run(system("loading"), LoadBase(archive, manifest, step))
        except BaseException:
            for sha256 in kept:
                storage.drop(sha256, now())
            raise
        finally:
            snapshot.forget()
    return manifest


def _require_empty() -> None:
    held = [model for model in (*layout.tables(), *layout.card_models()) if model._base_manager.exists()]
    if held:
        raise Refused(
            _("This base is in use already, so nothing was loaded into it."),
            kept=_("Nothing was changed."),
            todo=_("Load it into a new, empty base: choose another data folder first."),
        )


def _keep_files(archive: zipfile.ZipFile, kept: list[str]) -> None:
    for entry in archive.infolist():
        if match := layout.FILE_NAME.fullmatch(entry.filename):
            with archive.open(entry) as content:
                stored = storage.save(content, max(entry.file_size, 1))
            kept.append(stored.sha256)
            if stored.sha256 != match[1]:
                raise checking.damaged(entry.filename)


@dataclass
class LoadBase:
    """Everything of a checked archive, with its keys, dates, authors, versions and history."""

    key: ClassVar[str] = "base.load"
    archive: zipfile.ZipFile
    manifest: Manifest
    step: Step
    done: int = field(default=0)

    def apply(self, work: Work) -> None:
        """Tells "base.loaded". Raises Unloadable, Refused."""
        if not work.actor.is_system:
            raise Refused()
        try:
            self._load()
        except (IntegrityError, DataError, UnicodeError) as problem:
            raise Unloadable(_("its parts do not fit together.")) from problem
        number = {"cards": cards(self.manifest), "files": self.manifest["files"]}
        payload = {**number, "comity": self.manifest["comity"], "made_at": self.manifest["made_at"]}
        work.tell("base.loaded", RecordRef("base", new_id()), payload)

    def _load(self) -> None:
        for model in layout.tables():
            name = layout.table_name(model)
            if name in self.manifest["parts"]:
                self._write(self._events(name) if model is Event else self._rows(model, name))
        for record_type in _types():
            if layout.card_name(record_type.key) in self.manifest["parts"]:
                self._write(self._cards(record_type))
        self._require_all_known()
        connection.check_constraints()
        _number_rest()
        if sequencer.broken_links():
            raise Unloadable(_("its history is not whole: a line of it was changed."))
        _go_on()

    def _require_all_known(self) -> None:
        known = {layout.card_name(one.key) for one in _types()} | {layout.table_name(one) for one in layout.tables()}
        strange = sorted(self.manifest["parts"].keys() - known)
        if strange:
            raise Unloadable(_("it holds cards of a kind nobody has described: %(name)s.") % {"name": strange[0]})

    def _told(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        with closing(self.archive.open(name)) as part:
            for number, line in checking.lines(part, name):
                self.done += 1
                self.step(self.done)
                yield number, line

    def _rows(self, model: type[models.Model], name: str) -> Iterator[list[models.Model]]:
        columns = layout.columns(model)
        for number, line in self._told(name):
            try:
                yield [lines.table_row(model, columns, line)]
            except lines.BROKEN as problem:
                raise bad_line(name, number, str(problem)) from problem

    def _events(self, name: str) -> Iterator[list[models.Model]]:
        columns = layout.columns(Event)
        for number, line in self._told(name):
            try:
                subjects = line.pop("subjects")
                event = lines.table_row(Event, columns, line)
                yield [event, *(_subject(event, kind, key) for kind, key in subjects)]
            except lines.BROKEN as problem:
                raise bad_line(name, number, str(problem)) from problem

    def _cards(self, record_type: RecordType) -> Iterator[list[models.Model]]:
        language = Organization.objects.values_list("language", flat=True).first() or "en"
        custom = CustomField.objects.filter(type_key=record_type.key)
        form, name = lines.Cards(record_type, custom, language), layout.card_name(record_type.key)
        for number, line in self._told(name):
            try:
                record, points, tags = form.card(line)
            except lines.BROKEN as problem:
                raise bad_line(name, number, str(problem)) from problem
            yield [record, *points, *tags]

    def _write(self, rows: Iterable[list[models.Model]]) -> None:
        """Insert rows with what hangs on them, some hundred lines at once."""
        found = iter(rows)
        while chunk := list(islice(found, BATCH)):
            by_model: dict[type[models.Model], list[models.Model]] = {}
            for row in (one for line in chunk for one in line):
                by_model.setdefault(type(row), []).append(row)
            for model, held in by_model.items():
                model._base_manager.bulk_create(held, batch_size=BATCH)


def _subject(event: Any, kind: Any, key: Any) -> EventSubject:
    columns = {one.attname: one for one in EventSubject._meta.concrete_fields}
    told = {"type_key": lines.taken(columns["type_key"], kind), "record_id": lines.taken(columns["record_id"], key)}
    return EventSubject(event_id=event.pk, **told)


def _types() -> list[RecordType]:
    shipped = [one for one in types.all_types() if not one.own]
    return [*shipped, *(types.made(row) for row in CustomType.objects.order_by("key"))]


def _number_rest() -> None:
    """Number the events that PostgreSQL had not numbered yet when the archive was made."""
    last = Event.objects.filter(seq__isnull=False).order_by("-seq").first()
    seq, before = (last.seq or 0, bytes(last.chain or b"")) if last else (0, b"")
    for event in Event.objects.filter(seq__isnull=True).order_by("id").iterator(chunk_size=BATCH):
        seq += 1
        event.seq = seq
        before = event.chain = sequencer.chain(before, event)
        event.save(update_fields=["seq", "chain"])


def _go_on() -> None:
    """What a running base needs besides: numbers go on, indexes stand, consumers begin behind what has happened."""
    loaded = [model for model in apps.get_models() if model.__module__.startswith("comity.") and model._meta.managed]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), loaded):
            cursor.execute(statement)
    by_key = {one.key: one for one in _types()}
    for row in CustomField.objects.filter(indexed=True, archived_at=None):
        if one := by_key.get(row.type_key):
            json_access.create_index(one.model, row.kind, row.key, one.key if one.own else "")
    dispatcher.catch_up()
    stamps.bump(stamps.SETTINGS)
    for name in ("search.rebuild", "search.twins"):
        jobs.enqueue(name)
