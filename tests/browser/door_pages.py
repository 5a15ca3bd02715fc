"""The doors in and out of the base: imports, duplicates, handing over, exports, programs, access for a term."""

from collections.abc import Callable
from typing import Any

from browser.pages import card, dialog, place, reached

DOORS = (
    "/import",
    "/duplicates",
    "/duplicates/people?state=different",
    "/duplicates/people/merge?least=1",
    "/handover",
    "/exports",
    "/exports/base",
    "/exports/new/people",
    "/exports/new/companies?match=all&f-0=kind&op-0=is&v-0=partner",
    "/support",
    "/access/ask",
    "/help?at=/import",
    "/api/docs/people",
    "/settings/duplicates",
    "/settings/exports",
    "/settings/handover",
    "/settings/openings",
)
PATIENCE = 60_000  # milliseconds that the background may take on a busy machine
COLUMNS = "Given name;Family name;Company;E-mail;Phone;Something else;Turnover\n"
ROWS = (
    "Zoe;Zander;Zz Import;zoe@import.example;+44 20 7946 0123;left;1.234\n"
    "Zack;Zander;Zz Import;not an address;+44 20 7946 0124;out;2,345\n"
)


def _begun(open_as: Any, key: str, content: str, name: str = "people.csv", then: str = "[name=try]") -> Any:
    """An import of such a file, begun once; its page as it stands by now."""
    places: dict[str, str] = open_as.company.places
    if key in places:
        return open_as("owner", places[key])
    page = open_as("owner", "/import")
    page.set_input_files("[name=file]", {"name": name, "mimeType": "text/csv", "buffer": content.encode()})
    page.click("main form .pri")
    page.wait_for_selector(then, timeout=PATIENCE)
    places[key] = page.url
    return page


def _stands(page: Any, what: str) -> Any:
    """The page once the background has come to offer this."""
    page.wait_for_selector(f"form[action$='/{what}']", timeout=PATIENCE)
    return page


