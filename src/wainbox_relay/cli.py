"""`wainbox-relay`: everything that touches the relay's files. What speaks HTTP is `wainbox`.

Each verb imports what it needs when it runs. Expected trouble is one sentence on standard error and
an exit code (`docs/operating.md`); anything else goes to a file, with its trace.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, CycloptsError, Parameter, validators

from wainbox_relay.contract.problems import Code, Refusal, refuse
from wainbox_relay.contract.vocabulary import Role

if TYPE_CHECKING:
    from wainbox_relay.config import Settings
    from wainbox_relay.sandbox.people import Number

DONE, FAILED, USAGE, NOT_ALLOWED, NOT_FOUND, CONFLICT, RATE, UNREACHABLE = 0, 1, 2, 3, 4, 5, 6, 8
EXITS = {
    Code.INVALID: USAGE,
    Code.TOO_LARGE: USAGE,
    Code.UNAUTHENTICATED: NOT_ALLOWED,
    Code.NOT_ALLOWED: NOT_ALLOWED,
    Code.NOT_FOUND: NOT_FOUND,
    Code.RATE: RATE,
    Code.BUSY: UNREACHABLE,
}
"""Exit codes of refusals; the others are conflicts."""

Config = Annotated[
    Path,
    Parameter(
        name=["--config", "-c"],
        env_var="WAINBOX_RELAY_CONFIG",
        help="The configuration file.",
    ),
]
Json = Annotated[bool, Parameter(name="--json", negative=(), help="One JSON object a line.")]
Teams = Annotated[
    list[str] | None, Parameter(name="--team", negative=(), help="A team; repeat for more.")
]
Skills = Annotated[
    list[str] | None, Parameter(negative=(), consume_multiple=False, help="Repeat for more.")
]
CONFIG = Path("wainbox.toml")


def _version() -> str:
    from importlib.metadata import version

    return version("wainbox")


app = App(
    name="wainbox-relay",
    help="The relay: receives WhatsApp's messages, keeps them, and sends what agents write.",
    help_format="plaintext",
    version=_version,
    result_action="return_value",
    exit_on_error=False,
    print_error=False,
)
agent = App(name="agent", help="Agents and their tokens.")
audit = App(name="audit", help="The record of what agents and operators did.")
quarantine = App(name="quarantine", help="Webhook items that could not be read.")
replies = App(name="replies", help="Canned replies and macros, as a TOML file.")
sandbox = App(name="sandbox", help="A pretend WhatsApp with pretend customers.")
for part in (agent, audit, quarantine, replies, sandbox):
    app.command(part)


# -- running -----------------------------------------------------------------------------------


@app.command
def serve(*, config: Config = CONFIG) -> None:
    """Run the relay until it is told to stop (SIGTERM, Ctrl-C). SIGHUP reads the settings again."""
    from wainbox_relay import logs
    from wainbox_relay.serving import serve as run

    settings = _settings(config)
    logs.configure(settings.relay.log_level, settings.relay.log_format, settings.relay.log_file)
    _run(run(settings, config), quickly=True)


@app.command
def check(*, config: Config = CONFIG) -> int:
    """Look at the configuration, the database, the media folder, the token and the numbers.

    Nothing is started or changed. Exit code 0 when all is well, 2 when the configuration has
    faults, 8 when something else has.
    """
    from wainbox_relay.check import findings

    well = True
    for finding in _run(findings(_settings(config), config)):
        well = well and finding.well
        print(f"{'ok  ' if finding.well else 'BAD '} {finding.subject}: {finding.sentence}")
    return DONE if well else UNREACHABLE


@app.command
def explain(
    *,
    text: str,
    at: datetime | None = None,
    number: str = "",
    vip: Annotated[bool, Parameter(negative="")] = False,
    tag: tuple[str, ...] = (),
    config: Config = CONFIG,
    json: Json = False,
) -> int:
    """Say what the rules would do with a first message: language, hours, menu, team, agent, clocks.

    Nothing is kept or sent.

    Parameters
    ----------
    text: what the customer writes.
    at: when, such as 2026-11-27T22:10, by the number's own clock unless it has a zone; else now.
    number: the number's name, phone or id; needed where there are several.
    vip: as if a VIP wrote it.
    tag: as if the customer bore this tag.
    """
    from wainbox_relay.clock import SystemClock
    from wainbox_relay.explain import NoSuchNumber, Question, explain

    try:
        found = explain(
            _settings(config), Question(text, number, at, vip, tag), SystemClock().now()
        )
    except NoSuchNumber as error:
        return _say(USAGE, str(error))
    if json:
        for subject, sentence in found:
            _print_json({"subject": subject, "sentence": sentence})
        return DONE
    for subject, sentence in found:
        print(f"{subject + ':':<22} {sentence}")
    return DONE


@app.command
def status(*, config: Config = CONFIG, json: Json = False) -> None:
    """Say how the running relay is."""
    found = _ask_running(config, "status")
    if json:
        _print_json(found)
        return
    for key, value in found.items():
        print(f"{key.replace('_', ' ')}: {value if value != {} else 'none'}")


@app.command
def reload(*, config: Config = CONFIG) -> None:
    """Have the running relay read its settings and secrets again."""
    for sentence in _ask_running(config, "reload")["sentences"]:
        print(sentence)


@app.command
def stop(*, config: Config = CONFIG) -> None:
    """Stop the running relay."""
    _ask_running(config, "stop")


@app.command
def init(
    *,
    config: Config = CONFIG,
    app_secret_file: str = "",
    graph_token_file: str = "",
    number: str = "",
    name: str = "",
    data_dir: str = "",
) -> None:
    """Write a first configuration, by asking; never over an existing one.

    Parameters
    ----------
    app_secret_file
        File that holds the app secret. With it nothing is asked.
    graph_token_file
        File that holds the access token.
    number
        WhatsApp's phone_number_id of the first number.
    name
        What agents call that number.
    data_dir
        Folder for the data.
    """
    from getpass import getpass

    from wainbox_relay.init import Answers, asked, write

    answers = Answers(
        app_secret_file=app_secret_file,
        graph_token_file=graph_token_file,
        number=number,
        name=name,
        data_dir=data_dir,
    )
    if sys.stdin.isatty() and not app_secret_file:
        answers = asked(answers, input, getpass)
    write(config, answers)
    print(f"Wrote {config}, for your eyes only.")
    print("Enter its webhook.verify_token beside the callback URL in Meta's App Dashboard.")
    print(f"Next: wainbox-relay check --config {config}")


# -- the journal -------------------------------------------------------------------------------


@app.command
def replay(
    *,
    unsupported: bool = False,
    quarantined: Annotated[bool, Parameter(name="--quarantine")] = False,
    begin: Annotated[str | None, Parameter(name="--from")] = None,
    end: Annotated[str | None, Parameter(name="--to")] = None,
    json: Json = False,
    config: Config = CONFIG,
) -> None:
    """Read kept webhooks again. What is known changes nothing, and nothing is sent.

    Parameters
    ----------
    unsupported
        Only messages of which a placeholder is shown so far.
    quarantined
        Only items that could not be read.
    begin
        Only what arrived at this moment or later (2026-11-20, or 2026-11-20T08:00:00Z).
    end
        Only what arrived before this moment.
    """
    only = "unsupported" if unsupported else "quarantine" if quarantined else "all"
    done = _request(config, "replay", begin=begin, end=end, only=only)
    if json:
        _print_json(done)
        return
    print(f"Read {done['bodies']} webhooks again: {done['facts']} items taken in.")
    if done["unreadable"]:
        print(f"{done['unreadable']} items cannot be read; see wainbox-relay quarantine list.")


@quarantine.command(name="list")
def quarantine_list(*, limit: int = 100, json: Json = False, config: Config = CONFIG) -> None:
    """List webhook items that could not be read, newest first, with the reason."""
    for item in _request(config, "quarantine list", limit=limit)["items"]:
        if json:
            _print_json(item)
        else:
            place = f"webhook {item['journal']} {item['path']}"
            print(f"{item['at']}  {place}: {item['reason']}")


# -- keeping and proving -----------------------------------------------------------------------


@app.command
def backup(
    file: Path,
    /,
    *,
    media: Annotated[bool, Parameter(negative=())] = False,
    config: Config = CONFIG,
) -> None:
    """Copy database and journal into one new file, a tar; the relay may run meanwhile.

    Parameters
    ----------
    file
        Where to; it must not exist yet.
    media
        Copy the customers' files too. Without it only their names are kept.
    """
    from wainbox_relay.store.backup import backup as copy

    made = _run(copy(_settings(config).relay.data_dir, file, with_media=media))
    print(f"Copied to {file}; it speaks of {len(made.digests)} media files.")
    if made.missing:
        print(f"{len(made.missing)} of them are not in the media folder (any more).")
    print(f"Prove it: wainbox-relay verify {file}")


@app.command
def verify(path: Path | None = None, /, *, config: Config = CONFIG) -> int:
    """Prove that a backup, or the data folder, is whole and holds together.

    Parameters
    ----------
    path
        The backup, or a data folder. Left out, the relay's own.
    """
    from wainbox_relay.store.backup import verify as faults

    found = _run(faults(path or _settings(config).relay.data_dir))
    for fault in found:
        print(fault)
    print("Not sound." if found else "Sound: every page, every link and the audit log.")
    return FAILED if found else DONE


@audit.command(name="verify")
def audit_verify(*, config: Config = CONFIG) -> int:
    """Prove that no line of the audit log was changed, removed or slipped in."""
    from wainbox_relay.administration import audit_fault

    fault = _run(audit_fault(_settings(config)))
    print(fault or "The audit log is whole.")
    return FAILED if fault else DONE


@audit.command(name="show")
def audit_show(*, limit: int = 100, json: Json = False, config: Config = CONFIG) -> None:
    """Show the newest lines of the audit log, oldest of them first."""
    from wainbox_relay.administration import audit_rows

    for row in _run(audit_rows(_settings(config), limit)):
        if json:
            _print_json(row)
        else:
            print(f"{row['at']}  {row['actor']:<12} {row['act']:<16} {row['subject']}")


# -- agents ------------------------------------------------------------------------------------


@agent.command(name="add")
def agent_add(
    name: str,
    /,
    *,
    role: Role = Role.AGENT,
    team: Teams = None,
    json: Json = False,
    config: Config = CONFIG,
) -> None:
    """Add an agent and print their token, this once."""
    made = _request(config, "agent add", name=name, role=role, teams=team or [])
    _print_token(made, json=json)


@agent.command(name="list")
def agent_list(*, json: Json = False, config: Config = CONFIG) -> None:
    """List the agents."""
    for each in _request(config, "agent list")["agents"]:
        if json:
            _print_json(each)
        else:
            state = "revoked" if each["revoked"] else each["presence"]
            print(f"{each['agent']:<20} {each['role']:<7} {state:<8} {' '.join(each['teams'])}")


@agent.command(name="change")
def agent_change(
    handle: str,
    /,
    *,
    role: Role | None = None,
    team: Teams = None,
    capacity: Annotated[int | None, Parameter(validator=validators.Number(gte=0))] = None,
    topic: Skills = None,
    language: Skills = None,
    vip: bool | None = None,
    json: Json = False,
    config: Config = CONFIG,
) -> None:
    """Give an agent another role, other teams, another capacity or other skills.

    Who has no topics and no languages takes all of them. What is left out stays as it is.

    Parameters
    ----------
    capacity
        Open conversations that automation lets them hold; 0 for the usual number. Leads get work
        by themselves only with a capacity of their own.
    topic
        What they can take, such as returns,payments; an empty word for everything.
    language
        What they read, such as ar,fr; an empty word for everything. Who has ar gets Arabic in Latin
        letters (ar-Latn) too.
    vip
        Whether they look after VIPs.
    """
    changed = _request(
        config,
        "agent change",
        agent=handle,
        role=role,
        teams=team,
        capacity=capacity,
        topics=_words(topic),
        languages=_words(language),
        vip=vip,
    )
    if json:
        _print_json(changed)
    else:
        print(f"{changed['agent']} is {changed['role']} now, {_skills(changed)}")


def _words(given: list[str] | None) -> list[str] | None:
    """An empty word empties the list."""
    return None if given is None else [word for word in given if word]


def _skills(agent: dict[str, Any]) -> str:
    """What somebody can take, in one line."""
    parts = {
        "teams": " ".join(agent["teams"]) or "all",
        "languages": " ".join(agent["languages"]) or "all",
        "topics": " ".join(agent["topics"]) or "all",
        "capacity": str(agent["capacity"] or "the usual"),
    }
    told = ", ".join(f"{name}: {value}" for name, value in parts.items())
    return f"{told}, VIPs" if agent["vip"] else told


@agent.command(name="revoke")
def agent_revoke(handle: str, /, *, config: Config = CONFIG) -> None:
    """End an agent's access at once: tokens and open terminals."""
    _request(config, "agent revoke", agent=handle)
    print(f"{handle} has no access any more.")


