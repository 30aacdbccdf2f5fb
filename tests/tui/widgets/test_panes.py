"""Header, footer, head, customer, status row, and what asks: bar, prompt, picker."""

import pytest
from tests.tui import pretend
from tests.tui.widgets.bench import Bench, lines
from tests.tui.widgets.hostile import STRINGS, short
from tests.tui.widgets.reading import check, text, texts
from textual.message import Message
from textual.widget import Widget

from wainbox_relay.contract.safe import Safe
from wainbox_relay.contract.views import Billed, CaseFacts, ClockFace
from wainbox_tui import messages
from wainbox_tui.messages import Answered, Cancelled, Chosen, Typed
from wainbox_tui.text.probe import Guard
from wainbox_tui.theme import Ink
from wainbox_tui.widgets.composer import Composer
from wainbox_tui.widgets.crew import crew, person_row, pressing_row
from wainbox_tui.widgets.customer import About, CustomerPane, panel_rows
from wainbox_tui.widgets.draw import Band, Look, Wall, gated
from wainbox_tui.widgets.footer import Footer, Hint
from wainbox_tui.widgets.going import GoingBar
from wainbox_tui.widgets.head import ConversationHead, HeadFacts
from wainbox_tui.widgets.header import Case, Header, Said, Tab, Views
from wainbox_tui.widgets.picker import Item, Picker, matching
from wainbox_tui.widgets.prompt import Prompt
from wainbox_tui.widgets.queue import QueueList
from wainbox_tui.widgets.row import row_of
from wainbox_tui.widgets.status_row import QueueFacts, StatusRow
from wainbox_tui.widgets.thread import ThreadView

LOOK = Look(zone=pretend.ZONE)
TABS = [Tab("mine", Safe("Mine"), 6), Tab("none", Safe("Unassigned")), Tab("all", Safe("All"), 38)]
RIGHT = (Said(Safe("2 at risk"), Ink.RISK), Said(Safe("live")), Said(Safe("Nadia")),
         Said(Safe("09:18")))  # fmt: skip
WIDGETS = (QueueList, ThreadView, Composer, Header, Footer, ConversationHead, CustomerPane,
           StatusRow, GoingBar, Prompt, Picker, Wall)  # fmt: skip
MEANT = {
    "DEFAULT_CSS",
    "render_line",
    "can_focus",
    "can_focus_children",
    "look",
    "__init__",
    "post_message",
}


@pytest.mark.parametrize("widget", WIDGETS)
def test_no_name_of_textuals_is_taken(widget: type[Widget]):
    """A widget of ours overrides what it means to and nothing by accident."""
    own = [c for c in widget.__mro__ if c.__module__.startswith("wainbox_tui")]
    theirs = {n for c in widget.__mro__ if c.__module__.startswith("textual") for n in vars(c)}
    instance = {name for name in vars(Widget()) if not name.startswith("__")}
    mine = {n for c in own for n in vars(c)} | (set(vars(widget())) - instance)
    clash = {n for n in mine & (theirs | instance) if not n.startswith(("__", "_css", "_inherit"))}
    assert {n for n in clash if not n.startswith(("on_", "_merged", "_classvar"))} <= MEANT | {
        "_decorated_handlers", "_reactives", "_computes", "_css_type_name", "_css_type_names",
        "_bindings", "_bubble", "_inherit_css"}  # fmt: skip


def test_no_field_of_a_message_is_textuals():
    """Messages keep clear of the names that Textual uses itself."""
    taken = {"time", "bubble", "control", "verbose", "namespace", "handler_name", "is_forwarded"}
    for kind in vars(messages).values():
        if isinstance(kind, type) and issubclass(kind, Message) and kind is not Message:
            fields = set(kind.__dataclass_fields__)
            assert not fields & (taken | set(dir(Message)))


def test_the_last_gate_lets_nothing_act():
    """Even text that nobody cleaned cannot reach the terminal."""
    for nasty in STRINGS:
        band = Band(LOOK, 40)
        band.put(1, nasty, Ink.TEXT)
        check(band.strip(), 40)
    assert gated("a\x1b[2Jb") == "a?[2Jb"


