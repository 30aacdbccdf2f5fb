"""What this terminal fetches from the relay and what it asks of it, on behalf of the app.

Each errand ends in the app's state and one call of the screen; refusals and broken lines become a
sentence in the status row, and nothing that was typed is lost by them.
"""

import asyncio
import secrets
import shlex
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from wainbox_relay.contract.filters import Viewer
from wainbox_relay.contract.oncall import OnCallBoard
from wainbox_relay.contract.problems import Code, Problem, Refusal
from wainbox_relay.contract.staff import NewToken
from wainbox_tui.board import Read, standings_of, total_of
from wainbox_tui.client import PAGE, Client, Unreachable
from wainbox_tui.drafts import Draft
from wainbox_tui.moments import echo
from wainbox_tui.staff import carry_out
from wainbox_tui.state import moves_of

if TYPE_CHECKING:
    from datetime import datetime

    from wainbox_relay.contract.bulk import BulkCommand
    from wainbox_relay.contract.commands import Command, Done
    from wainbox_relay.contract.content import Audio, Document, Image, Video
    from wainbox_relay.contract.replies import CannedReply
    from wainbox_relay.contract.shifts import ShiftBoard
    from wainbox_relay.contract.views import Template, Upload
    from wainbox_tui.app import WainboxApp
    from wainbox_tui.staff import StaffOrder
    from wainbox_tui.window import Key

PRESENT_EVERY = 20
MOST_WAITING = 500


