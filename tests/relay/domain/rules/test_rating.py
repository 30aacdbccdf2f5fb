"""What counts as stars."""

import pytest

from wainbox_relay.contract.content import Text
from wainbox_relay.domain.rules import rating


@pytest.mark.parametrize(
    ("text", "stars"),
    [
        ("5", 5),
        (" 1 ", 1),
        ("٤", 4),
        ("۳", 3),
        ("4/5", 4),
        ("٥ من ٥", 5),
        ("3 sur 5", 3),
        ("⭐⭐⭐", 3),
        ("⭐️ ⭐️", 2),
        ("★★★★★", 5),
        ("4️⃣", 4),
        ("5!", 5),
        ("٥.", 5),
        ("0", None),
        ("6", None),
        ("55", None),
        ("⭐⭐⭐⭐⭐⭐", None),
        ("5 please", None),
        ("1042", None),
        ("", None),
    ],
)
def test_a_number_or_stars_alone_are_a_rating(text: str, stars: int | None):
    assert rating.typed(Text(body=text)) == stars
