"""The kernel as a Django app: it owns the job, schedule and stamp tables."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Registered in INSTALLED_APPS as `comity.kernel`."""

    name = "comity.kernel"
    label = "kernel"

    def ready(self) -> None:
        """Register the kernel's own schedules."""
        from comity.kernel import jobs, planner, storage  # noqa: F401 - registered by being imported
