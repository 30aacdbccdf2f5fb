"""Canned replies, macros and templates: found by words, filled, and read once more. Words go into
the composer; a template, and what a macro does, want a key of their own.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from wainbox_relay.contract.safe import Safe, clean
from wainbox_relay.contract.variables import KNOWN, fill, missing, names
from wainbox_tui.editor import edited
from wainbox_tui.moments import parse
from wainbox_tui.widgets.footer import Hint
from wainbox_tui.widgets.picker import Item

if TYPE_CHECKING:
    from wainbox_relay.contract.commands import Command, Reply
    from wainbox_relay.contract.replies import CannedReply, Deeds
    from wainbox_relay.contract.views import Card, Template
    from wainbox_tui.app import WainboxApp

ALIKE = {
    "first_name": "customer.first_name",
    "name": "customer.name",
    "customer": "customer.name",
    "customer_name": "customer.name",
    "phone": "customer.phone",
    "agent": "agent.name",
    "agent_name": "agent.name",
    "reference": "ticket_id",
    "ref": "ticket_id",
    "ticket": "ticket_id",
    "order": "order.number",
    "order_number": "order.number",
}
"""What the places of templates are usually called, in our names."""

BEFORE = (
    ("customer.first_name", r"bonjour|bonsoir|salut|hello|hi|dear|ch[eè]re?|مرحباً?|أهلا|عزيز\w*"),
    ("ticket_id", r"message|demande|request|ticket|رسالتك رقم|بخصوص"),
    ("order.number", r"commande|order|طلبك|الطلب"),
)
"""Words before a numbered place that tell what belongs there."""


@dataclass(slots=True)
class Filling:
    """A text on its way to being used. `wanted` are the values still to be asked for, each with
    what it is called, what it is, and a guess."""

    title: Safe
    values: dict[str, str]
    wanted: list[tuple[str, str, str]]
    done: Callable[[dict[str, str]], None]


class Canned:
    """`_afterwards` is what a macro does once the words it put into a composer are sent, by the
    conversation's reference; without the words it does nothing."""

    def __init__(self, app: "WainboxApp") -> None:
        self._app = app
        self._card: Card | None = None
        self._replies: dict[str, CannedReply] = {}
        self._templates: list[Template] = []
        self._filling: Filling | None = None
        self._confirmed: Callable[[], None] | None = None
        self._afterwards: dict[str, CannedReply] = {}

    # -- finding -----------------------------------------------------------------------------

    def pick(self, card: "Card | None", *, replies: bool = True) -> None:
        """Opens the picker with what is known, and fills it with what the relay has now."""
        app = self._app
        if card is None:
            app.inbox.say("Choose a conversation first.", trouble=True)
            return
        if self._card is None or self._card.number != card.number:
            self._templates = []
        self._card = card
        window = app.inbox.edges.window_left(card)
        replies = replies and window is not None and window.total_seconds() > 0
        title = Safe("canned replies and templates" if replies else "template")
        app.inbox.picker.ask("canned", title, list(self._items(card, replies=replies)))
        app.errand(lambda: self._fetch(card, replies=replies), "canned")

    async def _fetch(self, card: "Card", *, replies: bool) -> None:
        from wainbox_relay.contract.problems import Refusal

        app, office = self._app, self._app.office()
        why = "No canned reply and no approved template is known."
        if replies:
            self._replies = {each.name: each for each in await office.replies()}
        try:
            self._templates = await office.templates(card.number)
        except Refusal as refusal:
            why = refusal.problem.message
        items = list(self._items(card, replies=replies))
        if not items:
            app.inbox.picker.close()
            app.inbox.focus_back()
            app.inbox.say(why, trouble=True)
        else:
            app.inbox.picker.refill("canned", items)

    def _items(self, card: "Card", *, replies: bool) -> Iterator[Item]:
        """Canned replies by name, then templates, the customer's language first."""
        for reply in self._replies.values() if replies else ():
            language, text = reply.variant(card.language)
            yield Item(
                f"reply {reply.name}",
                clean(f"{reply.name}  {reply.title}"),
                clean(text or preview(reply)),
                key="macro" if reply.deeds.any else clean(language),
                also=clean(reply.words),
            )
        own = card.language.partition("-")[0]
        ordered = sorted(
            enumerate(self._templates),
            key=lambda each: (each[1].language.partition("_")[0] != own, each[1].name),
        )
        for place, template in ordered:
            yield Item(
                f"template {place}",
                clean(template.name),
                clean(template.body),
                key=clean(template.language),
                refused=clean(template.unfit),
            )

    # -- answers -----------------------------------------------------------------------------

    def chosen(self, purpose: str, key: str) -> None:
        match purpose:
            case "canned" if self._card is not None:
                card = self._card
                self._app.errand(lambda: self._use(card, key), "canned")
            case "confirm" if self._confirmed is not None:
                confirmed, self._confirmed = self._confirmed, None
                confirmed()
            case "edit reply":
                self._edit(self._replies[key])
            case _:
                pass

    def wrong(self, text: str) -> str:
        return "" if text.strip() else "A value is needed; esc leaves it."

    def answered(self, text: str) -> None:
        """A value that was missing came."""
        if self._filling is not None and self._filling.wanted:
            name, _, _ = self._filling.wanted.pop(0)
            self._filling.values[name] = text.strip()
            self._go_on()

    def _go_on(self) -> None:
        filling = self._filling
        if filling is None:
            return
        if not filling.wanted:
            self._filling = None
            filling.done(filling.values)
            return
        name, what, guess = filling.wanted[0]
        title = clean(f"{filling.title}: {name}")
        self._app.inbox.prompt.ask("value", title, guess, clean(what))

    def _confirm(self, title: Safe, key: Hint, sentence: Safe, done: Callable[[], None]) -> None:
        """Shows what will happen; one key does it. Enter is none: a held one would."""
        self._confirmed = done
        self._app.inbox.going.ask("confirm", title, [key, Hint("esc", "no")], sentence)

    async def _use(self, card: "Card", key: str) -> None:
        values = await self._app.office().values(card.ref)
        kind, _, which = key.partition(" ")
        if kind == "reply":
            self._use_reply(card, self._replies[which], values)
        else:
            self._use_template(card, self._templates[int(which)], values)

    # -- canned replies and macros -----------------------------------------------------------

    def _use_reply(self, card: "Card", reply: "CannedReply", values: dict[str, str]) -> None:
        _, text = reply.variant(card.language)
        wanted = missing(f"{text} {reply.deeds.note}", values)

        def filled(values: dict[str, str]) -> None:
            note = fill(reply.deeds.note, values)
            ready = reply.model_copy(
                update={"deeds": reply.deeds.model_copy(update={"note": note})}
            )
            self._read_once_more(card, ready, fill(text, values))

        asked = [(name, KNOWN[name], "") for name in wanted]
        self._filling = Filling(clean(reply.title), values, asked, filled)
        self._go_on()

    def _read_once_more(self, card: "Card", reply: "CannedReply", text: str) -> None:
        if not reply.deeds.any and not reply.attachment:
            self._app.errand(lambda: self._into_composer(card, text), "thread")
            return

        def confirmed() -> None:
            if text:
                self._afterwards[card.ref] = reply
                self._app.errand(lambda: self._into_composer(card, text), "thread")
            elif reply.attachment:
                self._afterwards[card.ref] = reply
                self._app.questions.send(card, "")
            else:
                self._app.errand(lambda: self._do(card.ref, reply), f"give {card.ref}")

        told = f"Once the words are sent: {preview(reply)}" if text else preview(reply)
        self._confirm(clean(reply.title), Hint("y", "yes"), clean(told), confirmed)

    async def _into_composer(self, card: "Card", text: str) -> None:
        """Where it was asked for, even if another conversation is open by now."""
        app = self._app
        thread = app.desk_state.open
        if thread is None or thread.conversation != card.id:
            await app.office().open(card.ref)
        app.inbox.reading = True
        app.inbox.lay_out()
        app.inbox.composer.insert(text)
        app.inbox.composer.focus()
        app.inbox.draw_footer()

    def dropped(self, ref: str) -> None:
        """The words are gone from the composer, and with them what should have followed."""
        self._afterwards.pop(ref, None)

    def take(self, ref: str) -> "CannedReply | None":
        """What follows the words that are being sent."""
        return self._afterwards.pop(ref, None)

    async def send(
        self, card: "Card", reply: "CannedReply", command: "Reply", sid: str, text: str
    ) -> None:
        """Sends the words as the macro wants it, then does the rest."""
        office = self._app.office()
        if reply.deeds.status:
            command = command.model_copy(update={"then": reply.deeds.status})
        attached = (reply.name, card.number) if reply.attachment else None
        if not await office.send(card.ref, command, sid, text, attached):
            self._afterwards[card.ref] = reply
        elif reply.deeds.any:
            rest = reply.deeds.model_copy(update={"status": ""})
            await self._do(card.ref, reply.model_copy(update={"deeds": rest}))

    async def _do(self, ref: str, reply: "CannedReply") -> None:
        """One command after the other; the first that is refused ends it, and is said."""
        app = self._app
        for command in commands(reply.deeds, app.now()):
            if not await app.office().give(ref, command, f"#{ref} {clean(reply.title)}"):
                return

    # -- templates ---------------------------------------------------------------------------

    def _use_template(self, card: "Card", template: "Template", values: dict[str, str]) -> None:
        given, asked = wants(template, values)

        def filled(given: dict[str, str]) -> None:
            told = read(template, given)
            title = clean(f"{template.name}  {template.language}")
            self._confirm(title, Hint("s", "send"), told, lambda: self._send(card, template, given))

        self._filling = Filling(clean(template.name), given, asked, filled)
        self._go_on()

    def _send(self, card: "Card", template: "Template", given: dict[str, str]) -> None:
        app = self._app

        async def send() -> None:
            filled = given
            if template.header_kind not in ("", "text"):
                upload = await app.office().upload(card.number, given[HEADER])
                if upload is None:
                    return
                filled = {**given, HEADER: upload.media_id}
            command = _command(template, filled, app.desk_state.undo_seconds * 1000)
            await app.office().give(card.ref, command, "template sent")

        app.errand(send, f"give {card.ref}")

    # -- for leads ---------------------------------------------------------------------------

    def keep(self, card: "Card | None", name: str) -> None:
        """The composer's words under a name, in the conversation's language. An old reply of that
        name gets them as another language."""
        from pydantic import ValidationError

        from wainbox_relay.contract.replies import ANY, CannedReply

        app, text = self._app, self._app.inbox.composer.text.strip()
        if not text:
            app.inbox.say("Write the words in the reply first.", trouble=True)
            return
        language = card.language if card is not None and card.language else ANY

        async def keep() -> None:
            old = {each.name: each for each in await app.office().replies()}.get(name)
            try:
                base = old or CannedReply(name=name, title=_title(name), texts={language: text})
                fresh = {**base.model_dump(), "texts": {**base.texts, language: text}}
                reply = CannedReply.model_validate(fresh)
            except ValidationError as error:
                app.inbox.say(_complaint(error.errors()[0]["msg"]), trouble=True)
                return
            await app.office().keep_reply(reply)
            app.inbox.say(f"kept: /{name} ({language})")

        app.errand(keep, "give replies")

    def pick_for_edit(self) -> None:
        app = self._app

        async def ask() -> None:
            self._replies = {each.name: each for each in await app.office().replies()}
            items = [
                Item(each.name, clean(f"{each.name}  {each.title}"), also=clean(each.words))
                for each in self._replies.values()
            ]
            app.inbox.picker.ask("edit reply", Safe("edit a canned reply"), items)

        app.errand(ask, "canned")

    def _edit(self, reply: "CannedReply") -> None:
        """Its words in the conversation's language, in one's own editor. Left empty, they go."""
        from pydantic import ValidationError

        from wainbox_relay.contract.replies import ANY, CannedReply

        app, card = self._app, self._app.inbox.context().card
        language, text = reply.variant(card.language if card else "")
        words = edited(app, text)
        if words is None or words == text:
            return
        texts = {**reply.texts, (language or ANY): words}
        if not words.strip():
            texts.pop(language or ANY)
        try:
            changed = CannedReply.model_validate({**reply.model_dump(), "texts": texts})
        except ValidationError as error:
            if texts:
                app.inbox.say(_complaint(error.errors()[0]["msg"]), trouble=True)
                return
            changed = None

        async def keep() -> None:
            if changed is None:
                await app.office().forget_reply(reply.name)
            else:
                await app.office().keep_reply(changed)
            app.inbox.say(f"/{reply.name} {'changed' if changed else 'removed'}")

        app.errand(keep, "give replies")


