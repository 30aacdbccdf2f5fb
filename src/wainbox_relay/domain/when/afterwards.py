"""What follows from every story, in this order: the customer's language, the menu and the automatic
answer, who gets the work, the clocks, who is paged (`docs/design.md` section 7).

A story says what happened to a conversation; the rules here look at it before and after, so that no
story can forget them.
"""

from collections.abc import Callable
from typing import Any

from wainbox_relay.contract.vocabulary import Moment
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import Fact
from wainbox_relay.domain.model import Conversation, Customer, Scene
from wainbox_relay.domain.outcome import Change, Outcome, Touched
from wainbox_relay.domain.rules.history import difference, way_back
from wainbox_relay.domain.rules.rank import sort_key
from wainbox_relay.domain.when import after_hours, bot_talks, on_call
from wainbox_relay.domain.when.agent_blocks import tells_whatsapp
from wainbox_relay.domain.when.asks_rating import remembers_to_ask
from wainbox_relay.domain.when.calls_colleagues import calls_colleagues, only_looks
from wainbox_relay.domain.when.clocks_run import clocks_run
from wainbox_relay.domain.when.falls_silent import listens_for_silence
from wainbox_relay.domain.when.finds_agent import finds_agent
from wainbox_relay.domain.when.in_bulk import bears_its_job
from wainbox_relay.domain.when.opts_out import opts_out
from wainbox_relay.domain.when.sleeps import sleeps
from wainbox_relay.domain.when.turned import Turned
from wainbox_relay.domain.when.understands import understands

Rule = Callable[[Turned, Fact, Scene, Moment], Turned]

RULES: tuple[Rule, ...] = (
    bears_its_job,
    understands,
    opts_out,
    after_hours.marks,
    bot_talks.talks,
    bot_talks.apologises,
    after_hours.greets,
    after_hours.presses,
    finds_agent,
    sleeps,
    listens_for_silence,
    remembers_to_ask,
    on_call.follows,
    calls_colleagues,
    tells_whatsapp,
    clocks_run,
)


def afterwards(outcome: Outcome, fact: Fact, scene: Scene, now: Moment) -> Outcome:
    """The outcome with what follows from it."""
    before = scene.conversation
    if outcome.problem is not None or outcome.parked or only_looks(fact):
        return outcome
    if outcome.opened is None and (before is None or not outcome.changes):
        return outcome
    story = _folded(outcome, before)
    customer = outcome.customer or scene.customer
    began = Turned(None if outcome.opened else before, story, customer, outcome.changes)
    turned = began
    for rule in RULES:
        turned = rule(turned, fact, scene, now)
    outcome = outcome if turned is began else _joined(outcome, story, turned, customer)
    return _for_the_other(outcome, customer, fact, scene, now)


def _for_the_other(
    outcome: Outcome, customer: Customer | None, fact: Fact, scene: Scene, now: Moment
) -> Outcome:
    """Of two conversations that become one either may go on, and its promises with it."""
    if outcome.other is None:
        return outcome
    began = Turned(scene.other, outcome.other, customer)
    turned = clocks_run(began, fact, scene, now)
    if turned is began:
        return outcome
    other = replace(_with_way_back(turned), sort_key=sort_key(turned.after))
    wishes = (*outcome.other_wishes, *turned.wishes)
    return replace(outcome, other=other, other_wishes=wishes, other_lines=turned.lines)


def _folded(outcome: Outcome, before: Conversation | None) -> Conversation:
    conversation = outcome.opened or before
    altered: dict[str, Any] = {}
    for change in outcome.changes:
        altered.update(change.alters)
    if conversation is None:
        raise AssertionError("a change needs a conversation")
    return replace(conversation, **altered) if altered else conversation


def _joined(
    outcome: Outcome, story: Conversation, turned: Turned, customer: Customer | None
) -> Outcome:
    after = _with_way_back(turned)
    altered = difference(story, after)
    moved: tuple[Change, ...] = (Touched(alters=altered),) if altered else ()
    return replace(
        outcome,
        changes=(*outcome.changes, *turned.lines, *moved),
        entries=(*outcome.entries, *turned.entries),
        wishes=(*outcome.wishes, *turned.wishes),
        customer=turned.customer if turned.customer is not customer else outcome.customer,
    )


def _with_way_back(turned: Turned) -> Conversation:
    """What the rules altered is undone together with what the agent did."""
    after, before = turned.after, turned.before
    step = after.undo
    if step is None or before is None or step.version != before.version + 1:
        return after
    return replace(after, undo=replace(step, fields=way_back(before, after)))
