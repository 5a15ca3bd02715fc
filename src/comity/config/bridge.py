"""Pages (WSGI) on the event loop's port: a fixed pool of threads, one hop to a thread and back per page.

a2wsgi's own responder crosses between thread and loop three times per answer; here a finished page crosses once
and only a streamed one (a file, an export) goes chunk by chunk. Figures: docs/adr/0002-one-port.md.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from a2wsgi.wsgi import Body, build_environ

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


class Pages:
    """The ASGI callable around a WSGI one. Its threads live as long as it does and keep their connections."""

    def __init__(self, wsgi: Callable[..., Any], threads: int) -> None:
        self.wsgi = wsgi
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="page")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        environ = build_environ(scope, Body(loop, receive))  # type: ignore[arg-type]

        def pass_on(message: Message) -> None:
            asyncio.run_coroutine_threadsafe(_sent(send, message), loop).result()

        context = contextvars.copy_context()  # what one page sets must not reach the thread's next
        for message in await loop.run_in_executor(self.pool, context.run, self._answer, environ, pass_on):
            await send(message)

    def _answer(self, environ: Any, pass_on: Callable[[Message], None]) -> list[Message]:
        """Make the page in a thread; what is left to send."""
        head: Message = {"type": "http.response.start"}

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            head["status"] = int(status.split(" ", 1)[0])
            head["headers"] = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]

        response = self.wsgi(environ, start_response)
        try:
            if not getattr(response, "streaming", True):
                body = b"".join(response)
                if head["status"] not in (204, 304) and all(name != b"content-length" for name, _ in head["headers"]):
                    head["headers"].append((b"content-length", str(len(body)).encode()))
                return [head, {"type": "http.response.body", "body": body}]
            pass_on(head)
            for chunk in response:
                pass_on({"type": "http.response.body", "body": chunk, "more_body": True})
            return [{"type": "http.response.body", "body": b""}]
        finally:
            if hasattr(response, "close"):
                response.close()


async def _sent(send: Send, message: Message) -> None:
    await send(message)
