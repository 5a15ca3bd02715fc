"""The kernel as a Django app: it owns the job, schedule and stamp tables."""

import sqlite3

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Registered in INSTALLED_APPS as `comity.kernel`."""

    name = "comity.kernel"
    label = "kernel"

    def ready(self) -> None:
        """Register the kernel's own schedules, and how SQLite's moments are read."""
        from django.db import connection

        from comity.kernel import jobs, planner, storage  # noqa: F401 - registered by being imported
        from comity.kernel.fields import moment_of

        if connection.vendor == "sqlite":  # Django's own reader, loaded with the connection, takes four times as long
            sqlite3.register_converter("datetime", moment_of)
