"""Layouts pressed together and looked at, as an administrator does."""

import re
from html import unescape
from typing import Any
from uuid import UUID

from django.test import Client

from comity.access.actors import Actor
from comity.access.models import Role
from comity.changes.bus import run
from comity.changes.settings import SaveSetting
from support.forms import read_form
from support.house import again

SCRIPT = {"HX-Request": "true"}


def text(answer: Any) -> str:
    """What an answer says."""
    assert answer.status_code == 200, answer.status_code
    return unescape(answer.content.decode())


def press(client: Client, item: str, status: int = 302, **changes: Any) -> str:
    """Press a button of a layout's form as it stands, with some of its values otherwise."""
    page = text(client.get(f"/settings/layouts/{item}"))
    form = read_form(page)
    for name, value in changes.items():
        form[name.replace("__", "-")] = value if isinstance(value, list) else [value]
    [url] = re.findall(r'action="([^"]*/do/save)"', page)
    answer = client.post(url, form)
    assert answer.status_code == status, unescape(answer.content.decode())[-3000:]
    return unescape(answer.content.decode())


def order(client: Client, item: str) -> list[str]:
    """The keys that a layout's form lists, in order."""
    return re.findall(r'name="order" value="([^"]+)"', text(client.get(f"/settings/layouts/{item}")))


def heads(page: str) -> list[str]:
    """The headings of a card's fields."""
    return re.findall(r'<h2 class="sec" id="g-([^"]+)"', page)


def fields(page: str) -> list[str]:
    """The fields of a card's page; those behind "more" with a plus."""
    about = page.split('id="about"')[1].split("</section>")[0]
    found, folded = [], False
    for match in re.finditer(r'(<details class="fold">)|(</details>)|id="f-([a-z_0-9]+)"', about):
        if match[1] or match[2]:
            folded = bool(match[1])
        else:
            found.append(f"+{match[3]}" if folded else match[3])
    return found


def role_of(actor: Actor) -> Role:
    """The first role of an actor."""
    return Role.objects.get(members__user=actor.user_id)


def of_role(type_key: str, part: str, actor: Actor) -> str:
    """The item of his role's layout in the settings."""
    return f"{type_key}--{part}--role-{role_of(actor).pk.hex}"


def save(boss: Actor, type_key: str, part: str, what: dict[str, Any], **whose: Any) -> UUID:
    """Save a layout; its key."""
    values = {"type_key": type_key, "part": part, "what": what, **whose}
    return run(again(boss), SaveSetting("layout", values)).record.id


def titles(client: Client, path: str) -> list[str]:
    """The titles of a list, in order."""
    return re.findall(r'<tr data-id.*?<a href="[^"]*" dir="auto">([^<]*)', text(client.get(path)), re.S)


def lines(page: str) -> list[str]:
    """The lines of the menu."""
    menu = page.split('<nav class="nav"')[1].split('class="end"')[0]
    return re.findall(r'<a class="item" href="([^"]+)"', menu)
