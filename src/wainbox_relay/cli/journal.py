"""What came and could not be read, and reading it again."""

from typing import Annotated

from cyclopts import Parameter

from wainbox_relay.cli.base import CONFIG, Config, Json, Limit, app, print_json, quarantine, request
from wainbox_relay.contract.problems import Code, refuse


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

    They reach back as far as `retention.journal_days`.

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
    if unsupported and quarantined:
        raise refuse(Code.INVALID, "Choose --unsupported or --quarantine; run it twice for both.")
    only = "unsupported" if unsupported else "quarantine" if quarantined else "all"
    done = request(config, "replay", begin=begin, end=end, only=only)
    if json:
        print_json(done)
        return
    print(f"Read {done['bodies']} webhooks again: {done['facts']} items taken in.")
    if done["unreadable"]:
        print(f"{done['unreadable']} items cannot be read; see wainbox-relay quarantine list.")


@quarantine.command(name="list")
def quarantine_list(*, limit: Limit = 100, json: Json = False, config: Config = CONFIG) -> None:
    """List webhook items that could not be read, newest first, with the reason."""
    for item in request(config, "quarantine list", limit=limit)["items"]:
        if json:
            print_json(item)
        else:
            place = f"webhook {item['journal']} {item['path']}"
            print(f"{item['at']}  {place}: {item['reason']}")
