"""The tables of the room."""

from comity.api.webhooks.model import Delivery, Webhook, WebhookKey, WebhookState

__all__ = ["Delivery", "Webhook", "WebhookKey", "WebhookState"]
