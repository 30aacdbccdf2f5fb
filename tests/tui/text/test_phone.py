import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wainbox_tui.text.phone import phone


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+212612345678", "+212 6 12-34-56-78"),
        ("212612345678", "+212 6 12-34-56-78"),
        ("+201012345678", "+20 10 1234-5678"),
        ("+966501234567", "+966 50 123-4567"),
        ("+971501234567", "+971 50 123-4567"),
        ("+213551234567", "+213 551 23-45-67"),
        ("+21620123456", "+216 20 123-456"),
        ("+96550012345", "+965 5001-2345"),
        ("+962790123456", "+962 7 9012-3456"),
        ("+9613123456", "+961 3 123-456"),
        ("+96171123456", "+961 71 123-456"),
        ("+33612345678", "+33 6 12-34-56-78"),
        ("+12015550123", "+1 201 555-0123"),
        ("+4915123456789", "+491 512 345 6789"),
        ("+6591234567", "+659 123 4567"),
        ("12345", "12345"),
        ("MA.1234567890", "MA.1234567890"),
        ("+212\x1b[2J", "+212[2J"),
        ("", ""),
    ],
)
def test_numbers_are_grouped_as_their_country_does(number: str, shown: str):
    """Known countries have their own groups, others threes; what is no number stays, cleaned."""
    assert phone(number) == shown


@given(st.from_regex(r"\+?[1-9][0-9]{6,14}", fullmatch=True))
def test_no_digit_is_lost(number: str):
    """Grouping adds signs and nothing else."""
    assert re.sub("[ -]", "", phone(number)) == "+" + number.lstrip("+")


REGIONS = "AE BH DZ EG IQ JO KW LB LY MA OM QA SA TN"


@pytest.mark.parametrize("region", REGIONS.split())
def test_mobile_numbers_of_the_region_have_their_own_groups(region: str):
    """A real mobile number of each country falls into a group of its own, not into threes."""
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    assert "-" in phone(number)
    assert phone(number).startswith(f"+{example.country_code} ")
