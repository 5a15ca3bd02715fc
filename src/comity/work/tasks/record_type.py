"""What every generic page needs to know of tasks."""

from collections.abc import Mapping
from typing import Any

from comity.access.actors import Actor
from comity.kernel.text import listed
from comity.records import options
from comity.records.fields import option
from comity.records.labels import Label
from comity.records.types import RecordType, register
from comity.work.tasks.model import Task
from comity.work.tasks.moments import next_morning

MOVE_REASONS = options.register(
    options.OptionList(
        "move_reason",
        Label("Why deadlines move", "Причины переноса сроков", "Причини перенесення термінів", "Защо се местят срокове",
              "Alasan tenggat digeser", "أسباب تأجيل المواعيد"),
        (
            option("client_asked", "The client asked", "Попросил клиент", "Попросив клієнт", "Клиентът помоли",
                   "Permintaan klien", "بطلب من العميل"),
            option("client_silent", "The client is silent", "Клиент молчит", "Клієнт мовчить", "Клиентът мълчи",
                   "Klien belum menjawab", "العميل لا يرد"),
            option("waits_for_us", "Waiting for a colleague", "Ждём коллегу", "Чекаємо на колегу", "Чакаме колега",
                   "Menunggu rekan", "في انتظار زميل"),
            option("no_time", "No time", "Не хватило времени", "Забракло часу", "Не стигна времето", "Tidak sempat",
                   "لم يتسع الوقت"),
            option("ill", "Ill or absent", "Болезнь, отсутствие", "Хвороба, відсутність", "Болест, отсъствие",
                   "Sakit atau tidak hadir", "مرض أو غياب"),
            option("planned_badly", "Planned wrongly", "Ошибка в плане", "Помилка в плані", "Грешно планирано",
                   "Salah rencana", "خطأ في التخطيط"),
        ),
    )
)  # fmt: skip


def _title(values: Mapping[str, Any], language: str) -> tuple[str, str]:
    name = values.get("name") or ""
    return name, name


def _context(row: Mapping[str, Any], names: Mapping[str, str], language: str) -> str:
    return listed((names.get("kind", ""), names.get("about", "")), language)


def _initial(actor: Actor) -> dict[str, Any]:
    return {"kind": "task", "due_at": next_morning(actor)}


TASK = register(
    RecordType(
        key="task",
        slug="tasks",
        model=Task,
        label=Label("Task", "Задача", "Завдання", "Задача", "Tugas", "مهمة"),
        plural=Label("Tasks", "Задачи", "Завдання", "Задачи", "Tugas", "المهام"),
        icon="checks",
        title=_title,
        title_fields=("name",),
        context=_context,
        context_fields=("kind", "about"),
        columns=("due_at", "state", "about", "owner"),
        without=frozenset({"next_at"}),
        follows="about",
        initial=_initial,
        menu="",
    )
)
