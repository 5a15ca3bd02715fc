"""Django registration of the room."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "comity.ui"
    label = "ui"
