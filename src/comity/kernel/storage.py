"""Files by content: HOME/files/ab/cd/<sha256>, outside the web root, each content once, whole or not at all."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.kernel import clock, errors, jobs
from comity.kernel.files import HEAD_BYTES

_CHUNK = 256 * 1024
_INCOMING = "incoming-"
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Readable(Protocol):
    """Anything that gives its bytes piece by piece."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Stored:
    """A kept file: its hash (lower-case hex), its size in bytes, its first bytes for `files.sniff`."""

    sha256: str
    size: int
    head: bytes


def folder() -> Path:
    """Where the files are."""
    return Path(settings.HOME) / "files"


def path(sha256: str) -> Path:
    """The place of a content, there or not; errors.NotFound if this is no SHA-256."""
    if not _SHA256.fullmatch(sha256):
        raise errors.NotFound()
    return folder() / sha256[:2] / sha256[2:4] / sha256


def save(stream: Readable, max_bytes: int) -> Stored:
    """Keep what the stream gives; the same content twice takes room once.

    errors.TooLarge as soon as it passes `max_bytes`, errors.Busy if the disk is full; nothing is left behind then.
    When this returns, the file survives a power cut.
    """
    try:
        return _save(stream, max_bytes)
    except OSError as exc:
        busy = errors.busy_from(exc)
        if busy is None:
            raise
        raise busy from exc


def _save(stream: Readable, max_bytes: int) -> Stored:
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=_INCOMING, dir=folder())
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            stored = _copy(stream, file, max_bytes)
            file.flush()
            os.fsync(file.fileno())
        target = path(stored.sha256)
        if not _renewed(target):
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary.replace(target)
            for changed in (target.parent, target.parent.parent, folder()):
                _sync_folder(changed)
    finally:
        temporary.unlink(missing_ok=True)
    return stored


def _renewed(target: Path) -> bool:
    """Whether the content is kept already; it then counts as just saved, so that `drop` leaves it."""
    try:
        os.utime(target)
    except FileNotFoundError:
        return False
    return True


def _copy(stream: Readable, file: BinaryIO, max_bytes: int) -> Stored:
    digest, size, head = hashlib.sha256(), 0, b""
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > max_bytes:
            raise _too_large(max_bytes)
        if len(head) < HEAD_BYTES:
            head = (head + chunk)[:HEAD_BYTES]
        digest.update(chunk)
        file.write(chunk)
    return Stored(digest.hexdigest(), size, head)


def _too_large(max_bytes: int) -> errors.TooLarge:
    megabytes = max_bytes // 1_000_000
    if not megabytes:
        return errors.TooLarge(_("The file is larger than allowed."))
    return errors.TooLarge(
        ngettext(
            "The file is larger than %(limit)s megabyte.", "The file is larger than %(limit)s megabytes.", megabytes
        )
        % {"limit": megabytes}
    )


def _sync_folder(changed: Path) -> None:
    handle = os.open(changed, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def open(sha256: str) -> BinaryIO:  # noqa: A001 - read as storage.open
    """The content for reading; errors.NotFound if it is not kept here."""
    try:
        return path(sha256).open("rb")
    except FileNotFoundError as exc:
        raise errors.NotFound(_("This file is no longer in the store.")) from exc


def saved_before(moment: datetime) -> Iterator[str]:
    """The contents last saved before a moment (aware), by hash."""
    for kept in folder().glob("??/??/*"):
        with suppress(FileNotFoundError):  # dropped meanwhile
            if _SHA256.fullmatch(kept.name) and kept.stat().st_mtime < moment.timestamp():
                yield kept.name


def drop(sha256: str, moment: datetime) -> bool:
    """Remove a content for good, unless it was saved since that moment, be it right now; True when it is gone."""
    target = path(sha256)
    aside = folder() / f"{_INCOMING}{sha256}"
    try:
        target.replace(aside)
    except FileNotFoundError:
        return False
    # Whoever saves the same content from here on finds none and keeps his own; whoever did before has left his mark.
    if aside.stat().st_mtime >= moment.timestamp():
        aside.replace(target)
        return False
    aside.unlink()
    return True


@jobs.schedule("kernel.tidy_files", daily="03:40")
def _tidy(args: dict[str, Any], beat: jobs.Beat) -> None:
    """Remove uploads that a killed process left unfinished more than a day ago."""
    old = (clock.now() - timedelta(days=1)).timestamp()
    for left in folder().glob(_INCOMING + "*"):
        with suppress(FileNotFoundError):  # just finished by its owner
            if left.stat().st_mtime < old:
                left.unlink()
