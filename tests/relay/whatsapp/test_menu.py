"""Our questions with choices, as WhatsApp takes them."""

import pytest

from wainbox_relay.contract.content import Choice, Menu
from wainbox_relay.ports import Outgoing, Refused
from wainbox_relay.sandbox.bodies import check
from wainbox_relay.whatsapp import compose


def composed(menu: Menu) -> dict:
    return compose.message(
        Outgoing(number="1", phone="966500000001", user_id="", group="", content=menu, opaque="a.1")
    )


def menu(choices: int, *, opens: str = "", title: str = "{}", about: str = "") -> Menu:
    made = (Choice(id=f"c{n}", title=title.format(n), description=about) for n in range(choices))
    return Menu(body="What is it about?", choices=tuple(made), opens=opens)


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        (menu(1), "button"),
        (menu(3, title="{}" + "x" * 19), "button"),
        (menu(10, opens="Choose", title="{}" + "x" * 23, about="y" * 72), "list"),
    ],
)
def test_what_fits_is_taken(asked: Menu, kind: str) -> None:
    """Up to three buttons and up to ten rows, at their full lengths, pass WhatsApp's own checks."""
    body = composed(asked)
    assert check(body) == "interactive"
    assert body["interactive"]["type"] == kind


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (menu(0), "0 choices"),
        (menu(4), "4 choices"),
        (menu(11, opens="Choose"), "11 choices"),
        (menu(2, title="{}" + "x" * 20), "21 characters"),
        (menu(2, opens="Choose", title="{}" + "x" * 24), "25 characters"),
        (menu(2, opens="Choose", about="y" * 73), "73 characters"),
        (menu(2, opens="x" * 21), "21 characters"),
        (menu(2, title="same"), "the same title"),
        (menu(1).model_copy(update={"body": "x" * 1025}), "1025 characters"),
        (menu(1).model_copy(update={"body": " "}), "asks nothing"),
    ],
)
def test_what_does_not_fit_never_leaves(asked: Menu, says: str) -> None:
    """One more, one longer, empty or twice the same: refused here, with the reason."""
    with pytest.raises(Refused) as refused:
        composed(asked)
    assert says in refused.value.failure.reason