def test_arabic_is_held_where_the_terminal_would_turn_it():
    """Each piece of Arabic is opened and closed again, and takes no cell more."""
    band = Band(Look(guard=Guard.LRO), 30)
    band.put(2, "سارة 12 العلي", Ink.STRONG)
    band.put(20, "open", Ink.DIM)
    strip = band.strip()
    words = text(strip)
    assert words.count("\u202d") == words.count("\u202c") == 1
    assert strip.cell_length == 30


async def shown(widget: Widget, size=(120, 40), height: int | None = None):
    app = Bench(widget)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        for y in range(widget.size.height):
            check(widget.render_line(y), widget.size.width)
        return lines(widget)


async def test_the_header_says_where_one_is():
    """Product, views with their counts, what is pressing; the view in use is underlined."""
    header = Header()
    header.show(Views(TABS, "all", RIGHT), (40, 91))
    words, rule = await shown(header)
    assert words.startswith(" Wainbox   Mine 6   Unassigned   All 38")
    assert words.endswith("2 at risk   live   Nadia   09:18")
    assert rule[33:39] == "━" * 6
    assert rule[40] == rule[91] == "┬"


@pytest.mark.parametrize(
    ("width", "end"),
    [(120, "09:18"), (70, "09:18"), (62, "Nadia"), (56, "live"), (30, "2 at risk")],
)
async def test_the_header_loses_its_end_first(width: int, end: str):
    """Clock, then who, then live; what is pressing stays longest."""
    header = Header()
    header.show(Views(TABS, "all", RIGHT))
    words, _ = await shown(header, (width, 3))
    assert words.endswith(end)


async def test_tabs_leave_but_the_one_in_use():
    """However narrow, one knows where one is."""
    header = Header()
    header.show(Views(TABS, "all", ()))
    assert (await shown(header, (30, 3)))[0].endswith("All 38")


async def test_a_conversation_alone_has_its_facts_on_top():
    """Where one came from, whose it is, how it stands."""
    header = Header()
    facts = (Said(Safe("vip"), Ink.WORD), Said(Safe("#W-1004")), Said(Safe("open")))
    header.show(Case(Safe("All"), Safe("Sara"), facts, Said(Safe("• our turn"))))
    words, _ = await shown(header, (80, 3))
    assert words == " q All  Sara  vip  #W-1004  open" + " " * 37 + "• our turn"


async def test_a_language_stands_whole_on_top():
    """In eighty columns the longest language name has room beside the rest."""
    header = Header()
    facts = [Said(Safe(w)) for w in ("#W-13", "open", "Nadia", "Arabic in Latin letters")]
    header.show(Case(Safe("All"), Safe("Soukaina"), facts, Said(Safe("! late 30:45"))))
    words, _ = await shown(header, (80, 3))
    assert "Nadia  Arabic in Latin letters  " in words


async def test_in_twenty_columns_the_name_is_left():
    """The name gives way last; the clock stands in the queue too."""
    header = Header()
    right = Said(Safe("☾ after hours  due 5h 44m"))
    header.show(Case(Safe("All"), Safe("Yasmine Kettani"), (Said(Safe("#W-37")),), right))
    words, _ = await shown(header, (20, 3))
    assert words == " q All  Yasmine Ke…"


async def test_the_footer_keeps_the_way_out():
    """Hints leave from the right; the last one stays."""
    footer = Footer()
    hints = [Hint(k, "something") for k in "jklmno"]
    footer.show(hints, Hint("esc", "back"), (40,))
    rule, words = await shown(footer, (50, 4))
    assert rule[40] == "┴"
    assert words.startswith(" j something  k something")
    assert words.endswith("esc back")


async def test_the_head_says_who_else_reads():
    """Name and state, facts and readers, and where else the customer waits."""
    head = ConversationHead()
    head.show(
        HeadFacts(
            name=Safe("Sara"),
            right=Said(Safe("• our turn")),
            facts=(Said(Safe("#W-1004")), Said(Safe("open"))),
            reading=Safe("Samir is reading"),
            banner=Safe("also open on Riyadh with Samir"),
        )
    )
    name, facts, banner, blank = await shown(head, (50, 10))
    assert blank == ""
    assert name == "  Sara" + " " * 32 + "• our turn"
    assert facts == "  #W-1004  open" + " " * 17 + "Samir is reading"
    assert banner == "  also open on Riyadh with Samir"


