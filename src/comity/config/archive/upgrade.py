"""Bring a base to the program's schema: backup first, and everything back as it was when something fails."""

import logging
import sqlite3
import tarfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from comity.config import schema
from comity.config.archive.backup import backup
from comity.config.archive.restore import load, verify
from comity.config.archive.rows import count_rows, models_at
from comity.kernel import jobs
from comity.kernel.clock import now

log = logging.getLogger("comity.upgrade")


class Failed(Exception):
    """A check after the migrations found something wrong; its text says what."""


def upgrade(say: Callable[[str], None]) -> None:
    """Back up, migrate, check. On failure the base is as before; raises SystemExit with the sentence to show."""
    missing = schema.missing()
    if newer := schema.unknown():
        raise SystemExit(f"This base was written by a newer Comity ({newer[-1]}). Nothing was changed.")
    if not schema.applied():
        raise SystemExit("The base is empty: there is nothing to upgrade. Make it with: comity init")
    if not missing:
        say("The base is up to date.")
        return
    folder = Path(settings.HOME) / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    archive = folder / f"before-upgrade-{now():%Y-%m-%d-%H%M%S}.tar"
    say(f"Backing up to {archive} ...")
    backup(archive)
    say(f"Applying {len(missing)} changes to the base ...")
    before = count_rows(models_at(schema.applied()))
    try:
        _migrate(before, archive)
    except Exception as error:
        log.exception("the upgrade failed and was undone")
        reason = str(error) if isinstance(error, Failed) else "a change to the base failed; the log has the details"
        raise SystemExit(
            f"The upgrade was undone: {reason}.\nYour data is as it was before; go on with the previous version of "
            f"Comity.\nThe backup made before is {archive}."
        ) from None
    jobs.enqueue("search.rebuild")  # this version may read words otherwise; search goes on meanwhile
    say("The base is up to date.")


def check(before: dict[str, int]) -> None:
    """Raise Failed unless all migrations are applied, the base is sound and no table lost rows."""
    if left := schema.missing():
        raise Failed(f"{len(left)} changes are still missing")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            if cursor.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                raise Failed("the database file is not sound")
    connection.check_constraints()
    after = count_rows(models_at(schema.applied()))
    lost = [label for label, rows in before.items() if after.get(label, rows) < rows]
    if lost:
        raise Failed(f"rows are missing from {', '.join(lost)}")


def _migrate(before: dict[str, int], archive: Path) -> None:
    if connection.vendor == "sqlite":
        _with_copy(before)
    elif _one_transaction():
        with transaction.atomic():
            schema.migrate()
            check(before)
    else:
        try:
            schema.migrate()
            check(before)
        except Exception:
            _load_again(archive)
            raise


def _with_copy(before: dict[str, int]) -> None:
    """SQLite rebuilds tables outside a transaction: keep a copy of the file beside it and put it back on failure."""
    live = Path(connection.settings_dict["NAME"])
    copy = live.with_name(f".{live.name}.before-upgrade")
    connection.close()
    _copy(live, copy)
    try:
        schema.migrate()
        check(before)
    except Exception:
        connection.close()
        _copy(copy, live)
        raise
    finally:
        copy.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """Copy a base page by page, its write-ahead log included."""
    old, new = sqlite3.connect(source), sqlite3.connect(target)
    try:
        old.backup(new)
    finally:
        old.close()
        new.close()


def _one_transaction() -> bool:
    executor = MigrationExecutor(connection)
    return all(step.atomic for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _load_again(archive: Path) -> None:
    """PostgreSQL after a migration that could not run in a transaction: empty the base and load the backup."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"DROP TABLE IF EXISTS {connection.ops.quote_name(table)} CASCADE")
    with tarfile.open(archive, mode="r:") as tar:
        load(tar, verify(tar))
