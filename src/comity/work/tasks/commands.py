"""What can be done with tasks: everything rooms above and pages ask for stands here by name."""

from comity.work.tasks.changing import GiveTask, HelpTask, MoveTask, UpdateTask, helpers_of
from comity.work.tasks.checklist import ChangeChecklist, RepeatTask, TickItem
from comity.work.tasks.finishing import DropTask, FinishTask, LogTask, ReopenTask, drop_planned
from comity.work.tasks.next_step import open_tasks, refresh_next
from comity.work.tasks.planning import CreateTask, about_of, plan

__all__ = [
    "ChangeChecklist", "CreateTask", "DropTask", "FinishTask", "GiveTask", "HelpTask", "LogTask", "MoveTask",
    "ReopenTask", "RepeatTask", "TickItem", "UpdateTask", "about_of", "drop_planned", "helpers_of", "open_tasks",
    "plan", "refresh_next",
]  # fmt: skip
