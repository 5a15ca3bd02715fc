"""What a helper from outside needs to know of an installation, without a word about its clients or its people.

Only names of code and numbers get in: of errors their kind and their places in the program, never their words.
"""

import json
import platform
import re
import sqlite3
import sys
from collections import Counter
from datetime import datetime
from typing import Any

from django import get_version
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Count, Min

from comity import __version__
from comity.changes.models import Cursor, Undelivered
from comity.identity.models import Organization
from comity.kernel.clock import now
from comity.kernel.models import Job
from comity.records.models import CustomField
from comity.timeline import sequencer

ERRORS = 20  # of the last jobs that failed
_PLACE = re.compile(r'File "([^"\n]+)", line (\d+), in (\w+|<\w+>)')
_KIND = re.compile(r"^((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)(?=:|$)")
_OURS = re.compile(r"(?:^|/)((?:comity|django|psycopg|urllib3|jinja2|xlsxwriter)/[\w/]+\.py)$")


def bundle() -> dict[str, Any]:
    """The bundle: plain JSON."""
    return {
        "made_at": now().isoformat(timespec="seconds"), "versions": _versions(), "company": _company(),
        "migrations": sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()),
        "rows": {one._meta.label_lower: one._base_manager.count() for one in apps.get_models() if _counts(one)},
        "custom_fields": dict(Counter(CustomField.objects.values_list("kind", flat=True))),
        "jobs": _jobs(), "consumers": _consumers(), "errors": _errors(),
    }  # fmt: skip


def text() -> str:
    """The bundle as it is shown and saved."""
    return json.dumps(bundle(), indent=1, ensure_ascii=False)


def _counts(model: Any) -> bool:
    return bool(model._meta.managed) and model.__module__.startswith("comity.")


def _versions() -> dict[str, str]:
    engine = f"SQLite {sqlite3.sqlite_version}"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version')")
            engine = f"PostgreSQL {cursor.fetchone()[0]}"
    return {
        "comity": __version__, "python": platform.python_version(), "django": get_version(), "engine": engine,
        "system": f"{sys.platform} {platform.machine()}",
    }  # fmt: skip


def _company() -> dict[str, Any]:
    """How the company works, not who it is."""
    names = ("country", "timezone", "language", "languages", "currency", "currencies", "person_clients", "demo",
             "work_days", "work_from", "work_to", "answer_minutes")  # fmt: skip
    told = Organization.objects.values(*names).first() or {}
    return {**told, "file_limit": settings.FILE_LIMIT, "https": bool(settings.ADDRESS.secure)}


def _jobs() -> list[dict[str, Any]]:
    rows = Job.objects.values("name", "state").annotate(number=Count("pk"), oldest=Min("created_at"))
    return [{**row, "oldest": _moment(row["oldest"])} for row in rows.order_by("name", "state")]


def _consumers() -> list[dict[str, Any]]:
    head = sequencer.head()
    failed = Counter(Undelivered.objects.values_list("consumer", flat=True))
    rows = Cursor.objects.order_by("consumer").values_list("consumer", "seq")
    return [{"consumer": name, "behind": head - seq, "failed": failed[name]} for name, seq in rows]


def _errors() -> list[dict[str, Any]]:
    rows = Job.objects.exclude(error="").order_by("-pk").values_list("name", "state", "attempts", "created_at", "error")
    return [
        {"job": name, "state": state, "attempts": attempts, "at": _moment(at), **scrubbed(error)}
        for name, state, attempts, at, error in rows[:ERRORS]
    ]


def scrubbed(error: str) -> dict[str, Any]:
    """An error by its kind and by its places in code we know; its words may be anybody's."""
    places = []
    for path, line, name in _PLACE.findall(error):
        if ours := _OURS.search(path.replace("\\", "/")):
            places.append(f"{ours[1]}:{line} {name}")
    last = error.strip().splitlines()[-1] if error.strip() else ""
    kind = _KIND.match(last)
    known = kind is not None and kind[1].rsplit(".", 1)[-1] in _kinds()
    return {"kind": kind[1].rsplit(".", 1)[-1] if kind and known else "", "places": places}


def _kinds() -> set[str]:
    """The names of every kind of error the program knows: what a person typed is none of them."""
    found, left = set(), [BaseException]
    while left:
        kind = left.pop()
        if kind.__name__ not in found:
            found.add(kind.__name__)
            left.extend(type.__subclasses__(kind))
    return found


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""
