"""Django registration of the room."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "comity.access"
    label = "access"
