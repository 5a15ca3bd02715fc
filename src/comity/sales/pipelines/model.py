"""Pipelines, their stages, passes through gates, goals: settings, changed by commands of settings."""

from django.db import models

from comity.kernel.clock import now
from comity.kernel.fields import KeyField, MoneyField, key_field

STAGE_KINDS = ("open", "won", "lost")


class Pipeline(models.Model):
    """A way deals go, with stages of its own.

    name   per language
    teams  ids of the teams that may work in it, as text; [] = everybody
    """

    id = key_field()
    key = models.CharField(max_length=40, unique=True)
    name = models.JSONField(default=dict)
    position = models.IntegerField(default=0)
    teams = models.JSONField(default=list)
    archived_at = models.DateTimeField(null=True)


class Stage(models.Model):
    """A stage of a pipeline. Each pipeline has at least one open stage, one won and one lost.

    name         per language
    kind         open | won | lost
    probability  percent, 0 to 100
    norm_days    after so many days in it a deal counts as stuck; 0 = never
    steps        what entering it plans, in order:
                 [{"key", "kind": kind of task, "text": per language, "days": due so many days on, "clock": "HH:MM"
                   or "", "who": "owner" | "lead" (of the deal's team) | a user's id}]
    gate         what leaving it forwards demands:
                 {"fields": [keys of deal fields], "steps": [keys of `steps` to be done], "files": [kinds of files]}
    """

    id = key_field()
    pipeline = models.ForeignKey(Pipeline, on_delete=models.PROTECT, related_name="stages")
    key = models.CharField(max_length=40, unique=True)
    name = models.JSONField(default=dict)
    hue = models.PositiveSmallIntegerField(default=1)
    position = models.IntegerField(default=0)
    kind = models.CharField(max_length=4, default="open")
    probability = models.PositiveSmallIntegerField(default=0)
    norm_days = models.PositiveSmallIntegerField(default=0)
    steps = models.JSONField(default=list)
    gate = models.JSONField(default=dict)
    archived_at = models.DateTimeField(null=True)


class GatePass(models.Model):
    """Deals of one client may leave stages of a pipeline without what the gates demand, until a day."""

    id = key_field()
    client_type = models.CharField(max_length=40)  # company | person
    client_id = KeyField()
    pipeline = models.ForeignKey(Pipeline, on_delete=models.CASCADE, related_name="+")
    until = models.DateField()
    reason = models.CharField(max_length=300)
    created_at = models.DateTimeField(default=now)
    created_by = KeyField(null=True)

    class Meta:
        indexes = [models.Index(fields=["client_id", "until"], name="gate_pass_of_client")]


class Goal(models.Model):
    """What is to be won in a month: by a colleague, by a team with those below it, or (neither) by the company."""

    id = key_field()
    month = models.DateField()  # its first day
    user = models.ForeignKey("identity.User", null=True, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey("identity.Team", null=True, on_delete=models.CASCADE, related_name="+")
    amount = MoneyField()
    amount_currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "user"], name="one_goal_a_colleague", condition=models.Q(user__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["month", "team"], name="one_goal_a_team", condition=models.Q(team__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["month"], name="one_goal_a_company",
                condition=models.Q(user__isnull=True, team__isnull=True),
            ),
            models.CheckConstraint(
                condition=models.Q(user__isnull=True) | models.Q(team__isnull=True), name="a_goal_names_one"
            ),
        ]  # fmt: skip