async def test_the_head_in_one_line():
    """With the name in the header, the customer is one line."""
    head = ConversationHead()
    head.show(HeadFacts(summary=(Said(Safe("3 cases")),)), brief=True)
    assert await shown(head, (80, 10)) == ["  3 cases" + " " * 65 + "i all"]


async def test_the_status_row():
    """What waits, what is filtered, what was said, where one is."""
    row = StatusRow()
    row.show(QueueFacts(new=2, filter=Safe("lang:ar"), place=4, total=38))
    (words,) = await shown(row, (80, 10))
    assert words == " +2 new  g n shows them  filter lang:ar" + " " * 33 + "4 of 38"


def test_the_customer_pane():
    """Who, where else, before, notes, tags; nothing that is not there."""
    card = pretend.card(identity=4, tags=("refund",))
    rows = panel_rows(About(pretend.panel(), pretend.desk(), pretend.NOW, card), 28, LOOK)
    for row in rows:
        check(row, 28)
    words = texts(rows)
    assert words[0].endswith("vip")
    assert words[1] == " +212 6 12-34-56-78"
    assert words[2] == " Casablanca, 09:18 there"
    assert " Riyadh" + " " * 13 + "#W-1050" in words
    assert " Before             3 cases" in words
    assert " 12 Oct  sizing       Samir" in words
    assert " Tags  gift  sizing" in words
    assert " Case tags  refund" in words


def test_the_pane_says_what_the_rules_know():
    """Topic, language and how it is known, promises by their moments, who has it and why."""
    card = pretend.card(identity=4, language="ar")
    rows = panel_rows(About(pretend.panel(), pretend.desk(), pretend.NOW, card), 28, LOOK)
    words = texts(rows)
    start = words.index(" This case")
    assert words[start + 1 : start + 9] == [
        " Topic             delivery",
        " Language            Arabic",
        " told by its letters",
        " Next reply        by 09:18",
        " Resolution        by 11:02",
        " Given to Nadia by Wainbox",
        " (round robin: Nadia;",
        " passed over Amina 6/6)",
    ]
    assert " Manager               Lina" in words
    latin = pretend.card(identity=4, language="ar-Latn")
    words = texts(panel_rows(About(pretend.panel(), pretend.desk(), pretend.NOW, latin), 28, LOOK))
    assert " Arabic in Latin letters" in words


def test_the_pane_says_how_it_ended():
    """A miss and a clock that stands still in words, the stars, why nobody was asked, the refusal
    of advertising."""
    missed = ClockFace(target="first", missed=True)
    late, paused = pretend.due(-90), ClockFace(target="resolution", paused=True)
    case = CaseFacts(clocks=(missed, late, paused), stars=4, comment="quick", complex=True)
    panel = pretend.panel(case=case, opted_out=True)
    words = texts(panel_rows(About(panel, pretend.desk(), pretend.NOW), 28, LOOK))
    for line in (
        " wants no advertising",
        " This case          complex",
        " First reply         missed",
        " Next reply   was due 07:48",
        " Resolution          paused",
        " Rated       4 of 5 stars",
        " quick",
    ):
        assert any(" ".join(line.split()) == " ".join(word.split()) for word in words), line
    unasked = pretend.panel(case=CaseFacts(unasked="the window was shut"))
    words = texts(panel_rows(About(unasked, pretend.desk(), pretend.NOW), 28, LOOK))
    assert " not asked how it was: the" in words


@pytest.mark.parametrize("width", [20, 55, 80])
@pytest.mark.parametrize("nasty", STRINGS[::3], ids=short)
def test_a_colleagues_row_keeps_its_width(nasty: str, width: int):
    """Whatever a colleague is called, their row is as wide as its pane."""
    desk = pretend.desk()
    desk.agents["x"] = pretend.team()[0].model_copy(update={"name": nasty, "languages": (nasty,)})
    for person in crew(desk, [pretend.card(assignee="x")], pretend.NOW, LOOK):
        check(person_row(person, width, LOOK, here=True, focused=True), width)


def test_what_presses_says_the_clock_first():
    """The clock, the customer, their language, who has it."""
    card = pretend.card(name="Amira Haddad", assignee="samir", clock=pretend.due(-2.09))
    (line,) = texts([pressing_row(row_of(card, pretend.desk(), pretend.NOW, LOOK), 55, LOOK)])
    assert line.split() == ["!", "late", "2:05", "Amira", "Haddad", "en", "Samir"]


