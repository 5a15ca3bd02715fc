"""The whole base written to one archive: a moment of it, while others go on working."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.db import connection
from django.db.models import Model

from comity import __version__
from comity.exchange.exports.whole import layout, lines
from comity.identity.models import Organization
from comity.kernel import moment, storage
from comity.kernel.clock import now
from comity.kernel.errors import NotFound
from comity.records import types
from comity.records.models import ContactPoint, CustomField, CustomType, StoredFile, TagLink
from comity.records.types import RecordType
from comity.timeline import sequencer
from comity.timeline.models import Event, EventSubject

CHUNK = 1000
_BLOCK = 256 * 1024
Step = Callable[[int], None]  # so many rows and files are written
Manifest = dict[str, Any]


class _Archive:
    def __init__(self, target: zipfile.ZipFile) -> None:
        self.zip, self.parts = target, dict[str, dict[str, Any]]()

    def lines(self, name: str, told: Iterable[dict[str, Any]]) -> Iterator[int]:
        """Write a part line by line; counts on as it goes."""
        digest, number = hashlib.sha256(), 0
        with self.zip.open(name, "w", force_zip64=True) as part:
            for line in told:
                text = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                digest.update(text)
                part.write(text)
                number += 1
                yield 1
        self.parts[name] = {"lines": number, "sha256": digest.hexdigest()}

    def file(self, sha256: str, content: IO[bytes]) -> None:
        """Write a file; what is packed already is not packed again."""
        entry = zipfile.ZipInfo(f"files/{sha256}", now().timetuple()[:6])
        with self.zip.open(entry, "w", force_zip64=True) as part:
            while block := content.read(_BLOCK):
                part.write(block)


def total() -> int:
    """About how many rows and files an archive will have."""
    models: list[type[Model]] = [*layout.tables(), *layout.card_models(), StoredFile]
    return sum(model._base_manager.count() for model in models)


def write(path: Path, step: Step = lambda done: None) -> Manifest:
    """Write the archive; its manifest."""
    sequencer.number_committed()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target, moment.held() as using:
        archive, done = _Archive(target), 0
        for model in layout.tables():
            for _one in archive.lines(layout.table_name(model), _table(model, using)):
                done += 1
                step(done)
        for record_type in _types(using):
            for _one in archive.lines(layout.card_name(record_type.key), _cards(record_type, using)):
                done += 1
                step(done)
        files, missing = 0, []
        kept = StoredFile.objects.using(using).order_by("sha256").values_list("sha256", flat=True).distinct()
        for sha256 in kept.iterator(chunk_size=CHUNK):
            try:
                with storage.open(sha256) as content:
                    archive.file(sha256, content)
                files += 1
            except NotFound:
                missing.append(sha256)
            done += 1
            step(done)
        manifest = {
            "format": layout.FORMAT, "version": layout.VERSION, "comity": __version__, "made_at": now().isoformat(),
            "engine": connection.vendor, "parts": archive.parts, "files": files, "missing_files": missing,
            "left_out": layout.LEFT_OUT,
        }  # fmt: skip
        target.writestr(layout.MANIFEST, json.dumps(manifest, indent=1))
    return manifest


def cards(manifest: Manifest) -> int:
    """How many cards an archive has."""
    return sum(part["lines"] for name, part in manifest["parts"].items() if layout.CARD_NAME.fullmatch(name))


def _types(using: str) -> list[RecordType]:
    """Every type whose cards may be there, those put away by administrators too."""
    own = CustomType.objects.using(using).order_by("key")
    return [*(one for one in types.all_types() if not one.own), *(types.made(row) for row in own)]


def _table(model: type[Model], using: str) -> Iterator[dict[str, Any]]:
    names = list(layout.columns(model))
    rows = model._base_manager.using(using).order_by("pk").values(*names).iterator(chunk_size=CHUNK)
    told = ({name: lines.plain(value) for name, value in row.items()} for row in rows)
    return _with_subjects(told, using) if model is Event else told


def _with_subjects(told: Iterator[dict[str, Any]], using: str) -> Iterator[dict[str, Any]]:
    """Events with the cards they are told on."""
    while chunk := list(islice(told, CHUNK)):
        subjects: dict[int, list[list[str]]] = {line["id"]: [] for line in chunk}
        first, last = chunk[0]["id"], chunk[-1]["id"]
        rows = EventSubject.objects.using(using).filter(event_id__gte=first, event_id__lte=last).order_by("id")
        for event, kind, key in rows.values_list("event_id", "type_key", "record_id"):
            subjects[event].append([kind, str(key)])
        for line in chunk:
            yield {**line, "subjects": subjects[line["id"]]}


def _cards(record_type: RecordType, using: str) -> Iterator[dict[str, Any]]:
    form = lines.Cards(record_type, CustomField.objects.using(using).filter(type_key=record_type.key), _language(using))
    rows = record_type.model._base_manager.using(using).order_by("pk").values(*form.columns)
    if record_type.own:
        rows = rows.filter(type_key=record_type.key)
    found = iter(rows.iterator(chunk_size=CHUNK))
    while chunk := list(islice(found, CHUNK)):
        points: dict[UUID, list[ContactPoint]] = {row["id"]: [] for row in chunk}
        tags: dict[UUID, list[UUID]] = {row["id"]: [] for row in chunk}
        between = {"type_key": record_type.key, "record_id__gte": chunk[0]["id"], "record_id__lte": chunk[-1]["id"]}
        for point in ContactPoint.objects.using(using).filter(**between).order_by("field", "position", "id"):
            if point.record_id in points:
                points[point.record_id].append(point)
        for key, tag in TagLink.objects.using(using).filter(**between).values_list("record_id", "tag_id"):
            if key in tags:
                tags[key].append(tag)
        for row in chunk:
            yield form.line(row, points[row["id"]], tags[row["id"]])


def _language(using: str) -> str:
    return Organization.objects.using(using).values_list("language", flat=True).first() or "en"
