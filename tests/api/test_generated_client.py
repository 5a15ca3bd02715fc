"""A client made by a stock generator from /api/v1/openapi.json works against a running Comity."""

import importlib
import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import comity
from support.installation import ADMINISTRATOR, Installation

SOURCE = str(Path(comity.__file__).parent.parent)  # the server is of the code this run tests


@pytest.fixture(scope="module")
def running(make_installation: Callable[..., Installation]) -> Installation:
    return make_installation(PYTHONPATH=SOURCE).init().start()


@pytest.fixture(scope="module")
def token(running: Installation) -> str:
    return running.ok("token", ADMINISTRATOR).strip()


@pytest.fixture(scope="module")
def package(running: Installation, token: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the generated package, importable."""
    folder = tmp_path_factory.mktemp("generated")
    request = urllib.request.Request(f"{running.url}/api/v1/openapi.json", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request) as answer:
        description = json.load(answer)
    (folder / "openapi.json").write_text(json.dumps(description))
    (folder / "config.yml").write_text("post_hooks: []\n")
    done = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json", "--meta", "none",
         "--output-path", "comity_client", "--config", "config.yml"],
        cwd=folder, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr, done.stdout[:3000]
    sys.path.insert(0, str(folder))
    yield "comity_client"
    sys.path.remove(str(folder))


def api(package: str, place: str) -> Any:
    return importlib.import_module(f"{package}.{place}")


@pytest.mark.full
def test_a_person_from_making_to_changing(running: Installation, token: str, package: str) -> None:
    client = api(package, "client").AuthenticatedClient(
        base_url=running.url, token=token, raise_on_unexpected_status=True
    )
    models, people = api(package, "models"), "api.people."
    new = models.PersonNew(
        given_name="Ann", family_name="Apple", position="Buyer",
        emails=[models.ContactPoint(value="ann@orchard.example", label="work")],
    )  # fmt: skip
    made = api(package, people + "create_person").sync(client=client, body=new, idempotency_key="one")
    again = api(package, people + "create_person").sync(client=client, body=new, idempotency_key="one")
    assert made.id == again.id and made.version == 1 and made.emails[0].value == "ann@orchard.example"
    change = models.PersonChange(version=made.version, position="Head of buying")
    changed = api(package, people + "update_person").sync(made.id, client=client, body=change)
    assert (changed.version, changed.position) == (2, "Head of buying")
    stale = models.PersonChange(version=1, position="Other")
    problem = api(package, people + "update_person").sync(made.id, client=client, body=stale)
    assert problem.status == 409 and problem.current.additional_properties["theirs"] == {"position": "Head of buying"}
    read = api(package, people + "get_person").sync(made.id, client=client)
    assert read.position == "Head of buying" and read.title == made.title
    page = api(package, people + "list_person").sync(client=client, given_name="Ann", size=10)
    assert [one.id for one in page.items] == [made.id] and page.next_ is None
    sort = models.ListPersonSort
    page = api(package, people + "list_person").sync(client=client, sort=sort("-created_at"), fields="position")
    assert page.items[0].position == "Head of buying"
    me = api(package, "api.all_.get_me").sync(client=client)
    assert me.additional_properties["email"] == ADMINISTRATOR
    acted = api(package, people + "note_write_on_person").sync(
        made.id, client=client, body=models.NoteWriteOnPersonBody(text="Called back")
    )
    assert acted.event
    story = api(package, people + "story_person").sync(made.id, client=client)
    assert [one.type_ for one in story.items] == ["note.written", "record.updated", "record.created"]
