"""The spine: one append-only table of what happened, and the cards it is told on."""

from django.db import models

from comity.kernel.clock import now
from comity.kernel.fields import KeyField


class Event(models.Model):
    """One thing that happened. Never changed but for `seq` and `chain`, which the sequencer writes once.

    Cursors, live streams and the chain follow `seq`: ids are taken before a transaction commits, so on PostgreSQL a
    slow one may commit a lower id after a cursor has passed it.
    """

    id = models.BigAutoField(primary_key=True)
    seq = models.BigIntegerField(null=True, unique=True)
    at = models.DateTimeField(default=now)
    type = models.CharField(max_length=60)
    actor_kind = models.CharField(max_length=8)  # user | system
    actor_id = KeyField(null=True)
    reason = models.CharField(max_length=60, default="", blank=True)  # of a system actor
    primary_type = models.CharField(max_length=40)
    primary_id = KeyField()
    record_version = models.PositiveIntegerField(null=True)  # of the primary record, after the change
    payload = models.JSONField(default=dict)
    cause_id = models.BigIntegerField(null=True)  # the event this one is a consequence of
    depth = models.PositiveSmallIntegerField(default=0)
    batch_id = KeyField(null=True, db_index=True)
    salt = models.BinaryField(max_length=16)
    digest = models.BinaryField(max_length=32)  # of salt + payload; the salt is destroyed when a payload is shredded
    chain = models.BinaryField(max_length=32, null=True)  # of the chain before + header + digest

    class Meta:
        indexes = [
            models.Index(fields=["primary_type", "primary_id", "id"], name="events_of_record"),
            models.Index(fields=["actor_id", "id"], name="events_of_actor"),
            models.Index(fields=["id"], name="events_unnumbered", condition=models.Q(seq__isnull=True)),
        ]


class EventSubject(models.Model):
    """A further card on whose story the event appears (its primary one too)."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="subjects")
    type_key = models.CharField(max_length=40)
    record_id = KeyField()

    class Meta:
        indexes = [models.Index(fields=["type_key", "record_id", "event"], name="subjects_of_story")]
