"""Every page and everything that opens on one, reached as a person reaches it."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

Reach = Callable[[Callable[..., Any]], Any]
SETTINGS = (
    "profile", "look", "security", "tokens", "notices", "company", "currencies", "people", "teams", "roles",
    "pipelines", "goals", "fields", "lists", "tags", "links", "webhooks", "programs", "audit", "keeping",
)  # fmt: skip
PLAIN = (
    "/companies/",
    "/people/",
    "/companies/?match=all&f-0=kind&op-0=is&v-0=customer",
    "/companies/?match=all&f-0=name&op-0=contains&v-0=nobody-is-called-so",
    "/companies/new",
    "/people/new",
    "/companies/filter",
    "/companies/columns",
    "/companies/sort",
    "/companies/views/new",
    "/search",
    "/search?q=amber",
    "/search?q=nobody-is-called-so",
    "/notices",
    "/trash",
    "/more",
    "/today",
    "/today?scope=team",
    "/calendar",
    "/calendar?view=day",
    "/calendar?view=list&scope=team",
    "/tasks/",
    "/tasks/?view=all",
    "/tasks/new",
    "/tasks/plan",
    "/tasks/log?kind=meeting",
    "/deals/board",
    "/deals/board?view=all&match=all&f-0=amount&op-0=more&v-0=100",
    "/deals/board/show",
    "/reports",
    "/reports/funnel",
    "/reports/funnel?by=period&period=this_year",
    "/reports/funnel/records?what=lost&stage=qualified",
    "/reports/sales?rows=person&columns=source",
    "/reports/sales?period=last_month",
    "/reports/leads?rows=month",
    "/reports/plan",
    "/deals/filter?f-0=closed_at&op-0=between&v-0=2026-01-01&v-0=2026-01-31&f-1=amount&op-1=between",
    "/settings/find?q=rights",
    "/settings/programs/do/make",
    "/api/docs",
    "/api/docs/deals",
    "/no-such-page",
    *(f"/settings/{key}" for key in SETTINGS),
    *(f"/settings/{key}/do/new" for key in ("tokens", "teams", "roles", "pipelines", "tags", "links", "webhooks")),
    "/settings/pipelines/sales",
    "/settings/pipelines/sales/do/stage",
    "/settings/stages/meeting",
    "/settings/stages/meeting/do/step",
    "/settings/stages/won",
    "/settings/goals/2026-03",
    "/settings/lists/source",
    "/settings/lists/source/do/value?key=website",
    "/settings/fields/do/new?type=company",
    "/settings/layouts",
    "/settings/layouts/company",
    "/settings/layouts/deal--panels",
    "/settings/layouts/deal--list",
    "/settings/layouts/deal--board",
    "/settings/layouts/menu",
    "/settings/layouts/company/do/heading",
    "/settings/people/do/invite",
    "/settings/security/do/password",
    "/settings/currencies/do/add",
    "/settings/currencies/do/rate",
)
REACHED: list[Reach] = []


def reached(reach: Reach) -> Reach:
    """Put it on the list."""
    REACHED.append(reach)
    return reach


def first_row(page: Any) -> str:
    """The address of the first card of a list."""
    return str(page.get_attribute("tbody .nm a", "href"))


def listening(page: Any, path: str) -> Any:
    """The page there, once its live stream has begun: what happens from now on is heard."""
    with page.context.expect_event("response", lambda answer: answer.url.endswith("/live")):
        page.goto(path)
    return page


def place(open_as: Any, path: str, link: str) -> str:
    """Where the first such link of a page leads; looked for once."""
    places: dict[str, str] = open_as.company.places
    if path not in places:
        places[path] = str(open_as("owner", path).get_attribute(link, "href"))
    return places[path]


def card(open_as: Callable[..., Any], kind: str = "people", who: str = "owner", tail: str = "") -> Any:
    """A card's page, or one below it."""
    return open_as(who, place(open_as, f"/{kind}/", "tbody .nm a") + tail)


# --- before the login ------------------------------------------------------------------------------------------------


@reached
def login(open_as: Callable[..., Any]) -> Any:
    return open_as(None, "/login")


@reached
def login_refused(open_as: Callable[..., Any]) -> Any:
    page = open_as(None, "/login")
    page.fill("#username", "nobody@demo.example")
    page.fill("#password", "wrong")
    page.click("button.pri")
    page.wait_for_selector("#login-err")
    return page


@reached
def spent_link(open_as: Callable[..., Any]) -> Any:
    return open_as(None, "/welcome/never-given-out")


@reached
def stranger_lost(open_as: Callable[..., Any]) -> Any:
    return open_as(None, "/no-such-page")


@reached
def invitation(open_as: Callable[..., Any]) -> Any:
    """The link that the administrator copies."""
    page = open_as("owner", "/settings/people/do/invite")
    page.fill("[name=name]", "Nell Newcomer")
    page.fill("[name=email]", f"{uuid4().hex}@demo.example")
    page.check("label:has-text('Manager') [name=roles]")
    page.click("form.form .pri")
    page.wait_for_selector("#secret")
    return page


@reached
def opened_invitation(open_as: Callable[..., Any]) -> Any:
    return open_as(None, invitation(open_as).input_value("#secret"))


@reached
def refused_password(open_as: Callable[..., Any]) -> Any:
    page = opened_invitation(open_as)
    page.fill("[type=password] >> nth=0", "short")
    page.click("form.form .pri")
    page.wait_for_selector(".errs")
    return page


@reached
def opened_password_link(open_as: Callable[..., Any]) -> Any:
    """A new password for a colleague who forgot his."""
    page = open_as("owner", "/settings/people")
    page.goto(str(page.get_attribute("tr:has-text('accountant@') a.u", "href")))
    page.click("form[action*='/do/link'] button")
    page.wait_for_selector("#secret")
    return open_as(None, page.input_value("#secret"))