@agent.command(name="rotate")
def agent_rotate(handle: str, /, *, json: Json = False, config: Config = CONFIG) -> None:
    """Give an agent a new token in place of the old one, and print it, this once."""
    _print_token(_request(config, "agent rotate", agent=handle), json=json)


def _print_token(made: dict[str, Any], *, json: bool) -> None:
    if json:
        _print_json(made)
        return
    print(f"{made['name']} signs in as {made['agent']} ({made['role']}). The token, shown once:")
    print(made["token"])
    print("On their machine: wainbox login")


# -- canned replies ----------------------------------------------------------------------------


@replies.command(name="import")
def replies_import(file: Path, /, *, config: Config = CONFIG) -> None:
    """Take canned replies in from a TOML file, all or none. Those of other names stay.

    Parameters
    ----------
    file
        As `export` writes it. `file = "guide.pdf"` in a block attaches a file beside it.
    """
    from wainbox_relay.media import MediaFolder
    from wainbox_relay.replies_file import read
    from wainbox_relay.store.files import MEDIA_FOLDER

    data = _settings(config).relay.data_dir
    found = [
        reply.model_dump(mode="json") for reply in read(file, MediaFolder(data / MEDIA_FOLDER))
    ]
    done = _request(config, "replies import", replies=found)
    print(f"{done['count']} canned replies taken in.")


