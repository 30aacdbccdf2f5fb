"""An order for many at once (`docs/design.md` section 7)."""

from wainbox_relay.contract.vocabulary import Moment
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import Commanded, Fact
from wainbox_relay.domain.model import Scene
from wainbox_relay.domain.when.turned import Turned


def bears_its_job(turned: Turned, fact: Fact, _: Scene, __: Moment) -> Turned:
    """The way back says which order it undoes, so that all of it can be taken back together."""
    step, before = turned.after.undo, turned.before
    if not isinstance(fact, Commanded) or not fact.job or step is None or before is None:
        return turned
    if step.version != before.version + 1 or step.job == fact.job:
        return turned
    return turned.to(replace(turned.after, undo=replace(step, job=fact.job)))
