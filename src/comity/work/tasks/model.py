"""The task: one table for tasks, calls, meetings and visits."""

from django.db import models

from comity.kernel.fields import KeyField
from comity.records.fields import choice, of, option, text
from comity.records.models import LIVE, Record

KINDS = (
    option("task", "Task", "Задача", "Завдання", "Задача", "Tugas", "مهمة", hue=1),
    option("call", "Call", "Звонок", "Дзвінок", "Обаждане", "Telepon", "مكالمة", hue=2),
    option("meeting", "Meeting", "Встреча", "Зустріч", "Среща", "Rapat", "اجتماع", hue=3),
    option("visit", "Visit", "Визит", "Візит", "Посещение", "Kunjungan", "زيارة", hue=5),
    option("letter", "Letter", "Письмо", "Лист", "Писмо", "Surat", "رسالة", hue=6),
)
STATES = (
    option("open", "To do", "Сделать", "Зробити", "За вършене", "Belum selesai", "قيد الإنجاز", hue=2),
    option("done", "Done", "Сделано", "Зроблено", "Свършено", "Selesai", "منجزة", hue=7),
    option("dropped", "Dropped", "Снято", "Знято", "Отпаднало", "Dibatalkan", "مُلغاة", hue=8),
)


class Task(Record):
    """What is to be done. Its owner is the one responsible; helpers are those it is shared with.

    due_at      when a meeting, call or visit begins, by when a task is done. Of a day without a clock time
                (`whole_day`) it is the day's last minute where the responsible colleague lives, so that "late" is
                one comparison
    promised_on the day the client was promised; moving the deadline does not move it
    repeat      a recurrence rule of RFC 5545 without DTSTART ("FREQ=WEEKLY;BYDAY=MO"), "" = once
    checklist   [{"text": str, "done": bool}]
    step        what planned it, for rooms above ("pipeline.stage.step"); "" = a person
    told_late   the deadline whose passing was told: so that it is told once
    reminded    the moment of `remind_at` that was told
    """

    specs = (
        text("name", "What to do", "Что сделать", "Що зробити", "Какво да се направи", "Yang dikerjakan",
             "المطلوب", required="always", search=True, quick=True, max_length=200),
        choice("kind", "Kind", "Вид", "Вид", "Вид", "Jenis", "النوع", choices=KINDS, required="always"),
        of("card", "about", "About", "По карточке", "За карткою", "По карта", "Tentang", "بخصوص", quick=True),
        of("datetime", "due_at", "Due", "Срок", "Термін", "Срок", "Tenggat", "الموعد", required="always", quick=True,
           extra={"with": ("move_reason",), "beside": ("state", "whole_day"), "cell": "due"}),
        of("bool", "whole_day", "At any time of that day", "В любое время этого дня", "У будь-який час того дня",
           "По всяко време на този ден", "Kapan saja pada hari itu", "في أي وقت من ذلك اليوم", in_list=False),
        of("integer", "minutes", "Takes", "Длится", "Триває", "Отнема", "Lamanya", "المدة", unit="minutes",
           in_list=False),
        of("date", "promised_on", "Promised to the client", "Обещано клиенту", "Обіцяно клієнту",
           "Обещано на клиента", "Dijanjikan ke klien", "الموعد المتفق عليه مع العميل"),
        of("datetime", "remind_at", "Remind", "Напомнить", "Нагадати", "Напомняне", "Ingatkan", "تذكير",
           in_list=False),
        of("longtext", "details", "Details", "Подробности", "Подробиці", "Подробности", "Rincian", "التفاصيل",
           search=True, in_list=False),
        choice("move_reason", "Why the deadline moved", "Почему перенесён срок", "Чому перенесено термін",
               "Защо се премести срокът", "Alasan tenggat digeser", "سبب تأجيل الموعد", options="move_reason",
               in_list=False, extra={"later": True}),
        of("integer", "moves", "Moved", "Переносы", "Перенесення", "Премествания", "Digeser", "مرات التأجيل",
           unit="pieces", level="read"),
        text("repeat", "Repeats", "Повторяется", "Повторюється", "Повтаря се", "Berulang", "التكرار", level="read",
             in_list=False, max_length=120, group="aside"),
        choice("state", "State", "Состояние", "Стан", "Състояние", "Status", "الحالة", choices=STATES, level="read"),
        of("longtext", "result", "Result", "Результат", "Результат", "Резултат", "Hasil", "النتيجة", level="read",
           search=True),
        of("datetime", "done_at", "Finished", "Завершено", "Завершено", "Приключено", "Selesai pada", "اكتملت في",
           level="read"),
        of("user", "done_by", "Finished by", "Кто завершил", "Хто завершив", "Приключил", "Diselesaikan oleh",
           "أنجزها", level="read", in_list=False),
    )  # fmt: skip

    checklist = models.JSONField(default=list, blank=True)
    step = models.CharField(max_length=120, default="", blank=True)
    follows_task = KeyField(null=True)  # the task this one repeats or comes after
    told_late = models.DateTimeField(null=True)
    reminded = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["owner", "state", "due_at"], name="task_of_colleague", condition=LIVE),
            models.Index(fields=["about_type", "about_id", "state", "due_at"], name="task_of_card", condition=LIVE),
            models.Index(fields=["due_at", "id"], name="task_by_due", condition=LIVE),
            # and task_by_due_down, on PostgreSQL alone: migration 0005
            models.Index(
                fields=["due_at"], name="task_falling_due", condition=LIVE & models.Q(state="open")
            ),
            models.Index(
                fields=["remind_at"], name="task_reminding",
                condition=LIVE & models.Q(state="open", remind_at__isnull=False),
            ),
        ]  # fmt: skip
