"""Jobs run at least once, in order, by one worker at a time; a killed worker loses nothing."""
# ruff: noqa: PT012 - what fails here is a whole transaction

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from comity.kernel import clock, jobs, stamps
from comity.kernel.models import DEAD, DONE, READY, RUNNING, Job, Schedule, Stamp
from comity.kernel.transaction import write_transaction

ran: list = []
trouble: list = []


@jobs.job("test.note")
def note(args, beat):
    ran.append(args)


@jobs.job("test.fail", retries=2)
def fail(args, beat):
    ran.append(args)
    raise RuntimeError("bad\0day")


@jobs.job("test.do", lease=60)
def do(args, beat):
    trouble[0](beat)


@jobs.job("test.atomic", atomic=True)
def atomic(args, beat):
    stamps.bump("test.atomic")
    if trouble:
        trouble[0](beat)


@jobs.schedule("test.hourly", every=3600)
def hourly(args, beat):
    ran.append(args)


@jobs.schedule("test.daily", daily="03:30")
def daily(args, beat):
    ran.append(args)


@pytest.fixture(autouse=True)
def empty():
    ran.clear()
    trouble.clear()


pytestmark = pytest.mark.django_db


def test_a_job_runs_once_and_is_done(stopped_clock):
    added = jobs.enqueue("test.note", {"n": 1})
    assert jobs.run_due("w1") == 1
    assert jobs.run_due("w1") == 0
    assert ran == [{"n": 1}]
    added.refresh_from_db()
    assert (added.state, added.attempts, added.worker, added.lease_until) == (DONE, 1, "w1", None)
    assert added.done_at == stopped_clock.now


def test_order_is_priority_then_time_and_the_future_waits(stopped_clock):
    hour = timedelta(hours=1)
    jobs.enqueue("test.note", {"n": "late"}, run_at=stopped_clock.now + hour, priority=9)
    jobs.enqueue("test.note", {"n": "third"})
    jobs.enqueue("test.note", {"n": "second"}, run_at=stopped_clock.now - hour)
    jobs.enqueue("test.note", {"n": "first"}, priority=5)
    assert jobs.run_due("w", limit=2) == 2
    assert jobs.run_due("w") == 1
    assert [args["n"] for args in ran] == ["first", "second", "third"]
    stopped_clock.tick(hours=1)
    assert jobs.run_due("w") == 1


def test_the_same_key_is_the_same_job_even_when_done():
    first = jobs.enqueue("test.note", {"n": 1}, key="once")
    again = jobs.enqueue("test.note", {"n": 2}, key="once")
    assert again.pk == first.pk
    jobs.run_due("w")
    assert jobs.enqueue("test.note", {"n": 3}, key="once").state == DONE
    assert jobs.run_due("w") == 0
    assert ran == [{"n": 1}]


def test_a_job_exists_only_if_the_caller_commits():
    with pytest.raises(ZeroDivisionError), write_transaction():
        jobs.enqueue("test.note", key="gone")
        raise ZeroDivisionError
    assert not Job.objects.exists()


def test_a_name_nobody_knows_is_refused_and_a_name_is_given_once():
    with pytest.raises(LookupError):
        jobs.enqueue("test.unknown")
    with pytest.raises(ValueError, match="twice"):
        jobs.job("test.note")(note)


def test_failures_are_retried_with_growing_pauses_then_dead_then_revived(stopped_clock, caplog):
    added = jobs.enqueue("test.fail")
    for attempt, wait in ((1, 10), (2, 20)):
        assert jobs.run_due("w") == 1
        added.refresh_from_db()
        assert (added.state, added.attempts) == (READY, attempt)
        assert added.run_at == stopped_clock.now + timedelta(seconds=wait)
        assert "RuntimeError" in added.error
        assert jobs.run_due("w") == 0
        stopped_clock.tick(seconds=wait)
    assert jobs.run_due("w") == 1
    added.refresh_from_db()
    assert (added.state, added.attempts, added.done_at) == (DEAD, 3, stopped_clock.now)
    stopped_clock.tick(days=1)
    assert jobs.run_due("w") == 0
    assert len(ran) == 3
    assert jobs.revive(added.pk)
    assert not jobs.revive(added.pk)
    assert jobs.run_due("w") == 1
    assert "test.fail" in caplog.text


