"""Roles, who holds them, and shares of single records."""

from django.db import models

from comity.kernel.clock import now
from comity.kernel.fields import KeyField, key_field
from comity.records.models import OnRecord

SCOPES = ("none", "own", "team", "all")  # each wider than the one before; "team" = own and the branch below
ACTIONS = ("view", "create", "edit", "delete", "restore", "share", "export")
PERMITS = ("settings", "users", "roles", "fields", "views", "gates", "import", "erase")  # further rights of a role
NO_MORE = frozenset({"trash"})  # rights of roles made earlier that nothing ever asked for


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
    """One record opened to a user or a team beyond what their roles allow.

    until   when that ends by itself; None = it stays. For a term and for good are rows of their own: where the term
            ends, what was shared for good is as it was
    reason  why it was opened for a term
    """

    user = models.ForeignKey("identity.User", null=True, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey("identity.Team", null=True, on_delete=models.CASCADE, related_name="+")
    edit = models.BooleanField(default=False)
    until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, default="", blank=True)
    created_at = models.DateTimeField(default=now)
    created_by = KeyField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["type_key", "record_id", "user", "team"], condition=models.Q(until=None), name="a_share_once"
            ),
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, team__isnull=True)
                | models.Q(user__isnull=True, team__isnull=False),
                name="a_share_names_one",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "type_key", "record_id", "until"], name="shared_with_user"),
            models.Index(fields=["team", "type_key", "record_id", "until"], name="shared_with_team"),
            models.Index(fields=["type_key", "record_id"], name="shares_of_record"),
            models.Index(fields=["until"], name="shares_that_end", condition=models.Q(until__isnull=False)),
        ]


class SharingRule(models.Model):
    """Cards of a type that fulfil a condition are open to a user, a team's people or a role's holders."""

    id = key_field()
    name = models.CharField(max_length=80)
    type_key = models.CharField(max_length=40)
    where = models.JSONField(default=dict)
    user = models.ForeignKey("identity.User", null=True, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey("identity.Team", null=True, on_delete=models.CASCADE, related_name="+")
    role = models.ForeignKey(Role, null=True, on_delete=models.CASCADE, related_name="+")
    edit = models.BooleanField(default=False)


class AccessRequest(OnRecord):
    """Somebody asked to be let see a card whose address he has; the card need not exist.

    told     whom the question was put to, as texts
    answer   "" = none yet | view | edit | refused
    """

    user = models.ForeignKey("identity.User", on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=200)
    told = models.JSONField(default=list)
    asked_at = models.DateTimeField(default=now)
    answer = models.CharField(max_length=10, default="", blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = KeyField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "asked_at"], name="access_asked_by")]
