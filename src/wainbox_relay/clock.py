"""The one place that reads the wall clock; everything else is handed a moment."""

import time
from typing import Protocol

from wainbox_relay.contract.vocabulary import Moment


class Clock(Protocol):
    def now(self) -> Moment: ...


class SystemClock:
    """Whole microseconds since 1970, UTC."""

    def now(self) -> Moment:
        return Moment(time.time_ns() // 1000)
