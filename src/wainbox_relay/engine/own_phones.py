"""What agents write from their own phones is for the relay, and never a case: "I have it" takes the
escalation they were paged for (`docs/design.md` section 10)."""

import re
from collections.abc import Mapping, Sequence

from wainbox_relay.contract.vocabulary import AgentId, ConversationId
from wainbox_relay.domain.facts import MessageArrived
from wainbox_relay.domain.model import Conversation
from wainbox_relay.domain.rules.identity import variants
from wainbox_relay.domain.rules.ladder import OnCall
from wainbox_relay.domain.when.on_call import stands
from wainbox_relay.ports import PageRow

_REF = re.compile(r"\bW-(\d{1,15})\b", re.IGNORECASE)


def agent_of(fact: MessageArrived, oncall: OnCall | None) -> AgentId | None:
    """Whose own phone wrote, if it is an agent's."""
    person = fact.peer.person
    if oncall is None or not oncall.phones or person is None or fact.peer.group:
        return None
    spelled = (each.value for identity in person.identities for each in variants(identity))
    return next((oncall.phones[phone] for phone in spelled if phone in oncall.phones), None)


def meant(
    fact: MessageArrived,
    pages: Sequence[PageRow],
    conversations: Mapping[ConversationId, Conversation],
) -> ConversationId | None:
    """The escalation an agent speaks of: the page they answer, else the reference they name, else
    the one they were paged for last."""
    open_ = [page for page in pages if stands(conversations[page.conversation])]
    if fact.quote:
        return next((p.conversation for p in pages if p.wamid == fact.quote), None)
    if named := _REF.search(fact.content.preview()):
        ref = int(named[1])
        refs = ((p.conversation, conversations[p.conversation].ref) for p in open_)
        return next((found for found, its in refs if its == ref), None)
    return open_[0].conversation if open_ else None
