"""Tables of the kernel: background jobs, fired schedules, version stamps."""

from django.db import models

from comity.kernel import clock

READY, RUNNING, DONE, DEAD = "ready", "running", "done", "dead"


class Job(models.Model):
    """One piece of background work. Written by kernel.jobs alone.

    `ready` waits for `run_at` (a first or another try), `running` holds a lease until `lease_until`, `done` succeeded,
    `dead` used up its attempts and waits for an operator. `error` is for operators, never for users.
    """

    key = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=100)
    args = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default=READY)
    run_at = models.DateTimeField(default=clock.now)
    priority = models.SmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField()
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=100, default="")
    error = models.TextField(default="")
    created_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "-priority", "run_at", "id"], name="kernel_job_due")]


class Schedule(models.Model):
    """One firing of a schedule; its uniqueness is what keeps two workers from firing it twice."""

    name = models.CharField(max_length=100)
    due_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "due_at"], name="kernel_schedule_once")]


class Stamp(models.Model):
    """A counter that grows when something cached in processes has changed. See kernel.stamps."""

    name = models.CharField(max_length=100, primary_key=True)
    value = models.BigIntegerField(default=0)
