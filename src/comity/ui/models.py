"""What the pages keep for a person between two visits."""

from django.db import models

from comity.kernel.clock import now
from comity.kernel.fields import key_field


class Draft(models.Model):
    """A half-filled form, saved while typing; gone when the form is sent or after 30 days."""

    id = key_field()
    user = models.ForeignKey("identity.User", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    data = models.TextField(default="")  # urlencoded, as the form would be posted
    saved_at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_draft_of_a_form")]
