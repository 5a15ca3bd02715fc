"""Where one installation keeps its data: COMITY_HOME, else var/ in a clone, else the user's data folder; its limits."""

import os
import secrets
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def data_folder() -> Path:
    """The one folder that holds base, files and secrets; made on first use, readable by its owner only."""
    given = os.environ.get("COMITY_HOME")
    clone = PACKAGE.parent.parent
    if given:
        folder = Path(given).expanduser().resolve()
    elif (clone / "pyproject.toml").exists() and (clone / "src").exists():
        folder = clone / "var"
    else:
        base = os.environ.get("XDG_DATA_HOME") or (
            "~/Library/Application Support" if sys.platform == "darwin" else "~/.local/share"
        )
        folder = Path(base).expanduser() / "comity"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def secret(name: str) -> str:
    """A random secret kept in the data folder, made at first start; never in the repository."""
    path = data_folder() / "secrets" / name
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()


def outbound_allow() -> list[str]:
    """The private places programs here may call all the same: COMITY_OUTBOUND_ALLOW, names, addresses or networks."""
    return os.environ.get("COMITY_OUTBOUND_ALLOW", "").replace(",", " ").split()


def api_rate() -> int:
    """How many requests a minute a token may make: COMITY_API_RATE or 600; 0 = as many as it likes.

    Raises SystemExit where that is no number.
    """
    given = os.environ.get("COMITY_API_RATE", "").strip() or "600"
    if not given.isdecimal() or len(given) > 9:
        raise SystemExit(f"COMITY_API_RATE must be a whole number of requests a minute; it is {given!r}.")
    return int(given)


def file_limit() -> int:
    """The largest file a card takes, in bytes: COMITY_FILE_MB or 25. Raises SystemExit where that is no number."""
    given = os.environ.get("COMITY_FILE_MB", "").strip() or "25"
    if not given.isdecimal() or int(given) < 1:
        raise SystemExit(f"COMITY_FILE_MB must be a whole number of megabytes from 1 on; it is {given!r}.")
    return int(given) * 1_000_000
