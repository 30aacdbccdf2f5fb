"""Agents' orders, from the API to the rules and back as an answer."""

import hashlib
from collections.abc import Callable, Sequence

from wainbox_relay.clock import Clock
from wainbox_relay.contract.commands import Command, Done, NewConversation, Next, Order, TakeNext
from wainbox_relay.contract.problems import Code, Refusal, refuse
from wainbox_relay.contract.vocabulary import (
    AgentId,
    ConversationId,
    IdentityKind,
    NumberId,
)
from wainbox_relay.domain.facts import Begun, Commanded, Peer, Person
from wainbox_relay.domain.model import Agent, Identity
from wainbox_relay.domain.outcome import by
from wainbox_relay.domain.rules import eligibility
from wainbox_relay.engine import refs
from wainbox_relay.engine.drain import Pool, Waiting
from wainbox_relay.engine.inbox import Decided, Inbox, Keep, Repeated
from wainbox_relay.ports import AuditRow, Result, Wanted

REMEMBERED_REFS = 100_000
AT_ONCE = 50


class Door:
    """Takes orders for conversations and answers once they are safely kept."""

    def __init__(self, inbox: Inbox, clock: Clock, pool: Pool) -> None:
        self._inbox = inbox
        self._pool = pool
        self._clock = clock
        self._ids: dict[int, ConversationId] = {}

    async def order(self, agent: Agent, ref: str, order: Order) -> Done:
        """Carries out one command. Raises `Refusal`."""
        number = refs.parse(ref)
        fact = Commanded(
            agent=agent.id,
            role=agent.role,
            command_id=order.command_id,
            conversation=await self._id(number),
            command=order.command,
            as_of=order.version,
        )
        return await self._submit(fact, agent.id, order.command, order.model_dump_json(), number)

    async def next(self, agent: Agent, wanted: TakeNext) -> Done:
        """Takes the most pressing conversation the agent can: of several who ask at once, each gets
        another. Raises `Refusal`."""
        body, place = wanted.model_dump_json(), (-1, 0)
        done = await self._done_before(wanted.command_id, _digest(agent.id, 0, body))
        while done is None:
            page = await self._pool(place, AT_ONCE)
            if not page:
                raise refuse(Code.NOT_FOUND, "Nothing waits that you can take.")
            place = page[-1][0], page[-1][1].id
            done = await self._first_of(page, agent, wanted.command_id, body)
        return done

    async def _first_of(
        self, page: Sequence[Waiting], agent: Agent, command_id: str, body: str
    ) -> Done | None:
        for _, conversation, customer in page:
            desk, now = self._inbox.desk, self._clock.now()
            if conversation.waiting_since is None or conversation.number in desk.unclaimed:
                continue
            if eligibility.unable(agent, conversation, customer, desk, now) is not None:
                continue
            fact = Commanded(agent.id, agent.role, command_id, conversation.id, Next())
            try:
                return await self._submit(fact, agent.id, fact.command, body, 0)
            except Refusal as refusal:
                if refusal.problem.code is not Code.TAKEN:
                    raise
        return None

    async def begin(self, agent: Agent, new: NewConversation) -> Done:
        """Writes first to somebody, by template. Raises `Refusal`."""
        if new.number not in self._inbox.desk.numbers:
            raise refuse(Code.NOT_FOUND, "There is no such number.", "number")
        phone = Identity(IdentityKind.PHONE, new.phone.removeprefix("+"))
        fact = Begun(
            agent=agent.id,
            role=agent.role,
            command_id=new.command_id,
            peer=Peer(NumberId(new.number), Person((phone,))),
            command=new.template,
        )
        return await self._submit(fact, agent.id, new.template, new.model_dump_json(), 0)

    async def _submit(
        self, fact: Commanded | Begun, agent: AgentId, command: Command, body: str, ref: int
    ) -> Done:
        digest = _digest(agent, ref, body)
        keep = Keep(fact.command_id, self._keeper(fact.command_id, digest, agent))
        row = AuditRow(self._clock.now(), by(agent), command.do, refs.shown(ref) if ref else "", {})
        try:
            decided = (await self._inbox.submit([fact], keep=keep, audit=(row,)))[-1]
        except Repeated as repeated:
            return self._again(repeated.result, digest)
        return _done(decided)

    async def _done_before(self, command_id: str, digest: str) -> Done | None:
        asked = Wanted(commands={command_id})
        loaded = await self._inbox.ask(lambda store: store.load(asked))
        result = loaded.results.get(command_id)
        return self._again(result, digest) if result is not None else None

    def _keeper(self, command_id: str, digest: str, agent: AgentId) -> Callable[[Decided], Result]:
        def keep(decided: Decided) -> Result:
            body = _done(decided).model_dump_json().encode()
            return Result(command_id, digest, agent, body, self._clock.now())

        return keep

    def _again(self, result: Result, digest: str) -> Done:
        if result.digest != digest:
            raise refuse(
                Code.CONFLICT,
                "This command id was used for something else; use a new one.",
                "command_id",
            )
        return Done.model_validate_json(result.body).model_copy(update={"seq": self._inbox.seq})

    async def _id(self, ref: int) -> ConversationId:
        found = self._ids.get(ref)
        if found is None:
            loaded = await self._inbox.ask(lambda store: store.load(Wanted(refs={ref})))
            if ref not in loaded.refs:
                raise refuse(Code.NOT_FOUND, f"There is no conversation {refs.shown(ref)}.", "ref")
            if len(self._ids) >= REMEMBERED_REFS:
                self._ids.clear()
            found = self._ids[ref] = loaded.refs[ref]
        return found


def _digest(agent: AgentId, ref: int, body: str) -> str:
    return hashlib.sha256(f"{agent} {ref} {body}".encode()).hexdigest()


def _done(decided: Decided) -> Done:
    entries = decided.outcome.entries
    return Done(
        ref=refs.shown(decided.ref),
        seq=decided.seq,
        version=decided.version,
        entry=entries[0].id if entries else None,
        said=decided.outcome.said,
    )
