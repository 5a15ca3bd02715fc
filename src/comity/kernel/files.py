"""What a file is (by its content, never by its name alone) and what it may be called."""

import codecs
import re
import unicodedata
from pathlib import PurePosixPath

HEAD_BYTES = 4096

# Shown inside a page. Nothing that can carry script: no HTML, SVG, XML, PDF.
_INLINE = frozenset(("image/png", "image/jpeg", "image/gif", "image/webp"))

_OFFICE = "application/vnd.openxmlformats-officedocument."
_IN_ZIP = {
    "docx": _OFFICE + "wordprocessingml.document",
    "xlsx": _OFFICE + "spreadsheetml.sheet",
    "pptx": _OFFICE + "presentationml.presentation",
    "epub": "application/epub+zip",
}
_IN_OLE = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
}
_TEXTS = {
    "csv": "text/csv",
    "md": "text/markdown",
    "json": "application/json",
    "vcf": "text/vcard",
    "ics": "text/calendar",
    "eml": "message/rfc822",
}
_ACTIVE = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|script|iframe|object|embed|form|meta|style)\b", re.I)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_OPEN_DOCUMENT = re.compile(rb"PK\x03\x04.{26}mimetype(application/vnd\.oasis\.opendocument\.[a-z-]+)", re.S)


def extension(name: str) -> str:
    """The lower-case ending of a file name without its dot, or ""."""
    return PurePosixPath(name).suffix[1:].lower()


def sniff(first_bytes: bytes, filename: str = "") -> str:
    """The MIME type told by the first bytes (4 KB suffice); the name only decides between types the content allows."""
    head, ending = first_bytes[:HEAD_BYTES], extension(filename)
    if _is_text(head) and not head.startswith((b"%PDF-", b"{\\rtf", b"%!PS")):
        return _text_type(head, ending)
    if head.startswith(b"PK\x03\x04"):
        if match := _OPEN_DOCUMENT.match(head):
            return match[1].decode()
        return _IN_ZIP.get(ending, "application/zip")
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _IN_OLE.get(ending, "application/x-ole-storage")
    return _by_signature(head, filename)


def _is_text(head: bytes) -> bool:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    if _CONTROL.search(head):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # a letter may be cut at the end
    except UnicodeDecodeError:
        # Old single-byte letters (windows-1251) are text too; compressed data would show control bytes.
        return len(head) >= 32
    return True


def _text_type(head: bytes, ending: str) -> str:
    plain = head.replace(b"\0", b"").lower()
    if b"<svg" in plain or ending == "svg":
        return "image/svg+xml"
    if _ACTIVE.search(plain) or ending in ("html", "htm", "xhtml", "mht"):
        return "text/html"
    if plain.lstrip(codecs.BOM_UTF8 + b"\xff\xfe \t\r\n").startswith(b"<?xml"):
        return "application/xml"
    return _TEXTS.get(ending, "text/plain")


def _by_signature(head: bytes, filename: str) -> str:
    import puremagic  # its table is read at import

    try:
        matches = puremagic.magic_string(head, filename or None)
    except (puremagic.PureError, ValueError):
        return "application/octet-stream"
    # Two bytes match by chance: they count only together with the name.
    sure = [m for m in matches if m.mime_type and (len(m.byte_match) > 2 or m.confidence >= 0.9)]
    found = max(sure, key=lambda m: (m.confidence, len(m.byte_match)), default=None)
    return str(found.mime_type).split(";")[0] if found else "application/octet-stream"


def may_show_inline(mime_type: str) -> bool:
    """May a browser show it inside our pages? Anything else is sent as an attachment."""
    return mime_type in _INLINE


_NAME_BYTES = 200
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.I)


def safe_name(name: str) -> str:
    """A file name that every system can keep: no path, control or direction marks, at most 200 bytes, never empty."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029")
    name = _FORBIDDEN.sub("_", " ".join(name.split())).strip(". ")
    if _RESERVED.match(name):
        name = "_" + name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 10:
        stem, dot, ending = name, "", ""
    room = _NAME_BYTES - len((dot + ending).encode())
    return (stem.encode()[:room].decode(errors="ignore").rstrip(". ") + dot + ending) or "file"
