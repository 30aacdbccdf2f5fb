"""One key means one thing, on every keyboard our agents have."""

import pytest

from wainbox_tui.actions import ACTIONS, BY_ID, GO, STATUS, by_line
from wainbox_tui.keymap import KeymapError, keymap, latin


def test_defaults_do_not_clash_and_need_no_shift():
    """Every default is a plain letter other than b, or a named key; each is used once."""
    keys = keymap({})
    defaults = [a.key for a in ACTIONS if a.key]

    assert len(defaults) == len(set(defaults))
    letters = [key for key in defaults if len(key) == 1]
    assert "b" not in letters
    assert all(key.islower() or key in "-?" for key in letters)
    assert keys.action("r") is BY_ID["reply"]


def test_what_follows_a_prefix_exists():
    """Every key after g and s names an action."""
    assert set(GO.values()) | set(STATUS.values()) <= set(BY_ID)


@pytest.mark.parametrize(
    ("arabic", "key"),
    [("ت", "down"), ("ن", "up"), ("ق", "reply"), ("ؤ", "claim"), ("ش", "assign"), ("؟", "help")],
)
def test_arabic_letters_do_what_their_keys_do(arabic, key):
    """With an Arabic layout on, the key at the place of j is still j."""
    assert keymap({}).action(arabic) is BY_ID[key]


def test_azerty_pairs_have_their_own_places():
    """Where the Latin labels are AZERTY, ض stands on a."""
    assert latin("ض", "azerty") == "a"
    assert latin("ض") == "q"


def test_faults_in_ones_own_keys_are_all_named():
    """A wrong id is named with the nearest right one, a clash with both actions."""
    with pytest.raises(KeymapError) as told:
        keymap({"claimm": "x", "note": "r"})

    assert "did you mean claim" in str(told.value)
    assert "'r' does" in str(told.value)


def test_every_action_has_a_command_line():
    """The command line knows every action by a word of its own."""
    words = [a.line or a.id for a in ACTIONS]

    assert all(by_line(word) is not None for word in words)
