"""What is wrong with a formula, in plain words and with the place."""

from django.utils.translation import gettext as _


class BadFormula(ValueError):
    """A formula that can't be used: what is wrong, where (the first sign is 1; 0 = nowhere in particular)."""

    def __init__(self, text: str, at: int = 0) -> None:
        super().__init__(text)
        self.text, self.at = text, at

    def __str__(self) -> str:
        if not self.at:
            return self.text
        return _("At sign %(place)s: %(problem)s") % {"place": self.at, "problem": self.text}
