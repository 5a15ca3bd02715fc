"""Bases made once in a run and copied from then on: the copy costs no process and no migration."""

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from support.installation import Installation


class Templates:
    """Shared by all workers of a run through one folder and the run's PostgreSQL server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def fill(self, installation: Installation, words: Sequence[str]) -> None:
        """Bring an untouched installation to where one command brings it."""
        engine = "postgresql" if installation.database_url else "sqlite"
        name = f"template_{engine}_{sha256(repr(words).encode()).hexdigest()[:12]}"
        with self._alone(name):
            kept = self.folder / name
            if not kept.exists():
                installation.ok(*words)
                if installation.database_url:
                    _copy_database(installation.database_url, _name(installation.database_url), name)
                shutil.copytree(installation.home, kept)
                return
        shutil.copytree(kept, installation.home, dirs_exist_ok=True)
        if installation.database_url:
            _copy_database(installation.database_url, name, _name(installation.database_url))

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        file = os.open(self.folder / f"{name}.lock", os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def _copy_database(url: str, source: str, target: str) -> None:
    """Make `target` anew as a copy of `source`, which nobody has open."""
    with psycopg.connect(url.replace(f"/{_name(url)}?", "/postgres?"), autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(target)))
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(target), Identifier(source)))
