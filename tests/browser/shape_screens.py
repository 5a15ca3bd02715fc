"""Steps of the pictures on the administrator's side: a kind of cards of one's own, import, duplicates, doors."""

import time
from typing import Any

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
WAIT = 180  # seconds for what goes on in the background
other_side: list[str] = []  # the address of the program that hears of events
STREETS = (
    "Mill Lane 4", "Harbour Street 12", "Orchard Road 7", "Lantern Court 3", "Feather Hill 42", "Teapot Square 1",
    "Windmill Way 9", "Compass Row 15", "Anchor Yard 2", "Bridge End 8", "Cloudberry Close 6", "Emerald Terrace 20",
)  # fmt: skip
DEALS = """ID,Deal Name,Deal stage,Total,Currency,Company,Contact,Source,Expected close date,Responsible person,Comment,Created on
7,Lamps for the foyer,Deal won,"1,250.00",GBP,Gingerbread Theatre,Iris Fallow,Website,2025-03-30,Stan Summerfold,Paid at once,2025-03-04 10:15:00
8,Loom for the school,Talks,"4,800.00",GBP,Thimble School,Otto Marsh,Fair,2025-06-01,Nell Winterby,,2025-04-11 09:00:00
9,Reading corner,Talks,12 %,GBP,Thimble School,Otto Marsh,Fair,2025-06-15,Nell Winterby,,2025-05-02 14:30:00
12,Curtains,Deal lost,900.00,GBP,Velvet Harbour,Edwin Applebeck,Website,2025-06-20,Stan Summerfold,Too dear,2025-05-20 16:45:00
"""  # noqa: E501 - a file as it is


def post(page: Any, path: str, **form: str) -> str:
    """Send a form as the page would; where it leads."""
    answer = page.request.post(path, form=form, headers=SAME_SITE)
    assert answer.ok, (path, answer.status, answer.text()[:2000])
    return str(answer.url)


def send(page: Any, path: str, **values: Any) -> dict[str, Any]:
    """Make something by the programming interface."""
    answer = page.request.post(f"/api/v1/{path}", data=values, headers=SAME_SITE)
    assert answer.ok, (path, answer.text())
    made: dict[str, Any] = answer.json()
    return made


def until(page: Any, path: str, words: str, times: int = 1) -> None:
    """Look again until the background has come so far."""
    end = time.monotonic() + WAIT
    while page.request.get(path).text().count(words) < times:
        assert time.monotonic() < end, (path, words)
        page.wait_for_timeout(500)


def properties(page: Any) -> None:
    """The kind of cards "Property", made by clicks once: fields, a formula, an owner, a board, a dozen cards."""
    if page.request.get("/properties/").ok:
        return
    kind = post(page, "/settings/types/do/new", label="Property", plural="Properties", icon="home",
                name_label="Address")  # fmt: skip
    fields: tuple[dict[str, str], ...] = (
        {"label-en": "Stage", "kind": "choice", "choices": "New\nShown\nReserved\nSold"},
        {"label-en": "Area", "kind": "number", "unit": "square_metre"},
        {"label-en": "Price", "kind": "money"},
        {"label-en": "Owner of the house", "kind": "relation", "target": "person"},
    )
    for field in fields:
        post(page, "/settings/fields/do/new?type=own_property", **field)
    formula = {"label-en": "Price per m²", "formula": "round(own_price / own_area, 2)"}
    post(page, "/settings/fields/do/formula?type=own_property", **formula)
    post(page, f"{kind}/do/use", icon="home", menu="clients", board_by="own_stage")
    people = page.request.get("/api/v1/people?size=12").json()["items"]
    stages = ("new", "shown", "new", "reserved", "shown", "sold")
    for n, (street, person) in enumerate(zip(STREETS, people, strict=True)):
        send(
            page, "properties", name=street, own_stage=stages[n % 6], own_area=str(62 + n * 9),
            own_price={"amount": str(189_000 + n * 23_500), "currency": "GBP"}, own_owner_of_the_house=person["id"],
        )  # fmt: skip


def show_properties(page: Any) -> None:
    """Their list, with the formula as a column."""
    properties(page)
    columns = ["own_stage", "own_area", "own_price", "own_price_per_m2", "own_owner_of_the_house"]
    page.goto("/properties/columns")
    for box in page.locator("[name=col]").all():
        box.set_checked(box.get_attribute("value") in columns)
    page.locator("form:has([name=col]) button.pri").click()
    page.wait_for_url("**/properties/")
    page.wait_for_selector("th:has-text('Price per m²')")


