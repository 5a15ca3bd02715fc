"""Cursors of consumers, what they could not digest, answers to repeated requests."""

from django.db import models

from comity.kernel.clock import now
from comity.kernel.fields import KeyField, key_field


class Cursor(models.Model):
    """How far a consumer has read the events, by `seq`."""

    consumer = models.CharField(max_length=60, primary_key=True)
    seq = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(default=now)


class Undelivered(models.Model):
    """An event a consumer failed on: tried again until `dead`, then shown to the administrator."""

    id = models.BigAutoField(primary_key=True)
    consumer = models.CharField(max_length=60)
    seq = models.BigIntegerField()
    attempts = models.PositiveSmallIntegerField(default=1)
    next_at = models.DateTimeField()
    dead = models.BooleanField(default=False)
    error = models.TextField(default="")  # for operators

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consumer", "seq"], name="one_undelivered")]
        indexes = [models.Index(fields=["dead", "next_at"], name="undelivered_due")]


class Answered(models.Model):
    """The result of a command sent with an idempotency key: a repetition gets it again, nothing runs twice."""

    id = key_field()
    actor_id = KeyField(null=True)
    key = models.CharField(max_length=80)
    result = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor_id", "key"], name="one_answer_per_key")]


class Batch(models.Model):
    """A bulk act: many records, one message, one line in the story of each, one undo."""

    id = key_field()
    actor_id = KeyField(null=True)
    command = models.CharField(max_length=60)
    arguments = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, default="running")  # running | done | undone
    created_at = models.DateTimeField(default=now)


class Recount(models.Model):
    """Formulas of a type counted anew over all its cards: after they changed, and where they depend on the day.

    keys  of the formulas; those of the card alone are counted along
    last  the card that was counted last, in the order of keys: whoever goes on begins behind it
    day   the company's day it was begun for, where the day is why
    """

    id = key_field()
    type_key = models.CharField(max_length=40)
    keys = models.JSONField(default=list)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    last = KeyField(null=True)
    day = models.DateField(null=True)
    state = models.CharField(max_length=10, default="running")  # running | done
    created_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["type_key", "state"], name="recount_of_type")]


class ValueMerge(models.Model):
    """One value to choose from in the place of another: what was done, so that it can be taken back.

    place   "list:<key of the list>" or "field:<id of the own field>"
    trees   conditions that name the other value now: [[model, key, as it was, as it is], ...]
    fields  what of own fields named it: [[key, column, as it was, as it is], ...]
    """

    id = key_field()
    place = models.CharField(max_length=60)
    lost = models.CharField(max_length=45)
    kept = models.CharField(max_length=45)
    cards = models.PositiveIntegerField(default=0)
    trees = models.JSONField(default=list)
    fields = models.JSONField(default=list)
    made_by = KeyField(null=True)
    made_at = models.DateTimeField(default=now)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["place", "made_at"], name="merges_of_values")]


class MergedValue(models.Model):
    """A card that had the value; `both`: it had the other one besides."""

    id = models.BigAutoField(primary_key=True)
    merge = models.ForeignKey(ValueMerge, on_delete=models.CASCADE, related_name="values")
    type_key = models.CharField(max_length=40)
    field = models.CharField(max_length=40)
    record_id = KeyField()
    both = models.BooleanField(default=False)