def newcomer(open_as: Any, path: str) -> Any:
    """A page as somebody who has just come and holds no card yet."""
    company = open_as.company
    if "newcomer" not in company.states:
        context = company.browser.new_context()
        page = context.new_page()
        page.goto(invitation(open_as).input_value("#secret"))
        for box in page.locator("[type=password]").all():
            box.fill("a kettle on the moon")
        with page.expect_navigation():
            page.click("form.form .pri")
        company.states["newcomer"] = context.storage_state()
        context.close()
    return open_as("newcomer", path)


@reached
def first_list(open_as: Callable[..., Any]) -> Any:
    page = newcomer(open_as, "/people/")
    page.wait_for_selector(".blank")
    return page


@reached
def empty_trash(open_as: Callable[..., Any]) -> Any:
    page = newcomer(open_as, "/trash")
    page.wait_for_selector(".blank")
    return page


# --- errors ----------------------------------------------------------------------------------------------------------


@reached
def refused(open_as: Callable[..., Any]) -> Any:
    page = open_as("accountant", "/people/new")
    page.wait_for_selector(".oops")
    return page


@reached
def broken(open_as: Any) -> Any:
    """A page the server fails at: a table is gone from the base for a moment."""
    open_as.company.sql("ALTER TABLE ui_draft RENAME TO ui_draft_gone")
    try:
        page = open_as("owner", "/people/new")
    finally:
        open_as.company.sql("ALTER TABLE ui_draft_gone RENAME TO ui_draft")
    page.wait_for_selector(".oops .num")
    return page


# --- lists -----------------------------------------------------------------------------------------------------------


def dialog(page: Any) -> Any:
    """The page once its dialog stands open."""
    page.wait_for_selector("#dlg[open] #dlg-body form")
    return page


def popover(open_as: Callable[..., Any], button: str, path: str = "/companies/") -> Any:
    """A list with one of its popovers open."""
    page = open_as("owner", path)
    page.click(button)
    page.wait_for_selector("#pop:popover-open form, #pop:popover-open .list, #pop:popover-open .ntc")
    return page


@reached
def quick_create(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", "/people/")
    page.keyboard.press("n")
    return dialog(page)


@reached
def quick_create_refused(open_as: Callable[..., Any]) -> Any:
    page = quick_create(open_as)
    page.click("#dlg .pri")
    page.wait_for_selector("#dlg .errs")
    return page


@reached
def filter_editor(open_as: Callable[..., Any]) -> Any:
    page = popover(open_as, "a[data-key=f]")
    page.select_option("#pop [name=f-0]", "turnover")
    page.wait_for_selector("#pop [name^=v-0]")
    page.click("#pop [name=add]")
    page.wait_for_selector("#pop [name=match]:is(select)")
    return page


@reached
def columns(open_as: Callable[..., Any]) -> Any:
    return popover(open_as, "a[hx-get*='/columns']")


@reached
def order(open_as: Callable[..., Any]) -> Any:
    return popover(open_as, "a[hx-get*='/sort']")


@reached
def save_view(open_as: Callable[..., Any]) -> Any:
    return popover(open_as, "a[hx-get*='/views/new']")


@reached
def notices_popover(open_as: Callable[..., Any]) -> Any:
    return popover(open_as, "nav.nav a[href='/notices']")


@reached
def chosen_rows(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", "/companies/")
    page.check("[data-all]")
    page.wait_for_selector("[data-select-all]:visible")
    return page


@reached
def bulk_owner(open_as: Callable[..., Any]) -> Any:
    return bulk_dialog(open_as, "owner")


@reached
def bulk_tag(open_as: Callable[..., Any]) -> Any:
    return bulk_dialog(open_as, "tag")


@reached
def bulk_edit(open_as: Callable[..., Any]) -> Any:
    return bulk_dialog(open_as, "edit")


def bulk_dialog(open_as: Callable[..., Any], action: str) -> Any:
    """Two rows chosen and one of the buttons pressed."""
    page = open_as("owner", "/companies/")
    for n in (0, 1):
        page.locator("tbody [name=id]").nth(n).check()
    page.click(f"#bulk [formaction$='/{action}']")
    return dialog(page)


@reached
def cell_editor(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", "/companies/")
    page.locator("tbody tr").nth(1).locator("td[data-e]").first.click(position={"x": 3, "y": 3})
    page.wait_for_selector("td.editing form")
    return page


# --- boards ----------------------------------------------------------------------------------------------------------


@reached
def move_menu(open_as: Callable[..., Any]) -> Any:
    page = open_as("north", "/deals/board")
    page.wait_for_selector(".fig")
    page.focus(".kc a")
    page.keyboard.press("m")
    page.wait_for_selector("#move:popover-open button:focus")
    return page


@reached
def end_of_a_deal(open_as: Callable[..., Any]) -> Any:
    """The question that losing a deal asks, on the board."""
    page = move_menu(open_as)
    page.click("#move [data-to=lost]")
    return dialog(page)


# --- everywhere ------------------------------------------------------------------------------------------------------


@reached
def palette(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", "/companies/")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#pal-list .o")
    page.fill("#pal input", "amber")
    page.wait_for_selector("#pal-list .o[data-href*='/companies/']")
    return page


@reached
def keys(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", "/companies/")
    page.keyboard.press("?")
    page.wait_for_selector("#dlg[open] .keys")
    return page


@reached
def my_menu(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", "/companies/")
    page.click("[popovertarget=m-me]")
    page.wait_for_selector("#m-me:popover-open")
    return page
