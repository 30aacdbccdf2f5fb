"""The file of a message is here, or will never be."""

from wainbox_relay.contract.vocabulary import MediaState
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import MediaFetched
from wainbox_relay.domain.model import Media, Scene
from wainbox_relay.domain.outcome import NOTHING, Outcome


def media_fetched(fact: MediaFetched, scene: Scene) -> Outcome:
    """A file we have stays, whatever a second try says."""
    entry = scene.entry
    if entry is None or (entry.media is not None and entry.media.state is MediaState.READY):
        return NOTHING
    media = Media(fact.state, fact.digest, fact.type, fact.size, fact.reason)
    return Outcome(entries=(replace(entry, media=media),))