@replies.command(name="export")
def replies_export(*, json: Json = False, config: Config = CONFIG) -> None:
    """Print every canned reply, as TOML that import reads."""
    from wainbox_relay.contract.replies import CannedReply
    from wainbox_relay.replies_file import written

    found = _request(config, "replies export")["replies"]
    if json:
        for each in found:
            _print_json(each)
    else:
        print(written(map(CannedReply.model_validate, found)), end="")


# -- pretending --------------------------------------------------------------------------------


@sandbox.default
def sandbox_serve(*, pace: float = 1.0, opening: bool = True, config: Config = CONFIG) -> None:
    """Be WhatsApp for the configured relay: a strict Cloud API, and customers who write and answer.

    They write to the configured numbers. It takes the place that graph.url names, which must be on
    this machine.

    Parameters
    ----------
    pace
        How long waits last: 1 as in life, 0.1 ten times as fast.
    opening
        Begin with a busy morning.
    """
    from wainbox_relay.sandbox.cli import serve

    settings = _settings(config)
    serve(
        f"http://{settings.webhook.listen}/webhooks/whatsapp",
        settings.webhook.app_secret.get_secret_value(),
        settings.graph.token.get_secret_value(),
        verify_token=settings.webhook.verify_token.get_secret_value(),
        numbers=_numbers(settings),
        port=_sandbox_port(settings),
        pace=pace,
        opening=opening,
    )