def test_the_team_in_words():
    """Who is here comes first; load against capacity, what presses, the oldest wait."""
    desk = pretend.desk()
    desk.agents = {badge.id: badge for badge in pretend.team()}
    held = [pretend.card(n, assignee="samir", clock=pretend.due(-n)) for n in (1, 2)]
    told = crew(desk, [*held, pretend.card(3, assignee=None)], pretend.NOW, LOOK)
    assert [person.id for person in told] == ["lina", "mourad", "nadia", "samir", "omar"]
    (line,) = texts([person_row(told[3], 80, LOOK, here=False, focused=False)])
    assert line.split() == ["◔", "Samir", "busy", "ar", "▰" * 8, "8/8", "!", "2", "late", "7m"]
    (line,) = texts([person_row(told[1], 55, LOOK, here=False, focused=False)])
    assert " on break  fr en    ▰▰▰▱▱▱" in line


def test_a_customer_without_a_number_is_said_to_have_none():
    """Some customers show no phone number; the pane says so."""
    who = pretend.panel().customer.model_copy(update={"phone": "", "username": "sara.a"})
    rows = panel_rows(
        About(pretend.panel(customer=who, elsewhere=(), cases=(), notes=(), tags=()),
              pretend.desk(), pretend.NOW), 28, LOOK)  # fmt: skip
    words = texts(rows)
    assert words[1:3] == [" no phone number shown", " sara.a"]
    assert not any(title in row for row in words for title in ("Also open", "Before", "Notes"))


@pytest.mark.parametrize("nasty", STRINGS, ids=short)
def test_hostile_text_in_the_customer_pane(nasty: str):
    """Names, tags, notes, outcomes: shown, and rows keep their width."""
    who = pretend.panel().customer.model_copy(update={"name": nasty, "username": nasty})
    note = pretend.entry(nasty, author_name=nasty)
    case = pretend.panel().cases[0].model_copy(update={"outcome": nasty, "ref": nasty})
    facts = CaseFacts(topic=nasty, language_by=nasty, given=nasty, comment=nasty, stars=1)
    panel = pretend.panel(customer=who, tags=(nasty,), notes=(note,), cases=(case,), case=facts,
                          elsewhere=(case,), language=nasty, time_zone=nasty)  # fmt: skip
    for row in panel_rows(About(panel, pretend.desk(), pretend.NOW), 28, LOOK):
        check(row, 28)


async def test_hostile_text_in_every_other_pane():
    """Names, errors, titles, hints, items: shown, and rows keep their width."""
    header, head, status = Header(), ConversationHead(), StatusRow()
    footer, going, prompt, picker = Footer(), GoingBar(), Prompt(), Picker()
    widgets = (header, head, status, going, prompt, picker, footer)
    async with Bench(*widgets).run_test(size=(100, 40)) as pilot:
        for nasty in STRINGS:
            safe = Safe(nasty)
            facts = (Said(safe), Said(safe))
            for what in (
                Case(safe, safe, facts, Said(safe)),
                Views([Tab("x", safe, 1)], "x", facts),
            ):
                header.show(what)
                check(header.render_line(0), 100)
                check(header.render_line(1), 100)
            head.show(HeadFacts(safe, Said(safe), facts, safe, safe, facts))
            status.show(QueueFacts(new=1, filter=safe, said=safe))
            footer.show([Hint("x", nasty)], Hint("esc", nasty))
            going.ask("x", nasty, [Hint("x", nasty)], safe)
            prompt.ask("x", safe, nasty, safe)
            picker.ask("x", safe, [Item("x", safe, safe, "x", safe)], text=nasty)
            for widget in widgets:
                for y in range(min(12, widget.size.height)):
                    check(widget.render_line(y), 100)
        await pilot.pause()


@pytest.fixture
async def asking():
    going, prompt, picker = GoingBar(), Prompt(), Picker()
    app = Bench(going, prompt, picker)
    async with app.run_test(size=(80, 24)) as pilot:
        yield going, prompt, picker, app, pilot


