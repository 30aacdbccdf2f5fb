"""`wainbox` for pipes against a relay in service: lines, JSON, exit codes, sentences on stderr."""

import asyncio
import io
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.certificates import certificate
from tests.proof.running import House, quiet, until
from tests.relay.web.running import serving

from wainbox_relay.contract.problems import Code
from wainbox_relay.contract.vocabulary import Role
from wainbox_tui.cli import (
    CONFLICT,
    DONE,
    FAILED,
    NETWORK,
    NOT_ALLOWED,
    NOT_FOUND,
    RATE,
    USAGE,
    run,
)
from wainbox_tui.cli.commands import PAGE, app
from wainbox_tui.cli.failures import CODES, code_of

CARD = {
    "ref", "number", "customer", "status", "flags", "priority", "language", "team", "assignee",
    "unread", "last_message", "waiting_since", "window_closes_at",
}  # fmt: skip
ENTRY = {"id", "wamid", "direction", "kind", "text", "delivery", "at", "author"}


@dataclass
class Told:
    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


class Pipe:
    """A shell of an agent's."""

    def __init__(self, home: House, capsys: pytest.CaptureFixture[str], mp: pytest.MonkeyPatch):
        self.home = home
        self._capsys = capsys
        self._mp = mp
        mp.setenv("WAINBOX_URL", home.url)
        self.as_("nadia")

    def as_(self, name: str) -> "Pipe":
        self._mp.setenv("WAINBOX_TOKEN", self.home.tokens.get(name, name))
        return self

    async def __call__(self, *arguments: str) -> Told:
        self._capsys.readouterr()
        code = await asyncio.to_thread(run, arguments)
        out, err = self._capsys.readouterr()
        return Told(code, out, err)

    async def hears(self, name: str, *said: str) -> Any:
        who = self.home.box.newcomer(name.lower(), name)
        for words in said:
            await who.writes(words)
        await self.home.box.settled()
        await self.home.read()
        return who


