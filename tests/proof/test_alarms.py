"""Row T1: promises fall due once each, whatever the machine's clock does and whenever the relay
dies. The relay is a process on a real file; libfaketime moves its wall clock, and no other."""

from collections import Counter
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests import bodies
from tests.proof.running import Forge, House, house, said, until

from wainbox_relay.sandbox.people import ATLAS

MANY = 1000
MINUTE, HOUR, DAY = 60, 3600, 86_400


class Wall:
    """The wall clock of a relay, so many seconds from ours."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "wall"
        self.set(0)

    def set(self, seconds: int) -> None:
        # At once or not at all: the relay reads it all the time.
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}\n", "ascii")
        fresh.replace(self._file)

    @property
    def wrapper(self) -> tuple[str, ...]:
        spec = find_spec("libfaketime")
        assert spec is not None
        assert spec.submodule_search_locations is not None
        library = Path(spec.submodule_search_locations[0], "vendor/libfaketime/src")
        return (
            "env",
            f"LD_PRELOAD={library / 'libfaketime.so.1'}",
            f"FAKETIME_TIMESTAMP_FILE={self._file}",
            "FAKETIME_CACHE_DURATION=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1",
        )


@pytest.fixture
def wall(tmp_path: Path) -> Wall:
    return Wall(tmp_path)


@pytest.fixture
async def moved(tmp_path: Path, forge: Forge, wall: Wall) -> AsyncIterator[House]:
    """A relay in service whose clock can be moved."""
    async with house(tmp_path, forge) as home:
        await home.stop()
        await home.start(*wall.wrapper)
        yield home


def told(home: House) -> Counter[tuple[str, str]]:
    """What history says of promises, how often."""
    rows = home.files.main(
        "SELECT kind, json_extract(data, '$.target') FROM history"
        " WHERE kind IN ('at_risk', 'overdue')"
    )
    return Counter(rows)


def alerts(home: House) -> int:
    notices = home.files.main("SELECT body FROM events WHERE kind = 'notice'")
    return sum(b"alarms_late" in bytes(body) for (body,) in notices)


async def tells(home: House, expected: Counter[tuple[str, str]]) -> None:
    async def all_told() -> bool:
        return told(home) >= expected

    await until(all_told)
    assert told(home) == expected


async def test_a_restart_amid_a_thousand_alarms(moved: House, wall: Wall) -> None:
    """A thousand promises get tight at one moment, and are missed at another. Each time the relay
    is killed while it tells of them, and each is told once."""
    await moved.hears(*(hundred(start) for start in range(0, MANY, 100)))
    assert moved.files.one("SELECT count(*) FROM alarms WHERE reason = 'sla'") == MANY

    amid = [await dies(moved, wall, 4 * MINUTE, "at_risk")]
    await tells(moved, Counter({("at_risk", "first"): MANY}))
    amid.append(await dies(moved, wall, 6 * MINUTE, "overdue"))
    await tells(moved, Counter({("at_risk", "first"): MANY, ("overdue", "first"): MANY}))
    assert any(amid)
    for kind in ("at_risk", "overdue"):
        cases = "SELECT count(DISTINCT conversation) FROM history WHERE kind = ?"
        assert moved.files.one(cases, kind) == MANY
    assert moved.files.one("SELECT count(*) FROM alarms WHERE reason = 'sla'") == MANY
    assert moved.files.faults() == []


def hundred(start: int) -> bytes:
    """A webhook with a text from each of a hundred customers."""
    values = []
    for n in range(start, start + 100):
        phone = f"2126{n:08}"
        text = bodies.text(f"wamid.many.{n}", "bonjour", 1_795_000_000, phone)
        values.append(bodies.value([text], phone=phone, number=ATLAS.id))
    return bodies.envelope(*values)


async def dies(home: House, wall: Wall, seconds: int, kind: str) -> bool:
    """Kills the relay once it has begun to tell what is due by then, and starts it again. Whether
    it died in the middle of that."""

    async def begun() -> bool:
        return told(home)[kind, "first"] > 0

    wall.set(seconds)
    await until(begun)
    await home.kill()
    amid = told(home)[kind, "first"] < MANY
    await home.start(*wall.wrapper)
    return amid


async def test_the_clock_jumps(moved: House, wall: Wall) -> None:
    """Two hours ahead, two hours back and a day ahead: each promise is told of once, going back
    tells nothing again, and each jump ahead is one alert to the team."""
    await moved.hears(said("wamid.a", phone="212600000001"))
    wall.set(2 * HOUR + 2)
    late = Counter({("overdue", "first"): 1, ("overdue", "resolution"): 1})
    await tells(moved, late)
    await until(lambda: alerted(moved, 1))

    wall.set(0)
    await moved.desk().replies("W-1")
    await moved.quiet()
    await moved.hears(said("wamid.b", phone="212600000002"))
    assert told(moved) == late
    clocks = "SELECT min(json_extract(value, '$.used')) FROM conversations, json_each(clocks)"
    assert moved.files.one(clocks) >= 0

    wall.set(DAY)
    late[("overdue", "first")] += 1
    late[("overdue", "resolution")] += 1
    await tells(moved, late)
    await until(lambda: alerted(moved, 2))
    assert moved.files.one("SELECT count(*) FROM alarms WHERE reason = 'sla'") == 0
    assert moved.files.faults() == []


async def alerted(home: House, times: int) -> bool:
    assert alerts(home) <= times
    return alerts(home) == times
