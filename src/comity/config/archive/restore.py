"""Load an archive into an empty installation, on either engine."""

import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from comity.config import schema
from comity.config.archive.backup import FOLDERS, FORMAT, MANIFEST
from comity.config.archive.rows import count_rows, load_rows, models_at, reset_sequences
from comity.kernel import jobs


def _damaged(what: str) -> SystemExit:
    return SystemExit(f"The archive is damaged: {what}. Nothing was changed. Use another copy of it.")


def verify(tar: tarfile.TarFile) -> dict[str, Any]:
    """The manifest, after every part was found to be what it says. Raises SystemExit in words otherwise."""
    try:
        members = {member.name: member for member in tar.getmembers()}
        manifest: dict[str, Any] = json.load(tar.extractfile(members[MANIFEST]))  # type: ignore[arg-type]
    except (KeyError, ValueError, tarfile.TarError, EOFError):
        raise _damaged("its table of contents is missing or unreadable") from None
    if manifest.get("format") != FORMAT:
        raise SystemExit("This archive was made by a newer Comity. Nothing was changed. Install that version first.")
    for name in members.keys() - manifest["parts"].keys() - {MANIFEST}:
        raise _damaged(f"it holds {name}, which its table of contents does not name")
    for name, part in manifest["parts"].items():
        member = members.get(name)
        if member is None or not member.isfile():
            raise _damaged(f"{name} is missing")
        parts = name.split("/")
        if parts[0] not in ("tables", *FOLDERS) or any(part in ("", ".", "..") for part in parts):
            raise _damaged(f"{name} is no place for a part")
        digest = hashlib.file_digest(tar.extractfile(member), "sha256").hexdigest()  # type: ignore[arg-type]
        if digest != part["sha256"]:
            raise _damaged(f"{name} is not what it was when the archive was made")
    known = {".".join(key) for key in MigrationLoader(None).disk_migrations or {}}
    if newer := sorted(set(manifest["migrations"]) - known):
        raise SystemExit(f"This archive is from a newer Comity ({newer[-1]}). Nothing was changed. Install that first.")
    return manifest


def require_empty(parts: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise SystemExit unless the base has no people and no events, and the data folder no file but the archive's own.

    The archive's own files are there when a base moves from one engine to the other within its data folder.
    """
    if migrations := [name for name in schema.applied() if name not in schema.unknown()]:
        counts = count_rows(models_at(migrations))
        if counts.get("identity.user") or counts.get("timeline.event"):
            raise SystemExit(
                "This base is in use: it has people or events in it. Nothing was changed. "
                "Restore into an empty base: set COMITY_HOME (or COMITY_DATABASE_URL) to a new one."
            )
    home = Path(settings.HOME)
    for path in sorted((home / "files").rglob("*")):
        part = parts.get(path.relative_to(home).as_posix())
        if path.is_file() and not (part and part["sha256"] == _hash(path)):
            raise SystemExit(
                f"{home / 'files'} holds files that are not in the archive, for instance {path.name}. Nothing was "
                "changed. Restore into an empty data folder, or make the archive anew."
            )


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def restore(archive: Path) -> dict[str, Any]:
    """Verify the archive, load it in one transaction, put its files in place, migrate on; its manifest.

    The words search looks through come with the archive; those of an older version are made anew by the worker.
    Raises SystemExit in words for a damaged archive or a base in use, before anything is touched.
    """
    if not archive.is_file():
        raise SystemExit(f"There is no archive at {archive}.")
    try:
        tar = tarfile.open(archive, mode="r:")  # noqa: SIM115 - closed below
    except tarfile.TarError:
        raise _damaged("it is not an archive of Comity") from None
    with tar:
        manifest = verify(tar)
        require_empty(manifest["parts"])
        incoming = Path(settings.HOME) / ".incoming"
        shutil.rmtree(incoming, ignore_errors=True)
        try:
            _extract_files(tar, manifest, incoming)
            load(tar, manifest)
            _place(incoming)
        finally:
            shutil.rmtree(incoming, ignore_errors=True)
    older = schema.missing()
    schema.migrate()
    if older:
        jobs.enqueue("search.rebuild")
    return manifest


def load(tar: tarfile.TarFile, manifest: dict[str, Any]) -> None:
    """Bring the base to the archive's schema and its rows in: all of them, or none."""
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    wanted = {(room, name) for room, name in (one.split(".", 1) for one in manifest["migrations"])}
    followed = {node for one in wanted for node in graph.node_map[one].parents}
    executor.migrate([node for node in wanted if node not in {parent.key for parent in followed}])
    stored = models_at(manifest["migrations"])
    with transaction.atomic():
        for model in stored:
            label = model._meta.label_lower
            part = tar.extractfile(f"tables/{label}.jsonl.gz")
            if part is None or load_rows(model, part) != manifest["rows"][label]:
                raise _damaged(f"{label} has not the rows it should have")
        reset_sequences(stored)


def _extract_files(tar: tarfile.TarFile, manifest: dict[str, Any], incoming: Path) -> None:
    for name in manifest["parts"]:
        if name.split("/")[0] in FOLDERS:
            path = incoming / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            source = tar.extractfile(name)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                shutil.copyfileobj(source, file)  # type: ignore[arg-type]


def _place(incoming: Path) -> None:
    for folder in FOLDERS:
        if (incoming / folder).exists():
            target = Path(settings.HOME) / folder
            shutil.rmtree(target, ignore_errors=True)  # the same files, or secrets made a moment ago
            (incoming / folder).rename(target)
