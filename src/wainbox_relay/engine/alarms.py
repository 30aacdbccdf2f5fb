"""Alarms are rows; ringing one deletes it together with its effect.

The clock is read every second and never slept to: when it jumps, alarms ring late or early, but
never twice. Many at once ring in bursts, and the team is told once that they were late.
"""

import asyncio
from collections.abc import Sequence

import structlog

from wainbox_relay.clock import Clock
from wainbox_relay.contract.vocabulary import MINUTE
from wainbox_relay.domain.facts import AlarmRang
from wainbox_relay.engine.inbox import Inbox
from wainbox_relay.engine.promised import span
from wainbox_relay.ports import StoreFull

log = structlog.get_logger()

MOST_AT_ONCE = 256

LATE = MINUTE
"""More than this after its moment, an alarm rings because we were away or the clock has jumped."""


class Alarms:
    def __init__(self, inbox: Inbox, clock: Clock, every: float = 1.0) -> None:
        self._inbox = inbox
        self._clock = clock
        self._every = every
        self._late: list[int] = []
        """By how much those of this burst were late."""

    async def run(self) -> None:
        while True:
            try:
                more = await self.ring()
            except StoreFull:
                more = False
            if not more:
                await asyncio.sleep(self._every)

    async def ring(self) -> bool:
        """Rings what is due; True when there may be more."""
        now = self._clock.now()
        due = await self._inbox.ask(lambda store: store.due_alarms(now, MOST_AT_ONCE))
        alarms = [AlarmRang(*alarm) for alarm in due]
        if alarms:
            await self._ring(alarms)
            self._late += [now - alarm.due for alarm in alarms if now - alarm.due > LATE]
        more = len(alarms) == MOST_AT_ONCE
        if self._late and not more:
            await self._tell()
        return more

    async def _ring(self, alarms: Sequence[AlarmRang]) -> None:
        try:
            await self._inbox.submit(alarms)
        except StoreFull:
            raise
        except Exception:  # noqa: BLE001 - found again below, one alarm at a time
            for alarm in alarms:
                await self._ring_or_forget(alarm)

    async def _ring_or_forget(self, alarm: AlarmRang) -> None:
        """One that cannot be decided must not keep the others from ringing."""
        try:
            await self._inbox.submit([alarm])
        except StoreFull:
            raise
        except Exception:
            log.exception("alarm_forgotten", conversation=alarm.conversation, reason=alarm.reason)
            row = (alarm.conversation, alarm.reason, None)
            await self._inbox.amend(lambda slice_: slice_.out.wakes.append(row))

    async def _tell(self) -> None:
        count, longest = len(self._late), span(max(self._late))
        self._late.clear()
        what = "1 alarm rang" if count == 1 else f"{count} alarms rang"
        sentence = (
            f"{what} up to {longest} late: the relay was not running, or its clock has jumped. "
            "What they were for has been done now."
        )
        await self._inbox.amend(lambda slice_: slice_.notices.append(("alarms_late", sentence)))
