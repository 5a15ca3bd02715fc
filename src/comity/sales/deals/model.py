"""The deal, its lines, and the index of its stay in each stage."""

from typing import Any

from django.db import models

from comity.kernel.fields import KeyField, MoneyField, key_field
from comity.records.fields import choice, of, option, text
from comity.records.labels import Label
from comity.records.models import LIVE, Record

STATES = (
    option("open", "Open", "Открыта", "Відкрита", "Отворена", "Terbuka", "مفتوحة", hue=2),
    option("won", "Won", "Выиграна", "Виграна", "Спечелена", "Menang", "مكسوبة", hue=7),
    option("lost", "Lost", "Проиграна", "Програна", "Загубена", "Kalah", "خاسرة", hue=4),
)


class Deal(Record):
    """What we may sell to a client. Stage and state change by commands of this room only.

    moves_back   how often it went back to an earlier stage
    stage_since  when it entered the stage it is in
    closed_at    when it was won or lost
    """

    specs = (
        text("name", "What is sold", "Что продаём", "Що продаємо", "Какво продаваме", "Yang dijual", "موضوع البيع",
             required="always", search=True, quick=True),
        of("link", "company", "Company", "Компания", "Компанія", "Фирма", "Perusahaan", "الشركة", target="company",
           relation="deal_company", quick=True),
        of("link", "person", "Main contact", "Контактное лицо", "Контактна особа", "Лице за контакт", "Kontak utama",
           "جهة الاتصال الرئيسية", target="person", relation="deal_person"),
        of("money", "amount", "Amount", "Сумма", "Сума", "Сума", "Nilai", "المبلغ", quick=True),
        choice("pipeline", "Pipeline", "Воронка", "Воронка", "Фуния", "Alur", "المسار", options="pipeline"),
        choice("stage", "Stage", "Этап", "Етап", "Етап", "Tahap", "المرحلة", options="stage", level="read"),
        choice("state", "State", "Состояние", "Стан", "Състояние", "Status", "الحالة", choices=STATES, level="read"),
        of("date", "expected_on", "Expected", "Ожидаем", "Очікуємо", "Очаквана дата", "Perkiraan", "التاريخ المتوقع",
           indexed=True),
        choice("source", "Source", "Источник", "Джерело", "Източник", "Sumber", "المصدر", options="source"),
        choice("branch", "Branch", "Организация", "Організація", "Дружество", "Badan usaha", "الفرع",
               options="branch", extra={"if_any": True}, help=Label(
                   "Who of us sells. Left empty: the branch of who is responsible.",
                   "Кто из нас продаёт. Если пусто — организация ответственного.",
                   "Хто з нас продає. Якщо порожньо — організація відповідального.",
                   "Кой от нас продава. Празно: дружеството на отговорника.",
                   "Siapa dari kita yang menjual. Kosong: badan usaha penanggung jawab.",
                   "من منا يبيع. إن تُرك فارغًا: فرع المسؤول.")),
        of("link", "lead", "Came from", "Из лида", "З ліда", "От запитване", "Berasal dari", "ناتجة عن",
           target="lead", level="read", in_list=False),
        of("datetime", "stage_since", "In this stage since", "На этапе с", "На етапі з", "В етапа от",
           "Di tahap ini sejak", "في هذه المرحلة منذ", level="read", group="business"),
        of("integer", "moves_back", "Went back", "Возвраты", "Повернення", "Връщания", "Mundur", "مرات الرجوع",
           unit="pieces", level="read", group="business"),
        of("datetime", "closed_at", "Closed", "Закрыта", "Закрита", "Приключена", "Ditutup", "أُغلقت", level="read",
           group="business", indexed=True),
        choice("lost_reason", "Why lost", "Почему проиграна", "Чому програна", "Защо е загубена", "Alasan kalah",
               "سبب الخسارة", options="lost_reason", level="read", group="business"),
        choice("competitor", "Lost to", "Кому проиграли", "Кому програли", "На кого", "Kalah dari", "لصالح من",
               options="competitor", level="read", group="business"),
        choice("won_reason", "What decided it", "Что решило", "Що вирішило", "Какво реши", "Faktor penentu",
               "ما الذي حسمها", options="won_reason", level="read", group="business"),
        of("longtext", "close_note", "How it ended", "Как завершилась", "Як завершилась", "Как приключи",
           "Bagaimana berakhir", "كيف انتهت", level="read", group="business", in_list=False),
        of("longtext", "about", "About the deal", "О сделке", "Про угоду", "За сделката", "Tentang transaksi",
           "عن الصفقة", search=True, in_list=False),
    )  # fmt: skip

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["stage", "next_at", "id"], name="deal_of_stage", condition=LIVE),
            models.Index(fields=["owner", "state", "next_at"], name="deal_of_colleague", condition=LIVE),
            models.Index(fields=["company_id"], name="deal_of_company", condition=LIVE),
            # The columns of the board of a colleague and of a team, and what each is worth.
            models.Index(fields=["owner", "stage", "next_at", "id"], name="deal_board_of_owner", condition=LIVE),
            models.Index(fields=["team", "stage", "next_at", "id"], name="deal_board_of_team", condition=LIVE),
            # What was won (lost) since a day, by whom: goals and reports, without looking into the rows.
            models.Index(
                fields=["state", "closed_at", "owner", "team", "amount_currency", "amount", "id"],
                name="deal_closed",
                condition=LIVE,
            ),
            models.Index(
                fields=["stage", "amount_currency", "amount", "owner", "team", "id"],
                name="deal_worth_of_stage",
                condition=LIVE,
            ),
        ]


