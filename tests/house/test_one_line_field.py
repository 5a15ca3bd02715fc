"""docs/adding-a-field.md, done for real: one line and a migration in a copy of the source, then a look everywhere."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import comity

ROOT = Path(comity.__file__).parent
DOCS = ROOT.parent.parent / "docs"
pytestmark = pytest.mark.alike  # it makes a base of SQLite in every run

START = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.test import Client
from comity.changes import dispatcher
from comity.identity import sessions
from comity.identity.models import Organization, User
Organization.objects.get_or_create(id=1, name="House", country="RU", language="en", currency="EUR")
boss, new = User.objects.get_or_create(name="Boss", email="b@x.example", email_fold="b@x.example", administrator=True)
client = Client(HTTP_HOST="localhost", HTTP_SEC_FETCH_SITE="same-origin")
client.cookies["comity_session"] = sessions.start(boss.id, "127.0.0.1", "test")
page = lambda url: client.get(url).content.decode()
"""

# The version before: an administrator has made a field of the same name himself.
BEFORE = """
client.post("/settings/fields/do/new?type=company", {"label-en": "Industry", "kind": "text"})
made = client.post("/companies/new", {"name": "Meadow", "own_industry": "Sheep"})
assert "Sheep" in page(made["Location"])
print(made["Location"])
"""

LOOK = """
assert 'name="industry"' in page("/companies/new"), "form"
made = client.post("/companies/new", {"name": "Orchard", "industry": "Beekeeping"})
card = made["Location"]
client.post(card + "/fields/industry", {"version": "1", "industry": "Honey making"})
dispatcher.drain()
assert "Honey making" in page(card), "card"
client.post("/companies/columns", {"order": ["industry"], "col": ["industry"], "save": "1"})
assert "Honey making" in page("/companies/"), "list"
assert "Orchard" in page("/companies/?match=all&f-0=industry&op-0=contains&v-0=HONEY"), "filter"
assert "Orchard" not in page("/companies/?match=all&f-0=industry&op-0=is&v-0=x").split("<table")[-1], "filter"
assert "Orchard" in page("/search?q=honey"), "search"
history = page(card + "/history?field=industry")
assert "Beekeeping" in history and "Honey making" in history, "history"
labels = page("/settings/fields?type=company") + page("/settings/fields") + page("/settings/fields/company")
for word in ("Industry", "Отрасль", "Галузь", "Отрасъл", "Industri", "القطاع"):
    assert word in labels, word
assert '"industry": "Honey making"' in page("/api/v1" + card), "JSON"
assert '"industry"' in page("/api/v1/openapi.json"), "description of the interface"
assert 'data-put="industry"' in page("/settings/fields/do/formula?type=company"), "formulas"
other = client.post("/companies/new", {"name": "Orchard Ltd", "industry": "Cider"})["Location"]
assert "Industry" in page("/merge/companies/" + card[-36:] + "/" + other[-36:]), "merging"
taken = client.post("/exports/new/companies", {"format": "jsonl", "columns": "all"}, follow=True)
lines = b"".join(taken.streaming_content).decode()
assert '"industry"' in lines and "Honey making" in lines, "export"
from comity.kernel import jobs
from django.core.files.uploadedfile import SimpleUploadedFile
loaded = client.post("/import", {"file": SimpleUploadedFile("a.csv", b"Name,Industry\\nMeadow,Sheep\\n")})["Location"]
while jobs.run_due(): pass
assert 'value="company.industry" selected' in page(loaded), "import"
print("seen everywhere")
"""

# The administrator's own field of that name stands beside the shipped one, with what it held.
BESIDE = """
client.post(card + "/fields/industry", {"version": "1", "industry": "Wool"})
held = client.get("/api/v1" + card).json()
fields = held.get("fields", held)
assert (fields["industry"], fields["own_industry"]) == ("Wool", "Sheep"), held
assert "Meadow" in page("/companies/?match=all&f-0=own_industry&op-0=is&v-0=Sheep"), "filter"
assert "Meadow" not in page("/companies/?match=all&f-0=industry&op-0=is&v-0=Sheep").split("<table")[-1], "filter"
print("both kept")
"""


def test_one_line_and_a_migration_is_all(tmp_path: Path) -> None:
    line = re.search(r'^\+( +text\("industry".*)$', (DOCS / "adding-a-field.md").read_text(), re.MULTILINE)
    assert line, "the document shows the line"
    source = tmp_path / "src" / "comity"
    shutil.copytree(ROOT, source)  # what is compiled of it too
    model = source / "parties" / "companies" / "model.py"
    head, mark, tail = model.read_text().rpartition("    )  # fmt: skip")
    assert mark
    model.write_text(f"{head}{line.group(1)}\n{mark}{tail}")
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("COMITY_")},
        "COMITY_HOME": str(tmp_path / "home"),
        "DJANGO_SETTINGS_MODULE": "comity.config.settings",
    }  # fmt: skip

    def python(*arguments: str, code: Path = source) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, env=environment | {"PYTHONPATH": str(code.parent)},
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    card = python("-c", START + BEFORE, code=ROOT).split()[-1]
    assert "Add field industry to company" in python("-m", "django", "makemigrations", "parties", "-n", "industry")
    assert "both kept" in python("-c", f"{START}card = {card!r}\n{BESIDE}")
    assert "seen everywhere" in python("-c", START + LOOK)
