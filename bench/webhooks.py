"""How many webhooks a second, against servers that do nothing with them.

All contenders take turns within each round, on the same machine and under the same load, so that
their ratios mean something even where the rates themselves do not.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain, cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import uvloop

from bench.floors import PATH
from bench.house import CONNECTIONS, SECRET, House
from bench.processes import Process, free_port, listens, process
from bench.report import median
from wainbox_relay.sandbox import load
from wainbox_relay.sandbox.workload import Workload, requests

READY = 6_000
"""Requests made before a run, so that making them costs nothing within it."""


@dataclass(frozen=True, slots=True)
class Run:
    """One contender's turn: answers a second, answers a second until all work was done, processor
    time of the server for each, and the time within which 99 % were answered."""

    acknowledged: float
    sustained: float
    cpu: float
    p99: float


Contender = Callable[[float], Awaitable[Run]]


def relay(house: House, batch: int = 1, most: int | None = None) -> Contender:
    """Ours. What counts is a change; its work is over when the journal is read to the end. `most`
    bodies are sent at most: big ones are kept much faster than they are read."""

    async def turn(seconds: float) -> Run:
        made = house.webhooks(batch, READY // batch)
        before, began = house.relay.cpu(), perf_counter()
        report = await load.run(
            made, house.hook, connections=CONNECTIONS, seconds=seconds, count=most
        )
        took = await house.drained() - began
        used = house.relay.cpu() - before
        _all_answered(report)
        changes = report.acknowledged * batch
        return Run(
            report.rate * batch,
            changes / took,
            used / changes * 1e6,
            report.milliseconds(0.99),
        )

    return turn


@contextmanager
def floor(which: str) -> Iterator[Contender]:
    """A server of `bench.floors`, whose work is over with its answer."""
    port = free_port()
    with TemporaryDirectory() as folder:
        args = ("-m", "bench.floors", which, str(port), SECRET, folder)
        errors = Path(folder) / "errors"
        with process(*args, errors=errors, ready=lambda: listens(port)) as server:
            yield _turns(
                server, load.Target("127.0.0.1", port, PATH), anew=which.startswith("pywa")
            )


def _turns(server: Process, target: load.Target, *, anew: bool) -> Contender:
    """`anew`: it looks for repeats, so it is sent none."""
    made = requests(Workload().bodies(), SECRET, PATH, target.host)
    same = list(islice(made, READY // 3))

    async def turn(seconds: float) -> Run:
        sent = chain(list(islice(made, READY)), made) if anew else cycle(same)
        before = server.cpu()
        report = await load.run(sent, target, connections=CONNECTIONS, seconds=seconds)
        used = server.cpu() - before
        _all_answered(report)
        return Run(
            report.rate, report.rate, used / report.acknowledged * 1e6, report.milliseconds(0.99)
        )

    return turn


def _all_answered(report: load.Report) -> None:
    if report.refused:
        raise SystemExit("Not every webhook was taken:\n" + "\n".join(report.lines()))


@contextmanager
def floors(*names: str) -> Iterator[Mapping[str, Contender]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(floor(name)) for name in names}


def contest(
    contenders: Mapping[str, Contender], rounds: int, seconds: float
) -> dict[str, list[Run]]:
    """Everybody's turns; the first one of each only warms up."""

    async def run() -> dict[str, list[Run]]:
        for contender in contenders.values():
            await contender(min(seconds, 1.0))
        turns: dict[str, list[Run]] = {name: [] for name in contenders}
        for _ in range(rounds):
            for name, contender in contenders.items():
                turns[name].append(await contender(seconds))
        return turns

    return uvloop.run(run())


def middle(turns: list[Run]) -> Run:
    """The median of each figure."""
    return Run(
        median(run.acknowledged for run in turns),
        median(run.sustained for run in turns),
        median(run.cpu for run in turns),
        median(run.p99 for run in turns),
    )


def ratio(ours: list[Run], theirs: list[Run], figure: Callable[[Run], float]) -> float:
    """The median over the rounds of our share of theirs."""
    return median(figure(a) / figure(b) for a, b in zip(ours, theirs, strict=True))


def rows(turns: Mapping[str, list[Run]], of: str) -> Iterator[tuple[object, ...]]:
    """Each contender as a line; the last column is its share of one of them."""
    for name, runs in turns.items():
        run = middle(runs)
        whole = ratio(runs, turns[of], lambda each: each.sustained)
        yield name, run.acknowledged, run.sustained, run.cpu, run.p99, whole


HEAD = ("", "acknowledged/s", "sustained/s", "CPU us each", "p99 ms", "sustained, of no-op")
