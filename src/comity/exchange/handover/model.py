"""Which clients are to be given away, and what was done with them."""

from django.db import models

from comity.kernel.clock import now
from comity.kernel.fields import KeyField, key_field


class Handover(models.Model):
    """Clients somebody chose, or all that belong to a colleague (`from_user`), until they are given and after.

    ids       the chosen cards of `type_key`; empty where everything of a colleague is meant
    options   what was decided: {"to": [user], "split", "deals", "keep_view", "shares"}
    batches   the bulk acts that do it, in order
    """

    id = key_field()
    made_by = KeyField()
    type_key = models.CharField(max_length=40, default="", blank=True)
    ids = models.JSONField(default=list)
    from_user = KeyField(null=True)
    options = models.JSONField(default=dict)
    batches = models.JSONField(default=list)
    created_at = models.DateTimeField(default=now)
