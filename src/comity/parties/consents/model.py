"""An entry in the journal of consents."""

from django.db import models

from comity.kernel.clock import now
from comity.kernel.fields import KeyField
from comity.records.models import OnRecord


class Consent(OnRecord):
    """What a person said about one purpose on a day: yes, or no longer. Nobody changes or removes an entry.

    purpose, way   keys of the lists of `options`; way "" = nobody has said how
    file_id        a file that hung on the card when the entry was made: the scanned sheet
    undone_at      who made it by mistake took it back then: it stays in the journal and holds no more
    """

    purpose = models.CharField(max_length=40)
    given = models.BooleanField()
    day = models.DateField()
    way = models.CharField(max_length=40, default="", blank=True)
    note = models.TextField(default="", blank=True)
    file_id = KeyField(null=True)
    created_by = KeyField(null=True)
    created_at = models.DateTimeField(default=now)
    undone_at = models.DateTimeField(null=True)
    undone_by = KeyField(null=True)

    class Meta:
        indexes = [models.Index(fields=["type_key", "record_id", "day"], name="consents_of_record")]
