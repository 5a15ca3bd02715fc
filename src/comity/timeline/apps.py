"""Django registration of the room."""

from django.apps import AppConfig


class TimelineConfig(AppConfig):
    name = "comity.timeline"
    label = "timeline"