@sandbox.command(name="load")
def sandbox_load(
    *,
    rate: float | None = 1000,
    duration: Annotated[str, Parameter(name="--for")] = "60s",
    connections: int = 64,
    batch: int = 1,
    count: int | None = None,
    config: Config = CONFIG,
) -> int:
    """Send the configured relay signed webhooks, and say how it bore them.

    They are messages to its first number and reports about messages nobody knows.

    Parameters
    ----------
    rate
        Webhooks a second; 0 for as many as are answered.
    duration
        For how long: 60s, 2m.
    connections
        How many at a time.
    batch
        Messages and statuses in one webhook.
    count
        Stop after so many.
    """
    from wainbox_relay.sandbox.cli import load, seconds
    from wainbox_relay.sections.base import is_loopback, split_address

    settings = _settings(config)
    try:
        seconds(duration)
    except ValueError as error:
        raise refuse(Code.INVALID, str(error), "for") from None
    host, _ = split_address(settings.webhook.listen)
    if not is_loopback(host):
        raise refuse(
            Code.INVALID, "Load goes to this machine only: set webhook.listen to 127.0.0.1."
        )
    load(
        f"http://{settings.webhook.listen}/webhooks/whatsapp",
        settings.webhook.app_secret.get_secret_value(),
        rate=rate or None,
        duration=duration,
        connections=connections,
        batch=batch,
        count=count,
        number=_numbers(settings)[0],
    )
    return DONE


