"""The base plans its queries by what is in it, in every process that has it open."""

import sqlite3

import pytest
from django.conf import settings
from django.db import connection

from comity.kernel import clock, jobs, planner

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def drill():
    """A table in which `one` tells nothing apart and `every` tells all rows apart."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE drill (one integer, every integer)")
        cursor.execute("CREATE INDEX drill_every ON drill (every)")
        cursor.execute("CREATE INDEX drill_one ON drill (one)")
        cursor.executemany("INSERT INTO drill VALUES (1, %s)", [(n,) for n in range(2000)])
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE drill")


def run_daily() -> None:
    jobs.fire_due(clock.now())
    while jobs.run_due():
        pass


def test_an_open_connection_plans_by_the_new_figures(drill, engine):
    if engine != "sqlite":
        pytest.skip("PostgreSQL tells its other connections itself")
    other = sqlite3.connect(settings.DATABASES["default"]["NAME"])

    def plan() -> str:
        other.execute("SELECT * FROM drill WHERE one = 1 LIMIT 1").fetchall()
        # The engine plans a text once: each look needs one of its own.
        text = f"EXPLAIN QUERY PLAN SELECT * FROM drill WHERE one = 1 AND every = 7 -- {next(looks)}"
        return str(other.execute(text).fetchall())

    looks = iter(range(9))
    try:
        assert "drill_one" in plan(), "without figures the engine guesses"
        run_daily()
        assert "drill_every" in plan()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE drill SET one = every, every = 1")
        planner.refresh()
        assert "drill_one" in plan(), "figures are renewed, too"
    finally:
        other.close()


def test_postgresql_counts_when_told(drill, engine):
    if engine != "postgresql":
        pytest.skip("SQLite keeps its figures elsewhere")
    planner.refresh()
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'drill'")
        assert cursor.fetchone()[0] == 2000
