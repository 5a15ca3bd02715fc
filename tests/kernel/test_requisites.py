"""Registration numbers and bank accounts: real ones pass in their plain form, with a digit changed they do not."""

import pytest

from comity.kernel import taxnumbers
from comity.kernel.errors import Invalid
from comity.kernel.requisites import check


@pytest.mark.parametrize(
    ("name", "country", "text", "plain"),
    [
        ("registration", "RU", "1027700132195", "1027700132195"),  # a bank in Moscow
        ("registration", "ru", "1 027 700 132 195", "1027700132195"),
        ("registration", "UA", "14360570", "14360570"),
        ("registration", "BG", "831650349", "831650349"),
        ("registration", "ID", "1234567890123", "1234567890123"),
        ("registration", "SA", "1010 123 456", "1010123456"),
        ("registration", "DE", "HRB  1234 B", "HRB 1234 B"),  # no rule: as typed
        ("reason_code", "RU", "7736 01 001", "773601001"),
        ("reason_code", "RU", "7736ab001", "7736AB001"),
        ("reason_code", "DE", "anything", "anything"),
        ("accounts", "DE", "DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("accounts", "AE", "ae07 0331 2345 6789 0123 456 SWIFT:EBILAEAD", "AE070331234567890123456 SWIFT:EBILAEAD"),
        ("accounts", "BG", "\nBG80BNBG96611020345678\n\nDE89370400440532013000 main\n",
         "BG80BNBG96611020345678\nDE89370400440532013000 main"),
        ("accounts", "RU", "40702810900000002851 044525225", "40702810900000002851 044525225"),
        ("accounts", "RU", "30101810400000000225 044525000", "30101810400000000225 044525000"),
        ("accounts", "RU", "40702810900000002851", "40702810900000002851"),
        ("accounts", "US", "021000021 123456", "021000021 123456"),
    ],
)  # fmt: skip
def test_what_is_right(name: str, country: str, text: str, plain: str) -> None:
    if country == "RU" and name == "accounts" and " " in text:
        text = plain = _fitting(text)
    assert check(name, country, text) == plain
    assert check(name, country, plain) == plain


def _fitting(text: str) -> str:
    """The account with the ninth digit that its BIK makes right: there is exactly one."""
    own, bank = text.split()
    found = []
    for digit in "0123456789":
        tried = f"{own[:8]}{digit}{own[9:]} {bank}"
        try:
            found.append(check("accounts", "RU", tried))
        except Invalid:
            continue
    assert len(found) == 1
    return found[0]


def test_a_russian_account_known_from_the_rules_of_its_bank() -> None:
    """The example of the central bank's order: account 40602810700000000025 with BIK 049805746."""
    assert check("accounts", "RU", "40602810700000000025 049805746")
    with pytest.raises(Invalid):
        check("accounts", "RU", "40602810800000000025 049805746")


@pytest.mark.parametrize(
    ("name", "country", "text"),
    [
        ("registration", "RU", "1027700132196"), ("registration", "RU", "12345"), ("registration", "UA", "14360571"),
        ("registration", "BG", "831650348"), ("registration", "ID", "123"), ("registration", "SA", "10101234567"),
        ("reason_code", "RU", "77360100"), ("accounts", "DE", "DE88 3704 0044 0532 0130 00"),
        ("accounts", "RU", "4070281090000000285"), ("accounts", "DE", "DE89370400440532013000 SWIFT:XX"),
        ("accounts", "BG", "BG80BNBG96611020345678\nBG80BNBG96611020345679"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_words(name: str, country: str, text: str) -> None:
    with pytest.raises(Invalid) as told:
        check(name, country, text)
    assert str(told.value.what).endswith(".")


def test_tax_numbers_of_the_gulf() -> None:
    assert taxnumbers.check("AE", "100-2345-6789-1234") == "100234567891234"
    assert taxnumbers.check("SA", "310122393500003") == "310122393500003"
    for country, wrong in (("AE", "12345"), ("SA", "110122393500003"), ("SA", "31012239350000")):
        with pytest.raises(Invalid):
            taxnumbers.check(country, wrong)