@pytest.mark.parametrize(
    ("key", "chosen"), [("m", "m"), ("a", "a"), ("escape", None), ("x", None), ("ة", "m")]
)
async def test_the_bar_takes_one_key(asking, key: str, chosen: str | None):
    """A key on the list is chosen, in any keyboard layout; any other lets it be."""
    going, _, _, app, pilot = asking
    going.ask("go", "go to", [Hint("m", "mine"), Hint("a", "all")])
    await pilot.press(key)
    await pilot.pause()
    assert [m.key for m in app.of(Chosen)] == ([chosen] if chosen else [])
    assert len(app.of(Cancelled)) == (0 if chosen else 1)
    assert not going.display


async def test_a_prompt_is_typed_and_entered(asking):
    """Every change can be echoed; the answer comes with Enter, and the line stays to be mended."""
    _, prompt, _, app, pilot = asking
    prompt.ask("snooze", Safe("snooze until"), "sun")
    await pilot.press("d", "a", "y", "space", "9")
    prompt.echo(Safe("Sun 29 Nov 09:00"))
    assert "sunday 9▏" in lines(prompt)[1]
    assert "Sun 29 Nov 09:00" in lines(prompt)[2]
    await pilot.press("enter")
    await pilot.pause()
    assert [m.text for m in app.of(Answered)] == ["sunday 9"]
    assert app.of(Typed)[-1].text == "sunday 9"
    assert prompt.display
    await pilot.press("escape")
    await pilot.pause()
    assert not prompt.display
    assert [m.purpose for m in app.of(Cancelled)] == ["snooze"]


ITEMS = [
    Item("assign", Safe("assign"), key="a"),
    Item("unassign", Safe("release"), Safe("unassign")),
    Item("sara", Safe("سارة العلي"), Safe("Sara")),
    Item("merge", Safe("same person as"), refused=Safe("Choose a conversation first.")),
]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ["assign", "unassign", "sara", "merge"]),
        ("assign", ["assign", "unassign"]),
        ("ساره", ["sara"]),
        ("spa", ["merge"]),
        ("zzz", []),
    ],
)
def test_the_picker_finds_by_letters(typed: str, found: list[str]):
    """Whole words first, then letters in order, in any script and spelling."""
    assert [item.id for item in matching(ITEMS, typed)] == found


def test_what_is_called_just_so_comes_first():
    """`:shift` means shift, however well the words of something else fit; with nothing typed
    nothing is moved."""
    items = [
        Item("swap", Safe("a shift on call changes hands"), also=Safe("swap")),
        Item("plain", Safe("move")),
        Item("shift", Safe("who works when"), also=Safe("shift")),
    ]
    assert [item.id for item in matching(items, "shift")] == ["shift", "swap"]
    assert [item.id for item in matching(items, "")] == ["swap", "plain", "shift"]


async def test_the_picker_chooses(asking):
    """Type, move, Enter; what cannot be done now is not chosen."""
    _, _, picker, app, pilot = asking
    picker.ask("palette", Safe("palette"), ITEMS)
    await pilot.press("down", "enter")
    await pilot.pause()
    assert [m.key for m in app.of(Chosen)] == ["unassign"]
    picker.ask("palette", Safe("palette"), ITEMS)
    await pilot.press(*"same", "enter")
    await pilot.pause()
    assert len(app.of(Chosen)) == 1
    assert picker.display


async def test_a_free_picker_takes_what_was_typed(asking):
    """A new tag is an answer too."""
    _, _, picker, app, pilot = asking
    picker.ask("tag", Safe("tag"), ITEMS, free=True)
    await pilot.press(*"newtag", "enter")
    await pilot.pause()
    assert [m.text for m in app.of(Answered)] == ["newtag"]


def test_what_a_conversation_costs_stands_below():
    """By category; free messages and a conversation that cost nothing are not mentioned."""
    billed = (
        Billed(category="marketing", billed=1),
        Billed(category="service", free=7),
        Billed(category="utility", billed=2),
    )
    shown = panel_rows(About(pretend.panel(billed=billed), pretend.desk(), pretend.NOW), 36, LOOK)
    assert shown[-1].text.strip() == "billed: 1 marketing, 2 utility"
    free = panel_rows(
        About(pretend.panel(billed=billed[1:2]), pretend.desk(), pretend.NOW), 36, LOOK
    )
    assert not any("billed" in row.text for row in free)
