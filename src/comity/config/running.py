"""Signs of life: the worker leaves one every few seconds, so that other commands know whether Comity runs."""

import os
import time
from pathlib import Path

from django.conf import settings

PULSE = 5.0  # seconds between signs of life
SILENT = 20.0  # seconds after which the worker counts as gone


def _file() -> Path:
    return Path(settings.HOME) / "worker.alive"


def beat() -> None:
    """Leave a sign of life of this process."""
    _file().write_text(str(os.getpid()))


def gone(pid: int) -> None:
    """Take the sign away if it is that process's, which has come to its end."""
    try:
        if _file().read_text() == str(pid):
            _file().unlink()
    except FileNotFoundError:
        pass


def alive() -> bool:
    """Was there a sign of life just now?"""
    try:
        return time.time() - _file().stat().st_mtime < SILENT
    except FileNotFoundError:
        return False


def require_stopped() -> None:
    """Raise SystemExit while Comity runs on this data folder."""
    if alive():
        raise SystemExit(
            "Comity is running on this data folder. Nothing was changed. Stop it first "
            f"(if it was killed a moment ago, wait {SILENT:.0f} seconds)."
        )
