"""A file on its way out."""

from django.db import models

from comity.kernel.clock import now
from comity.kernel.fields import KeyField, key_field

STATES = ("waiting", "running", "done", "stopped", "failed")
WORKING = ("waiting", "running")


class Export(models.Model):
    """What somebody takes out; its file stands in HOME/exports for a day, for its maker alone.

    kind    list | base
    asked   list: {"type", "where", "sort", "columns", "format", "name"}
    done    cards behind it, of `total` (0 = not known): how far it is
    name    what the file is called when it is saved
    rows    how many rows the file has; cut: texts that were too long for the format
    """

    id = key_field()
    made_by = KeyField()
    made_at = models.DateTimeField(default=now)
    kind = models.CharField(max_length=10)
    asked = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="waiting")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=200, default="")
    rows = models.PositiveIntegerField(default=0)
    cut = models.PositiveIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    problem = models.TextField(default="", blank=True)
    ready_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["made_by", "made_at"], name="exports_of_colleague")]
