"""Django registration of the room."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "comity.work"
    label = "work"
