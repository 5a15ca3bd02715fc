"""Write everything an installation holds into one archive, while it goes on working."""

import hashlib
import io
import json
import os
import tarfile
import tempfile
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection

from comity import __version__
from comity.config import schema
from comity.config.archive.rows import models_at, write_rows
from comity.kernel import moment
from comity.kernel.clock import now

FORMAT = 1
MANIFEST = "manifest.json"
FOLDERS = ("files", "secrets")


class _Writer:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self.tar, self.time = tar, int(now().timestamp())
        self.parts: dict[str, dict[str, Any]] = {}

    def add(self, name: str, file: IO[bytes]) -> None:
        """Add a part from an open file, hashed on the way in."""
        digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = file.seek(0, io.SEEK_END), self.time, 0o600
        file.seek(0)
        self.tar.addfile(info, file)
        self.parts[name] = {"sha256": digest, "size": info.size}


def backup(target: Path, *, with_secrets: bool = False) -> dict[str, Any]:
    """Write the archive and return its manifest. Half an archive never stands under the final name.

    Raises SystemExit in words when the target exists or the base holds migrations this program does not know.
    """
    if target.exists():
        raise SystemExit(f"{target} exists already. Nothing was written. Choose another name.")
    if newer := schema.unknown():
        raise SystemExit(f"This base was written by a newer Comity ({newer[-1]}); back it up with that version.")
    if not (migrations := schema.applied()):
        raise SystemExit("The base is empty: there is nothing to back up.")
    partial = target.with_name(f".{target.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                manifest = _fill(_Writer(tar), migrations, with_secrets)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def _fill(writer: _Writer, migrations: list[str], with_secrets: bool) -> dict[str, Any]:
    rows: dict[str, int] = {}
    with moment.held() as using:
        for model in models_at(migrations):
            label = model._meta.label_lower
            with tempfile.TemporaryFile(dir=settings.HOME) as file:
                rows[label] = write_rows(model, file, using)
                file.seek(0)
                writer.add(f"tables/{label}.jsonl.gz", file)
    # After the base: a file never changes, so each one the base names is there by now.
    for folder in FOLDERS if with_secrets else FOLDERS[:1]:
        for path in sorted((Path(settings.HOME) / folder).rglob("*")):
            if path.is_file() and not path.name.startswith("incoming-"):  # a file half uploaded
                try:
                    kept = path.open("rb")
                except FileNotFoundError:
                    continue  # no card's: the nightly sweep has just taken it
                with kept:
                    writer.add(path.relative_to(settings.HOME).as_posix(), kept)
    manifest = {
        "format": FORMAT,
        "comity": __version__,
        "engine": connection.vendor,
        "made_at": now().isoformat(),
        "migrations": migrations,
        "rows": rows,
        "parts": writer.parts.copy(),
    }
    writer.add(MANIFEST, io.BytesIO(json.dumps(manifest, indent=1).encode()))
    return manifest
