"""A server of another firm for webhooks: speaks TLS with a certificate Comity is told to trust, keeps what it gets.

`receiver.answers` holds what to answer, one after the other, the last for ever: a status, (status, headers, body), or a
function of what came. `receiver.got` are the requests, `receiver.url` its address.
"""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme


@dataclass(frozen=True)
class Request:
    """One message: headers by lower-case name."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver(ThreadingHTTPServer):
    """Listens on 127.0.0.1, known by the names localhost and 127.0.0.1."""

    daemon_threads = True

    def __init__(self, authority: trustme.CA) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost", "127.0.0.1", "hooks.example").configure_cert(context)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.got: list[Request] = []
        self.answers: list[Any] = [204]
        self.released = threading.Event()
        self.guard = threading.Lock()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://127.0.0.1:{self.port}/in"

    def hang(self, request: Request) -> int:
        """An answer that does not come before the test is over."""
        self.released.wait()
        return 204

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who called may have gone: no word of it."""


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        came = Request(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        with self.server.guard:
            self.server.got.append(came)
            answers = self.server.answers
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
        made: Any = answer(came) if isinstance(answer, Callable) else answer  # type: ignore[arg-type]
        status, headers, text = made if isinstance(made, tuple) else (made, {}, b"")
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def receiver(folder: Path) -> Iterator[tuple[Receiver, Path]]:
    """A running one, and the file of the authority that vouches for it."""
    authority = trustme.CA()
    file = folder / "authority.pem"
    authority.cert_pem.write_to_path(file)
    with Receiver(authority) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield running, file
        finally:
            running.released.set()
            running.shutdown()
            thread.join()
