"""Tables of webhooks: where to send what, with which keys, and what became of each message."""

from django.db import models

from comity.kernel.clock import now
from comity.kernel.fields import KeyField, key_field

SETTINGS, HOOK = "settings", "hook"  # made by a person on a page; subscribed by a program through the API
WAITING, SENT, FAILED, DROPPED = "waiting", "sent", "failed", "dropped"


class Webhook(models.Model):
    """An address that is told of events.

    events      keys of event types
    type_key    the kind of cards; "" = every kind
    where       a condition tree about cards of that kind
    owner       whose rights decide what is sent
    scopes      the bounds of the token that subscribed it (access.bounds); "" = none
    token_id    that token: without it nothing is sent
    off_reason  why the house has switched it off: gone | failing
    """

    id = key_field()
    name = models.CharField(max_length=120)
    url = models.CharField(max_length=2000)
    events = models.JSONField(default=list)
    type_key = models.CharField(max_length=40, default="", blank=True)
    where = models.JSONField(default=dict, blank=True)
    owner = models.ForeignKey("identity.User", on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=10, default=SETTINGS)
    scopes = models.TextField(default="", blank=True)
    token_id = KeyField(null=True)
    active = models.BooleanField(default=True)
    off_reason = models.CharField(max_length=10, default="", blank=True)
    created_at = models.DateTimeField(default=now)


class WebhookKey(models.Model):
    """What a webhook's secret is made of, with the installation's own: the secret itself is kept nowhere."""

    id = key_field()
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="keys")
    salt = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=now)
    until = models.DateTimeField(null=True)  # a key that was replaced signs beside the new one until then


class WebhookState(models.Model):
    """How the other side is doing: no setting, so that a form does not meet it."""

    webhook = models.OneToOneField(Webhook, on_delete=models.CASCADE, primary_key=True, related_name="state")
    failing_since = models.DateTimeField(null=True)  # nothing but failure since
    failures = models.PositiveIntegerField(default=0)  # one after the other, of the server as a whole
    paused_until = models.DateTimeField(null=True)


class Delivery(models.Model):
    """One message to one webhook: an event, or a test (no event). Tried again with the same `message` id.

    It holds no words of the card but those that were sent; `request` is written anew with each try.
    """

    id = models.BigAutoField(primary_key=True)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    message = models.CharField(max_length=40, unique=True)
    event_id = models.BigIntegerField(null=True)
    type = models.CharField(max_length=60)
    at = models.DateTimeField()  # of the event
    state = models.CharField(max_length=8, default=WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)  # a try is under way; past it, its worker is dead
    tried_at = models.DateTimeField(null=True)
    took = models.PositiveIntegerField(null=True)  # milliseconds
    code = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=20, default="", blank=True)  # a key of words.ERRORS
    request = models.TextField(default="", blank=True)
    answer = models.TextField(default="", blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["webhook", "event_id"], name="an_event_once_a_webhook")]
        indexes = [
            models.Index(fields=["webhook", "-id"], name="deliveries_of_webhook"),
            models.Index(fields=["next_at", "webhook"], name="deliveries_due", condition=models.Q(state="waiting")),
            models.Index(fields=["created_at"], name="deliveries_by_age"),
        ]
