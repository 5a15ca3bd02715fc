"""Django registration of the room."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "comity.records"
    label = "records"
