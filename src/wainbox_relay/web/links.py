"""Links that open a file once, without a token: for the browser of the agent who asked."""

import hashlib
import secrets
from dataclasses import dataclass
from itertools import islice

from wainbox_relay.contract.vocabulary import MINUTE, AgentId, EntryId, Moment

GOOD_FOR = 5 * MINUTE
MOST = 10_000
MOST_TIDIED = 100


@dataclass(frozen=True, slots=True)
class Link:
    entry: EntryId
    agent: AgentId
    until: Moment


class Links:
    """Kept in memory alone: a link does not outlive the relay."""

    def __init__(self) -> None:
        self._links: dict[bytes, Link] = {}

    def make(self, entry: EntryId, agent: AgentId, now: Moment) -> str:
        """The secret of a new link."""
        self._tidy(now)
        secret = secrets.token_urlsafe(32)
        self._links[_digest(secret)] = Link(entry, agent, Moment(now + GOOD_FOR))
        return secret

    def _tidy(self, now: Moment) -> None:
        """Drops what has run out, and the oldest where there are too many; they lie in order."""
        for key, link in list(islice(self._links.items(), MOST_TIDIED)):
            if link.until <= now or len(self._links) >= MOST:
                del self._links[key]

    def take(self, secret: str, now: Moment) -> Link | None:
        """The link, which is used up by this."""
        link = self._links.pop(_digest(secret), None)
        return link if link is not None and link.until > now else None


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
