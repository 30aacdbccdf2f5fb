"""The widgets at any size with the pretend desk, without relay or network.

`python -m tests.tui.gallery 120x40 out.svg [dark|light|contrast] [truecolor|256|16|none] [scene]`
writes a picture; with no file it runs in this terminal (q leaves).
"""

import asyncio
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from tests.tui import pretend
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from wainbox_relay.contract.safe import Safe
from wainbox_relay.contract.views import Card
from wainbox_relay.contract.vocabulary import Standing
from wainbox_tui.glyphs import ASCII
from wainbox_tui.state import DeskState
from wainbox_tui.theme import Depth, Ink, Name, Palette, textual_theme
from wainbox_tui.widgets.composer import Bound, Composer, Mode
from wainbox_tui.widgets.customer import About, CustomerPane
from wainbox_tui.widgets.draw import Look, Wall
from wainbox_tui.widgets.footer import Footer, Hint
from wainbox_tui.widgets.going import GoingBar
from wainbox_tui.widgets.head import ConversationHead, HeadFacts
from wainbox_tui.widgets.header import Case, Header, Said, Tab, Views
from wainbox_tui.widgets.picker import Item, Picker
from wainbox_tui.widgets.prompt import Prompt
from wainbox_tui.widgets.queue import QueueList
from wainbox_tui.widgets.row import Row, row_of
from wainbox_tui.widgets.status_row import QueueFacts, StatusRow
from wainbox_tui.widgets.thread import ThreadView, Told


class Rows:
    """Cards in order, as the queue wants them."""

    def __init__(self, cards: Sequence[Card], desk: DeskState, look: Look) -> None:
        self.cards = sorted(cards, key=lambda card: card.sort_key)
        self.places = {card.id: index for index, card in enumerate(self.cards)}
        self.desk, self.look = desk, look
        counts = [0] * len(Standing)
        for card in cards:
            counts[card.sort_key >> 60] += 1
        self.standings = tuple(counts)
        self.total = len(self.cards)

    def at(self, index: int) -> Row | None:
        return row_of(self.cards[index], self.desk, pretend.NOW, self.look)

    def index(self, identity: int) -> int | None:
        return self.places.get(identity)


