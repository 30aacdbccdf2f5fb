"""Canned replies and macros, from a file and into one."""

from pathlib import Path

from wainbox_relay.cli.base import CONFIG, Config, Json, print_json, replies, request, settings_of


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

    data = settings_of(config).relay.data_dir
    found = [
        reply.model_dump(mode="json") for reply in read(file, MediaFolder(data / MEDIA_FOLDER))
    ]
    done = request(config, "replies import", replies=found)
    print(f"{done['count']} canned replies taken in.")


@replies.command(name="export")
def replies_export(*, json: Json = False, config: Config = CONFIG) -> None:
    """Print every canned reply, as TOML that import reads."""
    from wainbox_relay.contract.replies import CannedReply
    from wainbox_relay.replies_file import written

    found = request(config, "replies export")["replies"]
    if json:
        for each in found:
            print_json(each)
    else:
        print(written(map(CannedReply.model_validate, found)), end="")
