"""Says what a commit brought to those whom it concerns, on their terminals. It is said once and
kept nowhere: the case itself shows it too."""

from collections import defaultdict
from collections.abc import Callable, Collection

from wainbox_relay.contract.vocabulary import AgentId
from wainbox_relay.domain.model import Desk
from wainbox_relay.domain.rules.news import News
from wainbox_relay.ports import Batch

Tell = Callable[[Collection[AgentId], str], None]
"""Says a sentence on these agents' terminals."""


class Herald:
    """`kept` hears of every commit."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def kept(self, batch: Batch, _: Desk) -> None:
        """What is alike is one sentence: a morning of misses must not be a hundred."""
        alike: dict[tuple[frozenset[AgentId], str], list[News]] = defaultdict(list)
        for each in batch.news:
            alike[each.to, each.many].append(each)
        for (to, many), told in alike.items():
            self._tell(to, told[0].one if len(told) == 1 else f"{len(told)} {many}")
