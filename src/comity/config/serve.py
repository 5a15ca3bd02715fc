"""One process group on one port: a supervisor that forks the web process and the worker and keeps them alive.

Everything is loaded before the fork and frozen out of the garbage collector's sight, so that the children share it.
"""

import asyncio
import errno
import gc
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import uvicorn
from django.db import connections

from comity.config import running, worker
from comity.config.address import Address
from comity.config.asgi import Application

log = logging.getLogger("comity.serve")

GRACE = 5.0  # seconds a child has to finish what it is doing
SETTLED = 30.0  # a child that lived so long starts again at once
LONGEST_PAUSE = 30.0


def bind(address: Address) -> socket.socket:
    """The listening socket. Raises SystemExit with a plain sentence where the port can't be had."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address.host, address.port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise SystemExit(
                f"Port {address.port} is in use by another program. Choose another one, for instance: "
                f"PORT={address.port + 1} make run (or PORT={address.port + 1} comity serve)."
            ) from None
        if error.errno == errno.EACCES:
            raise SystemExit(f"Port {address.port} needs special rights. Choose one above 1023 with PORT=.") from None
        raise SystemExit(f"Cannot listen on {address.host}: {error.strerror}. Check COMITY_HOST.") from None
    listener.listen(256)
    listener.setblocking(False)
    return listener


class _Server(uvicorn.Server):
    """uvicorn that ends open streams first and leaves SIGINT to the supervisor."""

    application: Application

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.application.close()
        await asyncio.sleep(0)
        await super().shutdown(sockets)


def web(listener: socket.socket, application: Application, address: Address) -> None:
    """The web process: answer on the socket until SIGTERM."""
    config = uvicorn.Config(
        application,
        http="httptools",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(address.trusted_proxies),
        forwarded_allow_ips=list(address.trusted_proxies),
        timeout_graceful_shutdown=3,
        ws="none",
    )
    server = _Server(config)
    server.application = application
    server.run(sockets=[listener])


@dataclass
class _Child:
    name: str
    work: Callable[[], None]
    pid: int = 0
    started: float = 0.0
    due: float = 0.0
    pause: float = 0.0

    def ended(self, status: int, now: float) -> None:
        """Plan the next start: at once after a long life, later and later after short ones."""
        lived = now - self.started
        self.pause = 0.0 if lived > SETTLED else min(max(self.pause * 2, 0.5), LONGEST_PAUSE)
        self.pid, self.due = 0, now + self.pause
        code = os.waitstatus_to_exitcode(status)
        log.error("the %s process ended with %s; it starts again in %.1f s", self.name, code, self.pause)


class Supervisor:
    """Forks its children, restarts those that die, stops all on SIGTERM or SIGINT."""

    def __init__(self, *children: _Child) -> None:
        self.children = children
        self.stopping = False
        self._alive, self._keep = os.pipe()  # the children see its end when this process is gone

    def run(self) -> None:
        """Keep the children running until told to stop; returns when all have ended."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only to interrupt the wait below
        wakeup_in, wakeup_out = socket.socketpair()
        wakeup_out.setblocking(False)
        wakeup_in.settimeout(1.0)
        signal.set_wakeup_fd(wakeup_out.fileno(), warn_on_full_buffer=False)
        while not self.stopping:
            now = time.monotonic()
            for child in self.children:
                if not child.pid and now >= child.due:
                    self._start(child)
            with suppress(TimeoutError):
                wakeup_in.recv(64)
            self._reap()
        self._end()

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _start(self, child: _Child) -> None:
        child.started = time.monotonic()
        child.pid = os.fork()
        if child.pid:
            return
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the group: the supervisor decides
            os.close(self._keep)
            threading.Thread(target=_end_with_parent, args=(self._alive,), daemon=True).start()
            child.work()
            code = 0
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 1
        except BaseException:
            log.exception("the %s process failed", child.name)
        finally:
            os._exit(code)

    def _reap(self) -> None:
        for child in self.children:
            if child.pid:
                pid, status = os.waitpid(child.pid, os.WNOHANG)
                if pid and not self.stopping:
                    child.ended(status, time.monotonic())
                elif pid:
                    child.pid = 0

    def _end(self) -> None:
        ending = [child.pid for child in self.children if child.pid]
        for pid in ending:
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        while any(child.pid for child in self.children) and time.monotonic() < deadline:
            self._reap()
            time.sleep(0.02)
        for child in self.children:
            if child.pid:
                os.kill(child.pid, signal.SIGKILL)
                os.waitpid(child.pid, 0)
        for pid in ending:
            running.gone(pid)  # a worker that was cut short could not say so itself


def _end_with_parent(alive: int) -> None:
    """Wait for the supervisor's end of the pipe to close, then leave: first politely, then for certain."""
    os.read(alive, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)


def serve(address: Address, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT: pages and live stream in one process, background work in another.

    `ready` is called when the port is taken and everything is loaded; a browser that comes then is answered.
    """
    listener = bind(address)
    application = Application()
    application.preload()
    ready()
    connections.close_all()
    gc.collect()
    gc.freeze()
    Supervisor(
        _Child("web", lambda: web(listener, application, address)),
        _Child("worker", worker.loop),
    ).run()
