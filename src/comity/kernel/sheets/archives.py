"""Archives opened with care: how much is inside is judged before anything is unpacked, and again while unpacking."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext as _

from comity.kernel.sheets import limits, problems
from comity.kernel.sheets.problems import Place, Unreadable

BLOCK = 256 * 1024
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, KeyError)


@contextmanager
def opened(path: Path, place: Place) -> Iterator[zipfile.ZipFile]:
    """The archive, checked; refusals name the file. Damage met while it is read is told likewise."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive, place)
            yield archive
    except _BROKEN as exc:
        raise problems.damaged(place) from exc


def _check(archive: zipfile.ZipFile, place: Place) -> None:
    entries = archive.infolist()
    bomb = len(entries) > limits.ENTRIES or sum(entry.file_size for entry in entries) > limits.UNPACKED
    for entry in entries:
        if entry.file_size > limits.ENTRY_FREE and entry.file_size > entry.compress_size * limits.ENTRY_RATIO:
            bomb = True
        if entry.flag_bits & 1:
            raise protected(place)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise problems.damaged(place)
    if bomb:
        raise problems.unsafe(place, _("far more is packed into it than a table can hold."))


def protected(place: Place) -> Unreadable:
    """The file opens with a password only."""
    return Unreadable(
        place,
        _("the file is protected with a password."),
        _("Save it without a password and load the new file."),
    )


def blocks(archive: zipfile.ZipFile, name: str, place: Place, limit: int = limits.UNPACKED) -> Iterator[bytes]:
    """An entry in blocks, as far as `limit` bytes; more is refused, whatever the archive said of its size."""
    size = 0
    with archive.open(name) as entry:
        while block := entry.read(BLOCK):
            size += len(block)
            if size > limit:
                raise problems.unsafe(place, _("far more is packed into it than a table can hold."))
            yield block


def part(archive: zipfile.ZipFile, name: str, place: Place) -> bytes:
    """A small entry whole; b"" where there is none."""
    if name not in archive.NameToInfo:
        return b""
    return b"".join(blocks(archive, name, place, limits.PART))
