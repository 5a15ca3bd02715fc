"""Help on the page one looks at: short, on every page, the same whatever card is there."""

import pytest
from django.test import Client

from comity.ui import help as texts

CARD = "2f883832-7b2a-4a8f-a1cc-3324053ec3a8"  # the same in every worker of a run

pytestmark = pytest.mark.django_db
SLUGS = frozenset({"people", "companies", "deals", "tasks"})


def test_every_page_leads_to_its_help_and_back(root: Client) -> None:
    page = root.get("/companies/").content.decode()
    assert 'href="/help?at=/companies/"' in page and 'aria-keyshortcuts="F1"' in page
    whole = root.get("/help?at=/companies/").content.decode()
    assert "All cards of this kind" in whole and 'href="/companies/"' in whole
    part = root.get("/help?at=/settings/rules", headers={"HX-Request": "true"}).content.decode()
    assert "A rule opens cards" in part and "<html" not in part
    assert 'href="//evil.example' not in root.get("/help?at=//evil.example").content.decode()
    assert 'href="/help?at=/more"' in root.get("/more").content.decode()


@pytest.mark.parametrize(
    ("path", "begins"),
    [
        ("/", "The menu leads"), ("/nonsense", "The menu leads"), ("/people/", "All cards"), ("/tasks/", "All tasks"),
        ("/people/new", "Fill in"), ("/deals/board", "Each card stands"), (f"/people/{CARD}", "What is known"),
        (f"/tasks/{CARD}", "What is known"), (f"/people/{CARD}/edit", "All fields"),
        ("/settings", "What concerns you"), ("/settings/roles/abc", "A role says"), ("/settings/tags", "What concerns"),
        ("/reports/won", "Figures"), ("/today", "What is to be done"), ("/settings/types/abc", "Kinds of cards"),
        ("/api/docs/people", "How programs"), ("/exports/new/people", "Lists taken away"),
    ],
)  # fmt: skip
def test_the_longest_address_decides(path: str, begins: str) -> None:
    assert texts.text_of(path, SLUGS).startswith(begins)


def test_texts_are_short_and_each_address_has_one() -> None:
    assert all(2 <= text().count(".") <= 6 and len(text()) < 420 for text in texts._texts.values())
    with pytest.raises(ValueError):
        texts.add("/today", lambda: "twice")
