"""Who a bearer token belongs to: `wbx_<id>_<secret>`, 256 random bits, kept only as a digest.

All live tokens are held in memory, so a check costs a hash and a revocation counts at once.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from wainbox_relay.contract.vocabulary import AgentId, Moment
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Agent, Desk
from wainbox_relay.ports import Batch, TokenRow

PREFIX = "wbx"
_NOBODY = "0" * 64
"""Compared against when the id is unknown, so that both refusals take as long."""


@dataclass(frozen=True, slots=True)
class Minted:
    """A new token: `text` is shown once, `row` is kept."""

    text: str
    row: TokenRow


def mint(agent: AgentId, now: Moment, random_hex: Callable[[int], str]) -> Minted:
    """A token for an agent. `random_hex(n)` gives n secret random bytes as hex."""
    public, secret = random_hex(6), random_hex(32)
    return Minted(f"{PREFIX}_{public}_{secret}", TokenRow(public, agent, digest(secret), now))


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class Tokens:
    """Every live token."""

    def __init__(self) -> None:
        self._rows: dict[str, TokenRow] = {}
        self._desk = Desk()

    def fill(self, rows: Iterable[TokenRow], desk: Desk) -> None:
        self._rows = {row.id: row for row in rows}
        self._desk = desk

    def kept(self, batch: Batch, desk: Desk) -> None:
        """After each commit."""
        self._rows.update((row.id, row) for row in batch.tokens)
        self._desk = desk

    def check(self, token: str) -> Agent | None:
        """The agent a token speaks for, or None; takes as long whatever is wrong with it."""
        prefix, _, rest = token.partition("_")
        public, _, secret = rest.partition("_")
        row = self._rows.get(public)
        known = row.digest if row is not None else _NOBODY
        same = hmac.compare_digest(digest(secret).encode(), known.encode())
        if prefix != PREFIX or not same or row is None or row.revoked_at is not None:
            return None
        agent = self._desk.agents.get(row.agent)
        return agent if agent is not None and agent.revoked_at is None else None

    def of(self, agent: AgentId) -> list[TokenRow]:
        """The agent's live tokens."""
        return [r for r in self._rows.values() if r.agent == agent and r.revoked_at is None]


def revoked(row: TokenRow, now: Moment) -> TokenRow:
    return replace(row, revoked_at=now)
