"""Phones, e-mail addresses and tax numbers as people type them."""

import pytest

from comity.kernel import emails, phones, taxnumbers
from comity.kernel.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "country", "e164", "ext"),
    [
        ("8 (916) 123-45-67", "RU", "+79161234567", ""),
        ("+7 916 123 45 67", "UA", "+79161234567", ""),
        ("7 916 123-45-67", "RU", "+79161234567", ""),
        ("0044 20 7946 0018", "RU", "+442079460018", ""),
        ("00 49 30 901820", "DE", "+4930901820", ""),
        ("(495) 123-45-67 доб. 12", "ru", "+74951234567", "12"),
        ("495 123-45-67, вн. 305", "RU", "+74951234567", "305"),
        ("044 123 45 67 дод 7", "UA", "+380441234567", "7"),
        ("02 987 65 43 вътр. 4", "BG", "+35929876543", "4"),
        ("+62 21 5299 1234 pesawat 10", "", "+622152991234", "10"),
        ("+1 650-253-0000 ext. 42", "", "+16502530000", "42"),
        ("+1 650-253-0000 x7", "RU", "+16502530000", "7"),
        ("٠٥٠١٢٣٤٥٦٧", "AE", "+971501234567", ""),
        ("0812-3456-7890", "ID", "+6281234567890", ""),
    ],
)
def test_phones_become_e164_and_the_extension_is_no_part_of_it(typed, country, e164, ext):
    phone = phones.parse(typed, country)
    assert (phone.e164, phone.ext) == (e164, ext)
    assert phone.last9 == e164[-9:]
    assert phones.digits(phone.display) == e164[1:]
    assert phones.parse(phone.display).e164 == e164


@pytest.mark.parametrize(
    ("typed", "country", "words"),
    [
        ("916 123 45 67", "", "country code"),
        ("12", "RU", "missing"),
        ("+1 650 253 0000 11", "RU", "too many"),
        ("call me", "RU", "not a phone number"),
        ("", "RU", "not a phone number"),
        ("+999 123", "", "country code"),
    ],
)
def test_what_is_no_phone_is_said_in_words(typed, country, words):
    with pytest.raises(Invalid, match=words):
        phones.parse(typed, country)


def test_phone_display_mask_and_digits():
    assert phones.display("+79161234512") == "+7 916 123-45-12"
    assert phones.mask("+79161234512") == "+7 ••• ••• •• 12"
    assert phones.mask("12345") == "•••45"
    assert phones.display("internal") == "internal"
    assert phones.digits("٠٥ (9) a²") == "059"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Ivan.Petrov@Firm.RU ", "Ivan.Petrov@firm.ru"),
        ("o'brien+crm@mail.example.co.uk", "o'brien+crm@mail.example.co.uk"),
        ("иван@Почта.рф", "иван@xn--80a1acny.xn--p1ai"),
        ("a@münchen.de", "a@xn--mnchen-3ya.de"),
    ],
)
def test_addresses_are_normalised(typed, stored):
    assert emails.normalise(typed) == stored
    assert emails.normalise(stored) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "", "ivan",
        "@firm.ru", "ivan@", "ivan@firm", "iv an@firm.ru", "ivan@fi rm.ru", "a@b@c.ru", ".a@b.ru", "a..b@c.ru",
        "a@b.ru\nBcc: all@c.ru", "a\r\nBcc:x@c.ru", "a@b.ru,c@d.ru", "<a@b.ru>", "a@-b.ru", "a@b..ru", "a@127.0.0.1",
        "a" * 65 + "@b.ru", "a@" + "b." * 130 + "ru", "a\u2028b@c.ru", "a\0@c.ru", "a@-ю.рф", "a\ud800@c.ru",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(Invalid):
        emails.normalise(typed)


def test_address_match_display_and_mask():
    assert emails.match_key("Ivan@Firm.ru") == emails.match_key("ivan@firm.RU")
    assert emails.display("a@xn--80a1acny.xn--p1ai") == "a@почта.рф"
    assert emails.display("Ivan@firm.ru") == "Ivan@firm.ru"
    assert emails.mask("ivan@firm.ru") == "i•••@firm.ru"
    assert emails.mask("nonsense") == "•••"


@pytest.mark.parametrize(
    ("country", "typed", "stored"),
    [
        ("RU", "7707 083 893", "7707083893"),
        ("RU", "500100732259", "500100732259"),
        ("UA", "32855961", "32855961"),
        ("UA", "1759013776", "1759013776"),
        ("BG", "BG 175 074 752", "175074752"),
        ("BG", "175074752", "175074752"),
        ("BG", "1750747520001", "1750747520001"),
        ("ID", "01.300.066.6-091.000", "013000666091000"),
        ("DE", "136695976", "DE136695976"),
        ("de", "DE 136,695 976".replace(",", ""), "DE136695976"),
        ("GR", "EL 094259216", "EL094259216"),
        ("KZ", "  12  34 ", "12 34"),
        ("", "abc", "abc"),
    ],
)
def test_tax_numbers_are_checked_where_the_rule_is_known(country, typed, stored):
    assert taxnumbers.check(country, typed) == stored


@pytest.mark.parametrize(
    ("country", "typed", "words"),
    [
        ("RU", "7707083894", "add up"),
        ("RU", "770708389", "10 digits"),
        ("RU", "770708389a", "10 digits"),
        ("UA", "32855968", "add up"),
        ("UA", "1759013770", "add up"),
        ("UA", "123", "8 digits"),
        ("BG", "175074751", "add up"),
        ("BG", "1750747510001", "add up"),
        ("BG", "12", "9 digits"),
        ("ID", "01.300.066.6-091", "15 or 16"),
        ("DE", "136695978", "add up"),
        ("DE", "FR40303265045", "VAT number"),
    ],
)
def test_wrong_tax_numbers_are_explained(country, typed, words):
    with pytest.raises(Invalid, match=words):
        taxnumbers.check(country, typed)


def test_it_is_known_which_countries_are_checked():
    assert taxnumbers.checks("ua")
    assert taxnumbers.checks("FR")
    assert not taxnumbers.checks("KZ")
