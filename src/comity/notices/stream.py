"""GET /live: one stream of server-sent events per browser, saying which types and cards to look at again.

An ASGI callable. All browsers of a process share one look at the base (notices.watch), made in one thread with one
connection. A message is `{"topics": ["company", "company:ID", "notices"], "seq": n}`, its id is `seq`: a browser that
comes back with Last-Event-ID hears what it missed; so does a tab that takes the stream over and asks `?after=n`. The
first message has no topics: it says where the stream begins.
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import parse_qs

from django.http.cookie import parse_cookie

from comity.notices import watch
from comity.notices.watch import Login, Watch

log = logging.getLogger("comity.live")

COOKIE = "comity_session"
POLL = 0.3  # seconds between two looks
PAUSE = 3.0  # seconds after a look that failed (the base is away)
PING = 25.0  # seconds of silence that proxies allow
CHECK = 3.0  # seconds a session may outlive its end
RETRY = 2000  # milliseconds a browser waits before it comes back

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
T = TypeVar("T")


class Reader:
    """One open stream. What it has not sent yet is a set of topics: a slow line costs no memory."""

    def __init__(self, login: Login, seq: int) -> None:
        self.login = login
        self.seq = seq
        self.topics: set[str] = set()
        self.over = False
        self.wake = asyncio.Event()

    def tell(self, topics: set[str], seq: int) -> None:
        """Add topics to the next message."""
        self.seq = max(self.seq, seq)
        if topics:
            self.topics |= topics
            self.wake.set()

    def end(self) -> None:
        """No more messages: the session is over."""
        self.over = True
        self.wake.set()

    def take(self) -> bytes:
        """The next message; b"" when there is nothing to say."""
        self.wake.clear()
        if not self.topics:
            return b""
        data = json.dumps({"topics": sorted(self.topics), "seq": self.seq}, separators=(",", ":"))
        self.topics = set()
        return f"id: {self.seq}\ndata: {data}\n\n".encode()


class Hub:
    """The streams of one event loop and the one look at the base they share; at rest while nobody listens."""

    def __init__(self) -> None:
        self.readers: set[Reader] = set()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="live")
        self._watch: Watch | None = None
        self._polling: asyncio.Task[None] | None = None
        self._checked = 0.0

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        """Do something with the base in the hub's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)

    async def join(self, login: Login) -> Reader:
        """Begin to listen: everything after `reader.seq` will be told."""
        while self._watch is None:
            found = await self.run(Watch)
            self._watch = self._watch or found
        reader = Reader(login, self._watch.seq)
        self.readers.add(reader)
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll())
        return reader

    def leave(self, reader: Reader) -> None:
        """Listen no more."""
        self.readers.discard(reader)

    async def _poll(self) -> None:
        while self.readers and self._watch is not None:
            await asyncio.sleep(POLL)
            try:
                await self._look(self._watch)
            except Exception:
                log.exception("the look for news failed")
                await self.run(watch.put_away)
                await asyncio.sleep(PAUSE)
        self._watch = self._polling = None  # whoever comes next begins anew, at the head
        await self.run(watch.put_away)

    async def _look(self, watching: Watch) -> None:
        check = time.monotonic() - self._checked >= CHECK
        if check:
            self._checked = time.monotonic()
        news = await self.run(watching.look, {reader.login for reader in self.readers}, check)
        for reader in self.readers:
            if reader.login.session_id in news.ended:
                reader.end()
            else:
                reader.tell(news.topics.get(reader.login.user_id, set()), news.seq)


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def _hub() -> Hub:
    """The hub of the running loop (a forked process has its own)."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs.clear()
        _hubs[loop] = Hub()
    return _hubs[loop]


async def app(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """Serve one stream until the browser leaves, the session ends or the server stops."""
    if scope["method"] != "GET":
        return await _refuse(send, 405)
    headers = dict(scope["headers"])
    hub = _hub()
    cookie = parse_cookie(headers.get(b"cookie", b"").decode("latin-1")).get(COOKIE, "")
    login = await hub.run(watch.login, cookie)
    if login is None:
        return await _refuse(send, 401)  # which tells EventSource not to come back
    reader = await hub.join(login)
    gone = asyncio.create_task(_gone(receive))
    try:
        await _serve(hub, reader, _last_heard(headers, scope.get("query_string", b"")), gone, send)
    finally:
        hub.leave(reader)
        gone.cancel()


async def _serve(hub: Hub, reader: Reader, last: int | None, gone: "asyncio.Task[None]", send: Send) -> None:
    head = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    start = reader.seq
    if last is not None and last < start:
        reader.tell(await hub.run(watch.replay, reader.login.user_id, last, start), start)
    begins = last if reader.topics and last is not None else start
    await _write(send, f'retry: {RETRY}\nid: {begins}\ndata: {{"topics":[],"seq":{begins}}}\n\n'.encode())
    while not reader.over and not gone.done():
        await _write(send, reader.take())
        waiting = asyncio.create_task(reader.wake.wait())
        try:
            done, _rest = await asyncio.wait({waiting, gone}, timeout=PING, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if not done:
            await _write(send, b": ping\n\n")
    with suppress(OSError):
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _write(send: Send, body: bytes) -> None:
    if body:
        await send({"type": "http.response.body", "body": body, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _last_heard(headers: dict[bytes, bytes], query: bytes) -> int | None:
    text = headers.get(b"last-event-id") or parse_qs(query).get(b"after", [b""])[0]
    return int(text) if text.isdigit() and len(text) < 19 else None


async def _refuse(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})
