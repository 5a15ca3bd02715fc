"""A note on a card."""

from django.db import models

from comity.kernel.clock import now
from comity.kernel.fields import KeyField
from comity.records.models import OnRecord


class Note(OnRecord):
    """What somebody wrote on a card; read by whoever sees the card, changed by its writer."""

    text = models.TextField()
    created_by = KeyField(null=True)
    created_at = models.DateTimeField(default=now)
    edited_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["type_key", "record_id", "created_at"], name="notes_of_record")]
