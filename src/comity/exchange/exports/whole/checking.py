"""An archive judged before anything of it is loaded: names, sizes, version, and that each part is what it was."""

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _

from comity.exchange.exports.whole import layout
from comity.kernel.errors import Invalid

ENTRIES = 5_000_000
LINE = 64 * 1024**2  # bytes
MANIFEST_SIZE = 256 * 1024**2
FREE, RATIO = 64 * 1024**2, 250  # how many times larger than packed a part may be, where it is larger than that
_BLOCK = 256 * 1024
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)
_HASH = re.compile("[0-9a-f]{64}")


class Unloadable(Invalid):
    """The archive is not what it should be; nothing of it is loaded."""

    def __init__(self, why: str) -> None:
        super().__init__(
            _("The archive can’t be loaded: %(why)s") % {"why": why},
            kept=_("Nothing was changed."), todo=_("Take another copy of it, or export the base again."),
        )  # fmt: skip


def damaged(name: str) -> Unloadable:
    """A part is not what it was when the archive was made."""
    return Unloadable(_("%(name)s is not what it was when the archive was made.") % {"name": name[:120]})


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive; damage met while it is read is told."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except _BROKEN as problem:
        raise Unloadable(_("it is damaged, or only a part of it is here.")) from problem


def check(archive: zipfile.ZipFile) -> dict[str, Any]:
    """The manifest, after every part was found to be what it says; raises Unloadable."""
    entries = _entries(archive)
    if layout.MANIFEST not in entries:
        raise Unloadable(_("its table of contents is missing; perhaps only a part of it is here."))
    manifest = _manifest(archive)
    parts = manifest["parts"]
    for name in parts:
        if name not in entries:
            raise Unloadable(_("%(name)s is missing.") % {"name": name[:120]})
    files = {name for name in entries if layout.FILE_NAME.fullmatch(name)}
    strange = sorted(entries.keys() - parts.keys() - files - {layout.MANIFEST})
    if strange:
        raise Unloadable(
            _("it holds %(name)s, which its table of contents does not name.") % {"name": strange[0][:120]}
        )
    if len(files) != manifest["files"]:
        raise Unloadable(_("files are missing in it, or there are too many."))
    for name, part in parts.items():
        _check_part(archive, name, part)
    for name in files:
        if _digest(archive, name)[0] != name.removeprefix("files/"):
            raise damaged(name)
    return manifest


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    known = {layout.table_name(model) for model in layout.tables()}
    if len(archive.infolist()) > ENTRIES:
        raise Unloadable(_("far more is packed into it than a base has."))
    for entry in archive.infolist():
        name = entry.filename
        fits = name == layout.MANIFEST or layout.CARD_NAME.fullmatch(name) or layout.FILE_NAME.fullmatch(name)
        if layout.TABLE_NAME.fullmatch(name) and name not in known:
            raise Unloadable(_("it comes from a newer Comity, which knows %(name)s.") % {"name": name[:120]})
        if name in found or not (fits or name in known) or entry.flag_bits & 1:
            raise Unloadable(_("it holds %(name)s, which has no place in it.") % {"name": name[:120]})
        if entry.file_size > FREE and entry.file_size > entry.compress_size * RATIO:
            raise Unloadable(_("far more is packed into it than a base has."))
        found[name] = entry
    return found


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    broken = Unloadable(_("its table of contents can’t be read."))
    if archive.getinfo(layout.MANIFEST).file_size > MANIFEST_SIZE:
        raise broken
    try:
        manifest = json.loads(archive.read(layout.MANIFEST))
        if manifest["format"] != layout.FORMAT:
            raise broken
        version = manifest["version"]
        if not isinstance(version, int) or not isinstance(manifest["files"], int):
            raise broken
        sound = all(
            isinstance(part["lines"], int) and _HASH.fullmatch(part["sha256"]) for part in manifest["parts"].values()
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise broken from None
    if not 1 <= version <= layout.VERSION:
        text = _("it has version %(version)s of the form, and this Comity knows up to %(known)s.")
        raise Unloadable(text % {"version": version, "known": layout.VERSION})
    if not sound:
        raise broken
    return dict(manifest)


def _check_part(archive: zipfile.ZipFile, name: str, part: dict[str, Any]) -> None:
    digest, number = _digest(archive, name)
    if digest != part["sha256"] or number != part["lines"]:
        raise damaged(name)


def _digest(archive: zipfile.ZipFile, name: str) -> tuple[str, int]:
    digest, number, size = hashlib.sha256(), 0, 0
    limit = settings.FILE_LIMIT if layout.FILE_NAME.fullmatch(name) else archive.getinfo(name).file_size
    with archive.open(name) as part:
        while block := part.read(_BLOCK):
            size += len(block)
            if size > max(limit, archive.getinfo(name).file_size):
                raise damaged(name)
            digest.update(block)
            number += block.count(b"\n")
    return digest.hexdigest(), number


def lines(part: IO[bytes], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The lines of a part with their numbers; raises Unloadable for one that is none."""
    number = 0
    while text := part.readline(LINE):
        number += 1
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            line = None
        if not isinstance(line, dict):
            raise bad_line(name, number)
        yield number, line


def bad_line(name: str, number: int, why: str = "") -> Unloadable:
    """A line holds what does not belong there."""
    text = _("line %(number)s of %(name)s holds what does not fit there.") % {"number": number, "name": name}
    return Unloadable(f"{text} ({why[:200]})" if why else text)
