"""What opens from the tables of the settings, reached as a person reaches it."""

from collections.abc import Callable
from typing import Any

from browser.pages import dialog, place, reached


def settings_item(open_as: Callable[..., Any], key: str) -> Any:
    """The page of the first line of a settings table."""
    return open_as("owner", place(open_as, f"/settings/{key}", f"table.plain a.u[href^='/settings/{key}/']"))


@reached
def settings_person(open_as: Callable[..., Any]) -> Any:
    return settings_item(open_as, "people")


@reached
def settings_team(open_as: Callable[..., Any]) -> Any:
    return settings_item(open_as, "teams")


@reached
def settings_role(open_as: Callable[..., Any]) -> Any:
    return settings_item(open_as, "roles")


@reached
def settings_field(open_as: Callable[..., Any]) -> Any:
    return settings_item(open_as, "fields")


@reached
def settings_tag(open_as: Callable[..., Any]) -> Any:
    return settings_item(open_as, "tags")


@reached
def settings_retiring_a_stage(open_as: Callable[..., Any]) -> Any:
    """The question where its deals go."""
    page = open_as("owner", "/settings/stages/meeting")
    page.click("[hx-get*='/do/retire']")
    return dialog(page)


@reached
def settings_other_languages(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", "/settings/stages/meeting")
    page.click("#c-stage .langs summary")
    page.wait_for_selector("#c-stage [name=name-ar]:visible")
    return page
