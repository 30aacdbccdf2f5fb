"""What facts may touch, by key: the shell loads it before anything is decided."""

from collections.abc import Iterable
from dataclasses import replace

from wainbox_relay.domain.facts import (
    Accepted,
    AlarmRang,
    Ambiguous,
    AttemptBegan,
    Begun,
    BlockFailed,
    Commanded,
    DeliveryReported,
    Echoed,
    Edited,
    Fact,
    IdentityChanged,
    LetGo,
    MediaFetched,
    MessageArrived,
    NotAccepted,
    PageLost,
    Peer,
    Person,
    Reacted,
    Revoked,
    RouteDue,
)
from wainbox_relay.domain.rules import closing
from wainbox_relay.domain.rules.identity import variants
from wainbox_relay.engine import refs
from wainbox_relay.ports import Wanted


def wanted_by(facts: Iterable[Fact]) -> Wanted:
    """The keys of everything these facts may touch."""
    wanted = Wanted()
    for fact in facts:
        _want(wanted, fact)
    return wanted


def _want(wanted: Wanted, fact: Fact) -> None:
    match fact:
        case (
            MessageArrived(peer=peer, wamid=wamid, quote=quote)
            | Echoed(peer=peer, wamid=wamid, quote=quote)
        ):
            wanted.peers.append(_every_spelling(peer))
            wanted.wamids.add((peer.number, wamid))
            if quote:
                wanted.wamids.add((peer.number, quote))
            wanted.refs.update(closing.named(fact.content))
        case Edited(number=number, target=target) | Revoked(number=number, target=target):
            wanted.wamids.add((number, target))
        case Reacted(peer=peer, target=target):
            wanted.peers.append(_every_spelling(peer))
            wanted.wamids.add((peer.number, target))
        case IdentityChanged(previous=previous, current=current, number=number, wamid=wamid):
            wanted.identities.update(previous, current)
            wanted.wamids.add((number, wamid))
            wanted.peers.append(Peer(number, Person(current or previous)))
            wanted.peers.append(Peer(number, Person(previous or current)))
        case DeliveryReported(number=number, wamid=wamid):
            wanted.marks.add((number, wamid))
        case AttemptBegan(sid=sid) | NotAccepted(sid=sid) | Ambiguous(sid=sid):
            wanted.sids.add(sid)
        case Accepted(sid=sid, wamid=wamid, number=number):
            wanted.sids.add(sid)
            if number is not None:
                wanted.wamids.add((number, wamid))
        case Commanded(conversation=conversation, command=command):
            wanted.conversations.add(conversation)
            wanted.entries.update(
                entry
                for entry in (getattr(command, "quote", None), getattr(command, "entry", None))
                if entry is not None
            )
            if (named_sid := getattr(command, "sid", None)) is not None:
                wanted.sids.add(named_sid)
            if found := refs.found_in(getattr(command, "other", "")):
                wanted.refs.add(found)
        case Begun(peer=peer):
            wanted.peers.append(_every_spelling(peer))
        case (
            AlarmRang(conversation=conversation)
            | PageLost(conversation=conversation)
            | RouteDue(conversation=conversation)
            | LetGo(conversation=conversation)
            | BlockFailed(conversation=conversation)
        ):
            wanted.conversations.add(conversation)
        case MediaFetched(entry=entry):
            wanted.entries.add(entry)


def _every_spelling(peer: Peer) -> Peer:
    """The peer with the phone in each way WhatsApp may spell it."""
    if peer.person is None:
        return peer
    spelled = tuple(v for identity in peer.person.identities for v in variants(identity))
    return replace(peer, person=replace(peer.person, identities=spelled))
