"""Whatever customers, agents and the clock do, and in whatever order: what Wainbox says by itself
stays within its bounds."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.relay.domain.playbook import LEILA, clock, sid
from tests.relay.domain.shop import Shop, shop

from wainbox_relay.contract.commands import Claim, Release, Reply, Resolve, Undo
from wainbox_relay.contract.content import Answer, MediaFile, Menu, Text, Voice
from wainbox_relay.contract.vocabulary import Flag, Moment, Status
from wainbox_relay.domain.facts import Accepted, AlarmRang, AttemptBegan, Echoed, MessageArrived
from wainbox_relay.domain.model import Entry
from wainbox_relay.domain.outcome import Wake
from wainbox_relay.domain.rules.closed import QUIET
from wainbox_relay.domain.when import automatic

GREETING = "We're back: "
CONTENTS = st.one_of(
    st.sampled_from(
        [
            Text(body="hello"),
            Text(body="where is my parcel"),
            Text(body="merci"),
            Text(body="agent"),
            Text(body="2"),
            Text(body="4"),
            Voice(file=MediaFile(media_id="1")),
        ]
    ),
    st.sampled_from(["start:order", "start:return", "return:how", "start:other", "gone:x"]).map(
        lambda way: Answer(id=f"menu:{way}", title=way)
    ),
    st.just(Answer(id="person", title="Talk to a person")),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from([1, 8, 70, 2 * 60, 9 * 60, 59 * 60, 800 * 60]),
        st.one_of(
            CONTENTS,
            st.sampled_from(["claim", "release", "resolve", "undo", "reply", "phone"]),
        ),
    ),
    max_size=40,
)


class Night(Shop):
    """A day that is lived through: alarms ring at their time."""

    now: Moment = clock("3d 19:56")

    def __post_init__(self) -> None:
        super().__post_init__()
        self.rung: set[tuple[str, Moment]] = set()

    def lives_until(self, moment: Moment) -> None:
        while (due := self.next_alarm()) is not None and due[0] <= moment:
            at, reason = due
            self.rung.add((reason, at))
            self.play(max(at, self.now), AlarmRang(self.conversation.id, reason, at))
        self.now = max(self.now, moment)

    def next_alarm(self) -> tuple[Moment, str] | None:
        set_ = {wish.reason: wish.at for wish in self.wishes if isinstance(wish, Wake)}
        due = [(at, why) for why, at in set_.items() if at and (why, at) not in self.rung]
        return min(due, default=None)

    def does(self, what: object) -> None:
        name = f"n{len(self.entries)}"
        match what:
            case "reply":
                self.replies_at(name)
            case "phone":
                self.phones_at()
            case str():
                command = {
                    "claim": Claim(take_over=True),
                    "release": Release(),
                    "resolve": Resolve(sure=True),
                    "undo": Undo(),
                }[what]
                self.play(self.now, self.asks(LEILA, command))
            case _:
                wamid = f"w{len(self.entries)}"
                fact = MessageArrived(self.peer, wamid, self.now, self.now, what)  # type: ignore[arg-type]
                self.play(self.now, fact)

    def replies_at(self, name: str) -> None:
        asked = self.play(self.now, self.asks(LEILA, Reply(content=Text(body="yes")), name))
        if asked.problem is None:
            self.play(self.now, AttemptBegan(sid(name)))
            self.play(self.now, Accepted(sid(name), 1, f"wa-{name}"))  # type: ignore[arg-type]

    def phones_at(self) -> None:
        wamid, words = f"e{len(self.entries)}", Text(body="from the phone")
        fact = Echoed(self.peer, wamid, self.now, self.now, words)  # type: ignore[arg-type]
        self.play(self.now, fact)


def lived(steps: list[tuple[int, object]], *, menu: bool) -> Night:
    made = shop() if menu else shop(menu=[])
    night = Night(desk=made.desk, customer=made.customer)
    night.does(Text(body="where is my parcel"))
    for seconds, what in steps:
        night.lives_until(Moment(night.now + seconds * 1_000_000))
        night.does(what)
    return night


def before(night: Night, entry: Entry) -> list[Moment]:
    """When people of ours had spoken before this."""
    ours = (e for e in night.entries.values() if e.direction == "out" and e.author)
    return [each.arrived_at for each in ours if each.id < entry.id]


def greetings(night: Night) -> list[Entry]:
    return [entry for entry in night.autos if GREETING in entry.content.preview()]


@settings(max_examples=150)
@given(steps=STEPS, menu=st.booleans())
def test_what_is_said_by_itself_keeps_its_bounds(
    *, steps: list[tuple[int, object]], menu: bool
) -> None:
    """One greeting in a closed time; none by day or within five minutes of a person; a menu only
    before a person has spoken in its case; a case whose wait began in a closed time is marked."""
    night = lived(steps, menu=menu)
    hours = automatic.calendar(night._scene(AlarmRang(night.conversation.id, "x", night.now)))
    assert hours is not None
    periods = Counter(hours.closed_since(entry.arrived_at) for entry in greetings(night))
    assert None not in periods
    assert max(periods.values(), default=0) <= 1
    for entry in night.autos:
        if entry.auto == "after_hours":
            assert all(entry.arrived_at - at >= QUIET for at in before(night, entry))
        if isinstance(entry.content, Menu):
            own = night.conversations[entry.conversation].opened_at
            assert all(at < own for at in before(night, entry))
    case = night.conversation
    if case.status is Status.OPEN and case.waiting_since is not None:
        assert hours.is_open(case.waiting_since) or Flag.PENDING in case.flags
    assert case.sending == 0
