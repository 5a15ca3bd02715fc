"""What opens from the tables of the settings, reached as a person reaches it."""

from collections.abc import Callable
from typing import Any

from browser.pages import dialog, place, reached

SHAPE = (
    "/settings",
    *(f"/settings/{key}" for key in ("types", "use", "branches", "modules", "rules")),
    *(f"/settings/{key}/do/new" for key in ("types", "branches", "rules")),
    "/settings/fields?type=deal",
    "/settings/fields/do/formula?type=deal",
    "/settings/company/do/add-holidays",
    "/settings/company/do/public-holidays",
)


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


# --- the shape of cards -----------------------------------------------------------------------------------------------


def made(page: Any, **values: str) -> str:
    """Fill the form in, post it, and tell where that leads."""
    for name, value in values.items():
        page.locator(f"main form [name='{name}']").evaluate("(e, v) => { e.value = v; }", value)
    with page.expect_navigation():
        page.click("main form.form .pri")
    return str(page.url)


def kept(open_as: Any, key: str, make: Callable[[Any], str]) -> Any:
    """The page of something that is made once."""
    places: dict[str, str] = open_as.company.places
    if key not in places:
        places[key] = make(open_as("owner", "about:blank"))
    return open_as("owner", places[key])


def _kind(page: Any) -> str:
    page.goto("/settings/types/do/new")
    return made(page, label="Zz Vessel", plural="Zz Vessels")


@reached
def settings_kind(open_as: Callable[..., Any]) -> Any:
    return kept(open_as, "kind", _kind)


def of_the_kind(open_as: Callable[..., Any], name: str, kind: str, **more: str) -> Any:
    """The page of a field that its cards have."""
    settings_kind(open_as)

    def make(page: Any) -> str:
        page.goto("/settings/fields/do/new?type=own_zz_vessel")
        return made(page, **{"label-en": name, "kind": kind, **more})

    return kept(open_as, f"field {kind}", make)


@reached
def settings_field_with_values(open_as: Callable[..., Any]) -> Any:
    return of_the_kind(open_as, "Stage", "choice", choices="Afloat\nAshore")


@reached
def settings_field_of_links(open_as: Callable[..., Any]) -> Any:
    return of_the_kind(open_as, "Master", "relation", target="person")


@reached
def settings_field_of_files(open_as: Callable[..., Any]) -> Any:
    return of_the_kind(open_as, "Papers", "file")


@reached
def settings_formula(open_as: Callable[..., Any]) -> Any:
    """Written, judged and kept."""
    of_the_kind(open_as, "Length", "number", unit="metre")

    def make(page: Any) -> str:
        page.goto("/settings/fields/do/formula?type=own_zz_vessel")
        return made(page, **{"label-en": "Twice as long", "formula": "own_length * 2"})

    return kept(open_as, "formula", make)


@reached
def settings_formula_that_is_wrong(open_as: Callable[..., Any]) -> Any:
    settings_kind(open_as)
    page = open_as("owner", "/settings/fields/do/formula?type=own_zz_vessel")
    page.fill("[name=formula]", "own_draught * 2")
    page.wait_for_selector("#i-formula-check .err")
    return page


@reached
def settings_kind_with_fields(open_as: Callable[..., Any]) -> Any:
    settings_field_with_values(open_as)
    return settings_kind(open_as)


@reached
def settings_role_on_one_kind(open_as: Callable[..., Any]) -> Any:
    page = settings_kind(open_as)
    page.goto(str(page.get_attribute("#c-rights a.u", "href")))
    return page


@reached
def settings_kind_archived(open_as: Any) -> Any:
    """Out of the menu again: the other tests find the base as it was."""
    page = settings_kind(open_as)
    page.goto(page.url)
    for key in [key for key in open_as.company.places if key == "kind" or key.startswith(("field ", "formula"))]:
        del open_as.company.places[key]
    page.click("[hx-get*='/do/archive']")
    dialog(page).click("#dlg .acts button:not(.ghost)")
    page.wait_for_selector("form[action*='/do/restore']")
    return page


@reached
def settings_branch(open_as: Callable[..., Any]) -> Any:
    def make(page: Any) -> str:
        page.goto("/settings/branches/do/new")
        return made(page, name="Zz Quay", legal_name="Zz Quay Ltd", country="GB")

    return kept(open_as, "branch", make)


@reached
def settings_rule(open_as: Callable[..., Any]) -> Any:
    def make(page: Any) -> str:
        page.goto("/settings/rules/do/new")
        page.select_option("[name=whom]", label="Accountant")
        return made(page, name="Zz Wholesale", type_key="company")

    return kept(open_as, "rule", make)


@reached
def settings_tags_merged(open_as: Callable[..., Any]) -> Any:
    """The question which tag stays."""
    page = settings_item(open_as, "tags")
    page.click("[hx-get*='/do/merge']")
    return dialog(page)