class Gallery(App[None]):
    """One screen in the grids of `docs/design.md` section 9."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        ("q", "quit"),
        ("j", "hand(1)"),
        ("k", "hand(-1)"),
    ]
    CSS = """
    Screen { background: $background; layers: base over; }
    #middle { width: 1fr; }
    #queue { width: 40; } #customer { width: 28; }
    .narrow #customer, .mid #customer { display: none; }
    .narrow #queue { width: 1fr; } .mid #queue { width: 36; }
    .narrow Wall, .mid #wall2 { display: none; }
    .wide #queue { width: 56; } .wide #customer { width: 36; }
    .narrow.queue #middle { display: none; } .narrow.thread #left { display: none; }
    #left { width: auto; } .narrow #left { width: 1fr; }
    """

    def __init__(
        self,
        theme: str = "dark",
        depth: str = "truecolor",
        scene: str = "queue",
        glyphs: str = "unicode",
    ) -> None:
        self.look = Look(palette=Palette(Name(theme), Depth(depth)), zone=pretend.ZONE)
        if glyphs == "ascii":
            self.look = Look(palette=self.look.palette, glyphs=ASCII, zone=pretend.ZONE)
        self.scene = scene
        super().__init__(ansi_color=self.look.palette.native)

    def compose(self) -> ComposeResult:
        yield Header()
        with Horizontal(id="panes"):
            with Vertical(id="left"):
                yield QueueList(id="queue")
                yield StatusRow()
            yield Wall()
            with Vertical(id="middle"):
                yield ConversationHead()
                yield ThreadView(id="thread")
                yield Composer(id="composer")
            yield Wall(id="wall2")
            yield CustomerPane(id="customer")
        yield GoingBar()
        yield Prompt()
        yield Picker()
        yield Footer()

    def on_mount(self) -> None:
        theme = textual_theme(self.look.palette)
        self.register_theme(theme)
        self.theme = theme.name
        self.on_resize()
        self._ask()

    def _ask(self) -> None:
        """Scenes that are a question."""
        if self.scene == "going":
            words = (
                "m mine,u unassigned,t my team,w on customer,z snoozed,d resolved,a all,f drafts"
            )
            words += ",g top,e end,n new rows"
            self.query_one(GoingBar).ask(
                "go", "go to", [Hint(*w.split(" ", 1)) for w in words.split(",")]
            )
        elif self.scene == "prompt":
            echo = Safe("Sun 29 Nov 09:00 +01")
            self.query_one(Prompt).ask("snooze", Safe("snooze until"), "sunday 9", echo)
        elif self.scene == "doubt":
            keys = [
                Hint("r", "resend (may arrive twice)"),
                Hint("s", "it arrived"),
                Hint("x", "leave"),
            ]
            asked = Safe(
                "Unconfirmed since 09:12: it may have arrived. Ask before sending it twice."
            )
            self.query_one(GoingBar).ask("doubt", "what happened to it?", keys, asked)
        elif self.scene == "picker":
            items = [Item("a", Safe("assign"), key="a"), Item("c", Safe("claim"), key="c")]
            items += [Item("s", Safe("snooze"), key="z"), Item("w", Safe("on customer"), key="s w")]
            items += [
                Item("m", Safe("same person as"), refused=Safe("Choose a conversation first."))
            ]
            items += [Item("n", Safe("سارة العلي"), Safe("ar"))]
            self.query_one(Picker).ask("palette", Safe("palette"), items)

    def on_resize(self) -> None:
        if not self.is_mounted or not self.query("#panes"):
            return
        width, height = self.size
        kind = "narrow" if width < 100 else "mid" if width < 120 else "full"
        kind = "wide" if width >= 160 else kind
        self.query_one("#panes").set_classes(f"{kind} {self.scene}")
        self.query_one(StatusRow).display = kind == "narrow"
        bare = height < 20
        self.query_one(Header).styles.height = 1 if bare else 2
        self.query_one(Footer).display = not bare
        self._fill(kind)

    def _fill(self, kind: str) -> None:
        desk = pretend.desk()
        rows = Rows(pretend.queue_cards(), desk, self.look)
        queue = self.query_one(QueueList)
        queue.show(rows)
        queue.go_to(4)
        entries, cases = pretend.conversation()
        if self.scene == "states":
            entries = pretend.states()
        card = next(card for card in rows.cards if card.id == 4)
        told = Told(desk=desk, now=pretend.NOW, customer=Safe("سارة العلي"))
        self.query_one(ThreadView).show(card.id, entries, cases, more=False, told=told)
        self.query_one(CustomerPane).show(About(pretend.panel(), desk, pretend.NOW, card))
        self.query_one(StatusRow).show(QueueFacts(new=2, place=4, total=38))
        alone = kind == "narrow" and self.scene == "thread"
        self._middle(card, alone=alone)
        self._edges(kind, alone=alone)

    def _middle(self, card: Card, *, alone: bool) -> None:
        facts = (Said("#W-1004"), Said("open"), Said("Nadia"), Said("Arabic"))
        summary = (Said("3 earlier cases"), Said("gift", Ink.TEXT), Said("sizing", Ink.TEXT))
        self.query_one(ConversationHead).show(
            HeadFacts(
                name=Safe("سارة العلي"),
                right=Said("• our turn", Ink.DIM),
                facts=facts,
                reading=Safe("Samir is reading"),
                summary=summary,
            ),
            brief=alone,
        )
        composer = self.query_one(Composer)
        composer.bind(
            Bound(
                id=card.id,
                ref=card.ref,
                name=Safe("سارة العلي"),
                number=Safe("Atlas Maroc"),
                reading=Safe("Samir is reading") if alone else Safe(""),
            ),
            "تفضلي سارة، نعم المبلغ 1,250.50 MAD يشمل الضريبة، والمندوب",
        )
        left = {"shut": 0, "short": 100}.get(self.scene, 23 * 60 + 46)
        composer.set_window(timedelta(minutes=left))
        if self.scene == "note":
            composer.write(Mode.NOTE)
        if self.scene == "thread" or self.size.width >= 100:
            composer.focus()

    def _edges(self, kind: str, *, alone: bool) -> None:
        width = self.size.width
        joints = {"narrow": (), "mid": (36,), "full": (40, width - 29), "wide": (56, width - 37)}
        tabs = [Tab("mine", Safe("Mine"), 6), Tab("unassigned", Safe("Unassigned"), 7)]
        tabs += [Tab("waiting", Safe("On customer"), 12), Tab("all", Safe("All"), 38)]
        right = (Said("? 1 unconfirmed", Ink.WORD), Said("live"), Said("Nadia", Ink.STRONG))
        what: Views | Case = Views(tabs, "all", (*right, Said("09:18")))
        if alone:
            facts = (Said("vip", Ink.WORD), *map(Said, ("#W-1004", "open", "Nadia", "Arabic")))
            what = Case(Safe("All"), Safe("سارة العلي"), facts, Said("• our turn"))
        self.query_one(Header).show(what, joints[kind])
        keys = "j k move,enter open,n next,c claim,a assign,s status,r reply,m note,t tag"
        last = Hint("p", "palette")
        if self.focused is self.query_one(Composer) or alone:
            keys = "enter send; on customer,ctrl+s more,ctrl+j new line,/ canned,ctrl+g attach"
            last = Hint("esc", "back")
        hints = [Hint(*_split(words)) for words in keys.split(",")]
        self.query_one(Footer).show(hints, last, joints[kind])

    def action_hand(self, by: int) -> None:
        hand = self.focused
        if isinstance(hand, QueueList | ThreadView):
            hand.move(by)


def _split(words: str) -> tuple[str, str]:
    key, _, rest = words.replace(";", ",").partition(" ")
    if key == "j":
        return "j k", "move"
    return key, rest


async def picture(size: str, path: str, *given: str) -> None:
    app = Gallery(*given)
    width, height = map(int, size.split("x"))
    async with app.run_test(size=(width, height)) as pilot:
        await pilot.pause()
        with open(path, "w") as file:  # noqa: ASYNC230, PTH123 - a tool for one person
            file.write(app.export_screenshot())


if __name__ == "__main__":
    if len(sys.argv) > 2:
        asyncio.run(picture(*sys.argv[1:]))
    else:
        Gallery().run()
