"""A snooze has its alarm for exactly as long as it lasts, whoever ends it (`docs/design.md`
section 4)."""

from wainbox_relay.contract.vocabulary import Moment
from wainbox_relay.domain.facts import Fact
from wainbox_relay.domain.model import Scene
from wainbox_relay.domain.outcome import Wake
from wainbox_relay.domain.when.turned import Turned


def sleeps(turned: Turned, _fact: Fact, _scene: Scene, _now: Moment) -> Turned:
    was = turned.before.snoozed_until if turned.before is not None else None
    until = turned.after.snoozed_until
    return turned if until == was else turned.to(turned.after, wishes=(Wake("snooze", until),))
