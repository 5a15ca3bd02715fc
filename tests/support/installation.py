"""A Comity of its own for a test: data folder, base and the real command, as a user has them."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from support.templates import Templates

ADMINISTRATOR, PASSWORD = "ann@example.com", "correct horse battery"
INIT = (
    "init", "--company", "Northwind", "--country", "DE", "--timezone", "Europe/Berlin", "--language", "en",
    "--currency", "EUR", "--email", ADMINISTRATOR, "--name", "Ann Archer", "--password", PASSWORD,
)  # fmt: skip


PATIENCE = 600  # seconds after which a command hangs; a machine with much to do is slow


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    """`run("user", "list")` runs a command; `start()` and `stop()` the server, reached at `url`."""

    def __init__(
        self, home: Path, database_url: str = "", *, python: str = sys.executable,
        templates: "Templates | None" = None, **environment: str,
    ) -> None:  # fmt: skip
        self.home, self.port, self.python = home, free_port(), python
        self.database_url, self.templates = database_url, templates
        self.url = f"http://localhost:{self.port}"
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("COMITY_", "DJANGO_", "PYTHONPATH"))
        }
        self.environment = {**kept, "COMITY_HOME": str(home), "PORT": str(self.port), **environment}
        if database_url:
            self.environment["COMITY_DATABASE_URL"] = database_url
        self.server: subprocess.Popen[str] | None = None

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end; output and status are for the test to judge."""
        return subprocess.run(
            [self.python, "-m", "comity", *words],
            env=self.environment | environment, cwd=self.home,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip

    def ok(self, *words: str) -> str:
        """Run one command that must succeed; what it printed."""
        done = self.run(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def init(self) -> "Installation":
        """Make the base with its first administrator (ADMINISTRATOR, PASSWORD)."""
        return self.made_by(*INIT)

    def made_by(self, *words: str) -> "Installation":
        """Bring the untouched base to where one command brings it: the second time in a run as a copy."""
        if self.templates:
            self.templates.fill(self, words)
        else:
            self.ok(*words)
        return self

    def start(self, *words: str) -> "Installation":
        """Start the server (or another serving command) and wait until it answers."""
        with (self.home / "server.log").open("a") as log:
            self.server = subprocess.Popen(
                [self.python, "-m", "comity", *(words or ("serve",))],
                env=self.environment, cwd=self.home, stdin=subprocess.DEVNULL, stdout=log, stderr=log, text=True,
            )  # fmt: skip
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            if self.server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start:\n{self.log()}")
            time.sleep(0.05)
        return self

    def answers(self) -> bool:
        """Does anything answer at the address?"""
        try:
            urllib.request.urlopen(self.url, timeout=10).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def children(self) -> list[int]:
        """The processes the supervisor has forked, the web process first."""
        assert self.server
        pid = self.server.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Stop the server if it runs; its exit status."""
        if self.server is None:
            return 0
        if self.server.poll() is None:
            self.server.send_signal(number)
        return self.server.wait(timeout=30)

    def log(self) -> str:
        """What the server printed."""
        return (self.home / "server.log").read_text()
