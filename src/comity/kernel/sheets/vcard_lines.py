"""The properties of vCard files of every version: folded lines, soft breaks, base64 in any layout, charsets."""

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from comity.kernel.sheets import encodings, limits

_PIECE = 64 * 1024
_BASE64 = re.compile(rb";\s*(?:ENCODING\s*=\s*)?(?:BASE64|B)\s*(?=[;:])", re.I)
_QUOTED = re.compile(rb";\s*(?:ENCODING\s*=\s*)?QUOTED-PRINTABLE\s*(?=[;:])", re.I)
_HEAD = re.compile(rb'((?:[^":]|"[^"]*")*):')
_LONGEST_HEAD = 4096
_PARAMETER = re.compile(r';((?:[^";]|"[^"]*")*)')
_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n")


@dataclass(slots=True)
class Property:
    """One property. `types` in small letters; `content` where it was base64; `size` where too large to be kept."""

    name: str
    group: str
    text: str
    types: tuple[str, ...] = ()
    parameters: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None
    size: int = 0


def properties(path: Path, encoding: str) -> Iterator[Property]:
    """The properties of a file in order; lines that are none are passed over."""
    for line, size in _logical(path, encoding):
        made = _property(line, size, encoding)
        if made:
            yield made


def _pieces(path: Path, encoding: str) -> Iterator[bytes]:
    if encoding.startswith("utf-16"):
        with path.open(encoding=encoding, errors="replace", newline="") as text:
            while letters := text.readline(_PIECE):
                yield letters.encode("utf-8", "replace")
    else:
        with path.open("rb") as file:
            while piece := file.readline(_PIECE):
                yield piece


def _logical(path: Path, encoding: str) -> Iterator[tuple[bytes, int]]:
    """Whole properties, unfolded, with their size; of what is larger than its limit only the beginning is kept."""
    line, size, limit = bytearray(), 0, limits.PROPERTY
    at_start = True
    packed = quoted = False
    old = True  # until a version says otherwise: 2.1 keeps the blank of a folded line
    for piece in _pieces(path, encoding):
        ends = piece.endswith((b"\n", b"\r"))
        bare = piece.rstrip(b"\r\n")
        if not at_start:
            joined = bare
        elif piece[:1] in (b" ", b"\t") and line:
            joined = bare.lstrip(b" \t") if packed else bare if old else bare[1:]
        elif quoted and line.endswith(b"="):
            joined = bare
            del line[-1:]
            size -= 1
        elif packed and bare and b":" not in bare and _LETTERS.issuperset(bare):
            joined = bare
        else:
            if line:
                old = old if not line[:8].upper().startswith(b"VERSION:") else line[8:].strip() == b"2.1"
                yield bytes(line), size
            line, size = bytearray(), 0
            head = bare[:1024]
            packed = _BASE64.search(head.partition(b":")[0] + b":") is not None or b";base64," in head
            quoted = _QUOTED.search(head.partition(b":")[0] + b":") is not None
            limit = limits.PHOTO * 3 // 2 if packed else limits.PROPERTY
            joined = bare
        size += len(joined)
        if len(line) < limit:
            line += joined
        at_start = ends
    if line:
        yield bytes(line), size


def _property(line: bytes, size: int, encoding: str) -> Property | None:
    line = line.removeprefix(b"\xef\xbb\xbf")
    match = _HEAD.match(line[:_LONGEST_HEAD])
    if not match:
        return None
    head, value = match[1].decode("utf-8", "replace"), line[match.end() :]
    group, dot, name = head.partition(";")[0].strip().rpartition(".")
    types, parameters = _parameters(head)
    made = Property(name.upper(), group.lower() if dot else "", "", types, parameters)
    coding = parameters.get("ENCODING", "").upper()
    if size > len(line):
        made.size = size
        return made
    if coding in ("B", "BASE64"):
        made.content = _unpacked(value)
    elif value[:5].lower() == b"data:" and b";base64," in value[:200]:
        made.content = _unpacked(value.partition(b";base64,")[2])
    else:
        if coding == "QUOTED-PRINTABLE":
            value = quopri.decodestring(value)
        made.text = _decoded(value, parameters.get("CHARSET", ""), encoding)
    if made.content is not None and len(made.content) > limits.PHOTO:
        made.size, made.content = len(made.content), None
    return made


def _parameters(head: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """Types, named or bare as 2.1 has them, and the other parameters."""
    types: list[str] = []
    others: dict[str, str] = {}
    for match in _PARAMETER.finditer(head):
        key, equals, value = match[1].partition("=")
        key, value = key.strip().upper(), value.strip().strip('"')
        if not equals:
            if key in ("QUOTED-PRINTABLE", "BASE64"):
                others["ENCODING"] = key
            elif key:
                types.append(key.lower())
        elif key == "TYPE":
            types.extend(found.strip().lower() for found in value.split(",") if found.strip())
        else:
            others[key] = value
    return tuple(types), others


def _unpacked(value: bytes) -> bytes:
    try:
        return binascii.a2b_base64(value)
    except binascii.Error:
        return b""


def _decoded(value: bytes, charset: str, encoding: str) -> str:
    if charset:
        try:
            return value.decode(charset, "replace")
        except LookupError:
            pass
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        if encoding.startswith("utf"):
            encoding = encodings.of_bytes(value)
        return value.decode(encoding, "replace")
