"""What must be shown and never obeyed: markup, escapes, controls, direction tricks, piles."""

MARKUP = [
    "[bold]x[/bold]", "[/nope]", "[@click=app.quit]x[/]", "[link=https://a.b]x[/link]", "[red",
    "[[x]]", "[/]", "\\[x]", "[blink reverse]x", "[on red]x[/on red]", "{x}", "{0.__class__}",
    "%s %d %(x)s", "$name ${x}", "<b>x</b>", "*x* _x_ `x`", "# x", "| a | b |", "[x](javascript:1)",
    "![x](file:///etc/passwd)", "&lt;x&gt;", ":smile:", "[?25l]", "[#ff0000]x", "[@mouse.down=x]y",
]  # fmt: skip
ORDERS = [
    "[@click=app.do('quit')]x[/]", "[@click='app.quit']x[/]", "[@click=screen.dismiss]x[/]",
    "[@click=quit()]x", "[@hover=app.bell]x[/]", "[@click=app.quit][@click=app.bell]x[/][/]",
    "[link]x[/link]", "[link='file:///etc/passwd']x[/]", "[link=javascript:alert(1)]x[/]",
    "[url=https://a.b]x[/url]", "[b][i]x[/b][/i]", "[/b]", "[/bold]x[bold]", "[bold", "bold]",
    "[b]x", "x[/x]y", "[[/]]", "[[[", "]]]", "[]", "[ ]", "[/ ]", "\\[/]", "\\\\[/nope]",
    "[$primary]x[/]", "[on $error 50%]x[/]", "[not bold]x[/]", "[dim italic u s o]x[/]",
    "[white on black]x[/white on black]", "[rgb(1,2,3)]x[/]", "[auto]x[/]", "[conceal]x[/]",
    "[color(300)]x[/]", "[#zzzzzz]x[/]", "[bold]\n[/nope]\n", "[سارة]", "[bold]سارة[/]",
    "[@click=app.pwn('[/]')]x", "{{order}}", "<script>alert(1)</script>",
]  # fmt: skip
"""Markup of Textual's own, broken and whole."""

ACTING = [
    "\x1b[31mred", "\x1b[2J", "\x1b[H", "\x1b]0;title\x07", "\x1b]52;c;aGk=\x07",
    "\x1b]8;;http://x\x07",
    "\x1bP$q\x1b\\", "\x1b[?1049l", "\x1b[6n", "\x1bc", "\x9b31m", "\x9d0;t\x9c", "\x90x\x9c",
    "\x07", "\x08\x08", "\x0e", "\x0f", "\x05", "\x00", "\x7f", "\x85", "a\rb", "a\x0bb", "a\x0cb",
    "\u202edlrow", "\u202d\u202c", "\u2066x\u2069", "\u200f", "\u200e", "\u061c", "\u2028",
    "\u2029",
    "\ufeff", "\ufff9x\ufffb", "\U000e0041\U000e007f", "\ud800", "\x1b[201~\n", "\u200b\u2060",
]  # fmt: skip
HEAVY = [
    "a" + "\u0301" * 300, "م" + "\u064b" * 300, "👨‍👩‍👧‍👦" * 40, "🏳️‍🌈", "🇲🇦" * 20, "\ufdfa\ufdfd",
    "ﷲ", "لا" * 50, "x" * 70_000, "😀" * 5_000, "\u200d" * 50, "\ufe0f" * 50, "ـ" * 60, "\t" * 20,
    "\n" * 50, "   ", "𒐫" * 5, "꧅", "\u0e33" * 9,
]  # fmt: skip
STRINGS = [*MARKUP, *ORDERS, *ACTING, *HEAVY]
FEW = [*MARKUP, *ACTING, *HEAVY][::4]
"""Some of each kind, for a picture."""


def short(text: str) -> str:
    """An id for a test that can be read."""
    return f"{ascii(text)[:32]} {len(text)}"
