"""The team's canned replies: keeping, taking away, and what their places hold in a conversation.
Each change is one transaction with its line in the audit log."""

from collections.abc import Awaitable, Callable, Sequence

from wainbox_relay.clock import Clock
from wainbox_relay.contract.problems import Code, refuse
from wainbox_relay.contract.replies import CannedReply
from wainbox_relay.contract.safe import clean
from wainbox_relay.contract.vocabulary import AgentId, Role
from wainbox_relay.domain.model import Agent, Conversation
from wainbox_relay.domain.rules import closed, variables
from wainbox_relay.engine import refs
from wainbox_relay.engine.folding import Slice
from wainbox_relay.engine.inbox import Inbox
from wainbox_relay.ports import AuditRow, Wanted


class Replies:
    """`read` gives all that are kept."""

    def __init__(
        self, inbox: Inbox, clock: Clock, read: Callable[[], Awaitable[Sequence[CannedReply]]]
    ) -> None:
        self._inbox = inbox
        self._clock = clock
        self.all = read

    async def seen_by(self, agent: Agent) -> list[CannedReply]:
        """Everybody's, and those of the agent's teams; leads see every one."""
        everything = agent.role in (Role.LEAD, Role.ADMIN)
        return [
            each
            for each in await self.all()
            if everything or each.team is None or each.team in agent.teams
        ]

    async def named(self, agent: Agent, name: str) -> CannedReply:
        """Raises `Refusal`."""
        for each in await self.seen_by(agent):
            if each.name == name:
                return each
        raise refuse(Code.NOT_FOUND, "There is no such canned reply.", "name")

    async def keep(self, actor: str, *replies: CannedReply) -> None:
        """New and changed ones, all or none. Raises `Refusal`."""
        cleaned = [_cleaned(reply) for reply in replies]
        for reply in cleaned:
            self._check(reply)

        def act(slice_: Slice) -> None:
            slice_.out.replies.update((reply.name, reply) for reply in cleaned)

        now = self._clock.now()
        rows = (AuditRow(now, actor, "reply_kept", reply.name, {}) for reply in cleaned)
        await self._inbox.amend(act, tuple(rows))

    async def forget(self, actor: str, name: str) -> None:
        """Raises `Refusal`."""
        if name not in {each.name for each in await self.all()}:
            raise refuse(Code.NOT_FOUND, "There is no such canned reply.", "name")

        def act(slice_: Slice) -> None:
            slice_.out.replies[name] = None

        row = AuditRow(self._clock.now(), actor, "reply_removed", name, {})
        await self._inbox.amend(act, (row,))

    def _check(self, reply: CannedReply) -> None:
        desk, whom = self._inbox.desk, reply.deeds.assign
        if reply.team is not None and reply.team not in desk.teams:
            sentence = f"{reply.name}: there is no such team; teams are set in desk.teams."
            raise refuse(Code.INVALID, sentence, "team")
        agent = desk.agents.get(AgentId(whom.removeprefix("@")))
        known = agent and not agent.revoked_at if whom.startswith("@") else whom in desk.teams
        if whom and not known:
            sentence = f"{reply.name}: assign names neither an @agent nor a team that is there."
            raise refuse(Code.INVALID, sentence, "deeds.assign")

    async def values(self, agent: Agent, ref: str) -> dict[str, str]:
        """What is known of a conversation, for the places of texts. Raises `Refusal`."""
        asked = refs.parse(ref)
        loaded = await self._inbox.ask(lambda store: store.load(Wanted(refs={asked})))
        if asked not in loaded.refs:
            raise refuse(Code.NOT_FOUND, f"There is no conversation W-{asked}.", "ref")
        conversation = loaded.conversations[loaded.refs[asked]]
        customer, desk = conversation.customer, self._inbox.desk
        found = variables.values(
            conversation,
            None if customer is None else loaded.customers.get(customer),
            desk.numbers.get(conversation.number),
            agent,
        )
        return {**found, **self._hours(conversation)}

    def _hours(self, conversation: Conversation) -> dict[str, str]:
        """When people are here, in the customer's language; nothing where that is always."""
        policy, number = self._inbox.desk.policy, self._inbox.desk.numbers[conversation.number]
        calendar, texts = policy.calendars.get(number.calendar), policy.texts
        if calendar is None or texts is None:
            return {}
        told = texts.dates_in(conversation.language or number.language)
        return closed.values(calendar, told, self._clock.now())


def _cleaned(reply: CannedReply) -> CannedReply:
    """As screens will show it: what an agent reads there is what goes out."""
    return reply.model_copy(
        update={
            "title": clean(reply.title),
            "texts": {language: clean(text) for language, text in reply.texts.items()},
            "deeds": reply.deeds.model_copy(update={"note": clean(reply.deeds.note)}),
        }
    )
