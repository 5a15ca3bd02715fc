"""The room's models, where Django looks for them."""

from comity.work.notes.model import Note

__all__ = ["Note"]
