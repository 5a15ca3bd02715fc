"""A request as the snooper makes it."""

from dataclasses import dataclass
from urllib.parse import unquote_plus


@dataclass(frozen=True)
class Try:
    """One request of the snooper; `gone` = it must answer as if nothing were there (404). `json` is its body."""

    name: str
    url: str
    method: str = "get"
    data: tuple[tuple[str, str], ...] = ()
    gone: bool = False
    fragment: bool = False
    json: str = ""

    @property
    def text(self) -> str:
        """All that is sent, in small letters."""
        return f"{unquote_plus(self.url)} {self.data} {self.json}".lower()
