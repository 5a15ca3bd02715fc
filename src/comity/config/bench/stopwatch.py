"""Requests as a browser would send them, each over a new connection, and how long they took."""

import gzip
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles

from comity.config.bench import servers
from comity.config.bench.servers import Server


@dataclass(frozen=True)
class Request:
    """What is sent: a path, who asks (the cookie), a body for POST."""

    path: str
    cookie: str = ""
    form: bytes | None = None
    script: bool = False  # asked by a script of the page, for a part of it
    packed: bool = True
    language: str = ""

    def head(self, port: int) -> bytes:
        """The bytes of the request."""
        host = f"localhost:{port}"
        lines = [f"{'GET' if self.form is None else 'POST'} {self.path} HTTP/1.1", f"Host: {host}", "Connection: close"]
        if self.packed:
            lines.append("Accept-Encoding: gzip")
        if self.language:
            lines.append(f"Accept-Language: {self.language}")
        if self.cookie:
            lines.append(f"Cookie: comity_session={self.cookie}")
        if self.script:
            lines.append("HX-Request: true")
        if self.form is not None:
            lines += [f"Origin: http://{host}", "Content-Type: application/x-www-form-urlencoded",
                      f"Content-Length: {len(self.form)}"]  # fmt: skip
        return "\r\n".join([*lines, "", ""]).encode() + (self.form or b"")


@dataclass(frozen=True)
class Answer:
    """What came back: status, header lines, the body as it was sent, and the seconds from connect to the last byte."""

    status: int
    head: str
    sent: bytes
    seconds: float

    @property
    def body(self) -> bytes:
        """The body unpacked."""
        return gzip.decompress(self.sent) if self.sent[:2] == b"\x1f\x8b" else self.sent


def ask(port: int, request: Request) -> Answer:
    """One request over a connection of its own."""
    words = request.head(port)
    parts = []
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(words)
        while part := connection.recv(262144):
            parts.append(part)
    seconds = time.perf_counter() - began
    head, _, body = b"".join(parts).partition(b"\r\n\r\n")
    text = head.decode("latin-1")
    return Answer(int(text.split(" ", 2)[1]), text, body, seconds)


@dataclass
class Clock:
    """The times of one kind of request."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    raw: int = 0
    sent: int = 0

    def p(self, percent: int) -> float:
        """A percentile of the times, in milliseconds."""
        if percent == 50 or len(self.seconds) < 2:
            return median(self.seconds) * 1000
        return quantiles(self.seconds, n=100, method="inclusive")[percent - 1] * 1000

    @property
    def cpu_p50(self) -> float:
        """The usual processor time of the web process, in milliseconds."""
        return median(self.cpu) * 1000


@dataclass(frozen=True)
class Case:
    """A kind of request: `make` gives the next one, `check` raises when its answer is not what was meant."""

    name: str
    make: Callable[[], Request]
    check: Callable[[Answer], None]


def measure(
    house: Server, reference: Server, cases: Sequence[Case], rounds: int, warm_up: int = 5
) -> tuple[dict[str, Clock], Clock]:
    """Every case once a round, with the reference between them; returns the clocks by name and the reference's."""
    clocks = {case.name: Clock() for case in cases}
    bare = Clock()
    web, plain = house.web_pid, reference.web_pid
    for turn in range(-warm_up, rounds):
        for n, case in enumerate(cases):
            if n % 4 == 0:
                _time(bare, reference.port, plain, Request("/", packed=False), _fine, turn >= 0)
            _time(clocks[case.name], house.port, web, case.make(), case.check, turn >= 0)
    return clocks, bare


def _time(clock: Clock, port: int, pid: int, request: Request, check: Callable[[Answer], None], counts: bool) -> None:
    before = servers.cpu(pid)
    answer = ask(port, request)
    time.sleep(0.001)  # let the server close the connection, which is its work too
    spent = servers.cpu(pid) - before
    check(answer)
    if counts:
        clock.seconds.append(answer.seconds)
        clock.cpu.append(spent)
        clock.raw, clock.sent = len(answer.body), len(answer.sent)


def _fine(answer: Answer) -> None:
    if answer.status != 200:
        raise SystemExit(f"The reference answered {answer.status}: {answer.body[:300]!r}")
