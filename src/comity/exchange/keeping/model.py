"""The rules of keeping, what they have found so far, and the term of the trash."""

from django.db import models

from comity.kernel.clock import now
from comity.kernel.fields import KeyField, key_field
from comity.records.models import OnRecord

SHOW, TRASH = "show", "trash"


class KeepingRule(models.Model):
    """What becomes of cards of a kind that nobody has touched for so many months.

    where  which of them; {} = all
    then   show (a list to look through) | trash
    """

    id = key_field()
    name = models.CharField(max_length=80)
    type_key = models.CharField(max_length=40)
    where = models.JSONField(default=dict)
    months = models.PositiveSmallIntegerField(default=12)
    then = models.CharField(max_length=10, default=SHOW)


class KeepingCount(models.Model):
    """What the last run of a rule found.

    asked, agreed  digest of the rule as it was when it would have taken too many cards, and when somebody said it may
    """

    rule = models.OneToOneField(KeepingRule, on_delete=models.CASCADE, primary_key=True, related_name="count")
    found = models.PositiveIntegerField(default=0)
    cards = models.PositiveIntegerField(default=0)
    counted_at = models.DateTimeField(default=now)
    asked = models.CharField(max_length=16, default="", blank=True)
    agreed = models.CharField(max_length=16, default="", blank=True)
    agreed_by = KeyField(null=True)


class KeepingMark(OnRecord):
    """A card that a rule is going to put into the trash.

    due_on  from which day of the company on; None while nobody has been told
    """

    rule = models.ForeignKey(KeepingRule, on_delete=models.CASCADE, related_name="marks")
    due_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record_id", "type_key", "rule"], name="marked_once")]
        indexes = [models.Index(fields=["rule", "due_on"], name="marks_due")]


class TrashTerm(models.Model):
    """How many days cards lie in the trash before they are deleted for good; None = for ever. One row."""

    id = key_field()
    place = models.CharField(max_length=10, default="trash", unique=True)
    days = models.PositiveSmallIntegerField(null=True)