class DealLine(models.Model):
    """A line of what a deal is about, in free words. The sum of the lines is the deal's amount."""

    id = key_field()
    deal_id = KeyField(db_index=True)
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=300)
    quantity = models.BigIntegerField(default=10_000)  # whole 1/10,000ths
    price = MoneyField(default=0)  # of one, in the deal's currency


class Seconds(models.Func):
    """Whole seconds from the first moment to the second: `Seconds("entered_at", "left_at")`."""

    arity = 2
    output_field = models.BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """By Julian days: the only arithmetic of moments that SQLite lets a generated column do."""
        template = "CAST(ROUND((JULIANDAY(%(expressions)s)) * 86400) AS INTEGER)"
        return self._turned(compiler, connection, template, ") - JULIANDAY(", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """By the interval between them."""
        return self._turned(
            compiler, connection, "ROUND(EXTRACT(EPOCH FROM (%(expressions)s)))::bigint", " - ", **context
        )

    def _turned(self, compiler: Any, connection: Any, template: str, joiner: str, **context: Any) -> Any:
        """The later moment first."""
        turned = self.copy()
        turned.set_source_expressions(self.get_source_expressions()[::-1])
        return turned.as_sql(compiler, connection, template=template, arg_joiner=joiner, **context)


class StageVisit(models.Model):
    """An index over the events "deal.stage_changed", for boards and reports: a deal's stay in a stage.

    It is written with the event in one transaction and can be made anew from the events; it is no second history.
    """

    id = models.BigAutoField(primary_key=True)
    deal_id = KeyField()
    pipeline = models.CharField(max_length=40)
    stage = models.CharField(max_length=40)
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    back = models.BooleanField(default=False)  # entered by going back
    # How long it stayed. The base keeps it: reading two moments of 300,000 stays takes SQLite longer than the report.
    seconds = models.GeneratedField(
        expression=Seconds("entered_at", "left_at"), output_field=models.BigIntegerField(null=True), db_persist=True
    )

    class Meta:
        indexes = [
            models.Index(fields=["deal_id", "entered_at"], name="visits_of_deal"),
            # Every column, for the funnel never to touch the rows: SQLite counts all of them as asked for as soon as
            # one that it works out itself is.
            models.Index(
                fields=["deal_id", "pipeline", "stage", "entered_at", "left_at", "back", "seconds"],
                name="visits_for_funnel",
            ),
        ]
