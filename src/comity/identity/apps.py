"""Django registration of the room."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "comity.identity"
    label = "identity"
