"""The sections of the bench: what each measures, and which goals it holds."""

from collections.abc import Callable
from dataclasses import dataclass

from bench import desk, half, language, painting, reading, rules, screens, streams
from bench.house import CONNECTIONS, house
from bench.report import Goal, Report, at_least, at_most, median, share
from bench.webhooks import HEAD, Run, contest, floors, middle, ratio, relay, rows


@dataclass(frozen=True, slots=True)
class Scale:
    """How big and how long."""

    size: desk.Size
    rounds: int
    seconds: float
    """Of one turn."""

    keys: int = 100


FLOORS = ("no-op", "no-op, our server", "pywa", "pywa, async", "journal alone")

FULL = Scale(desk.FULL, rounds=3, seconds=8, keys=200)
QUICK = Scale(desk.QUICK, rounds=3, seconds=1.5, keys=40)


def webhook_rates(scale: Scale, report: Report) -> None:
    """Rates against floors and peer, waits at half the rate, big bodies, memory."""
    report.title(f"relay: webhooks, {scale.size}")
    with house(scale.size) as ours, floors(*FLOORS) as others:
        turns = contest({**others, "relay": relay(ours)}, scale.rounds, scale.seconds)
        noop, peer, own = turns["no-op"], turns["pywa"], turns["relay"]
        kept, swift = turns["journal alone"], turns["pywa, async"]
        report.table(HEAD, rows(turns, "no-op"))
        bodies = max(CONNECTIONS, int(middle(own).sustained * scale.seconds / 100))
        many = contest({"x": relay(ours, 100, bodies)}, scale.rounds, scale.seconds)["x"]
        found = half.at_half(ours, middle(own).sustained, 3 * scale.seconds)
        memory = streams.memory(ours, scale.seconds)
    _show_half(report, found)
    report.goals(
        [
            ("acknowledged / no-op", ratio(own, noop, _acknowledged), at_least(0.40)),
            ("the same, journal alone", ratio(kept, noop, _acknowledged), at_least(0.40)),
            ("sustained / no-op", ratio(own, noop, _sustained), at_least(0.20)),
            ("sustained / pywa", ratio(own, peer, _sustained), at_least(1.1)),
            ("sustained / pywa, async", ratio(own, swift, _sustained), at_least(1.1)),
            ("changes in bodies of 100 / single", ratio(many, own, _sustained), at_least(2.0)),
            ("bodies of 100, answer p99", middle(many).p99, at_most(1000, " ms")),
            *_waits(found),
            (f"memory with {streams.STREAMS} streams", memory, at_most(300, " MiB")),
        ]
    )


def peer(scale: Scale, report: Report) -> None:
    """Ours against pywa's server alone."""
    report.title(f"peer: pywa's server, which stores nothing, {scale.size}")
    with house(scale.size) as ours, floors("pywa", "pywa, async") as others:
        turns = contest({**others, "relay": relay(ours)}, scale.rounds, scale.seconds)
    report.table((*HEAD[:-1], "sustained, of pywa"), rows(turns, "pywa"))
    report.goals(
        (f"sustained / {name}", ratio(turns["relay"], turns[name], _sustained), at_least(1.1))
        for name in ("pywa", "pywa, async")
    )


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


def _waits(found: half.Half) -> list[tuple[str, float, Goal]]:
    return [
        ("webhook's answer p99", found.webhooks.milliseconds(0.99), at_most(150, " ms")),
        ("webhook's answer, worst", found.webhooks.milliseconds(1), at_most(1000, " ms")),
        ("command's answer p99", found.commands.milliseconds(0.99), at_most(150, " ms")),
    ]


def reads(scale: Scale, report: Report) -> None:
    """Pages and search over HTTP, against a page of history."""
    report.title(f"reads: over HTTP, {reading.PAGE} rows a page, {scale.size}")
    with house(scale.size) as ours:
        found = reading.reads(ours, scale.rounds, scale.seconds)
    history = found[reading.HISTORY]
    report.table(
        ("", "p50 ms", "p99 ms", "CPU us", "of a thread's page"),
        [(name, r.p50, r.p99, r.cpu, r.p50 / history.p50) for name, r in found.items()],
    )
    for_page = found[reading.FILTERED].p50 / history.p50
    report.goals([("queue page with one filter / thread's page", for_page, at_most(5))])