@pytest.fixture
def wainbox(
    home: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Pipe:
    return Pipe(home, capsys, monkeypatch)


def _keys(value: dict[str, Any], *names: str) -> bool:
    return set(names) <= set(value)


async def test_queue_and_show_print_one_object_a_line(wainbox: Pipe):
    """The shapes that scripts build upon."""
    await wainbox.hears("Ali", "hello")
    await wainbox.hears("Sara", "bonjour", "où est mon colis ?")
    cards = (await wainbox("queue", "--json")).objects
    assert {card["customer"]["name"] for card in cards} == {"Ali", "Sara"}
    assert all(set(card) >= CARD for card in cards)
    assert _keys(cards[0]["customer"], "name", "phone", "user_id")
    assert _keys(cards[0]["last_message"], "text", "at", "direction", "kind")
    told = await wainbox("show", "W-2", "--json")
    assert [entry["text"] for entry in told.objects] == ["bonjour", "où est mon colis ?"]
    assert all(set(entry) >= ENTRY for entry in told.objects)


async def test_a_person_gets_lines(wainbox: Pipe):
    """Without --json a line a conversation, tab-separated, with nothing that acts."""
    await wainbox.hears("Ali\x1b[2J [/]", "hello\x9b31m\nthere")
    told = await wainbox("queue")
    assert told.code == DONE
    assert told.out.count("\n") == 1
    assert told.out.split("\t")[0] == "W-1"
    assert not set(told.out) & {"\x1b", "\x9b"}
    shown = await wainbox("show", "W-1")
    assert "hello" in shown.out
    assert not set(shown.out) & {"\x1b", "\x9b"}


async def test_a_file_is_told_by_its_kind_and_whereabouts(wainbox: Pipe):
    """A line says what came and, where it is not here, that it is not."""
    who = await wainbox.hears("Ali")
    await who.sends("image", caption="the clasp")
    await wainbox.home.box.settled()
    await wainbox.home.read()
    shown = (await wainbox("show", "W-1")).out
    assert re.search(r"customer: \(image(, not here yet)?\) the clasp$", shown, re.MULTILINE)
    await until(lambda: _fetched(wainbox))
    assert "customer: (image) the clasp\n" in (await wainbox("show", "W-1")).out
    assert "opened by the customer" in (await wainbox("why", "W-1")).out


async def _fetched(wainbox: Pipe) -> bool:
    return (await wainbox("show", "W-1", "--json")).objects[0]["media"]["state"] == "ready"


async def test_every_verb_does_its_deed(wainbox: Pipe):
    """A conversation goes the whole way by commands alone."""
    who = await wainbox.hears("Ali", "hello")
    deeds = [
        ("claim", "W-1"),
        ("tag", "W-1", "vip", "gift"),
        ("note", "W-1", "courier", "confirmed"),
        ("reply", "W-1", "Bonjour", "Ali", "--wait"),
        ("snooze", "W-1", "2h"),
        ("undo", "W-1"),
        ("assign", "W-1", "@samir"),
        ("status", "W-1", "open"),
        ("resolve", "W-1", "--sure"),
        ("status", "W-1", "open"),
        ("assign", "W-1", "@nadia"),
        ("release", "W-1"),
        ("presence", "busy"),
        ("presence", "online", "--until", "30m"),
    ]
    for deed in deeds:
        told = await wainbox(*deed)
        assert told.code == DONE, (deed, told)
    assert [sent.text for sent in who.received] == ["Bonjour Ali"]
    card = (await wainbox("queue", "--json")).objects[0]
    assert card["assignee"] is None
    assert set(card["tags"]) == {"vip", "gift"}
    shown = (await wainbox("show", "W-1")).out
    assert "courier confirmed" in shown
    assert "  -- resolved by Nadia" in shown
    assert "  : " not in shown
    assert (await wainbox("why", "W-1", "--json")).objects
    assert (await wainbox("search", "hello", "--json")).objects[0]["ref"] == "W-1"


async def test_what_cannot_be_done_says_why(wainbox: Pipe, home: House):
    """Every failure is a sentence on stderr and the code that scripts test for."""
    await wainbox.hears("Ali", "hello")
    old = home.box.newcomer("old", "Old")
    await old.writes("long ago", ago=3 * 86400)
    await home.box.settled()
    await home.read()
    await home.desk("samir").does("W-1", "claim")
    told = {
        "usage": (await wainbox("status", "W-1", "sideways"), USAGE),
        "a view": (await wainbox("queue", "sideways"), USAGE),
        "a number": (await wainbox("queue", "--limit", "-1"), USAGE),
        "nothing to look for": (await wainbox("search"), USAGE),
        "no tag": (await wainbox("tag", "W-1"), USAGE),
        "an empty tag": (await wainbox("tag", "W-1", "^"), USAGE),
        "a tag too long": (await wainbox("tag", "W-1", "x" * 500), USAGE),
        "no words": (await wainbox("note", "W-1", " "), USAGE),
        "what to do next": (await wainbox("reply", "W-1", "x", "--then", "sleep"), USAGE),
        "a language": (await wainbox("reply", "W-1", "--template", "sale"), USAGE),
        "a month": (await wainbox("cost", "--month", "2026-13"), USAGE),
        "a job": (await wainbox("bulk", "undo"), USAGE),
        "no such command": (await wainbox("nonsense"), USAGE),
        "a filter": (await wainbox("queue", "--filter", "colour:red"), USAGE),
        "a time": (await wainbox("snooze", "W-1", "whenever"), USAGE),
        "an id": (await wainbox("reply", "W-1", "x", "--id", "short"), USAGE),
        "not found": (await wainbox("show", "W-99"), NOT_FOUND),
        "claimed": (await wainbox("claim", "W-1"), CONFLICT),
        "a manager": (await wainbox("manager", "W-1", "@samir"), NOT_ALLOWED),
        "the next": (await wainbox("next"), NOT_ALLOWED),
        "window shut": (await wainbox("reply", "W-2", "hello"), CONFLICT),
        "a wrong token": (await wainbox.as_("wbx_no_such")("queue"), NOT_ALLOWED),
    }
    for what, (answer, code) in told.items():
        assert answer.code == code, (what, answer)
        assert answer.err.startswith("wainbox: "), what
        assert answer.err.count("\n") == 1, (what, answer.err)
        assert answer.out == "", what
    assert "Samir" in told["claimed"][0].err
    assert told["claimed"][0].err.endswith("Here: --take-over.\n")


def test_what_nobody_foresaw_is_a_sentence_and_a_private_file(tmp_path: Path, capsys, monkeypatch):
    """No trace on the screen, since it may quote customers; and no silence either."""
    monkeypatch.setenv("WAINBOX_STATE_DIR", str(tmp_path))
    assert code_of(KeyError("what Sara wrote")) == FAILED
    said = capsys.readouterr().err
    assert (said.count("\n"), "Sara" in said) == (1, False)
    kept = tmp_path / "fault.txt"
    assert str(kept) in said
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "Sara" in kept.read_text()


async def test_a_reader_that_leaves_is_no_failure(home: House):
    """`| head` ends a command quietly; an output that takes nothing is told in a sentence."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    env |= {"WAINBOX_URL": home.url, "WAINBOX_TOKEN": home.tokens["nadia"]}
    command = [sys.executable, "-m", "wainbox_tui", "oncall"]
    reader, writer = os.pipe()
    os.close(reader)
    for place, code, lines in ((writer, DONE, 0), (os.open("/dev/full", os.O_WRONLY), USAGE, 1)):
        process = await asyncio.create_subprocess_exec(
            *command, env=env, stdout=place, stderr=subprocess.PIPE
        )
        _, err = await process.communicate()
        os.close(place)
        assert (process.returncode, err.count(b"\n")) == (code, lines), err


def test_every_refusal_has_an_exit_code():
    """No code of the relay's is unknown to the command line."""
    assert set(CODES) == set(Code)


async def test_what_the_relay_asks_twice_is_an_option(wainbox: Pipe):
    """A refusal that wants to hear it again names the option that says so."""
    await wainbox.hears("Ali", "Bonjour, je voudrais savoir quand mon colis arrivera chez moi")
    english = ("reply", "W-1", "Your parcel has left the warehouse this morning, thank you")
    told = await wainbox(*english)
    assert (told.code, told.err.endswith("Here: --any-language.\n")) == (CONFLICT, True), told
    assert (await wainbox(*english, "--any-language", "--then", "open")).code == DONE
    await wainbox.hears("Omar", "hello")
    told = await wainbox("resolve", "W-2")
    assert (told.code, told.err.endswith("Here: --sure.\n")) == (CONFLICT, True)
    assert (await wainbox("resolve", "W-2", "--sure")).code == DONE


async def test_a_reply_can_name_what_it_answers(wainbox: Pipe):
    """With --seen nothing is sent where somebody has written since."""
    who = await wainbox.hears("Ali", "hello")
    seen = (await wainbox("show", "W-1", "--json")).objects[0]["id"]
    await who.writes("and another thing")
    await wainbox.home.box.settled()
    await wainbox.home.read()
    told = await wainbox("reply", "W-1", "here it is", "--seen", str(seen))
    assert (told.code, "written meanwhile" in told.err) == (CONFLICT, True)
    newest = (await wainbox("show", "W-1", "--json")).objects[-1]["id"]
    assert (await wainbox("reply", "W-1", "both", "--seen", str(newest), "--wait")).code == DONE
    assert [sent.text for sent in who.received] == ["both"]


async def test_words_may_come_on_standard_input(wainbox: Pipe, monkeypatch):
    """Long texts need no quoting; a hyphen at the start needs --, and the refusal says so."""
    who = await wainbox.hears("Ali", "hello")
    told = await wainbox("reply", "W-1", "-5 %")
    assert (told.code, "Put -- before" in told.err) == (USAGE, True)
    assert (await wainbox("reply", "W-1", "--wait", "--", "-5 %")).code == DONE
    monkeypatch.setattr("sys.stdin", io.StringIO("two\nlines\n"))
    assert (await wainbox("reply", "W-1", "--wait")).code == DONE
    assert [sent.text for sent in who.received] == ["-5 %", "two\nlines"]


async def test_show_goes_back_as_far_as_is_asked(wainbox: Pipe):
    """More messages than a page holds come whole and in order; 0 asks for all."""
    most = PAGE + 5
    who = await wainbox.hears("Ali")
    for n in range(most):
        await who.writes(f"line {n}")
        if n % 50 == 0:
            await wainbox.home.box.settled()
    await wainbox.home.box.settled()
    await wainbox.home.read()
    for limit in (0, PAGE + 1, 3):
        told = (await wainbox("show", "W-1", "--json", "--limit", str(limit))).objects
        said = [entry["text"] for entry in told if entry["direction"] == "in"]
        assert said == [f"line {n}" for n in range(most - (limit or most), most)]


@pytest.mark.parametrize(
    ("url", "code"),
    {
        "inbox.example.org": USAGE,
        "ftp://inbox.example.org": USAGE,
        "http://127.0.0.1:99999": USAGE,
        "http://[::1": USAGE,
        "http://": USAGE,
        "http://127.0.0.1.example.org": NOT_ALLOWED,
        "http://127.0.0.1@example.org": NOT_ALLOWED,
    }.items(),
)
async def test_an_address_that_is_none_is_refused(wainbox: Pipe, monkeypatch, url, code):
    """Before anything is sent, in a sentence."""
    monkeypatch.setenv("WAINBOX_URL", url)
    told = await wainbox("queue")
    assert (told.code, told.err.count("\n")) == (code, 1), told


async def test_a_token_that_is_none_is_not_sent(wainbox: Pipe):
    """What cannot stand in a header is told by where it came from, and is not shown."""
    told = await wainbox.as_("wbx_é")("queue")
    assert told.code == NOT_ALLOWED
    assert "WAINBOX_TOKEN is no token" in told.err
    assert "é" not in told.err


def test_every_word_of_a_command_is_explained():
    """Each argument and option of each command has its help, and says what it takes."""
    silent = [
        (name, argument.name)
        for name in app
        if not name.startswith("-")
        for argument in app[name].assemble_argument_collection(parse_docstring=True)
        if not argument.parameter.help
    ]
    assert silent == []


async def test_a_token_is_kept_once_it_is_known_to_work(wainbox: Pipe, monkeypatch):
    """Asked of the relay first; an address that is none is told before anything is asked for."""
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert (await wainbox("login", "ftp://inbox.example.org")).code == USAGE
    good = f"{wainbox.home.tokens['nadia']}\n"
    monkeypatch.delenv("WAINBOX_TOKEN")
    for given, code in (("\n", NOT_ALLOWED), ("wbx_no_such\n", NOT_ALLOWED), (good, DONE)):
        assert (await wainbox("queue")).code == NOT_ALLOWED
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        told = await wainbox("login")
        assert told.code == code, told
    assert "Nadia (agent); kept in " in told.out
    assert (await wainbox("queue")).code == DONE
    assert (await wainbox("logout")).code == DONE
    assert (await wainbox("queue")).code == NOT_ALLOWED


async def test_too_many_wrong_tokens_are_a_matter_of_rate(wainbox: Pipe):
    """The eleventh wrong try within a minute is refused unread."""
    codes = [(await wainbox.as_("wbx_no_such")("queue")).code for _ in range(11)]
    assert codes == [NOT_ALLOWED] * 10 + [RATE]


async def test_another_site_is_no_relay(wainbox: Pipe, monkeypatch: pytest.MonkeyPatch):
    """An address that answers, but not as a relay does: no Python words, and what to check."""

    async def shop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n<p>shop\n")
        writer.close()

    async with await asyncio.start_server(shop, "127.0.0.1", 0) as door:
        port = door.sockets[0].getsockname()[1]
        monkeypatch.setenv("WAINBOX_URL", f"http://127.0.0.1:{port}")
        told = await wainbox("queue")
    assert told.code == NETWORK
    assert "no Wainbox relay that this version understands. Check the address" in told.err


async def test_no_relay_is_a_matter_of_the_network(wainbox: Pipe, home: House):
    """Nobody there: the sentence says so, the code is 8."""
    await home.stop()
    told = await wainbox("queue")
    assert told.code == NETWORK
    assert "No relay could be reached" in told.err


async def test_the_token_never_goes_out_in_the_clear(wainbox: Pipe, monkeypatch):
    """Plain HTTP to another machine is refused before anything is sent."""
    monkeypatch.setenv("WAINBOX_URL", "http://relay.example.com")
    told = await wainbox("queue")
    assert told.code == NOT_ALLOWED
    assert "in the clear" in told.err


@pytest.mark.parametrize(
    ("made", "told"),
    {
        "of nobody we know": ({}, "self-signed"),
        "of another host": ({"host": "other.example.org"}, "not valid for"),
        "of the past": ({"days": -2}, "expired"),
    }.values(),
)
async def test_a_relay_that_does_not_prove_who_it_is_hears_nothing(
    tmp_path: Path, capsys, monkeypatch, made: dict[str, Any], told: str
):
    """Over TLS the certificate is verified, against `ca_file` too, and no option lets it pass."""
    chain, key = certificate(tmp_path, **made)
    settings = tmp_path / "settings"
    settings.mkdir()
    monkeypatch.setenv("WAINBOX_CONFIG_DIR", str(settings))
    api = {"tls_certificate_file": str(chain), "tls_key_file": str(key)}
    async with serving(tmp_path, api=api) as running:
        monkeypatch.setenv("WAINBOX_URL", f"https://localhost:{running.web.api.address[1]}")
        monkeypatch.setenv("WAINBOX_TOKEN", running.tokens[Role.AGENT])
        if made:
            (settings / "config.toml").write_text(f'ca_file = "{chain}"\n')
        assert await asyncio.to_thread(run, ["queue"]) == NETWORK
        said = capsys.readouterr().err
        assert "does not prove who it is" in said
        assert told in said
        if not made:
            (settings / "config.toml").write_text(f'ca_file = "{chain}"\n')
            assert await asyncio.to_thread(run, ["queue"]) == DONE
            (settings / "config.toml").write_text(f'ca_file = "{key}"\n')
            assert await asyncio.to_thread(run, ["queue"]) == USAGE
            assert "holds no certificate" in capsys.readouterr().err


async def test_one_id_sends_once(wainbox: Pipe):
    """A script that repeats itself writes to the customer once."""
    who = await wainbox.hears("Ali", "hello")
    sid = secrets.token_hex(16)
    for _ in range(3):
        told = await wainbox("reply", "W-1", "once", "--id", sid, "--wait", "--json")
        assert told.code == DONE
    assert len(who.received) == 1


async def test_waiting_tells_what_became_of_it(wainbox: Pipe, home: House):
    """--wait ends when WhatsApp has taken the message, and fails when it has not."""
    await wainbox.hears("Ali", "hello")
    assert (await wainbox("reply", "W-1", "hello", "--wait")).code == DONE
    home.box.fault("error", code=131000)
    told = await wainbox("reply", "W-1", "again", "--wait")
    assert told.code == DONE
    home.box.fault("error", code=131026)
    told = await wainbox("reply", "W-1", "no", "--wait")
    assert told.code == CONFLICT


async def test_follow_goes_on_where_it_stopped(wainbox: Pipe, home: House, tmp_path: Path):
    """Events come as JSON lines; with a cursor file nothing is missed or told twice."""
    cursor = tmp_path / "cursor"
    command = [sys.executable, "-m", "wainbox_tui", "follow", "--cursor", str(cursor)]
    env = quiet() | {"WAINBOX_URL": home.url, "WAINBOX_TOKEN": home.tokens["nadia"]}

    async def follow(until: str) -> list[dict[str, Any]]:
        """Events up to the one that holds a word; then the reader is gone."""
        process = await asyncio.create_subprocess_exec(
            *command, env=env | {"HOME": os.environ["HOME"]}, stdout=subprocess.PIPE
        )
        told = []
        assert process.stdout is not None
        try:
            async with asyncio.timeout(15):
                async for line in process.stdout:
                    told.append(json.loads(line))
                    if until in line.decode():
                        break
        finally:
            process.kill()
            await process.communicate()
        return told

    cursor.write_text("0\n")
    await wainbox.hears("Ali", "first")
    first = await follow("first")
    await wainbox.hears("Sara", "second")
    await wainbox.hears("Omar", "third")
    rest = await follow("third")
    seqs = [event["seq"] for event in first + rest if event.get("seq")]
    assert any("second" in json.dumps(event) for event in rest)
    assert len(seqs) - len(set(seqs)) <= 1


async def test_a_cursor_that_is_none_is_not_passed_over(wainbox: Pipe, tmp_path: Path):
    """Going on from the present would lose what came meanwhile, so a person decides."""
    cursor = tmp_path / "cursor"
    cursor.write_text("yesterday")
    told = await wainbox("follow", "--cursor", str(cursor))
    assert (told.code, "remove it to begin" in told.err) == (USAGE, True)
    assert cursor.read_text() == "yesterday"
    told = await wainbox("follow", "--cursor", str(tmp_path / "nowhere" / "cursor"))
    assert (told.code, "No such file" in told.err) == (USAGE, True)


async def test_following_begins_where_it_was_started(wainbox: Pipe, home: House, tmp_path: Path):
    """The cursor is kept before the first event, so what comes after a stop is not missed; and a
    reader that is told to start over hears so in the pipe, once."""
    cursor = tmp_path / "cursor"
    following = asyncio.create_task(wainbox("follow", "--cursor", str(cursor)))
    await until(_known(cursor.exists))
    await home.stop()
    assert (await following).code == NETWORK
    begun = int(cursor.read_text())
    await home.start()
    await wainbox.hears("Ali", "meanwhile")
    cursor.write_text(str(begun + 10_000))
    following = asyncio.create_task(wainbox("follow", "--cursor", str(cursor)))
    await until(_known(lambda: int(cursor.read_text()) < begun + 10_000))
    await home.stop()
    assert [each["type"] for each in (await following).objects] == ["reload"]


def _known(true: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def known() -> bool:
        return true()

    return known


def test_the_app_wants_a_terminal():
    """Without one it says so at once, instead of painting into a pipe."""
    told = subprocess.run(
        [sys.executable, "-m", "wainbox_tui"], stdin=subprocess.DEVNULL, capture_output=True
    )
    assert told.returncode == USAGE
    assert told.stderr.startswith(b"wainbox: this is no terminal")


async def test_a_months_cost_is_told_by_number_agent_and_category(wainbox: Pipe):
    """From the prices WhatsApp told; an agent is not told."""
    await wainbox.hears("Ali", "hello")
    await wainbox("claim", "W-1")
    values = ("--var", "first_name=Ali", "--var", "order=10483")
    sent = await wainbox("reply", "W-1", "--template", "order_update", "--lang", "fr", *values)
    assert sent.code == DONE, sent.err
    gone = await wainbox("reply", "W-1", "--template", "autumn_sale", "--lang", "fr")
    assert (gone.code, "no approved template" in gone.err) == (USAGE, True)
    asked = "SELECT count(*) FROM entries WHERE price_category = 'utility' AND delivery = 'read'"
    async with asyncio.timeout(10):
        while not wainbox.home.files.one(asked):  # noqa: ASYNC110 - another process's doing
            await asyncio.sleep(0.02)
    assert (await wainbox("cost")).code == NOT_ALLOWED
    wainbox.as_("lina")
    [told] = (await wainbox("cost", "--json")).objects
    assert (told["agent"], told["category"], told["billed"]) == ("nadia", "utility", 1)
    assert "1 messages billed" in (await wainbox("cost")).out
    assert (await wainbox("cost", "--month", "2020-01")).out == "2020-01: 0 messages billed\n"
    assert (await wainbox("cost", "--month", "soon")).code == USAGE
