"""Backups, and proof that nothing was altered."""

from pathlib import Path

from wainbox_relay.cli.base import (
    CONFIG,
    DONE,
    FAILED,
    Config,
    Json,
    Limit,
    app,
    audit,
    finish,
    print_json,
    settings_of,
)


@app.command
def backup(
    file: Path,
    /,
    *,
    media: bool = False,
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

    made = finish(copy(settings_of(config).relay.data_dir, file, with_media=media))
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

    found = finish(faults(path or settings_of(config).relay.data_dir))
    for fault in found:
        print(fault)
    print("Not sound." if found else "Sound: every page, every link and the audit log.")
    return FAILED if found else DONE


@audit.command(name="verify")
def audit_verify(*, config: Config = CONFIG) -> int:
    """Prove that no line of the audit log was changed, removed or slipped in."""
    from wainbox_relay.administration import audit_fault

    fault = finish(audit_fault(settings_of(config)))
    print(fault or "The audit log is whole.")
    return FAILED if fault else DONE


@audit.command(name="show")
def audit_show(*, limit: Limit = 100, json: Json = False, config: Config = CONFIG) -> None:
    """Show the newest lines of the audit log, oldest of them first."""
    from wainbox_relay.administration import audit_rows

    for row in finish(audit_rows(settings_of(config), limit)):
        if json:
            print_json(row)
        else:
            print(f"{row['at']}  {row['actor']:<12} {row['act']:<16} {row['subject']}")
