"""The lead."""

from django.db import models

from comity.records.fields import choice, of, option, text
from comity.records.models import LIVE, Record

STATES = (
    option("new", "New", "Новое", "Нове", "Ново", "Baru", "جديد", hue=2),
    option("working", "In talks", "В работе", "У роботі", "В работа", "Sedang ditangani", "قيد المتابعة", hue=3),
    option("qualified", "Qualified", "Подходит", "Підходить", "Подходящо", "Layak", "مؤهل", hue=1),
    option("converted", "Became a deal", "Стало сделкой", "Стало угодою", "Стана сделка", "Menjadi transaksi",
           "تحوّل إلى صفقة", hue=7),
    option("refused", "Refused", "Отклонено", "Відхилено", "Отказано", "Ditolak", "مرفوض", hue=8),
)  # fmt: skip


class Lead(Record):
    """An inquiry. Its state changes by commands of this room only.

    answer_due_at   by when the first answer is expected, in working hours
    answered_at     when it was first answered
    answer_minutes  working minutes from the inquiry to the first answer
    person, company, deal   what it was converted to
    """

    specs = (
        text("contact_name", "Name", "Имя", "Ім’я", "Име", "Nama", "الاسم", search=True, quick=True, duplicate=True,
             personal=True),
        text("company_name", "Company", "Компания", "Компанія", "Фирма", "Perusahaan", "الشركة", search=True,
             duplicate=True),
        of("phones", "phones", "Phones", "Телефоны", "Телефони", "Телефони", "Telepon", "الهواتف", search=True,
           personal=True, quick=True, duplicate=True),
        of("emails", "emails", "E-mails", "Эл. почта", "Ел. пошта", "Имейли", "Email", "البريد الإلكتروني",
           search=True, personal=True, duplicate=True),
        of("longtext", "need", "What they want", "Что нужно", "Що потрібно", "Какво искат", "Yang dibutuhkan",
           "ما المطلوب", search=True, personal=True, quick=True, in_list=False),
        choice("source", "Source", "Источник", "Джерело", "Източник", "Sumber", "المصدر", options="source",
               indexed=True),
        text("campaign", "Campaign", "Кампания", "Кампанія", "Кампания", "Kampanye", "الحملة", search=True),
        of("money", "budget", "Budget", "Бюджет", "Бюджет", "Бюджет", "Anggaran", "الميزانية", in_list=False),
        choice("state", "State", "Состояние", "Стан", "Състояние", "Status", "الحالة", choices=STATES, level="read"),
        of("datetime", "answer_due_at", "Answer by", "Ответить до", "Відповісти до", "Отговор до", "Jawab sebelum",
           "الرد قبل", level="read", group="business"),
        of("datetime", "answered_at", "First answered", "Первый ответ", "Перша відповідь", "Първи отговор",
           "Jawaban pertama", "أول رد", level="read", group="business"),
        of("integer", "answer_minutes", "Answered within", "Ответ за", "Відповідь за", "Отговорено за",
           "Dijawab dalam", "مدة الرد", unit="minutes", level="read", group="business"),
        choice("refuse_reason", "Why refused", "Почему отклонено", "Чому відхилено", "Защо е отказано",
               "Alasan ditolak", "سبب الرفض", options="refuse_reason", level="read", group="business"),
        of("longtext", "refuse_note", "Remark on the refusal", "Пояснение к отказу", "Пояснення до відмови",
           "Бележка към отказа", "Catatan penolakan", "ملاحظة على الرفض", level="read", group="business",
           in_list=False),
        of("link", "person", "Person", "Человек", "Людина", "Човек", "Orang", "الشخص", target="person",
           level="read", group="business", in_list=False),
        of("link", "company", "Became company", "Стало компанией", "Стало компанією", "Стана фирма",
           "Menjadi perusahaan", "أصبح شركة", target="company", level="read", group="business", in_list=False),
        of("link", "deal", "Deal", "Сделка", "Угода", "Сделка", "Transaksi", "الصفقة", target="deal", level="read",
           group="business", in_list=False),
    )  # fmt: skip

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["state", "created_at", "id"], name="lead_of_state", condition=LIVE),
            models.Index(fields=["owner", "state", "next_at"], name="lead_of_colleague", condition=LIVE),
        ]
