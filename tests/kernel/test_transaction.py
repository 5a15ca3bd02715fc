"""Writers queue fairly, nest, and learn in words when the base stays locked."""
# ruff: noqa: PT012 - what fails here is a whole transaction

import fcntl
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from comity.kernel import stamps
from comity.kernel.errors import Busy
from comity.kernel.models import Stamp
from comity.kernel.transaction import write_transaction

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sqlite(engine):
    if engine != "sqlite":
        pytest.skip("PostgreSQL needs no queue: it has many writers")


def _thread(work):
    def run():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def _join(*threads):
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive()


def test_all_or_nothing_and_inner_blocks_join_the_outer():
    with pytest.raises(ZeroDivisionError), write_transaction():
        stamps.bump("a")
        with write_transaction():
            stamps.bump("b")
        raise ZeroDivisionError
    assert stamps.read_all() == {}
    with write_transaction():
        stamps.bump("a")
    assert stamps.read("a") == 1


def test_a_failed_inner_block_cannot_be_half_saved():
    with pytest.raises(transaction.TransactionManagementError), write_transaction():
        try:
            with write_transaction():
                Stamp.objects.create(name="half")
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        Stamp.objects.count()
    assert stamps.read_all() == {}


def test_a_part_may_fail_alone_inside_a_savepoint():
    with write_transaction():
        stamps.bump("kept")
        with pytest.raises(ZeroDivisionError), transaction.atomic(), write_transaction():
            stamps.bump("dropped")
            raise ZeroDivisionError
    assert stamps.read_all() == {"kept": 1}


def test_what_runs_after_the_commit_may_write_too():
    with write_transaction():
        transaction.on_commit(lambda: stamps.bump("after"))
    assert stamps.read("after") == 1


def test_usable_inside_a_plain_transaction_and_as_a_decorator():
    @write_transaction()
    def twice():
        stamps.bump("a")
        stamps.bump("a")

    with transaction.atomic():
        twice()
    twice()
    assert stamps.read("a") == 4


WRITER = """
import json, sys
from django.conf import settings
config = json.loads(sys.argv[1])
settings.configure(HOME=config["home"], DATABASES={"default": config["database"]}, USE_TZ=True,
                   INSTALLED_APPS=["comity.kernel"])
import django
django.setup()
from comity.kernel.models import Stamp
from comity.kernel.transaction import write_transaction
for _ in range(40):
    with write_transaction():
        stamp = Stamp.objects.select_for_update().get(name="n")
        stamp.value += 1
        stamp.save()
"""


def test_threads_and_processes_lose_no_update():
    Stamp.objects.create(name="n")
    wanted = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    database = {key: connection.settings_dict[key] for key in wanted}
    config = json.dumps({"home": str(settings.HOME), "database": database})
    processes = [subprocess.Popen([sys.executable, "-c", WRITER, config], env=os.environ) for _ in range(2)]

    def work():
        for _ in range(40):
            with write_transaction():
                stamp = Stamp.objects.select_for_update().get(name="n")
                stamp.value += 1
                stamp.save()

    _join(*(_thread(work) for _ in range(3)))
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    assert stamps.read("n") == 200


def test_threads_write_in_the_order_of_their_coming(sqlite):
    from comity.kernel import transaction as module

    order = []

    def work(number):
        with write_transaction():
            order.append(number)

    threads = []
    with write_transaction():
        for number in range(6):
            threads.append(_thread(lambda number=number: work(number)))
            while len(module._queue._waiting) <= number:
                threading.Event().wait(0.001)
    _join(*threads)
    assert order == [0, 1, 2, 3, 4, 5]


def test_a_writer_that_waits_too_long_is_told_so_and_the_next_gets_through(sqlite, settings):
    settings.WRITE_TIMEOUT = 0.05
    found = []

    def work():
        try:
            with write_transaction():
                found.append("wrote")
        except Busy as busy:
            found.append(busy.status)

    with write_transaction():
        _join(_thread(work))
    assert found == [503]
    _join(_thread(work))
    assert found == [503, "wrote"]


@pytest.mark.parametrize("name", ["write.lock", "write.queue"])
def test_another_process_that_holds_the_lock_is_waited_for_then_busy(sqlite, settings, name):
    settings.WRITE_TIMEOUT = 0.05
    with (Path(settings.HOME) / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(Busy), write_transaction():
            stamps.bump("never")
    stamps.bump("a")
    assert stamps.read_all() == {"a": 1}


def test_a_base_locked_by_a_stranger_is_busy(sqlite, settings):
    import sqlite3

    connection.ensure_connection()
    connection.connection.execute("PRAGMA busy_timeout = 20")
    stranger = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    try:
        stranger.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy) as caught:
            stamps.bump("never")
        assert isinstance(caught.value.__cause__, OperationalError)
        stranger.execute("ROLLBACK")
        stamps.bump("a")
    finally:
        stranger.close()
        connection.close()
    assert stamps.read_all() == {"a": 1}


def test_a_defect_is_not_called_busy():
    with pytest.raises(Exception, match="no_such_table") as caught, write_transaction(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM no_such_table")
    assert not isinstance(caught.value, Busy)


def test_a_child_process_starts_with_no_lock_of_its_parent(sqlite):
    with write_transaction():
        child = os.fork()
        if child == 0:
            from comity.kernel import transaction as module

            os._exit(0 if not module._state.writing and module._lock_file is None else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        stamps.bump("a")
    assert stamps.read("a") == 1


def test_a_full_disk_is_said_in_words_and_nothing_is_half_saved(sqlite):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    try:
        with pytest.raises(Busy, match="no room left"), write_transaction():
            stamps.bump("first")
            for number in range(100_000):  # far beyond the free pages inside the file
                Stamp.objects.create(name=f"{number:0100}")
    finally:
        connection.close()  # the limit belongs to the connection
    assert stamps.read_all() == {}
    stamps.bump("a")
    assert stamps.read_all() == {"a": 1}


def test_a_connection_cut_by_the_server_is_said_in_words_and_the_next_one_works(engine):
    if engine != "postgresql":
        pytest.skip("SQLite has no server that could go away")
    connection.ensure_connection()
    process = connection.connection.info.backend_pid

    def cut():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [process])

    with pytest.raises(Busy, match="out of reach"), write_transaction():
        stamps.bump("lost")
        _join(_thread(cut))
        stamps.bump("lost")
    connection.close()
    stamps.bump("a")
    assert stamps.read_all() == {"a": 1}
