"""WhatsApp's templates, kept in step: read at the start, every hour, and when WhatsApp says that
one changed. They lie in the store, so that a refusing WhatsApp never empties the picker."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

import structlog

from wainbox_relay.contract.views import Template
from wainbox_relay.contract.vocabulary import NumberId
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Desk
from wainbox_relay.engine.folding import Slice
from wainbox_relay.engine.inbox import Inbox
from wainbox_relay.ports import Batch, Refused, StoreFull, TryLater

log = structlog.get_logger()

APPROVED = "APPROVED"
HOURLY = 3600.0
AFTER_NEWS = 0.5
"""Seconds in which further news of templates join the first."""


class Templates:
    """`accounts` are the WhatsApp Business accounts of our numbers, as far as they are known."""

    def __init__(
        self,
        inbox: Inbox,
        fetch: Callable[[str], Awaitable[Sequence[Template]]],
        known: Mapping[str, Sequence[Template]],
    ) -> None:
        self._inbox = inbox
        self._fetch = fetch
        self._known = dict(known)
        self._accounts: Mapping[NumberId, str] = {}
        self._news = asyncio.Event()

    def serve(self, accounts: Mapping[NumberId, str]) -> None:
        """These numbers are configured now."""
        if accounts != self._accounts:
            self._accounts = dict(accounts)
            self._news.set()

    def kept(self, batch: Batch) -> None:
        """WhatsApp said something of a template."""
        if any("template" in told.field for told in batch.told):
            self._news.set()

    def account(self, number: NumberId) -> str:
        """Empty where nobody said which it is."""
        return self._accounts.get(number, "")

    async def of(self, number: NumberId) -> Sequence[Template]:
        """The approved ones. Raises `Refused` and `TryLater` when WhatsApp was never heard."""
        account = self.account(number)
        if account not in self._known:
            await self._read(account)
        return [each for each in self._known[account] if each.status == APPROVED]

    # -- keeping in step ---------------------------------------------------------------------

    async def run(self) -> None:
        while True:
            self._news.clear()
            with suppress(StoreFull):
                await self.refresh()
            try:
                async with asyncio.timeout(HOURLY):
                    await self._news.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(AFTER_NEWS)

    async def refresh(self) -> None:
        """Every account's templates as WhatsApp has them; what cannot be had stays as it was."""
        await self._put_on_desk()
        for account in sorted(set(self._accounts.values())):
            try:
                await self._read(account)
            except (Refused, TryLater) as error:
                log.info("templates_not_read", code=error.failure.code)

    async def _read(self, account: str) -> None:
        found = list(await self._fetch(account))
        if found == self._known.get(account):
            return
        known = {**self._known, account: found}

        def act(slice_: Slice) -> None:
            slice_.out.templates[account] = found
            slice_.desk = self._served(slice_.desk, known)

        await self._inbox.amend(act)
        self._known = known
        log.info("templates_read", account=account, count=len(found))

    async def _put_on_desk(self) -> None:
        known = self._known

        def act(slice_: Slice) -> None:
            slice_.desk = self._served(slice_.desk, known)

        if self._served(self._inbox.desk, known) is not self._inbox.desk:
            await self._inbox.amend(act)

    def _served(self, desk: Desk, known: Mapping[str, Sequence[Template]]) -> Desk:
        """The desk with what its numbers may send."""
        bodies = {
            account: {(t.name, t.language): t.body for t in several if t.status == APPROVED}
            for account, several in known.items()
        }
        served = {n: bodies[account] for n, account in self._accounts.items() if account in bodies}
        return desk if served == desk.templates else replace(desk, templates=served)
