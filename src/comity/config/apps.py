"""Django registration of the room."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "comity.config"
    label = "config"
