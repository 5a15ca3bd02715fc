"""What was found to be likely the same."""

from django.db import models

from comity.kernel.clock import now
from comity.kernel.fields import KeyField, key_field


class LikelyPair(models.Model):
    """Two cards of a type that are likely the same; `first_id` is the lower of the two keys.

    reasons  the rules they fulfil (search.rules), |phones|title|
    state    open | different (somebody said so: it is not asked again)
    """

    id = key_field()
    type_key = models.CharField(max_length=40)
    first_id = KeyField()
    second_id = KeyField()
    score = models.PositiveSmallIntegerField()
    reasons = models.CharField(max_length=300, default="", blank=True)
    state = models.CharField(max_length=10, default="open")
    found_at = models.DateTimeField(default=now)
    decided_by = KeyField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["first_id", "second_id", "type_key"], name="a_pair_once")]
        indexes = [
            models.Index(
                fields=["type_key", "-score", "id"], name="likely_pairs", condition=models.Q(state="open")
            ),
            models.Index(fields=["second_id"], name="likely_pairs_of_second"),
        ]  # fmt: skip


class Scan(models.Model):
    """One look through all cards of a type for likely pairs, in the background.

    stage  what it is at: keys | pairs | done
    after  how far it has come there, for a killed worker's successor
    """

    id = key_field()
    type_key = models.CharField(max_length=40)
    stage = models.CharField(max_length=10, default="keys")
    rule = models.CharField(max_length=40, default="", blank=True)
    after = models.CharField(max_length=254, default="", blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    pairs = models.PositiveIntegerField(default=0)
    asked_by = KeyField(null=True)
    started_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)
    stopped = models.BooleanField(default=False)
