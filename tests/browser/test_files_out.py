"""Files taken away: the page stays as it is, ready for the next one."""

from collections.abc import Callable
from typing import Any


def saved(page: Any, button: str) -> str:
    """The name of the file that a button gives."""
    with page.expect_download() as download:
        page.click(button)
    return str(download.value.suggested_filename)


def ready(page: Any) -> None:
    """The thin bar is gone, and the form waits for the next press."""
    page.wait_for_selector("html:not(.busy)")
    page.wait_for_selector("form[data-file]:not([data-busy])")


def test_a_list_is_exported_twice_in_two_forms_without_leaving_the_page(open_as: Callable[..., Any]) -> None:
    page = open_as("owner", "/exports/new/people")
    assert saved(page, "form[data-file] button.pri").endswith(".xlsx")
    ready(page)
    page.select_option("[name=format]", "csv")
    assert saved(page, "form[data-file] button.pri").endswith(".csv")


def test_a_report_is_saved_as_a_workbook_and_then_as_a_table(open_as: Callable[..., Any]) -> None:
    page = open_as("owner", "/reports/sales")
    assert saved(page, "form[data-file] [value=xlsx]").endswith(".xlsx")
    ready(page)
    assert saved(page, "form[data-file] [value=csv]").endswith(".csv")
