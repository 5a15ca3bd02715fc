"""What leaves and comes in: files and their matching, answers to programs; a hidden card is in none of it."""

import io
import json
import zipfile
from typing import Any

import pytest

from comity.exchange.exports.writers import formats
from comity.exchange.imports.model import ExternalKey
from leaks.world import KEYS, OWN, PHONE, World, fresh, share, type_of
from support.browser import browser
from support.formulas import settle
from support.house import again
from support.imports import begun, loaded, mapped, table, taken_back, tried
from support.programs import program

pytestmark = pytest.mark.django_db


# --- files out --------------------------------------------------------------------------------------------------------


def test_files_hold_nothing_hidden(world: World) -> None:
    his, every = browser(world.snooper), browser(fresh(world.boss))
    for key in KEYS:
        record_type = type_of(key)
        for format_ in formats(record_type):
            form = {"columns": "all", "format": format_}
            told = [_taken(client, f"/exports/new/{record_type.slug}?match=all", form) for client in (his, every)]
            assert not world.traces_in(told[0]), (key, format_)
            assert world.traces_in(told[1]), (key, format_)


def _taken(client: Any, url: str, form: dict[str, str]) -> str:
    made = client.post(url, form)
    assert made.status_code == 302, made.content.decode()
    data = b"".join(client.get(made["Location"]).streaming_content)
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return data.decode()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


# --- files in ---------------------------------------------------------------------------------------------------------

FILES = {
    "person": [["ID", "Last name", "Phone", "E-mail"], ["7", "{name}", "+7495{phone}", "{name}2@firm.example"]],
    "company": [["ID", "Company name", "Phone", "Tax number"], ["7", "{name} again", "+7495{phone}", "{tax}"]],
    "lead": [["ID", "Name", "Phone"], ["7", "{name}", "+7495{phone}"]],
    OWN: [["ID", "Name", "Phone"], ["7", "{name} again", "+7495{phone}"]],
}
OF_HIDDEN = {"name": "zqxhidden", "phone": PHONE, "tax": "7736050003"}
OF_NOBODY = {"name": "zqxnobody", "phone": "1110077", "tax": "7728168971"}


@pytest.mark.parametrize("key", list(FILES))
def test_a_row_of_a_hidden_card_goes_the_way_of_a_row_of_nobody(world: World, key: str) -> None:
    """The dry run, the load, what it says of refused rows, and taking it back: the same, word for word."""
    settle()
    ExternalKey.objects.create(source="x", type_key=key, external="7", record_id=world.hidden[key])
    said = [_loaded(world, key, words) for words in (OF_HIDDEN, OF_NOBODY)]
    assert said[0] == said[1]
    assert said[0]["counts"]["types"][key]["made"] == 1
    control = again(world.boss)
    load = tried(control, mapped(control, begun(control, _file(key, OF_HIDDEN)), main=key, source="x"))
    assert load.checked["counts"]["types"][key]["made"] == 0, "who sees the card is told of it"


def _file(key: str, words: dict[str, str]) -> bytes:
    return table([FILES[key][0], [one.format(**words) for one in FILES[key][1]]])


def _loaded(world: World, key: str, words: dict[str, str]) -> dict[str, Any]:
    snooper, client = again(world.snooper), browser(again(world.snooper))
    load = mapped(snooper, begun(snooper, _file(key, words)), main=key, source="x")
    load = tried(snooper, load)
    checked, pages = load.checked, [client.get(f"/import/{load.pk}").content.decode()]
    load = loaded(snooper, load)
    pages.append(client.get(f"/import/{load.pk}").content.decode())
    counts = load.counts
    taken_back(snooper, load)
    pages.append(client.get(f"/import/{load.pk}").content.decode())
    told = json.dumps([checked, counts])
    for one in pages:
        assert not [key for key in world.secrets() if key in one]
    for name, word in words.items():
        told = told.replace(word, name)
    return {"counts": counts, "told": told}


# --- likely twins -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["person", "company", "lead"])
def test_a_program_that_makes_a_card_hears_of_no_hidden_twin(world: World, key: str) -> None:
    settle()
    record_type = type_of(key)
    sent = dict.fromkeys(record_type.title_fields[:1], "Plain Made") | {"phones": [f"+7495{PHONE}"]}
    hidden = {str(one) for one in (*world.hidden.values(), *world.trashed.values())}

    def told() -> set[str]:
        """The hidden cards that the answer names."""
        made = program(fresh(world.snooper)).post(f"/{record_type.slug}", sent, 201)
        return {one["id"] for one in made["likely"]} & hidden

    assert told() == set()
    share(world, "view")
    assert str(world.hidden[key]) in told()
