"""What the web side asks of the rest of the relay: templates, typing, figures, trouble."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from wainbox_relay.contract.problems import Code, refuse
from wainbox_relay.contract.safe import clean
from wainbox_relay.contract.views import Template
from wainbox_relay.contract.vocabulary import DAY, SECOND, Moment, NumberId
from wainbox_relay.domain.model import Agent, Conversation
from wainbox_relay.engine import refs
from wainbox_relay.engine.rota_board import RotaBoard
from wainbox_relay.engine.shifts import Shifts
from wainbox_relay.gauges import Readings
from wainbox_relay.in_force import InForce
from wainbox_relay.media import MediaFolder
from wainbox_relay.ports import Refused, TryLater, Wanted
from wainbox_relay.relay import NO_SPACE, Relay
from wainbox_relay.store.files import MEDIA_FOLDER
from wainbox_relay.web.services import Services
from wainbox_relay.whatsapp.cloud_api import CloudApi
from wainbox_relay.whatsapp.signature import handshake

TYPING_SHOWN = 20 * SECOND
"""WhatsApp shows "typing" for 25 seconds (Cloud API, "typing indicators")."""

WINDOW = DAY
LONG_WAIT = 60.0
"""Seconds a webhook may wait to be read before the relay calls itself in trouble."""


@dataclass(slots=True)
class WebSide:
    """One relay as its web side sees it."""

    relay: Relay
    in_force: InForce
    whatsapp: CloudApi
    _typing: dict[str, Moment] = field(default_factory=dict)

    def services(self) -> Services:
        relay, folder = self.relay, self.relay.settings.relay.data_dir / MEDIA_FOLDER
        return Services(
            settings=relay.settings,
            clock=relay.clock,
            inbox=relay.inbox,
            intake=relay.intake,
            door=relay.door,
            stream=relay.stream,
            presence=relay.presence,
            counts=relay.counts,
            tokens=relay.tokens,
            staff=relay.staff,
            rota=RotaBoard(relay.inbox, relay.clock),
            shifts=Shifts(relay.inbox, relay.clock),
            replies=relay.replies,
            bulks=relay.bulks,
            reads=relay.stores.reads,
            whatsapp=relay.whatsapp,
            handshake=lambda params: handshake(params, self.in_force.verify_token()),
            templates=self.templates,
            typing=self.typing,
            media=MediaFolder(folder).path,
            readings=self.readings,
            trouble=self.trouble,
        )

    # -- templates ---------------------------------------------------------------------------

    async def templates(self, number: NumberId) -> Sequence[Template]:
        """The approved templates of a number's account. Raises `Refusal`."""
        if not self.relay.templates.account(number):
            raise refuse(
                Code.NOT_FOUND,
                "This number's templates are not known; an admin sets its waba in the settings.",
                "number",
            )
        try:
            return await self.relay.templates.of(number)
        except (Refused, TryLater) as error:
            failure = error.failure
            raise refuse(Code.BUSY, clean(f"{failure.reason}. {failure.next_step}")) from error

    # -- typing ------------------------------------------------------------------------------

    async def typing(self, agent: Agent, ref: str) -> None:
        """Shows the customer that the owner is writing. Best effort: nobody is told of failure."""
        if not self.in_force.settings.compose.typing:
            return
        number = refs.parse(ref)
        loaded = await self.relay.inbox.ask(lambda store: store.load(Wanted(refs={number})))
        if number not in loaded.refs:
            raise refuse(Code.NOT_FOUND, f"There is no conversation W-{number}.", "ref")
        conversation = loaded.conversations[loaded.refs[number]]
        wamid = conversation.last_in_wamid
        if wamid and self._may_show(agent, conversation):
            with suppress(Refused, TryLater):
                await self.whatsapp.tell_read(conversation.number, wamid, typing=True)

    def _may_show(self, agent: Agent, conversation: Conversation) -> bool:
        now, ref = self.relay.clock.now(), str(conversation.ref)
        number = self.relay.inbox.desk.numbers.get(conversation.number)
        if number is None or number.paused or not number.claimed:
            return False
        if conversation.assignee != agent.id or now - (conversation.last_in_at or 0) > WINDOW:
            return False
        self._typing = {r: at for r, at in self._typing.items() if now - at < TYPING_SHOWN}
        return self._typing.setdefault(ref, now) == now

    # -- figures -----------------------------------------------------------------------------

    async def readings(self) -> Readings:
        relay = self.relay
        found = await relay.stores.reads.gauges()
        return Readings(
            journal_depth=relay.unread.depth,
            lag=await self._lag(),
            sends={
                "waiting": found.sends_waiting,
                "sending": found.sends_on_their_way,
                "unconfirmed": found.sends_unconfirmed,
                "failed": found.sends_failed,
            },
            quarantined=found.quarantined,
            streams=relay.stream.readers,
            stored_seq=found.seq,
            contradictions=relay.inbox.contradictions,
        )

    async def _lag(self) -> float:
        """For how long the oldest webhook that is not read yet has been waiting, in seconds."""
        depth, journal = self.relay.unread.depth, self.relay.stores.journal
        waiting = await journal.after(await journal.last() - depth, 1) if depth else ()
        return max(0, self.relay.clock.now() - waiting[0].arrived_at) / SECOND if waiting else 0.0

    async def trouble(self) -> Sequence[str]:
        found = []
        if self.relay.full:
            found.append(NO_SPACE)
        if (lag := await self._lag()) > LONG_WAIT:
            found.append(f"Webhooks wait {lag:.0f} seconds to be read.")
        return found
