"""Roles, who holds them, and shares of single records."""

from django.db import models

from comity.kernel.clock import now
from comity.kernel.fields import KeyField, key_field
from comity.records.models import OnRecord

SCOPES = ("none", "own", "team", "all")  # each wider than the one before; "team" = own and the branch below
ACTIONS = ("view", "create", "edit", "delete", "restore", "share", "export")
PERMITS = ("settings", "users", "roles", "fields", "views", "trash", "gates", "import")  # further rights of a role


class Role(models.Model):
    """What its holders may do.

    grants   {type key or "*": {action: scope}}; what is not named is "none"
    fields   {type key: {field key: level}}, level = hide | mask | read | write; not named = write
    permits  names of further rights, of PERMITS
    """

    id = key_field()
    key = models.CharField(max_length=40, unique=True)
    name = models.JSONField(default=dict)  # per language
    grants = models.JSONField(default=dict)
    fields = models.JSONField(default=dict)
    permits = models.JSONField(default=list)


class RoleMember(models.Model):
    """A user holding a role; rights of several roles add up."""

    id = key_field()
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey("identity.User", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "user"], name="a_role_once")]


class Share(OnRecord):
    """One record opened to a user or a team beyond what their roles allow."""

    user = models.ForeignKey("identity.User", null=True, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey("identity.Team", null=True, on_delete=models.CASCADE, related_name="+")
    edit = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now)
    created_by = KeyField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["type_key", "record_id", "user", "team"], name="a_share_once"),
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, team__isnull=True)
                | models.Q(user__isnull=True, team__isnull=False),
                name="a_share_names_one",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "type_key", "record_id"], name="shared_with_user"),
            models.Index(fields=["team", "type_key", "record_id"], name="shared_with_team"),
            models.Index(fields=["type_key", "record_id"], name="shares_of_record"),
        ]
