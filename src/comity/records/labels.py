"""Texts that exist in six languages at once: labels of shipped fields and of what administrators make."""

from typing import Any

LANGUAGES = ("en", "ru", "uk", "bg", "id", "ar")


class Label:
    """One text per language, in the order of LANGUAGES. Missing ones fall back to English, then to any."""

    __slots__ = ("texts",)

    def __init__(self, *texts: str, **by_language: str) -> None:
        self.texts = dict(zip(LANGUAGES, texts, strict=False)) | by_language

    @classmethod
    def of(cls, value: "Label | dict[str, str] | str") -> "Label":
        """A label from what a database row or a plugin gives."""
        if isinstance(value, Label):
            return value
        return cls(**value) if isinstance(value, dict) else cls(value)

    def __getitem__(self, language: str) -> str:
        texts = self.texts
        return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Label) and other.texts == self.texts

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.texts.items())))

    def __repr__(self) -> str:
        return f"Label({self['en']!r})"

    def missing(self) -> list[str]:
        """Languages without a text of their own."""
        return [language for language in LANGUAGES if not self.texts.get(language)]
