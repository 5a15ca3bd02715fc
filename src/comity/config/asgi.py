"""One port: static files and the live stream from the event loop, pages as WSGI in a fixed pool of threads.

Why pages do not run as ASGI views, with figures: docs/adr/0002-one-port.md.
"""

import asyncio
import importlib.util
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http.request import split_domain_port, validate_host
from django.urls import get_resolver
from django.utils.translation import gettext, override

from comity.config.bridge import Asgi, Pages, Receive, Scope, Send
from comity.ui import assets

LIVE = "/live"
NOT_OURS = b"Comity is not reached by this name. The administrator sets its address with COMITY_URL.\n"
FOR_EVER = b"public, max-age=31536000, immutable"


def page_threads() -> int:
    """How many pages are made at once: each thread keeps a connection, and SQLite writes one at a time anyway."""
    return 4 if connection.vendor == "sqlite" else 8


def live_stream() -> Asgi | None:
    """The notices room's stream, or None while there is none."""
    if importlib.util.find_spec("comity.notices.stream") is None:
        return None
    app: Asgi = importlib.import_module("comity.notices.stream").app
    return app


class Application:
    """The ASGI callable. `close()` ends the open streams, so that a stop need not wait for them."""

    def __init__(self) -> None:
        self.pages = Pages(get_wsgi_application(), page_threads())
        self.live = live_stream()
        self._streams: set[asyncio.Task[Any]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if not _ours(scope["headers"]):
            await _answer(send, 400, [(b"content-type", b"text/plain; charset=utf-8")], NOT_OURS)
            return
        if path.startswith(settings.STATIC_URL) and scope["method"] in ("GET", "HEAD"):
            await self._static(path.removeprefix(settings.STATIC_URL), scope, send)
        elif self.live and (path == LIVE or path.startswith(f"{LIVE}/")):
            await self._stream(self.live, scope, receive, send)
        else:
            await self.pages(scope, receive, send)

    def preload(self) -> None:
        """Load what the first page would load, so that forked processes share it."""
        get_resolver().url_patterns  # noqa: B018 - loads every view
        for language, _ in settings.LANGUAGES:
            with override(language):
                gettext("")

    def close(self) -> None:
        """End every open stream; browsers come back by themselves and continue where they were."""
        for task in self._streams:
            task.cancel()

    async def _stream(self, live: Asgi, scope: Scope, receive: Receive, send: Send) -> None:
        # A task of its own: cancelling the server's would be logged as a failure.
        task = asyncio.ensure_future(live(scope, receive, send))
        self._streams.add(task)
        try:
            await asyncio.wait([task])
            if not task.cancelled():
                task.result()
                return
            with suppress(RuntimeError):  # the stream had not begun, or the browser is gone
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            task.cancel()
            self._streams.discard(task)

    async def _static(self, path: str, scope: Scope, send: Send) -> None:
        request = dict(scope["headers"])
        found = assets.find(path)
        if found is None:
            await _answer(send, 404, [(b"content-type", b"text/plain; charset=utf-8")], b"Not found\n")
            return
        asset, for_ever = found
        etag = f'"{asset.hash}"'.encode()
        headers = [
            (b"cache-control", FOR_EVER if for_ever else b"no-cache"),
            (b"etag", etag),
            (b"vary", b"accept-encoding"),
            (b"x-content-type-options", b"nosniff"),
        ]
        if etag in request.get(b"if-none-match", b""):
            await _answer(send, 304, headers, b"")
            return
        body, packed = asset.body, asset.gzip
        if packed and b"gzip" in request.get(b"accept-encoding", b""):
            body = packed
            headers.append((b"content-encoding", b"gzip"))
        headers += [(b"content-type", asset.content_type.encode()), (b"content-length", str(len(body)).encode())]
        await _answer(send, 200, headers, b"" if scope["method"] == "HEAD" else body)


def _ours(headers: list[tuple[bytes, bytes]]) -> bool:
    """Is the request for a name of ours? Any other could lead a browser's secrets astray (DNS rebinding)."""
    hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
    return len(hosts) == 1 and validate_host(split_domain_port(hosts[0])[0], settings.ALLOWED_HOSTS)


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
