"""The database of one installation: embedded SQLite, or PostgreSQL by COMITY_DATABASE_URL."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# Measured in SCALE: IMMEDIATE is mandatory, the rest keeps readers fast beside one writer.
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-8192;"
    "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456; PRAGMA journal_size_limit=67108864;"
)

# PostgreSQL. Compiling a query's tests takes it a second where they are long, as ours of rights are, for 15 ms of work
# (measured: the list of all tasks). And a query that comes again and again need not be planned each time.
POSTGRES_START = "-c jit=off"
PREPARE_AFTER = 5


def database_config(home: Path) -> dict[str, Any]:
    """Django's DATABASES entry from COMITY_DATABASE_URL, or of the embedded base without it.

    The address is postgresql://user:password@host:port/name?key=value; what follows the question mark goes to libpq
    (sslmode, sslrootcert, a socket's folder as host ...), but for `pooled=1`: behind a pooler, which takes neither our
    options nor prepared statements, they are left out. Raises SystemExit with a sentence for any other address.
    """
    url = os.environ.get("COMITY_DATABASE_URL", "")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(home / "comity.sqlite3"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS},
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise SystemExit("COMITY_DATABASE_URL must start with postgresql:// ; leave it empty for the embedded base.")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    if not options.pop("pooled", ""):
        options["options"] = f"{POSTGRES_START} {options.get('options', '')}".rstrip()  # the address has the last word
        options["prepare_threshold"] = PREPARE_AFTER
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": options,
    }
