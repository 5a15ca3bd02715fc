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


class Layout(models.Model):
    """How a part of the product looks to everybody, to a role's holders or to a team's people: see ui.layouts.

    type_key  the kind of cards it is about; "" = of the menu
    part      one of ui.layouts.state.PARTS
    what      its shape, by part: see ui.layouts.shapes
    """

    id = key_field()
    type_key = models.CharField(max_length=40, default="", blank=True)
    part = models.CharField(max_length=10)
    role = models.ForeignKey("access.Role", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey("identity.Team", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    what = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["type_key", "part"], condition=models.Q(role=None, team=None), name="a_layout_for_all_once"
            ),
            models.UniqueConstraint(
                fields=["type_key", "part", "role"], condition=models.Q(team=None), name="a_layout_of_role_once"
            ),
            models.UniqueConstraint(
                fields=["type_key", "part", "team"], condition=models.Q(role=None), name="a_layout_of_team_once"
            ),
        ]