class Errands:
    def __init__(self, app: "WainboxApp", client: Client) -> None:
        self._app = app
        self._client = client
        self._terminal = secrets.token_hex(8)

    @property
    def _viewer(self) -> Viewer:
        return self._app.desk_state.viewer

    # -- rows --------------------------------------------------------------------------------

    async def show_view(self, name: str, narrowed: str = "") -> None:
        """Another view, from its top."""
        app, board = self._app, self._app.board
        board.choose(name, narrowed, self._viewer)
        if (read := await self._read()) is None:
            return
        counts = app.desk_state.counts
        known = total_of(counts, name) if not narrowed else 0
        board.load(read, 0, known, standings_of(counts, name, narrowed))
        app.inbox.show_rows()
        if name == "oncall":
            await self.say_who_is_on_call()

    async def rows(self, first: int, last: int) -> None:
        """The page that holds rows which are on the screen and not loaded."""
        app, board = self._app, self._app.board
        where, total = board.wants(first, last), board.shown.total
        if where == "there":
            await self._rows_there(max(0, first - PAGE // 2))
            return
        came = True
        if where == "below" and (hi := board.window.hi) is not None:
            read = await self._read(after=hi)
            came = read is not None and board.extend(read, hi)
        elif where == "above" and (lo := board.window.lo) is not None:
            read = await self._read(before=lo)
            came = read is not None and board.prepend(read, lo)
        if board.shown.total != total:
            app.inbox.show_rows()
        if came:
            app.inbox.rows_came()

    async def _rows_there(self, start: int) -> None:
        """A page far from what is loaded; from the top where the view has no such row any more."""
        app, board = self._app, self._app.board
        total = board.shown.total
        read = await self._read(offset=start)
        if read is not None and read.cards:
            board.load(
                read, start, total, standings_of(app.desk_state.counts, board.name, board.narrowed)
            )
            app.inbox.show_rows()
        elif read is not None:
            await self.show_view(board.name, board.narrowed)

    async def _read(
        self,
        *,
        after: "Key | None" = None,
        before: "Key | None" = None,
        offset: int | None = None,
    ) -> Read | None:
        """A page of the board's view; None when the board shows something else by then."""
        desk, board = self._app.desk_state, self._app.board
        window = board.window
        with desk.hearing() as heard:
            page = await self._client.queue(
                board.name, board.narrowed, after=after, before=before, offset=offset
            )
        self._keep(page.cards)
        if board.window is not window:
            return None
        return Read(page.cards, page.seq, page.more, moves_of(heard))

    def _keep(self, cards: "object") -> None:
        for card in cards:  # type: ignore[attr-defined]  # a tuple of cards
            self._app.desk_state.keep(card)

    async def waiting(self) -> None:
        """Everything that waits on us, the most pressing first, for the team's board."""
        self._keep((await self._client.queue("all", "is:ours", limit=MOST_WAITING)).cards)

    async def search(self, text: str) -> None:
        app = self._app
        page = await self._client.search(text)
        self._keep(page.cards)
        app.board.snapshot("search", self._viewer)
        app.board.load(Read(page.cards))
        app.inbox.show_rows()
        app.inbox.say(f"{len(page.cards)} found" if page.cards else f"Nothing holds “{text}”.")

    async def show_drafts(self) -> None:
        app = self._app
        cards = []
        for ref in app.drafts.all():
            try:
                cards.append(await self._client.card(ref))
            except Refusal:
                continue
        self._keep(cards)
        app.board.snapshot("drafts", self._viewer)
        app.board.load(Read(cards))
        app.inbox.show_rows()

    # -- a conversation ----------------------------------------------------------------------

    async def open(self, ref: str, *, read: bool = True, write: str = "") -> None:
        """The newest page of a thread, then the customer beside it. `write` is a reply or a note
        that was asked for, unless it was called off by then."""
        app = self._app
        with app.desk_state.hearing() as heard:
            page = await self._client.thread(ref, limit=60)
        before = app.desk_state.open
        app.desk_state.show_thread(page, heard)
        app.inbox.queue.go_to(page.card.id)
        app.inbox.show_thread()
        if before is None or before.conversation != page.card.id:
            app.bind_composer(page.card)
        if read:
            app.inbox.read()
        if write and app.inbox.expects_reply:
            app.inbox.write(write)
        await self.present()
        await self._beside(ref, page.card.id)
        if read:
            await self._mark_read()

    async def _beside(self, ref: str, conversation: int) -> None:
        """The customer beside the open conversation."""
        panel, app = await self._client.customer(ref), self._app
        if app.desk_state.open is not None and app.desk_state.open.conversation == conversation:
            app.desk_state.open.panel = panel
            app.inbox.draw()

    async def _mark_read(self) -> None:
        """Blue ticks are the owner's to give."""
        app, card = self._app, self._app.open_card()
        me = app.desk_state.me
        if card is not None and me is not None and card.assignee == me.id and card.unread:
            from wainbox_relay.contract.commands import MarkRead

            try:
                await self._client.order(card.ref, MarkRead(), secrets.token_hex(16))
            except Refusal:
                return

    async def seen(self, ref: str) -> None:
        """One's own mention there is done with."""
        from wainbox_relay.contract.commands import Seen

        with suppress(Refusal):
            await self._client.order(ref, Seen(), secrets.token_hex(16))

    async def refresh_thread(self) -> None:
        """The newest page again, and what is beside it: event lines and what the rules know come
        from history and are not in events."""
        await self._more_of_thread(limit=60)
        if (card := self._app.open_card()) is not None:
            await self._beside(card.ref, card.id)

    async def older(self, entry: int) -> None:
        await self._more_of_thread(before=entry)

    async def _more_of_thread(self, *, before: int | None = None, limit: int = PAGE) -> None:
        """Another page of the open thread, unless another one is open by then."""
        app, desk, card = self._app, self._app.desk_state, self._app.open_card()
        if card is None:
            return
        opened = desk.open
        with desk.hearing() as heard:
            page = await self._client.thread(card.ref, before=before, limit=limit)
        if desk.open is opened:
            desk.show_thread(page, heard)
            app.inbox.show_thread()

    async def say_who_is_on_call(self) -> None:
        """The holder, until when, and who is next."""
        shifts = (await self._client.oncall()).shifts
        if not shifts:
            self._app.inbox.say("Nobody is on call.")
            return
        now = shifts[0]
        after = next((shift for shift in shifts if shift.holder != now.holder), None)
        until = f" until {echo(after.starts.astimezone())}, then {after.name}" if after else ""
        self._app.inbox.say(f"{now.name} is on call{until}.")

    async def why(self, ref: str) -> None:
        reasons = await self._client.why(ref)
        self._app.deeds.show_reasons(ref, reasons)

    # -- commands ----------------------------------------------------------------------------

    async def give(self, ref: str, command: "Command", said: str, action: str = "") -> bool:
        """One command; what came of it is said. True when it was done."""
        try:
            done = await self._client.order(ref, command, secrets.token_hex(16))
        except Refusal as refusal:
            self._app.refused(refusal.problem, action, ref)
            return False
        self._app.settled(action, ref)
        self._app.inbox.say(done.said or said)
        return True

    async def would_change(self, view: str, narrowed: str) -> int:
        from wainbox_relay.contract.bulk import Shown

        return await self._client.bulk_count(Shown(view=view, filter=narrowed))

    async def change_all(
        self, job: str, command: "BulkCommand", view: str, narrowed: str, count: int
    ) -> str:
        """One order for all that a view shows; the sentence of what came of it."""
        from wainbox_relay.contract.bulk import Bulk

        order = Bulk(view=view, filter=narrowed, command_id=job, command=command, expect=count)
        return (await self._client.bulk(order)).said

    async def change_back(self, job: str) -> str:
        return (await self._client.bulk_undo(job)).said

    async def send(
        self,
        ref: str,
        command: "Command",
        sid: str,
        text: str,
        attached: tuple[str, str] | None = None,
    ) -> bool:
        """A reply. The draft stays on the disk until the relay has the message. `attached` is a
        canned reply whose file goes along, and the number it leaves from."""
        app = self._app
        app.drafts.keep(Draft(ref, text, sid=sid))
        app.held.add(sid)
        try:
            if attached is not None:
                content = _content(await self._client.reply_upload(*attached), text)
                command = command.model_copy(update={"content": content})
            done: Done = await self._client.order(ref, command, sid)
        except Refusal as refusal:
            app.give_back(ref, text)
            app.refused(refusal.problem, "send", ref)
        except Unreachable as unreachable:
            app.give_back(ref, text)
            app.inbox.say(f"{unreachable} Your text is kept; enter tries again.", trouble=True)
        else:
            app.drafts.keep(Draft(ref, ""))
            app.sent(ref, done.said)
            return True
        return False

    async def typing(self, ref: str) -> None:
        await self._client.typing(ref)

    async def templates(self, number: str) -> "list[Template]":
        return await self._client.templates(number)

    # -- canned replies ----------------------------------------------------------------------

    async def replies(self) -> "list[CannedReply]":
        return await self._client.replies()

    async def values(self, ref: str) -> dict[str, str]:
        return await self._client.values(ref)

    async def keep_reply(self, reply: "CannedReply") -> None:
        await self._client.keep_reply(reply)

    async def forget_reply(self, name: str) -> None:
        await self._client.forget_reply(name)

    # -- files -------------------------------------------------------------------------------

    async def attach(self, ref: str, number: str, path: str, caption: str) -> None:
        """Uploads a file of this machine and sends it."""
        from wainbox_relay.contract.commands import Reply

        upload = await self.upload(number, path)
        if upload is not None:
            hold = self._app.desk_state.undo_seconds * 1000
            content = _content(upload, caption)
            await self.give(ref, Reply(content=content, hold_ms=hold), "sent")

    async def upload(self, number: str, path: str) -> "Upload | None":
        """Gives WhatsApp a file of this machine; says why where there is none to give."""
        import mimetypes

        file = _expanded(path)
        try:
            data = await asyncio.to_thread(file.read_bytes)
        except OSError as error:
            self._app.inbox.say(f"{file.name} cannot be read: {error.strerror}.", trouble=True)
            return None
        mime = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return await self._client.upload(number, file.name, mime, data)

    async def save_media(self, entry: int, path: str) -> None:
        target = _expanded(path)
        try:
            await self._client.save_media(entry, target)
        except FileExistsError:
            self._app.inbox.say(f"{target} exists already; choose another name.", trouble=True)
        except OSError as error:
            self._app.inbox.say(f"{target} cannot be written: {error.strerror}.", trouble=True)
        else:
            self._app.inbox.say(f"saved as {target}")

    async def open_media(self, entry: int, name: str, command: str) -> None:
        """Fetches a file into a folder of its own and hands it to the person's own program."""
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="wainbox-"))
        target = folder / name
        await self._client.save_media(entry, target)
        try:
            await asyncio.create_subprocess_exec(
                *shlex.split(command),
                str(target),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except (OSError, ValueError) as error:
            self._app.inbox.say(f"open_media cannot be run: {error}.", trouble=True)
        else:
            self._app.inbox.say(f"opened {target}")

    async def media_link(self, entry: int) -> None:
        link = await self._client.media_link(entry)
        self._app.copy(link)
        self._app.inbox.say(f"works once, for five minutes: {link}")

    # -- being there -------------------------------------------------------------------------

    async def be(self, state: str, until: "datetime | None") -> None:
        """Says how this agent is here, on all their terminals."""
        from wainbox_relay.contract.events import PresencePost
        from wainbox_tui.moments import echo

        post = PresencePost(state=state, until=until)  # type: ignore[arg-type]  # one of the four
        await self._client.present(post)
        word = {"break": "on break"}.get(state, state)
        self._app.inbox.say(f"You are {word}{f' until {echo(until)}' if until else ''}.")

    async def take(self) -> None:
        """The most pressing conversation that one can take, opened."""
        done = await self._client.take(secrets.token_hex(16))
        await self.open(done.ref)
        self._app.inbox.say(done.said or f"#{done.ref} is yours")

    async def rota(self) -> None:
        self._app.deeds.show_rota(await self._client.oncall())

    async def shifts(self) -> "ShiftBoard":
        return await self._client.shifts()

    async def staff(self, order: "StaffOrder") -> None:
        """What a lead sets; what came of it is said. A token is shown once."""
        match await carry_out(self._client, order, self._app.now()):
            case NewToken() as made:
                self._app.deeds.show_token(made)
            case OnCallBoard() as board:
                self._app.deeds.show_rota(board)
            case said:
                self._app.inbox.say(said)

    async def learn_rota(self) -> None:
        """Who is on call, for whoever looks at the header."""
        with suppress(Refusal, Unreachable):
            self._app.desk_state.shifts = (await self._client.oncall()).shifts
            self._app.inbox.draw_header()

    async def present(self, *, composing: bool = False) -> None:
        """Says which conversation this terminal shows."""
        app = self._app
        thread = app.desk_state.open if app.inbox.reading else None
        await self._stand(thread.conversation if thread else None, composing=composing)

    async def leave(self) -> None:
        """Says that nobody is here any more, if the relay still hears it."""
        with suppress(Refusal, Unreachable, TimeoutError):
            async with asyncio.timeout(1):
                await self._stand(None)

    async def _stand(self, conversation: int | None, *, composing: bool = False) -> None:
        from wainbox_relay.contract.events import PresencePost

        post = PresencePost(
            terminal=self._terminal,
            conversation=conversation,  # type: ignore[arg-type]  # an id
            composing=composing,
        )
        await self._client.present(post)


def _content(upload: "Upload", caption: str) -> "Image | Video | Audio | Document":
    """An uploaded file as a message holds it. WhatsApp shows no words beside a sound."""
    from wainbox_relay.contract.content import Audio, Document, Image, MediaFile, Video
    from wainbox_relay.contract.vocabulary import Kind

    file = MediaFile(media_id=upload.media_id, mime=upload.type, name=upload.name, size=upload.size)
    match upload.kind:
        case Kind.IMAGE:
            return Image(file=file, caption=caption)
        case Kind.VIDEO:
            return Video(file=file, caption=caption)
        case Kind.AUDIO:
            return Audio(file=file)
        case _:
            return Document(file=file, caption=caption)


def _expanded(path: str) -> Path:
    return Path(path).expanduser()


def sentence(problem: Problem) -> str:
    """A refusal as the status row says it, with the key that goes on all the same in place of the
    relay's advice: both do not fit eighty columns."""
    if problem.code is Code.NEWER_MESSAGE:
        what, _, _ = problem.message.partition(";")
        return f"{what}; enter again sends yours"
    if problem.code is Code.OTHER_LANGUAGE:
        what, _, _ = problem.message.partition(". ")
        return f"{what.replace('the customer', 'they')}; enter sends it"
    return problem.message
