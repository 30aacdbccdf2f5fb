"""The ways to call an agent who is on call: services by address (apprise), a plain webhook, a
WhatsApp template to the agent's own phone."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from wainbox_relay.contract.content import Text
from wainbox_relay.contract.vocabulary import AgentId, NumberId
from wainbox_relay.paging.service import Service
from wainbox_relay.paging.template import Template, sent
from wainbox_relay.paging.webhook import Webhook
from wainbox_relay.ports import Summons, Unreached, WhatsApp
from wainbox_relay.sections.oncall import OnCallSection, ReachSection


class Channel(Protocol):
    """One way to one agent. `send` gives the page's wamid where it has one, and raises `Unreached`
    when the page is known or feared not to have come."""

    @property
    def kind(self) -> str: ...
    async def send(self, summons: Summons) -> str: ...


class Paging:
    """`ports.Pager` by the settings in force."""

    def __init__(self, whatsapp: WhatsApp) -> None:
        self._whatsapp = whatsapp
        self._channels: Mapping[AgentId, Mapping[str, Channel]] = {}
        self._phones: Mapping[AgentId, str] = {}

    def renew(self, oncall: OnCallSection, agents: Iterable[ReachSection]) -> None:
        known = tuple(agents)
        self._channels = {AgentId(each.agent): _named(self._of(each, oncall)) for each in known}
        self._phones = {AgentId(each.agent): each.digits for each in known if each.phone}

    def channels(self, agent: AgentId) -> Sequence[str]:
        return tuple(self._channels.get(agent, {}))

    async def page(self, agent: AgentId, channel: str, summons: Summons) -> str:
        found = self._channels.get(agent, {}).get(channel)
        if found is None:
            raise Unreached("it is configured no longer")
        return await found.send(summons)

    async def answer(self, agent: AgentId, number: NumberId, text: str) -> None:
        if (phone := self._phones.get(agent)) is None:
            raise Unreached("it is configured no longer")
        await sent(self._whatsapp, number, phone, Text(body=text))

    def _of(self, reach: ReachSection, oncall: OnCallSection) -> list[Channel]:
        channels: list[Channel] = [
            Webhook(url) if url.startswith(("http://", "https://")) else Service(url)
            for url in reach.addresses
        ]
        if reach.phone and oncall.template:
            number = oncall.template_number
            channels.append(Template(self._whatsapp, number, reach.digits, oncall.content))
        return channels


def _named(channels: Sequence[Channel]) -> dict[str, Channel]:
    """By kind; the second of a kind is numbered."""
    named: dict[str, Channel] = {}
    for channel in channels:
        names = (channel.kind, *(f"{channel.kind} {n}" for n in range(2, len(channels) + 1)))
        named[next(name for name in names if name not in named)] = channel
    return named