# -- what a macro does -----------------------------------------------------------------------------


def preview(reply: "CannedReply") -> str:
    """Everything a macro does besides its words, in one line."""
    deeds = reply.deeds
    told = [f"with {reply.attachment.name}"] if reply.attachment else []
    told += [f"tag {t}" if t[0] != "-" else f"take tag {t[1:]} off" for t in deeds.tags]
    told += [f"{deeds.priority} priority"] if deeds.priority else []
    told += [f"note “{deeds.note}”"] if deeds.note else []
    told += [f"give to {deeds.assign}"] if deeds.assign else []
    told += [{"waiting": "on customer"}.get(deeds.status, deeds.status)] if deeds.status else []
    told += [f"snooze until {deeds.snooze}"] if deeds.snooze else []
    return ", ".join(told)


def commands(deeds: "Deeds", now: datetime) -> Iterable["Command"]:
    """The usual commands, in the order in which one would give them. Raises `MomentError`."""
    from wainbox_relay.contract import commands as ask
    from wainbox_relay.contract.vocabulary import AgentId, TeamId

    if deeds.tags:
        off = tuple(tag[1:] for tag in deeds.tags if tag[0] == "-")
        yield ask.SetTags(add=tuple(tag for tag in deeds.tags if tag[0] != "-"), remove=off)
    if deeds.priority:
        yield ask.SetPriority(priority=deeds.priority)
    if deeds.note:
        yield ask.WriteNote(body=deeds.note)
    if deeds.assign.startswith("@"):
        yield ask.Assign(agent=AgentId(deeds.assign[1:]))
    elif deeds.assign:
        yield ask.Assign(team=TeamId(deeds.assign))
    if deeds.snooze:
        yield ask.Snooze(until=parse(deeds.snooze, now), sure=True)
    match deeds.status:
        case "open":
            yield ask.Reopen()
        case "waiting":
            yield ask.Wait()
        case "resolved":
            yield ask.Resolve(sure=True)
        case "":
            pass


