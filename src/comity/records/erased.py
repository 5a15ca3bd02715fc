"""What stands in the place of words that were erased for good: the same in the base whatever languages are spoken
here, and words of the reader's own language where it is the name of a card."""

from comity.records.labels import Label

ERASED = "•••"
_NAME = Label("Erased person", "Данные человека стёрты", "Дані людини стерто", "Лице със заличени данни",
              "Orang yang datanya dihapus", "شخص حُذفت بياناته")  # fmt: skip


def named(title: str, language: str) -> str:
    """A stored title as it is shown."""
    return _NAME[language] if title == ERASED else title
