"""Alarms are rows; ringing one deletes it together with its effect.

The clock is read every second and never slept to: when it jumps, alarms ring late or early, but
never twice.
"""

import asyncio

import structlog

from wainbox_relay.clock import Clock
from wainbox_relay.domain.facts import AlarmRang
from wainbox_relay.engine.inbox import Inbox
from wainbox_relay.ports import StoreFull

log = structlog.get_logger()

MOST_AT_ONCE = 256


class Alarms:
    def __init__(self, inbox: Inbox, clock: Clock, every: float = 1.0) -> None:
        self._inbox = inbox
        self._clock = clock
        self._every = every

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
        if due:
            await self._inbox.submit([AlarmRang(*alarm) for alarm in due])
        return len(due) == MOST_AT_ONCE
