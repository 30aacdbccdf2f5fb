"""The sections of the bench: what each measures, and which goals it holds."""

from collections.abc import Callable
from dataclasses import dataclass

from bench import desk, half, streams
from bench.house import house
from bench.report import Report, at_least, at_most
from bench.webhooks import HEAD, Run, contest, floors, middle, ratio, relay, rows


@dataclass(frozen=True, slots=True)
class Scale:
    """How big and how long."""

    size: desk.Size
    rounds: int
    seconds: float
    """Of one turn."""

    keys: int = 100


FULL = Scale(desk.FULL, rounds=3, seconds=8, keys=200)
QUICK = Scale(desk.QUICK, rounds=3, seconds=2.5, keys=60)


def webhook_rates(scale: Scale, report: Report) -> None:
    """Rates against floors and peer, waits at half the rate, big bodies, memory."""
    report.title(f"relay: webhooks, {scale.size}")
    with house(scale.size) as ours, floors("no-op", "no-op, our server", "pywa") as others:
        turns = contest({**others, "relay": relay(ours)}, scale.rounds, scale.seconds)
        noop, peer, own = turns["no-op"], turns["pywa"], turns["relay"]
        report.table(HEAD, rows(turns, "no-op"))
        many = contest({"x": relay(ours, 100)}, scale.rounds, scale.seconds)["x"]
        found = half.at_half(ours, middle(own).sustained, 3 * scale.seconds)
        memory = streams.memory(ours, scale.seconds)
    _show_half(report, found)
    report.goals(
        [
            ("acknowledged / no-op", ratio(own, noop, _acknowledged), at_least(0.40)),
            ("sustained / no-op", ratio(own, noop, _sustained), at_least(0.20)),
            ("sustained / pywa", ratio(own, peer, _sustained), at_least(1.1)),
            ("changes in bodies of 100 / single", ratio(many, own, _sustained), at_least(2.0)),
            ("bodies of 100, answer p99", middle(many).p99, at_most(1000, " ms")),
            *_waits(found),
            (f"memory with {streams.STREAMS} streams", memory, at_most(300, " MiB")),
        ]
    )


def peer(scale: Scale, report: Report) -> None:
    """Ours against pywa's server alone."""
    report.title(f"peer: pywa's server, which stores nothing, {scale.size}")
    with house(scale.size) as ours, floors("pywa") as others:
        turns = contest({**others, "relay": relay(ours)}, scale.rounds, scale.seconds)
    report.table((*HEAD[:-1], "sustained, of pywa"), rows(turns, "pywa"))
    share = ratio(turns["relay"], turns["pywa"], _sustained)
    report.goals([("sustained / pywa", share, at_least(1.1))])


def commands(scale: Scale, report: Report) -> None:
    """What agents and WhatsApp wait at half the sustained rate."""
    report.title(f"commands: waits at half the sustained rate, {scale.size}")
    with house(scale.size) as ours:
        turns = contest({"relay": relay(ours)}, scale.rounds, scale.seconds)["relay"]
        found = half.at_half(ours, middle(turns).sustained, 3 * scale.seconds)
    _show_half(report, found)
    report.goals(_waits(found))


def _show_half(report: Report, found: half.Half) -> None:
    shares = (0.5, 0.95, 0.99, 1.0)
    report.table(
        ("at half the sustained rate", "a second", "p50 ms", "p95 ms", "p99 ms", "worst ms"),
        [
            (name, done.rate, *(done.milliseconds(share) for share in shares))
            for name, done in (("webhooks", found.webhooks), ("commands", found.commands))
        ],
    )


def _waits(found: half.Half) -> list[tuple[str, float, object]]:
    return [
        ("webhook's answer p99", found.webhooks.milliseconds(0.99), at_most(150, " ms")),
        ("webhook's answer, worst", found.webhooks.milliseconds(1), at_most(1000, " ms")),
        ("command's answer p99", found.commands.milliseconds(0.99), at_most(150, " ms")),
    ]


def _acknowledged(run: Run) -> float:
    return run.acknowledged


def _sustained(run: Run) -> float:
    return run.sustained


Section = Callable[[Scale, Report], None]
SECTIONS: dict[str, Section] = {
    "relay": webhook_rates,
    "peer": peer,
    "commands": commands,
}
