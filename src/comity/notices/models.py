"""Who was told what."""

from django.db import models

from comity.kernel.clock import now
from comity.kernel.fields import KeyField


class Notice(models.Model):
    """One thing one colleague is told, once per event. It holds no words of the card: those are read when shown.

    `other_type`, `other_id` name a second card the reader must see as well ("" = none).
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey("identity.User", on_delete=models.CASCADE, related_name="+")
    type_key = models.CharField(max_length=40)
    record_id = KeyField()
    other_type = models.CharField(max_length=40, default="", blank=True)
    other_id = KeyField(null=True)
    event_id = models.BigIntegerField()
    batch_id = KeyField(null=True)
    kind = models.CharField(max_length=40)
    actor_id = KeyField(null=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(default=now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "event_id"], name="told_once")]
        indexes = [
            models.Index(fields=["user", "-id"], name="notices_of_user"),
            models.Index(fields=["user"], name="notices_unread", condition=models.Q(read_at__isnull=True)),
            models.Index(fields=["user", "batch_id", "kind"], name="notices_of_batch"),
            models.Index(fields=["at"], name="notices_by_age"),
        ]
