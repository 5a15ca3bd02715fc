"""The room's models, where Django looks for them."""

from comity.work.notes.model import Note
from comity.work.tasks.model import Task

__all__ = ["Note", "Task"]
