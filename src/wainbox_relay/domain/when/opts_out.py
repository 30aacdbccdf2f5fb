"""A customer who wants no more advertising (`docs/design.md` section 7)."""

from wainbox_relay.contract.vocabulary import Moment
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import Fact, MessageArrived
from wainbox_relay.domain.model import Scene
from wainbox_relay.domain.outcome import CUSTOMER, Marked
from wainbox_relay.domain.rules import closing
from wainbox_relay.domain.when.turned import Turned


def opts_out(turned: Turned, fact: Fact, scene: Scene, _: Moment) -> Turned:
    """Remembered with the customer, on all numbers; a running case goes on."""
    customer = turned.customer
    if not isinstance(fact, MessageArrived) or customer is None or customer.opted_out:
        return turned
    if not closing.opts_out(fact.content, scene.desk.policy):
        return turned
    line = Marked(actor=CUSTOMER, what="opted_out", to="yes")
    return turned.to(turned.after, line, customer=replace(customer, opted_out=True))