def _numbers(settings: "Settings") -> "list[Number]":
    """The configured numbers as the sandbox knows them; its own where none is configured."""
    from wainbox_relay.sandbox.people import ATLAS, RIYADH, Number

    given = [
        Number(each.id, each.phone or ATLAS.phone, each.name, each.waba or ATLAS.waba)
        for each in settings.numbers
    ]
    return given or [ATLAS, RIYADH]


def _sandbox_port(settings: "Settings") -> int:
    from urllib.parse import urlsplit

    from wainbox_relay.sections.base import is_loopback

    place = urlsplit(settings.graph.url)
    if not (place.port and is_loopback(place.hostname or "")):
        raise refuse(
            Code.INVALID,
            "The sandbox stands where graph.url points, and that is not on this machine: "
            'set graph.url = "http://127.0.0.1:8090" and any graph.token.',
            "graph.url",
        )
    return place.port


@app.command
def demo(*, data: Path | None = None) -> int:
    """Open the terminal on a pretend shop's busy morning; no account needed.

    Where the output is no terminal, walk through one conversation instead and say how long each
    step took.

    Parameters
    ----------
    data
        Folder to keep everything in. Left out, nothing is kept.
    """
    from wainbox_relay.demo import demo as show

    return int(_run(show(data, watched=sys.stdout.isatty(), say=print)))


# -- help for all ------------------------------------------------------------------------------


def _settings(config: Path) -> "Settings":
    from wainbox_relay.config import Settings

    return Settings.load(config)


def _request(config: Path, do: str, **args: object) -> dict[str, Any]:
    """Has the running relay do it, or does it here when none runs."""
    from wainbox_relay.control import NotRunning, ask

    settings = _settings(config)
    try:
        return ask(settings.control_socket, do, **args)
    except NotRunning:
        from wainbox_relay.administration import do_here

        done: dict[str, Any] = _run(do_here(settings, do, **args))
        return done


def _ask_running(config: Path, do: str) -> dict[str, Any]:
    from wainbox_relay.control import ask

    return ask(_settings(config).control_socket, do)


def _run(work: Any, *, quickly: bool = False) -> Any:
    """Runs a coroutine; `quickly` is worth the start of a faster loop."""
    import asyncio

    run: Callable[..., Any] = asyncio.run
    if quickly and find_spec("uvloop"):
        import uvloop

        run = uvloop.run
    try:
        return run(work)
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False))


def main() -> None:
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Runs one command line and gives its exit code."""
    try:
        return int(app(arguments) or DONE)
    except CycloptsError as error:
        return _say(USAGE, f"{error}\nTry: wainbox-relay --help")
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:  # noqa: BLE001 - the last gate: told, with its trace in a file
        return _explain(_innermost(error))


def _innermost(error: Exception) -> Exception:
    """What a task group wrapped, when it is one thing alone."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        (error,) = error.exceptions
    return error


def _explain(error: Exception) -> int:
    from wainbox_relay.config import ConfigError
    from wainbox_relay.control import AlreadyRunning, NotRunning, Unfinished

    match error:
        case Refusal(problem=problem):
            return _say(EXITS.get(problem.code, CONFLICT), problem.message)
        case ConfigError():
            return _say(USAGE, str(error))
        case AlreadyRunning():
            return _say(CONFLICT, str(error))
        case NotRunning():
            return _say(UNREACHABLE, str(error))
        case Unfinished():
            return _say(FAILED, str(error))
        case PermissionError(filename=name) if name:
            return _say(NOT_ALLOWED, f"This user may not use {name}.")
        case _:
            return _explain_service(error)


def _explain_service(error: Exception) -> int:
    from wainbox_relay.demo import DemoFailed
    from wainbox_relay.ports import StoreFull
    from wainbox_relay.store import StoreTrouble
    from wainbox_relay.web.server import CannotListen

    match error:
        case StoreTrouble() | DemoFailed():
            return _say(FAILED, str(error))
        case StoreFull():
            return _say(FAILED, "The disk is full; nothing was changed. Free some space.")
        case CannotListen():
            return _say(CONFLICT, str(error))
        case _:
            return _say(FAILED, _unexpected(error))


def _unexpected(error: Exception) -> str:
    from platformdirs import user_log_path

    folder = user_log_path("wainbox", ensure_exists=True)
    path = folder / "relay-errors.log"
    path.touch(mode=0o600)
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(traceback.format_exception(error)))
    return f"Something unexpected went wrong ({type(error).__name__}). Its trace is in {path}."


def _say(code: int, sentence: str) -> int:
    print(f"wainbox-relay: {sentence}", file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
