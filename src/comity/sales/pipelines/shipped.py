"""The pipeline every installation starts with, as rows not yet saved: in force until the company changes something.

Its rows have the same ids at every reading, so that a page opened before they are saved still fits afterwards.
"""

from typing import Any
from uuid import UUID, uuid5

from comity.access import snapshot
from comity.records.labels import Label
from comity.sales.pipelines.model import Pipeline, Stage


def _label(*texts: str) -> dict[str, str]:
    return Label(*texts).texts


def _step(key: str, kind: str, days: int, *texts: str) -> dict[str, Any]:
    return {"key": key, "kind": kind, "text": _label(*texts), "days": days, "clock": "", "who": "owner"}


KEY = "sales"
NAME = ("New business", "Новые продажи", "Нові продажі", "Нови продажби", "Bisnis baru", "مبيعات جديدة")
# key, hue, kind, probability, norm days, name, steps
STAGES: tuple[tuple[str, int, str, int, int, tuple[str, ...], tuple[dict[str, Any], ...]], ...] = (
    ("new", 2, "open", 10, 3, ("New", "Новая", "Нова", "Нова", "Baru", "جديدة"), (
        _step("first_call", "call", 0, "Call and find out what is needed", "Позвонить и выяснить потребность",
              "Зателефонувати й з’ясувати потребу", "Обади се и разбери нуждата",
              "Telepon dan tanyakan kebutuhan", "الاتصال ومعرفة المطلوب"),
    )),
    ("qualified", 1, "open", 25, 7, ("Qualified", "Подходит", "Підходить", "Подходяща", "Layak", "مؤهلة"), (
        _step("agree_meeting", "call", 1, "Agree on a meeting", "Договориться о встрече", "Домовитися про зустріч",
              "Уговори среща", "Sepakati pertemuan", "الاتفاق على موعد"),
    )),
    ("meeting", 3, "open", 40, 10, ("Meeting", "Встреча", "Зустріч", "Среща", "Pertemuan", "اجتماع"), (
        _step("prepare_quote", "task", 2, "Prepare the quote", "Подготовить предложение", "Підготувати пропозицію",
              "Подготви оферта", "Siapkan penawaran", "إعداد العرض"),
    )),
    ("quote", 5, "open", 60, 14,
     ("Quote sent", "Предложение отправлено", "Пропозицію надіслано", "Изпратена оферта", "Penawaran terkirim",
      "أُرسل العرض"), (
        _step("ask_quote", "call", 3, "Ask about the quote", "Узнать решение по предложению",
              "Дізнатися рішення щодо пропозиції", "Попитай за офертата", "Tanyakan penawaran",
              "السؤال عن العرض"),
    )),
    ("agreement", 7, "open", 80, 10, ("Agreement", "Договор", "Договір", "Договор", "Perjanjian", "اتفاق"), (
        _step("get_signature", "task", 3, "Get the signature", "Получить подпись", "Отримати підпис",
              "Вземи подписа", "Dapatkan tanda tangan", "الحصول على التوقيع"),
    )),
    ("won", 7, "won", 100, 0, ("Won", "Выиграна", "Виграна", "Спечелена", "Menang", "مكسوبة"), ()),
    ("lost", 4, "lost", 0, 0, ("Lost", "Проиграна", "Програна", "Загубена", "Kalah", "خاسرة"), ()),
)  # fmt: skip
GATES: dict[str, dict[str, Any]] = {"meeting": {"fields": ["amount"]}, "agreement": {"fields": ["expected_on"]}}


_IDS = UUID("c0317971-0000-4000-8000-7061746873ff")


def rows() -> tuple[Pipeline, list[Stage]]:
    """The pipeline and its stages; saving them makes them the company's own."""
    pipeline = Pipeline(id=uuid5(_IDS, KEY), key=KEY, name=_label(*NAME))
    stages = [
        Stage(
            id=uuid5(_IDS, f"{KEY}.{key}"), pipeline=pipeline, key=key, hue=hue, kind=kind, probability=probability,
            norm_days=norm, steps=list(steps), name=_label(*name), position=(place + 1) * 10, gate=GATES.get(key, {}),
        )
        for place, (key, hue, kind, probability, norm, name, steps) in enumerate(STAGES)
    ]  # fmt: skip
    return pipeline, stages


def save() -> Pipeline:
    """Make the shipped pipeline the company's own, unless it has pipelines already. For commands, before they change
    one: whoever comes second waits here until the first is through."""
    snapshot.changed()
    if not Pipeline.objects.exists():
        pipeline, stages = rows()
        pipeline.save(force_insert=True)
        Stage.objects.bulk_create(stages)
    return Pipeline.objects.get(key=KEY)