def test_pauses_are_capped():
    assert [jobs.pause(n).total_seconds() for n in (1, 2, 3, 9, 10, 500)] == [10, 20, 40, 2560, 3600, 3600]


def test_a_job_this_version_does_not_know_fails_softly():
    Job.objects.create(key="k", name="from.tomorrow", max_attempts=2)
    assert jobs.run_due("w") == 1
    assert Job.objects.get().state == READY


def test_one_failing_job_does_not_stop_the_next():
    jobs.enqueue("test.fail", priority=1)
    jobs.enqueue("test.note", {"n": 1})
    assert jobs.run_due("w") == 2
    assert {"n": 1} in ran


def test_beat_extends_the_lease_but_seldom_writes(stopped_clock):
    seen = []

    def work(beat):
        start = Job.objects.get().lease_until
        with CaptureQueriesContext(connection) as queries:
            beat()
        assert not queries.captured_queries
        stopped_clock.tick(seconds=30)
        beat()
        seen.append(Job.objects.get().lease_until - start)

    trouble.append(work)
    jobs.enqueue("test.do")
    jobs.run_due("w")
    assert seen == [timedelta(seconds=30)]
    assert Job.objects.get().state == DONE


def test_who_lost_the_lease_stops_and_marks_nothing(stopped_clock):
    after = []

    def work(beat):
        stopped_clock.tick(seconds=61)
        assert jobs.reap() == 1
        trouble[0] = lambda beat: None
        assert jobs.run_due("second") == 1
        beat()
        after.append("went on")

    trouble.append(work)
    jobs.enqueue("test.do")
    jobs.run_due("first")
    assert not after
    done = Job.objects.get()
    assert (done.state, done.worker, done.attempts) == (DONE, "second", 2)


def test_the_reaper_leaves_the_living_alone_and_buries_the_hopeless(stopped_clock):
    soon, past = stopped_clock.now + timedelta(seconds=1), stopped_clock.now - timedelta(seconds=1)
    common = {"name": "test.note", "state": RUNNING, "max_attempts": 3}
    Job.objects.create(key="alive", attempts=1, lease_until=soon, **common)
    Job.objects.create(key="lost", attempts=1, lease_until=past, **common)
    Job.objects.create(key="hopeless", attempts=3, lease_until=past, **common)
    assert jobs.reap() == 2
    assert dict(Job.objects.values_list("key", "state")) == {"alive": RUNNING, "lost": READY, "hopeless": DEAD}
    assert jobs.reap() == 0
    assert jobs.run_due("w") == 1
    assert Job.objects.get(key="lost").attempts == 2


def test_an_atomic_job_that_fails_changes_nothing():
    def work(beat):
        raise RuntimeError

    trouble.append(work)
    jobs.enqueue("test.atomic")
    jobs.run_due("w")
    assert stamps.read("test.atomic") == 0
    trouble.clear()
    Job.objects.update(run_at=clock.now())
    jobs.run_due("w")
    assert stamps.read("test.atomic") == 1


def test_purge_keeps_what_is_young_or_unfinished(stopped_clock):
    common = {"name": "test.note", "max_attempts": 1}
    for key, state, days in (
        ("old", DONE, 15), ("young", DONE, 13), ("dead", DEAD, 89), ("buried", DEAD, 91), ("waiting", READY, None)
    ):  # fmt: skip
        done_at = None if days is None else stopped_clock.now - timedelta(days=days)
        Job.objects.create(key=key, state=state, done_at=done_at, **common)
    assert jobs.purge() == 2
    assert set(Job.objects.values_list("key", flat=True)) == {"young", "dead", "waiting"}