@reached
def import_without_a_file(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", "/import")
    page.click("main form .pri")
    page.wait_for_selector("#file-err")
    return page


@reached
def import_mapping(open_as: Callable[..., Any]) -> Any:
    return _begun(open_as, "import: mapping", COLUMNS + ROWS)


@reached
def import_that_cannot_be_read(open_as: Callable[..., Any]) -> Any:
    return _begun(open_as, "import: failed", "PK\x03\x04 no archive", "people.xlsx", "form[action$='/forget']")


@reached
def import_tried_out(open_as: Callable[..., Any]) -> Any:
    page = _begun(open_as, "import: tried", COLUMNS + ROWS)
    if page.locator("form[action$='/run']").count() == 0:
        page.click("[name=try]")
    return _stands(page, "run")


@reached
def import_loaded(open_as: Callable[..., Any]) -> Any:
    page = _begun(open_as, "import: loaded", COLUMNS + ROWS)
    if page.locator("form[action$='/undo']").count() == 0:
        page.click("[name=try]")
        _stands(page, "run").click("form[action$='/run'] button")
    return _stands(page, "undo")


@reached
def import_taken_back(open_as: Any) -> Any:
    """What was loaded goes again: the other tests find the base as it was."""
    page = import_loaded(open_as)
    del open_as.company.places["import: loaded"]
    page.click("form[action$='/undo'] button")
    page.wait_for_selector("#load:not([hx-get])", timeout=PATIENCE)
    return page


@reached
def imports_so_far(open_as: Callable[..., Any]) -> Any:
    import_mapping(open_as)
    return open_as("owner", "/import")


def _two(open_as: Callable[..., Any], kind: str = "companies") -> tuple[str, str]:
    """The keys of the first two cards of a list."""
    page = open_as("owner", f"/{kind}/")
    links = [link.get_attribute("href") for link in page.locator("tbody .nm a").all()[:2]]
    first, second = (str(link).rpartition("/")[2] for link in links)
    return first, second


@reached
def merging_with_which(open_as: Callable[..., Any]) -> Any:
    key = place(open_as, "/people/", "tbody .nm a").rpartition("/")[2]
    return open_as("owner", f"/merge/people/{key}")


@reached
def merging_side_by_side(open_as: Callable[..., Any]) -> Any:
    first, second = _two(open_as)
    page = open_as("owner", f"/merge/companies/{first}/{second}")
    page.wait_for_selector(".clash [type=radio]")
    return page


@reached
def pairs_told_apart(open_as: Callable[..., Any]) -> Any:
    first, second = _two(open_as)
    page = open_as("owner", f"/merge/companies/{first}/{second}")
    page.click("form[action$='/different'] button")
    page.goto("/duplicates/companies?state=different")
    page.wait_for_selector("form[action$='/again']")
    return page


def _planned(open_as: Any) -> Any:
    """A plan of which clients go to others."""
    places: dict[str, str] = open_as.company.places
    if "handover" in places:
        return open_as("owner", places["handover"])
    page = open_as("owner", "/handover")
    _choose(page)
    places["handover"] = page.url
    return page


def _choose(page: Any) -> None:
    """Everything that a colleague with clients has."""
    page.select_option("[name=from_user]", label="Nell Winterby")
    page.click("form.form .pri")
    page.wait_for_url("**/handover/*")


@reached
def handover_begun(open_as: Callable[..., Any]) -> Any:
    return _planned(open_as)


@reached
def handover_seen_beforehand(open_as: Callable[..., Any]) -> Any:
    page = _planned(open_as)
    page.check("[name=to][type=checkbox] >> nth=0")
    page.click("form[method=get] button")
    page.wait_for_selector("form[action$='/go']")
    return page


@reached
def handover_nobody_chosen(open_as: Callable[..., Any]) -> Any:
    page = _planned(open_as)
    page.click("form[method=get] button")
    page.wait_for_url("**?**")
    return page


@reached
def handover_taken_back(open_as: Callable[..., Any]) -> Any:
    """Done and taken back: the other tests find the base as it was."""
    page = open_as("owner", "/handover")
    _choose(page)
    address = page.url
    page.check("[name=to][type=checkbox] >> nth=0")
    page.click("form[method=get] button")
    page.click("form[action$='/go'] button")
    page.wait_for_url(address)
    while page.locator("form[action$='/undo']").count() == 0:
        page.goto(address)
    page.click("form[action$='/undo'] button")
    while page.locator("main a.btn[href^='/handover/']").count():  # it goes on in the background
        page.goto(address)
    return page


@reached
def export_of_the_base_refused(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", "/exports/base")
    page.fill("[name=password]", "wrong")
    page.click("form.form .pri")
    page.wait_for_selector(".errs")
    return page


@reached
def export_of_the_base(open_as: Callable[..., Any]) -> Any:
    places: dict[str, str] = open_as.company.places
    if "export" in places:
        return open_as("owner", places["export"])
    page = open_as("owner", "/exports/base")
    page.fill("[name=password]", "moonlit-teapot")
    page.click("form.form .pri")
    page.wait_for_selector("#export")
    places["export"] = page.url
    return page


@reached
def exports_so_far(open_as: Callable[..., Any]) -> Any:
    export_of_the_base(open_as)
    return open_as("owner", "/exports")


def webhook(open_as: Any) -> Any:
    """A webhook that nobody answers: its page."""
    places: dict[str, str] = open_as.company.places
    if "webhook" not in places:
        webhook_made(open_as)
        page = open_as("owner", "/settings/webhooks")
        places["webhook"] = str(page.get_attribute("table.plain a.u", "href"))
        page.goto(places["webhook"])
        page.click("form[action*='/do/test'] button")
    return open_as("owner", places["webhook"])


@reached
def webhook_made(open_as: Callable[..., Any]) -> Any:
    """The secret, shown once. The address is a public one that no message reaches."""
    page = open_as("owner", "/settings/webhooks/do/new")
    page.fill("[name=name]", "Zz Warehouse")
    page.fill("[name=url]", "https://192.88.99.1/hook")
    page.select_option("[name=type_key]", "company")
    page.check("[name^=events-][type=checkbox] >> nth=0")
    page.click("form.form .pri")
    page.wait_for_selector("#secret")
    return page


@reached
def webhook_refused(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", "/settings/webhooks/do/new")
    page.fill("[name=name]", "Zz Nowhere")
    page.fill("[name=url]", "https://127.0.0.1/hook")
    page.click("form.form .pri")
    page.wait_for_selector(".errs")
    return page


@reached
def webhook_page(open_as: Callable[..., Any]) -> Any:
    return webhook(open_as)


@reached
def webhook_condition(open_as: Callable[..., Any]) -> Any:
    page = webhook(open_as)
    page.goto(str(page.get_attribute("a[href*='/do/where']", "href")))
    return page


@reached
def webhook_message(open_as: Callable[..., Any]) -> Any:
    page = webhook(open_as)
    page.goto(str(page.get_attribute("a[href^='/settings/webhook-log/']", "href")))
    return page


@reached
def open_for_a_time(open_as: Callable[..., Any]) -> Any:
    return card(open_as, "companies", tail="/open")


@reached
def open_for_a_time_refused(open_as: Callable[..., Any]) -> Any:
    page = open_for_a_time(open_as)
    page.click("main form .pri")
    page.wait_for_selector(".err")
    return page


@reached
def bulk_open(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", "/companies/")
    page.locator("tbody [name=id]").first.check()
    page.click("#bulk [formaction$='/open']")
    return dialog(page)


def _hidden(open_as: Any) -> str:
    """The address of a company that `north` does not see."""
    places: dict[str, str] = open_as.company.places
    if "hidden" not in places:
        page = open_as("owner", "/companies/")
        links = [str(link.get_attribute("href")) for link in page.locator("tbody .nm a").all()]
        other = open_as("north", "/companies/")
        places["hidden"] = next(one for one in links if other.request.get(one).status == 404)
    return places["hidden"]


@reached
def closed_card(open_as: Callable[..., Any]) -> Any:
    return open_as("north", _hidden(open_as))


@reached
def asking_for_access(open_as: Callable[..., Any]) -> Any:
    return open_as("north", f"/access/ask?address={_hidden(open_as)}")


@reached
def access_asked_for(open_as: Any) -> Any:
    """The question as who answers for the card meets it, by the notice of it."""
    places: dict[str, str] = open_as.company.places
    if "asked" not in places:
        page = asking_for_access(open_as)
        page.fill("[name=reason]", "They called me by mistake")
        page.click("main form .pri")
        page.wait_for_selector("#toasts .toast")
        places["asked"] = "/notices"
    page = open_as("south", "/notices")
    link = page.locator("main a[href^='/access/requests/']")
    while link.count() == 0:  # the notice is written in the background
        page.wait_for_timeout(500)
        page.reload()
    page.goto(str(link.first.get_attribute("href")))
    return page


@reached
def help_panel(open_as: Callable[..., Any]) -> Any:
    page = open_as("owner", "/import")
    page.keyboard.press("F1")
    page.wait_for_selector("#dlg[open] #dlg-body h2")
    return page
