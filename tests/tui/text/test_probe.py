import pytest

from wainbox_tui.text.line import Mode
from wainbox_tui.text.probe import (
    QUERY,
    Answers,
    Guard,
    choose,
    enter,
    guarded,
    in_tmux,
    is_whole,
    leave,
    parse,
)

VTE = b"\x1b[8;1$y\x1bP>|VTE(7006)\x1b\\\x1b[?65;1;9c"
XTERM = b"\x1b[8;0$y\x1bP>|XTerm(379)\x1b\\\x1b[?64;1c"
KITTY = b"\x1b[8;0$y\x1bP>|kitty(0.26.5)\x1b\\\x1b[?62;c"
KONSOLE = b"\x1bP>|Konsole 22.12.3\x1b\\\x1b[?62;1;4c"
TMUX = b"\x1bP>|tmux 3.3a\x1b\\\x1b[?1;2c"
TMUX_ENV = {"TMUX": "/tmp/tmux-0/default,1,0", "TERM": "tmux-256color"}


@pytest.mark.parametrize(
    ("reply", "client", "environ", "mode", "guard"),
    [
        (VTE, "", {"TERM": "xterm-256color"}, Mode.APP, Guard.EXPLICIT),
        (VTE.replace(b"8;1", b"8;2"), "", {}, Mode.APP, Guard.EXPLICIT),
        (XTERM, "", {"TERM": "xterm-256color"}, Mode.APP, Guard.NONE),
        (KITTY, "", {"TERM": "xterm-256color"}, Mode.WORD, Guard.NONE),
        (b"", "", {"TERM": "xterm-kitty"}, Mode.WORD, Guard.NONE),
        (KONSOLE, "", {"TERM": "xterm-256color"}, Mode.APP, Guard.LRO),
        (b"", "", {"TERM": "mlterm"}, Mode.APP, Guard.LRO),
        (b"", "", {"TERM": "rxvt-unicode"}, Mode.APP, Guard.NONE),
        (b"", "", {"TERM_PROGRAM": "Apple_Terminal"}, Mode.APP, Guard.NONE),
        (b"", "", {}, Mode.APP, Guard.NONE),
        (TMUX, "", TMUX_ENV, Mode.APP, Guard.EXPLICIT),
        (TMUX, "xterm-256color ", TMUX_ENV, Mode.APP, Guard.EXPLICIT),
        (TMUX, "xterm-kitty kitty(0.26.5)", TMUX_ENV, Mode.WORD, Guard.NONE),
        (VTE, "", {"LC_WAINBOX_BIDI": "terminal"}, Mode.TERMINAL, Guard.NONE),
        (XTERM, "", {"LC_WAINBOX_BIDI": "app+lro"}, Mode.APP, Guard.LRO),
        (KITTY, "", {"LC_WAINBOX_BIDI": "app"}, Mode.APP, Guard.NONE),
        (KITTY, "", {"LC_WAINBOX_BIDI": "nonsense"}, Mode.WORD, Guard.NONE),
    ],
)
def test_what_is_answered_decides(
    reply: bytes, client: str, environ: dict[str, str], mode: Mode, guard: Guard
):
    """Each terminal gets the way of writing that reads right on it; silence gets the usual."""
    assert choose(parse(reply, client), environ) == (mode, guard)


@pytest.mark.parametrize(
    ("reply", "answers"),
    [
        (b"", Answers()),
        (b"jk\x1b[8;2$yl", Answers(2)),
        (b"\x1bP>|foot(1.13)\x1b\\", Answers(None, "foot(1.13)")),
        (b"\x1bP>|\xff\xfe\x1b\\", Answers(None, "\ufffd\ufffd")),
        (b"\x1b[?8;1$y\x1b[8;$y", Answers()),
    ],
)
def test_answers_are_read_between_keys(reply: bytes, answers: Answers):
    """Half answers, other answers and typed keys are no obstacle."""
    assert parse(reply) == answers


def test_the_last_question_ends_the_waiting():
    """Every terminal answers the question asked last, so its answer says that no other comes."""
    assert QUERY.endswith(b"\x1b[c")
    assert is_whole(VTE)
    assert not is_whole(VTE[:-3])


def test_the_terminal_is_told_and_told_back():
    """A terminal that reorders stops while we draw and goes on after us, through tmux too."""
    assert (enter(Guard.EXPLICIT), leave(Guard.EXPLICIT)) == ("\x1b[8l", "\x1b[8h")
    assert enter(Guard.EXPLICIT, tmux=True) == "\x1bPtmux;\x1b\x1b[8l\x1b\\"
    assert leave(Guard.EXPLICIT, tmux=True) == "\x1bPtmux;\x1b\x1b[8h\x1b\\"
    for guard in (Guard.NONE, Guard.LRO):
        assert enter(guard) == leave(guard, tmux=True) == ""
    assert in_tmux(TMUX_ENV)
    assert not in_tmux({"TMUX": ""})


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("abc", "abc"),
        ("ab ﺐﺘﻛ", "ab \u202dﺐﺘﻛ\u202c"),
        ("ﻢﻌﻧ 12 ﻻ.", "\u202dﻢﻌﻧ 12 ﻻ\u202c."),
    ],
)
def test_arabic_is_held_in_its_order(text: str, held: str):
    """Where only an override helps, it goes around the Arabic of a piece and nothing else."""
    assert guarded(text, Guard.LRO) == held
    assert guarded(text, Guard.EXPLICIT) == guarded(text, Guard.NONE) == text
