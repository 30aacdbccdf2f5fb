"""What is said of a commit on terminals."""

from collections.abc import Collection

from wainbox_relay.contract.vocabulary import AgentId, Moment
from wainbox_relay.domain.model import Desk
from wainbox_relay.domain.rules.news import News
from wainbox_relay.engine.herald import Herald
from wainbox_relay.ports import Batch

LEADS = frozenset({AgentId("boss")})


def test_what_is_alike_is_one_sentence() -> None:
    """A morning of misses is not a hundred sentences; each to whom it concerns."""
    said: list[tuple[Collection[AgentId], str]] = []
    herald = Herald(lambda to, sentence: said.append((to, sentence)))
    missed = [News(LEADS, f"W-{n}: missed.", "promises were missed.") for n in range(3)]
    taken = News(frozenset({AgentId("amina")}), "Karim took over W-9.", "were moved by Karim.")
    herald.kept(Batch(Moment(0), news=[*missed, taken]), Desk())
    assert said == [
        (LEADS, "3 promises were missed."),
        ({AgentId("amina")}, "Karim took over W-9."),
    ]
