"""What `comity doctor` looks at: each check gives findings in words, with what to do."""

import os
import shutil
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from comity.config import running, schema

GOOD, WARNING, WRONG = "ok", "note", "WRONG"
LEAST_FREE = 1_000_000_000  # bytes
CLOCK_OFF = 120  # seconds between our clock and the database server's
LATE = timedelta(minutes=10)
EXTENSIONS = ("pg_trgm",)
LETTERLESS = ("C", "POSIX")  # locales of PostgreSQL that know the English letters only


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    level: str
    text: str


def examine() -> Iterator[Finding]:
    """All findings, the base first; without a base nothing more can be said about what is in it."""
    yield from _folder()
    yield from _address()
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield Finding(
            WRONG, f"The database does not answer: {_reason(error)}. Check COMITY_DATABASE_URL and its server."
        )
        return
    checks: list[Callable[[], Iterator[Finding]]] = [_engine, _schema]
    if schema.applied() and not schema.missing() and not schema.unknown():
        checks += [_people, _work, _deliveries]
    for check in checks:
        yield from check()


def _reason(error: Exception) -> str:
    """The first line of what the driver says, without the password it never holds."""
    return (str(error).strip().splitlines() or ["no reason given"])[0].rstrip(".")


def _folder() -> Iterator[Finding]:
    home = Path(settings.HOME)
    yield Finding(GOOD, f"Data folder: {home}")
    free = shutil.disk_usage(home).free
    if free < LEAST_FREE:
        yield Finding(WRONG, f"Only {free / 1e6:.0f} MB of disk are free. Make room, or saving will stop.")
    else:
        yield Finding(GOOD, f"Free disk: {free / 1e9:.1f} GB")
    if not os.access(home, os.W_OK):
        yield Finding(WRONG, f"{home} can't be written by this user. Give it to the user that runs Comity.")
    open_to_others = stat.S_IRWXG | stat.S_IRWXO
    for path in [home / "secrets", *sorted((home / "secrets").glob("*"))]:
        if path.exists() and path.stat().st_mode & open_to_others:
            yield Finding(WRONG, f"Others can read {path}. Run: chmod go= {path}")


def _address() -> Iterator[Finding]:
    address = settings.ADDRESS
    local = address.host in ("127.0.0.1", "::1", "localhost")
    if not address.url and local:
        yield Finding(
            WARNING, "Only this machine can reach Comity. For a server set COMITY_URL; docs/install.md helps."
        )
    elif not address.url:
        yield Finding(WRONG, "COMITY_URL is not set: links in messages lead nowhere and any host name is accepted.")
    elif not address.secure and urlsplit(address.url).hostname not in ("localhost", "127.0.0.1"):
        yield Finding(WRONG, "COMITY_URL is not https: passwords cross the network in the open. docs/install.md: TLS.")
    else:
        yield Finding(GOOD, f"Public address: {address.url}")
    if address.secure and not address.trusted_proxies:
        yield Finding(
            WRONG, "COMITY_TRUSTED_PROXY is not set: every visitor seems to come from the proxy, so that one person's "
            "wrong passwords slow all others down. On one machine: COMITY_TRUSTED_PROXY=127.0.0.1",
        )  # fmt: skip


def _engine() -> Iterator[Finding]:
    if connection.vendor == "sqlite":
        yield Finding(GOOD, f"Database: embedded SQLite {sqlite3.sqlite_version}")
        with connection.cursor() as cursor:
            state = cursor.execute("PRAGMA quick_check").fetchone()[0]
        if state != "ok":
            yield Finding(WRONG, "The database file is damaged. Stop Comity and restore the last backup.")
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), extract(epoch FROM clock_timestamp())")
        version, clock = cursor.fetchone()
        cursor.execute("SELECT extname FROM pg_extension")
        there = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT getdatabaseencoding(), datctype FROM pg_database WHERE datname = current_database()")
        encoding, locale = cursor.fetchone()
    yield Finding(GOOD, f"Database: PostgreSQL {version}")
    if int(version.split(".")[0]) < 15:
        yield Finding(WRONG, "Comity needs PostgreSQL 15 or newer.")
    if (off := abs(time.time() - float(clock))) > CLOCK_OFF:
        yield Finding(WRONG, f"This machine's clock and the database's differ by {off:.0f} s. Set both by NTP.")
    if encoding != "UTF8" or locale in LETTERLESS:
        yield Finding(
            WRONG, f"The database has encoding {encoding} and locale {locale}: search is slow where words are not "
            "English. Back up, make it anew as docs/install.md says, and restore.",
        )  # fmt: skip
    for name in EXTENSIONS:
        if name not in there:
            yield Finding(
                WRONG, f"The extension {name} is missing. As the database's administrator: CREATE EXTENSION {name};"
            )


def _schema() -> Iterator[Finding]:
    if not schema.applied():
        yield Finding(WRONG, "The base is empty. Make it: comity init")
    elif newer := schema.unknown():
        yield Finding(WRONG, f"The base was written by a newer Comity ({newer[-1]}). Install that version.")
    elif missing := schema.missing():
        yield Finding(WRONG, f"The base lacks {len(missing)} changes of this version. Run: comity upgrade")
    else:
        yield Finding(GOOD, "The base is up to date.")


def _people() -> Iterator[Finding]:
    from comity.identity.models import User

    active = User.objects.filter(active=True)
    if not active.filter(administrator=True).exists():
        yield Finding(
            WRONG, "There is no administrator who can log in. Run: comity user add EMAIL NAME --administrator"
        )
    else:
        yield Finding(GOOD, f"People who can log in: {active.count()}")


def _work() -> Iterator[Finding]:
    from comity.kernel.models import Job

    if running.alive():
        yield Finding(GOOD, "Background work runs.")
    else:
        yield Finding(WARNING, "Background work does not run: Comity is stopped, or its worker is. Start: comity serve")
    now = timezone.now()
    late = Job.objects.filter(state="ready", run_at__lt=now - LATE).count()
    stuck = Job.objects.filter(state="running", lease_until__lt=now - LATE).count()
    dead = Job.objects.filter(state="dead").count()
    if late:
        yield Finding(WRONG, f"Jobs that have waited for more than 10 minutes: {late}. Is the worker running?")
    if stuck:
        yield Finding(WRONG, f"Jobs that stopped in the middle and were not taken up: {stuck}. Is the worker running?")
    if dead:
        yield Finding(WRONG, f"Jobs that failed for good: {dead}. The log says why each time.")


def _deliveries() -> Iterator[Finding]:
    from comity.changes.models import Undelivered

    if dead := Undelivered.objects.filter(dead=True).count():
        yield Finding(
            WRONG, f"Events that could not be handed on: {dead}. What depends on them is behind; see the log."
        )
