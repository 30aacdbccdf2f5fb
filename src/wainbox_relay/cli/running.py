"""Running the relay, and asking how it is."""

import sys
from datetime import datetime

from wainbox_relay.cli.base import (
    CONFIG,
    DONE,
    UNREACHABLE,
    USAGE,
    Config,
    Json,
    app,
    ask_running,
    finish,
    print_json,
    say,
    settings_of,
)


@app.command
def serve(*, config: Config = CONFIG) -> None:
    """Run the relay until it is told to stop (SIGTERM, Ctrl-C). SIGHUP reads the settings again."""
    from wainbox_relay import logs
    from wainbox_relay.serving import serve as run

    settings = settings_of(config)
    logs.configure(settings.relay.log_level, settings.relay.log_format, settings.relay.log_file)
    finish(run(settings, config), quickly=True)


@app.command
def check(*, config: Config = CONFIG) -> int:
    """Look at the configuration, the database, the media folder, the token and the numbers.

    Nothing is started or changed. Exit code 0 when all is well, 2 when the configuration has
    faults, 8 when something else has.
    """
    from wainbox_relay.check import findings

    well = True
    for finding in finish(findings(settings_of(config), config)):
        well = well and finding.well
        print(f"{'ok  ' if finding.well else 'BAD '} {finding.subject}: {finding.sentence}")
    return DONE if well else UNREACHABLE


@app.command
def explain(
    *,
    text: str,
    at: datetime | None = None,
    number: str = "",
    vip: bool = False,
    tag: tuple[str, ...] = (),
    topic: str = "",
    advert: bool = False,
    config: Config = CONFIG,
    json: Json = False,
) -> int:
    """Say what the rules would do with a first message: language, hours, menu, team, agent, clocks.

    Nothing is kept or sent.

    Parameters
    ----------
    text
        What the customer writes.
    at
        When, such as 2026-11-27T22:10, by the number's own clock unless it has a zone; else now.
    number
        The number's name, phone or id; needed where there are several.
    vip
        As if a VIP wrote it.
    tag
        As if the customer bore this tag; repeat for more.
    topic
        What they choose in the menu, where they meet it.
    advert
        As if they came by an advertisement.
    """
    from wainbox_relay.clock import SystemClock
    from wainbox_relay.explain import NoSuchNumber, NoSuchTopic, Question, explain

    try:
        found = explain(
            settings_of(config),
            Question(text, number, at, vip, tag, topic, advert),
            SystemClock().now(),
        )
    except (NoSuchNumber, NoSuchTopic) as error:
        return say(USAGE, str(error))
    if json:
        for subject, sentence in found:
            print_json({"subject": subject, "sentence": sentence})
        return DONE
    for subject, sentence in found:
        print(f"{subject + ':':<22} {sentence}")
    return DONE


@app.command
def status(*, config: Config = CONFIG, json: Json = False) -> None:
    """Say how the running relay is."""
    found = ask_running(config, "status")
    if json:
        print_json(found)
        return
    for key, value in found.items():
        print(f"{key.replace('_', ' ') + ':':<18} {_in_words(value)}")


def _in_words(value: object) -> object:
    if isinstance(value, dict):
        return ", ".join(f"{name} ({why})" for name, why in value.items()) or "none"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


@app.command
def reload(*, config: Config = CONFIG) -> None:
    """Have the running relay read its settings and secrets again."""
    for sentence in ask_running(config, "reload")["sentences"]:
        print(sentence)


@app.command
def stop(*, config: Config = CONFIG) -> None:
    """Stop the running relay."""
    ask_running(config, "stop")


@app.command
def init(
    *,
    config: Config = CONFIG,
    app_secret_file: str = "",
    graph_token_file: str = "",
    number: str = "",
    name: str = "",
    data_dir: str = "",
) -> int:
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

    from wainbox_relay.init import Answers, asked, new, write

    new(config)
    answers = Answers(
        app_secret_file=app_secret_file,
        graph_token_file=graph_token_file,
        number=number,
        name=name,
        data_dir=data_dir,
    )
    if sys.stdin.isatty() and not app_secret_file:
        try:
            answers = asked(answers, input, getpass)
        except EOFError:
            return say(USAGE, "Nothing was written.")
    write(config, answers)
    print(f"Wrote {config}, for your eyes only.")
    print("Enter its webhook.verify_token beside the callback URL in Meta's App Dashboard.")
    print(f"Next: wainbox-relay check --config {config}")
    return DONE
