"""The server processes under the stopwatch: the house as `comity serve` starts it, and the reference."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

PATIENCE = 60.0  # seconds a server has to answer for the first time
POLL = 0.01


class Server:
    """One server in a process group of its own, on a free port of the loopback."""

    def __init__(self, *command: str, **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.command = [sys.executable, "-m", *command]
        self.environment = os.environ | {"PORT": str(self.port), "COMITY_HOST": "127.0.0.1"} | environment
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it; the seconds until it has answered a page."""
        began = time.monotonic()
        self.process = subprocess.Popen(
            self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        while time.monotonic() - began < PATIENCE and self.process.poll() is None:
            with suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
                connection.request("GET", "/login")
                connection.getresponse().read()
                connection.close()
                return time.monotonic() - began
            time.sleep(POLL)
        self.stop()
        raise SystemExit("The server did not start; its words stand above.")

    def stop(self) -> None:
        """End it and wait for that."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=PATIENCE)
            self.process = None

    @property
    def pids(self) -> list[int]:
        """The process and all below it, itself first."""
        found = [self.process.pid] if self.process else []
        for pid in found:  # grows while it is read
            for task in Path(f"/proc/{pid}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
        return found

    @property
    def web_pid(self) -> int:
        """The process that makes the pages: the supervisor's first child, or the only one."""
        pids = self.pids
        return pids[1] if len(pids) > 1 else pids[0]

    def memory(self) -> float:
        """The sum of the proportional set sizes of all its processes, in MB of 10^6 bytes."""
        total = 0
        for pid in self.pids:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return total * 1024 / 1e6


def cpu(pid: int) -> float:
    """The seconds a process has spent on a processor, all its threads together (Linux)."""
    spent = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that ended
            spent += int((task / "schedstat").read_text().split()[0])
    return spent / 1e9


def held(pid: int) -> float:
    """What a process holds of its own, in MB of 10^6 bytes (Linux): without the pages of SQLite's file, which it maps
    and the system takes back when it wants them."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) * 1024 / 1e6


def house() -> Server:
    """`comity serve` on this process's home and base."""
    return Server("comity", "serve")


def reference() -> Server:
    """The reference page in the same kind of server on the same base."""
    return Server(__name__, DJANGO_SETTINGS_MODULE="comity.config.bench.reference_settings")


def _serve_reference() -> None:
    import django

    django.setup()
    from django.conf import settings

    from comity.config import serve
    from comity.config.asgi import Application

    application = Application()
    application.preload()
    serve.web(serve.bind(settings.ADDRESS), application, settings.ADDRESS)


if __name__ == "__main__":
    _serve_reference()