# -- how a template is filled ----------------------------------------------------------------------

HEADER = "the header"
"""No place is called so: names have no blanks."""


def wants(
    template: "Template", known: dict[str, str]
) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """What a template's places hold already, and what must be asked for. A numbered place is
    always asked for, with a guess: only its words tell what belongs there."""
    given: dict[str, str] = {}
    asked: list[tuple[str, str, str]] = []
    if template.header_kind not in ("", "text"):
        asked.append((HEADER, f"path of the {template.header_kind}", ""))
    elif names(template.header):
        asked.append((HEADER, template.header, known.get("ticket_id", "")))
    for place in names(template.body):
        value = known.get(ALIKE.get(place, place), "")
        if value:
            given[place] = value
        else:
            asked.append((place, template.body, _guess(template.body, place, known)))
    for n, button in enumerate(template.buttons):
        if button.wants:
            asked.append((f"button {n}", f"{button.text}: {button.url or 'the code'}", ""))
    return given, asked


def _guess(body: str, place: str, known: dict[str, str]) -> str:
    before = body.partition(f"{{{{{place}}}}}")[0]
    for name, words in BEFORE:
        if re.search(rf"(?:^|\W)(?:{words})\s*$", before, re.IGNORECASE):
            return known.get(name, "")
    return ""