def show_property_board(page: Any) -> None:
    """Their board, by a list of the administrator's own."""
    properties(page)
    page.goto("/properties/board")
    page.wait_for_selector(".kc")


def show_layout(page: Any) -> None:
    """What a card shows, with its preview."""
    properties(page)
    page.goto("/settings/layouts/own_property")
    page.wait_for_selector("form[action*='/do/save']")


def show_formula(page: Any) -> None:
    """A formula while it is written, tried on a card."""
    properties(page)
    page.goto("/settings/fields/do/formula?type=own_property")
    page.fill("[name='label-en']", "Agent’s fee")
    page.fill("[name=formula]", "if(own_area > 100, own_price * percent(2), own_price * percent(3))")
    page.keyboard.press("Tab")
    page.wait_for_selector("ul.help :text('£')")


def begin_import(page: Any) -> str:
    """The address of an import that has been read."""
    file = {"name": "deals.csv", "mimeType": "text/csv", "buffer": DEALS.encode()}
    answer = page.request.post("/import", multipart={"file": file, "idempotency": str(time.monotonic())},
                               headers=SAME_SITE)  # fmt: skip
    until(page, answer.url, f"{answer.url.partition('/import/')[2]}/map")
    return str(answer.url)


def show_mapping(page: Any) -> None:
    """What the columns of a file mean."""
    page.goto(begin_import(page))
    page.wait_for_selector("fieldset.card")


def show_dry_run(page: Any) -> None:
    """What an import would do, before it does anything."""
    url = begin_import(page)
    page.goto(url)
    page.click("button[name=try]")
    until(page, url, f"{url.partition('/import/')[2]}/run")
    page.goto(url)
    page.wait_for_selector("form[action$='/run']")


def show_merge(page: Any) -> None:
    """Two cards of one client, side by side."""
    ids = [
        send(page, "companies", **values)["id"]
        for values in (
            {"name": "Gingerbread Theatre", "phones": ["+442079460900"], "country": "GB", "kind": "customer"},
            {"name": "Gingerbread Theater Ltd", "phones": ["+442079460900", "+442079460901"],
             "website": "https://gingerbread.example", "kind": "prospect"},
        )
    ]  # fmt: skip
    send(page, "deals", name="Lamps for the stage", company=ids[1])
    page.goto(f"/merge/companies/{ids[0]}/{ids[1]}")
    page.wait_for_selector("fieldset.clash")


def show_handover(page: Any) -> None:
    """Who would get what of a colleague's clients."""
    users = {one["name"]: one["id"] for one in page.request.get("/api/v1/users").json()["items"]}
    names = list(users)
    leaver, *others = [users[name] for name in names if name.startswith(("Stan", "Nell", "Henry"))]
    plan = post(page, "/handover", from_user=leaver, idempotency=str(time.monotonic()))
    page.goto(f"{plan}?split=even&to={others[0]}&to={others[1]}")
    page.wait_for_selector("form[action$='/go']")


def show_api_docs(page: Any) -> None:
    """The description of the interface, one's own kind of cards in it."""
    properties(page)
    page.goto("/api/docs/properties")


def show_webhook(page: Any) -> None:
    """What was sent to another program, and what came back."""
    me = page.request.get("/api/v1/me").json()["id"]
    shown = page.request.post("/settings/webhooks/do/new", headers=SAME_SITE, form={
        "name": "Warehouse", "url": other_side[0], "type_key": "deal", "owner": me, "events-record": "record.created",
        "events-deal": "deal.stage_changed", "idempotency": str(time.monotonic()),
    })  # fmt: skip
    assert shown.ok, shown.text()[:2000]
    for name in ("Lamps for the tea house", "Loom for the studio", "Curtains for the hall"):
        deal = send(page, "deals", name=name, pipeline="sales")["id"]
        send(page, f"deals/{deal}/actions/move", stage="qualified")
    page.goto("/settings/webhooks")
    hook = page.get_attribute("a:has-text('Warehouse')", "href")
    until(page, hook, "(204)", 6)
    page.goto(hook)
    page.locator("#c-log").scroll_into_view_if_needed()
