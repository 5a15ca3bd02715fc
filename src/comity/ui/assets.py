"""Static files: every room's `static/` folder under hashed names, kept in memory with a gzip twin.

No build step: a wheel and a clone serve the same files, hashed when first asked for in a process.
"""

import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

import deflate
from django.apps import apps
from django.conf import settings

HASH_LENGTH = 12
TIGHTEST = 12  # the highest level of libdeflate; a file is packed once
_HASHED = re.compile(r"^(?P<stem>.+)\.(?P<hash>[0-9a-f]{12})(?P<suffix>\.[A-Za-z0-9]+)$")
_CSS_URL = re.compile(rb"""url\((["']?)(?![a-z]+:|/|#)([^)"'#?]+)""")
_COMPRESSIBLE = ("text/", "application/json", "application/manifest+json", "image/svg+xml")
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    """One static file as it is sent: its body, type and hash."""

    name: str
    body: bytes
    content_type: str

    @cached_property
    def hash(self) -> str:
        """The first 12 hex digits of the body's SHA-256."""
        return hashlib.sha256(self.body).hexdigest()[:HASH_LENGTH]

    @cached_property
    def gzip(self) -> bytes | None:
        """The body compressed, or None where that gains nothing."""
        if not self.content_type.startswith(_COMPRESSIBLE):
            return None
        packed = bytes(deflate.gzip_compress(self.body, TIGHTEST))
        return packed if len(packed) < len(self.body) else None

    @property
    def url(self) -> str:
        """Its address with the hash in the name."""
        path = PurePosixPath(self.name)
        return f"{settings.STATIC_URL}{path.with_suffix('')}.{self.hash}{path.suffix}"


def _file(name: str) -> Path | None:
    """The file of that name in the first room that has it; only plain names below a `static/` folder."""
    if name.startswith("/") or any(part in ("", ".", "..") for part in name.split("/")) or "\\" in name:
        return None
    for app in apps.get_app_configs():
        path = Path(app.path, "static", name)
        if path.is_file():
            return path
    return None


@cache
def _load(name: str) -> Asset:
    path = _file(name)
    if path is None:
        raise FileNotFoundError(f"no static file {name!r} in any room")
    body = path.read_bytes()
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    if path.suffix == ".css":
        body = _CSS_URL.sub(lambda match: _hashed_reference(name, match), body)
    return Asset(name, body, f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)


def _hashed_reference(css: str, match: re.Match[bytes]) -> bytes:
    """A stylesheet's relative `url(...)` by the hashed address of what it names."""
    parts: list[str] = list(PurePosixPath(css).parent.parts)
    for part in match[2].decode().split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return b"url(" + match[1] + static_url("/".join(parts)).encode()


def static_url(name: str) -> str:
    """The address of a static file, for instance `static_url("ui/app.css")`: it may be kept for ever.

    Raises FileNotFoundError for a name no room has.
    """
    return _load(name).url


def find(path: str) -> tuple[Asset, bool] | None:
    """The asset at an address below STATIC_URL, and whether the address is for ever (it carries the right hash)."""
    hashed = _HASHED.match(path)
    if hashed and _file(plain := hashed["stem"] + hashed["suffix"]):
        asset = _load(plain)
        return asset, asset.hash == hashed["hash"]
    return (_load(path), False) if _file(path) else None