def test_schedules_fire_once_per_due_moment_and_catch_up_once(stopped_clock):
    def fired(name):
        return list(Job.objects.filter(name=name).order_by("id").values_list("args__due_at", flat=True))

    jobs.fire_due()
    assert fired("test.hourly") == ["2026-03-10T09:00:00+00:00"]
    assert fired("test.daily") == ["2026-03-10T03:30:00+00:00"]
    assert jobs.fire_due() == 0
    jobs.fire_due(stopped_clock.now + timedelta(minutes=59))
    assert len(fired("test.hourly")) == len(fired("test.daily")) == 1
    jobs.fire_due(stopped_clock.now + timedelta(hours=5))
    assert fired("test.hourly")[1:] == ["2026-03-10T14:00:00+00:00"]
    assert len(fired("test.daily")) == 1
    jobs.fire_due(stopped_clock.now + timedelta(hours=19))
    assert fired("test.daily")[1:] == ["2026-03-11T03:30:00+00:00"]
    assert Schedule.objects.filter(name="test.hourly").count() == 1


def test_a_schedule_fired_by_another_worker_is_not_fired_again(stopped_clock):
    jobs.fire_due()
    Job.objects.filter(name="test.hourly").delete()
    before = Job.objects.count()
    # The clock of this worker is behind: the row of the firing still bars it.
    assert jobs.fire_due(stopped_clock.now - timedelta(minutes=1)) == 0
    assert jobs.fire_due() == 0
    assert Job.objects.count() == before


def test_a_schedule_needs_one_cadence():
    for wrong in ({}, {"every": 5, "daily": "03:00"}):
        with pytest.raises(ValueError, match="either"):
            jobs.schedule("test.none", **wrong)


def test_stamps_grow_with_the_transaction():
    assert stamps.read("roles") == 0
    stamps.bump("roles")
    stamps.bump("roles")
    assert stamps.read("roles") == 2
    with pytest.raises(ZeroDivisionError), write_transaction():
        stamps.bump("roles")
        raise ZeroDivisionError
    assert stamps.read_all() == {"roles": 2}
    assert Stamp.objects.count() == 1


WORKER = """
import json, sys, time
from django.conf import settings
config = json.loads(sys.argv[1])
settings.configure(HOME=config["home"], DATABASES={"default": config["database"]}, USE_TZ=True,
                   INSTALLED_APPS=["comity.kernel"], DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
import django
django.setup()
from comity.kernel import jobs, stamps

@jobs.job("test.slow", lease=60)
def slow(args, beat):
    stamps.bump("started")
    print("started", flush=True)
    time.sleep(600)

jobs.run_due("victim")
"""


def _worker():
    wanted = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    database = {key: connection.settings_dict[key] for key in wanted}
    config = json.dumps({"home": str(settings.HOME), "database": database})
    return subprocess.Popen([sys.executable, "-c", WORKER, config], stdout=subprocess.PIPE, env=os.environ, text=True)


@jobs.job("test.slow", lease=60)
def slow(args, beat):
    ran.append(args)


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_mid_job_loses_nothing():
    jobs.enqueue("test.slow", {"n": 7})
    jobs.enqueue("test.note", {"n": 8})
    worker = _worker()
    try:
        assert worker.stdout.readline() == "started\n"
        # While it lives, others take the next job, not this one.
        assert jobs.run_due("other") == 1
        assert ran == [{"n": 8}]
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
    assert Job.objects.get(name="test.slow").state == RUNNING
    assert jobs.reap() == 0
    with clock.stopped(datetime.now(UTC) + timedelta(seconds=61)):
        assert jobs.reap() == 1
        assert jobs.run_due("heir") == 1
    assert ran == [{"n": 8}, {"n": 7}]
    again = Job.objects.get(name="test.slow")
    assert (again.state, again.attempts, again.worker) == (DONE, 2, "heir")
    assert stamps.read("started") == 1


@pytest.mark.django_db(transaction=True)
def test_a_claimed_row_is_passed_over_not_waited_for(engine):
    if engine != "postgresql":
        pytest.skip("SQLite has one writer: two claims cannot overlap")
    import threading

    first = jobs.enqueue("test.note", {"n": 1})
    jobs.enqueue("test.note", {"n": 2})
    with transaction.atomic():
        Job.objects.select_for_update().get(pk=first.pk)

        def other():
            jobs.run_due("other")
            connection.close()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(timeout=30)
        assert not thread.is_alive()
    assert ran == [{"n": 2}]
