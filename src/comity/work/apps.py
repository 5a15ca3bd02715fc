"""Django registration of the room."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "comity.work"
    label = "work"

    def ready(self) -> None:
        """What the room adds to the house: events, search texts, notices, the composer's mode."""
        from django.utils.translation import gettext as _

        from comity.records.modules import Module, add
        from comity.work.calendar import page as calendar
        from comity.work.notes import events, panel  # noqa: F401
        from comity.work.tasks import alarms, notices, record_type  # noqa: F401
        from comity.work.tasks import events as task_events  # noqa: F401
        from comity.work.tasks import panels as task_panels
        from comity.work.today import page as today

        panel.register()
        task_panels.register()
        today.register()
        calendar.register()
        add(Module(
            "tasks", lambda: _("Tasks and calendar"), lambda: _("What is to be done next: Today, tasks, the calendar."),
            ("comity.work.tasks", "comity.work.today", "comity.work.calendar"), 10,
        ))  # fmt: skip