def read(template: "Template", given: dict[str, str]) -> Safe:
    """The template as its customer will read it, on its way into one sentence."""
    header = template.header
    for place in names(header):
        header = fill(header, {place: given[HEADER]})
    if template.header_kind not in ("", "text"):
        header = f"[{template.header_kind}: {given[HEADER]}]"
    buttons = [f"[{button.text}]" for button in template.buttons]
    told = [header, fill(template.body, given), template.footer, " ".join(buttons)]
    return clean("\n".join(part for part in told if part))


def _command(template: "Template", given: dict[str, str], hold: int) -> "Command":
    from wainbox_relay.contract.commands import SendTemplate
    from wainbox_relay.contract.content import TemplateFill, TemplateHeader

    places = names(template.body)
    header = None
    if HEADER in given:
        named = next(iter(names(template.header)), "")
        header = TemplateHeader(
            kind=template.header_kind or "text",
            value=given[HEADER],
            name="" if named.isdecimal() else named,
        )
    buttons = tuple(
        TemplateFill(
            index=n,
            kind="copy_code" if button.kind == "copy_code" else "url",
            value=given[f"button {n}"],
        )
        for n, button in enumerate(template.buttons)
        if button.wants
    )
    ordered = sorted(places, key=int) if not template.names else []
    return SendTemplate(
        name=template.name,
        language=template.language,
        variables=tuple(given[place] for place in ordered),
        named=tuple((place, given[place]) for place in template.names),
        header=header,
        buttons=buttons,
        hold_ms=hold,
    )


def _title(name: str) -> str:
    return name.replace("-", " ").replace("_", " ").capitalize()


def _complaint(message: str) -> str:
    return f"{clean(message).removeprefix('Value error, ').strip()}."
