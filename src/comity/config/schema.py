"""The state of the base's schema: which migrations it has, which the program brings."""

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.loader import MigrationLoader


def loader() -> MigrationLoader:
    """What is on disk and what the base says was applied."""
    return MigrationLoader(connection)


def applied() -> list[str]:
    """The base's migrations as `room.name`, sorted; empty for an empty base."""
    return sorted(".".join(key) for key in loader().applied_migrations or {})


def missing() -> list[str]:
    """Migrations the program brings and the base lacks."""
    return _missing(loader())


def _missing(state: MigrationLoader) -> list[str]:
    return sorted(".".join(key) for key in state.disk_migrations if key not in state.applied_migrations)


def unknown() -> list[str]:
    """Migrations of the base that this program does not know: it was written by a newer Comity."""
    return _unknown(loader())


def _unknown(state: MigrationLoader) -> list[str]:
    return sorted(".".join(key) for key in state.applied_migrations if key not in state.disk_migrations)


def migrate() -> None:
    """Bring the base to the program's schema, and let it count its rows: a changed table has lost its statistics."""
    from comity.kernel import planner  # commands import this module before Django is set up

    call_command("migrate", verbosity=0, interactive=False, database=DEFAULT_DB_ALIAS)
    planner.refresh()


def require_current() -> None:
    """Raise SystemExit with what to do when base and program do not belong together."""
    state = loader()  # once: reading all migrations is much of what a small command does
    if not state.applied_migrations:
        raise SystemExit("The base is empty. Make it first: comity init (or comity demo, to look around).")
    if newer := _unknown(state):
        raise SystemExit(
            f"This base was written by a newer Comity ({newer[-1]}). Install that version, or restore an older backup."
        )
    if _missing(state):
        raise SystemExit("This Comity is newer than its base. Run: comity upgrade (it makes a backup first).")