def terminal(scale: Scale, report: Report) -> None:
    """The app against Hello World."""
    report.title(f"terminal: 120 by 40, {scale.size}")
    hello, app, hello_keys, used = [], [], [], []
    with house(scale.size) as ours:
        for _ in range(scale.rounds):
            hello.append(screens.start_hello())
            app.append(screens.start_wainbox(ours))
        for _ in range(scale.rounds):
            hello_keys.append(screens.hello_keys(scale.keys))
            used.append(screens.use(ours, scale.keys, scale.seconds))
    _show_starts(report, screens.middle(hello), screens.middle(app))
    _show_keys(report, hello_keys[-1], used[-1])
    report.goals(
        [
            ("start until the first live row, CPU", _ratio(app, hello, _live), at_most(2.0)),
            ("start until the first frame, CPU", _ratio(app, hello, _frame), at_most(2.0)),
            ("memory, queue", _ratio(app, hello, _rss), at_most(1.6)),
            ("memory, after 20,000 messages' thread", used[-1].rss / hello[-1].rss, at_most(1.6)),
            (
                "key in view, p95",
                median(u.moves.p95 / h.p95 for u, h in zip(used, hello_keys, strict=True)),
                at_most(3),
            ),
            ("key in view, bytes", median(u.moves.size for u in used), at_most(1024, " B")),
            ("key that scrolls, bytes", _scroll_bytes(used), at_most(15 * 1024, " B")),
            ("idle, bytes", median(u.idle for u in used), at_most(0, " B")),
        ]
    )


def _show_starts(report: Report, hello: screens.Start, app: screens.Start) -> None:
    report.table(
        ("start", "wall s", "CPU s", "memory MiB"),
        [
            ("Hello World", *hello.frame, hello.rss),
            ("wainbox, first frame", *app.frame, ""),
            ("wainbox, first live row", *app.live, app.rss),
        ],
    )


def _show_keys(report: Report, hello: screens.Keys, used: screens.Used) -> None:
    several = {
        "Hello World": hello,
        "queue, in view": used.moves,
        "queue, by pages": used.pages,
        "thread, by pages": used.scrolls,
        "thread, by messages": used.lines,
    }
    report.table(
        ("key", "p50 ms", "p95 ms", "CPU ms", "bytes", "most bytes"),
        [(name, k.p50, k.p95, k.cpu, k.size, k.most) for name, k in several.items()],
    )


def _scroll_bytes(used: list[screens.Used]) -> float:
    return median(max(u.pages.size, u.scrolls.size) for u in used)


def _ratio(
    ours: list[screens.Start], theirs: list[screens.Start], of: Callable[[screens.Start], float]
) -> float:
    return median(of(a) / of(b) for a, b in zip(ours, theirs, strict=True))


def _live(start: screens.Start) -> float:
    return start.live[1]


def _frame(start: screens.Start) -> float:
    return start.frame[1]


def _rss(start: screens.Start) -> float:
    return start.rss


def screen(scale: Scale, report: Report) -> None:
    """From a webhook to the terminal's cell."""
    report.title(f"screen: {painting.RATE:.0f} messages a second, {painting.STREAMS} streams")
    with house(scale.size) as ours:
        found = [painting.painted(ours, 2 * scale.seconds) for _ in range(scale.rounds)]
    waits = [[wait * 1000 for wait in each.waits] for each in found]
    report.table(
        ("webhook to cell", "p50 ms", "p95 ms", "p99 ms", "messages", "not by itself", "unseen"),
        [
            (
                f"round {n}",
                *(share(w, part) for part in (0.5, 0.95, 0.99)),
                len(w),
                each.together,
                each.unseen,
            )
            for n, (w, each) in enumerate(zip(waits, found, strict=True), 1)
        ],
    )
    slow = median(share(each, 0.95) for each in waits)
    report.goals([("webhook to cell, p95", slow, at_most(250, " ms"))])


def languages(scale: Scale, report: Report) -> None:
    """What the detector takes for what, and how long it needs."""
    for name, samples, least in (
        ("labelled", language.labelled(), 0.97),
        ("our own", language.ours(), 0.85),
    ):
        if not samples:
            continue
        found = language.measured(samples, scale.rounds)
        report.title(f"language: {name} messages")
        report.table(
            ("right", *(f"said {one}" for one in language.LANGUAGES)),
            [
                (right, *(found.confusion[right, said] for said in language.LANGUAGES))
                for right in language.LANGUAGES
            ],
        )
        p50, p95 = (share(found.waits, part) * 1e6 for part in (0.5, 0.95))
        report.table(("a message", "p50 us", "p95 us"), [(name, p50, p95)])
        report.goals(
            [
                (f"{name}, found", found.found, at_least(least, "")),
                (f"{name}, French or English called Arabic", found.false, at_most(0.01, "")),
                (f"{name}, p95", p95, at_most(300, " us")),
            ]
        )


def rule_costs(_: Scale, report: Report) -> None:
    """What the rules of the floor cost a message."""
    rules.cost(report)


def _shares(waits: list[float]) -> list[float]:
    return [share(waits, part) for part in (0.5, 0.95, 0.99)]


def _acknowledged(run: Run) -> float:
    return run.acknowledged


def _sustained(run: Run) -> float:
    return run.sustained


Section = Callable[[Scale, Report], None]
SECTIONS: dict[str, Section] = {
    "relay": webhook_rates,
    "peer": peer,
    "commands": commands,
    "reads": reads,
    "terminal": terminal,
    "screen": screen,
    "rules": rule_costs,
    "language": languages,
}
