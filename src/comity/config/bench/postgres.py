"""A real PostgreSQL server in a temporary folder, owned by one run of the benchmark or the tests and gone with it."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

PR_SET_PDEATHSIG = 1


class PostgresMissing(Exception):
    """No PostgreSQL server programs on this machine."""


def programs() -> Path:
    """The folder with initdb and postgres: the newest under Debian's place, else the one on PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path:
        return Path(on_path).resolve().parent
    raise PostgresMissing("PostgreSQL's server programs are missing: install the Debian package postgresql-15.")


class Cluster:
    """One server on a unix socket. `start()` gives its address, `stop()` removes every trace.

    As root the server runs as `postgres` (else `nobody`): PostgreSQL refuses to run as root. It dies with the process
    that started it, even when that is killed.
    """

    options: ClassVar[Mapping[str, str]] = {}  # settings of the server beyond its defaults

    def __init__(self) -> None:
        self.bin = programs()
        self.user = self._unprivileged()
        self.folder = Path(tempfile.mkdtemp(prefix="comity-pg-"))
        self.process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def _unprivileged() -> pwd.struct_passwd | None:
        if os.geteuid() != 0:
            return None
        names = {entry.pw_name: entry for entry in pwd.getpwall()}
        return names.get("postgres") or names["nobody"]

    def _become(self) -> None:
        """In the child before exec: give up root first, since a change of user clears the death signal."""
        os.setsid()  # Ctrl-C at the terminal is for pytest, which then stops the server itself
        if self.user:
            os.setgroups([])
            os.setgid(self.user.pw_gid)
            os.setuid(self.user.pw_uid)
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)

    def _run(self, *command: str) -> "subprocess.Popen[bytes]":
        log = (self.folder / "log").open("ab")
        with log:
            return subprocess.Popen(
                command, preexec_fn=self._become, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder
            )

    def start(self) -> str:
        """Make the cluster, start it and return a COMITY_DATABASE_URL for its first database."""
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        data = str(self.folder / "data")
        made = self._run(
            str(self.bin / "initdb"),
            "--pgdata", data, "--username", "comity", "--auth", "trust",
            "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions",
        ).wait()  # fmt: skip
        if made != 0:
            raise RuntimeError(f"initdb failed:\n{self.log()}")
        self.launch()
        return self.url("postgres")

    def launch(self) -> None:
        """Start the server on the existing data and wait until it answers."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "timezone": "UTC",
            "log_timezone": "UTC",
            **self.options,
        }
        flags = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        self.process = self._run(str(self.bin / "postgres"), "-D", str(self.folder / "data"), *flags)
        ready = [str(self.bin / "pg_isready"), "-q", "-h", str(self.folder)]
        deadline = time.monotonic() + 60
        while subprocess.run(ready, check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{self.log()}")
            time.sleep(0.05)

    def halt(self) -> None:
        """Stop the server at once and keep its data: `launch()` brings it back."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=30)

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """The address of one database of this server."""
        return f"postgresql://comity@/{database}?host={self.folder}"

    def log(self) -> str:
        """What the server said."""
        return (self.folder / "log").read_text(errors="replace")
