"""The log: standard error, one line an event, nothing about a person."""

import logging
import os
import traceback
from typing import Any

from comity.config.home import PACKAGE


class OneLine(logging.Formatter):
    """Time, level, logger, text; an exception as its type and the places it came through.

    An exception's own text often quotes data (a database names the value it refused), so it is left out
    unless COMITY_LOG=full, which is meant for developers.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z")
        self.full = os.environ.get("COMITY_LOG") == "full"

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return text if self.full else text.replace("\r", " ").replace("\n", " ")

    def formatException(self, exc_info: Any) -> str:  # noqa: N802 - logging's name
        if self.full:
            return super().formatException(exc_info)
        kind, _, trace = exc_info
        places = [
            f"{frame.filename.removeprefix(str(PACKAGE.parent) + os.sep)}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(trace)
        ]
        return f"{kind.__module__}.{kind.__qualname__} at {' > '.join(places[-12:])}"


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"one_line": {"()": OneLine}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "one_line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "comity": {"level": "INFO"},
        # Django adds handlers of its own and names addresses of pages that are not there.
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "uvicorn": {"handlers": [], "level": "WARNING", "propagate": True},
    },
}
