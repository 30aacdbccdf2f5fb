"""Pages that are owed: written down before they leave, so that each step of an escalation pages
once, whatever happens in between (`docs/design.md` section 10)."""

import asyncio
from collections.abc import Sequence

import structlog

from wainbox_relay.clock import Clock
from wainbox_relay.contract.vocabulary import SECOND, AgentId, ConversationId, Moment
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import PageLost
from wainbox_relay.domain.model import Conversation
from wainbox_relay.domain.rules import sentences
from wainbox_relay.domain.rules.attention import PREVIEW
from wainbox_relay.domain.when.on_call import stands
from wainbox_relay.engine.folding import Slice
from wainbox_relay.engine.inbox import Inbox
from wainbox_relay.ports import Owed, Pager, PageRow, Summons, Unreached, Wanted

log = structlog.get_logger()

PATIENCE = 20.0
"""Seconds a channel may take before it counts as dead."""


class Pages:
    """Hands pages to the pager, and what came of them to the inbox."""

    def __init__(self, inbox: Inbox, pager: Pager, clock: Clock) -> None:
        self._inbox = inbox
        self._pager = pager
        self._clock = clock

    async def send(self, owed: Owed) -> None:
        """One step of one escalation, through all channels of its agent at once."""
        blank = _row(owed, self._clock.now())
        summons = await self._summons(blank)
        begun = await self._inbox.ask(lambda store: store.pages(blank))
        if summons is None or begun:
            await self._inbox.amend(lambda slice_: _paid(slice_, owed))
            return
        rows = [replace(blank, channel=name) for name in self._channels(blank.agent)]
        await self._inbox.amend(lambda slice_: slice_.out.pages.extend(rows))
        done = await asyncio.gather(*(self._page(row, summons) for row in rows))
        if not any(row.state == "sent" for row in done):
            await self._inbox.submit([PageLost(blank.conversation, blank.since, blank.page)])
        await self._inbox.amend(lambda slice_: _tell(slice_, owed, blank.agent, done))

    async def answer(self, owed: Owed) -> None:
        """To an agent's own phone, which has just written. Once, and no harm done when it fails."""
        agent = AgentId(str(owed.body["agent"]))
        try:
            await self._pager.answer(agent, owed.number, str(owed.body["text"]))
        except Unreached as error:
            log.warning("answer_lost", agent=agent, reason=str(error))

    def _channels(self, who: AgentId) -> Sequence[str]:
        """None of somebody who does not work here any more."""
        agent = self._inbox.desk.agents.get(who)
        works = agent is not None and agent.revoked_at is None
        return self._pager.channels(who) if works else ()

    async def _page(self, row: PageRow, summons: Summons) -> PageRow:
        try:
            async with asyncio.timeout(PATIENCE):
                wamid = await self._pager.page(row.agent, row.channel, summons)
        except (Unreached, TimeoutError) as error:
            reason = str(error) or "no answer"
            log.warning("page_lost", agent=row.agent, channel=row.channel, reason=reason)
            return replace(row, state="dead")
        log.info("paged", agent=row.agent, channel=row.channel, ref=summons.ref)
        return replace(row, state="sent", wamid=wamid)

    async def _summons(self, row: PageRow) -> Summons | None:
        """What to say; nothing once somebody has it."""
        wanted = Wanted(conversations={row.conversation})
        loaded = await self._inbox.ask(lambda store: store.load(wanted))
        conversation = loaded.conversations.get(row.conversation)
        escalation = stands(conversation) if conversation is not None else None
        if conversation is None or escalation is None or escalation.since != row.since:
            return None
        since = conversation.waiting_since or escalation.since
        return Summons(
            ref=sentences.ref(conversation),
            topic=conversation.topic,
            waiting=max(row.at - since, 0) // SECOND,
            detail=await self._detail(conversation),
        )

    async def _detail(self, conversation: Conversation) -> str:
        """The customer's name and last words, where the settings let them out of the house."""
        oncall, said = self._inbox.desk.oncall, conversation.last_in
        if oncall is None or not oncall.details or said is None:
            return ""
        loaded = await self._inbox.ask(lambda store: store.load(Wanted(entries={said})))
        entry = loaded.entries.get(said)
        customer = loaded.customers.get(conversation.customer) if conversation.customer else None
        words = entry.content.preview()[:PREVIEW] if entry is not None else ""
        return ": ".join(part for part in (customer.name if customer else "", words) if part)


def _row(owed: Owed, now: Moment) -> PageRow:
    conversation, since, page = (int(part) for part in owed.key.split("."))
    agent = AgentId(str(owed.body["agent"]))
    return PageRow(ConversationId(conversation), Moment(since), page, "", agent, "sending", now)


def _paid(slice_: Slice, owed: Owed) -> None:
    slice_.out.paid.append((owed.kind, owed.key))


def _tell(slice_: Slice, owed: Owed, agent: AgentId, done: Sequence[PageRow]) -> None:
    """Keeps what came of a page, and tells the team of what is dead."""
    _paid(slice_, owed)
    slice_.out.pages.extend(done)
    name = sentences.name(slice_.desk, agent)
    dead = [row.channel for row in done if row.state == "dead"]
    if dead:
        sentence = f"Paging {name} by {', '.join(dead)} failed; the log says why."
        slice_.notices.append(("page_lost", sentence))
    elif not done:
        sentence = f"{name} cannot be paged; wainbox-relay check says why."
        slice_.notices.append(("page_lost", sentence))
        log.warning("page_lost", agent=agent, channel="", reason="no channel, or no such agent")
