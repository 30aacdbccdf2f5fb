"""What screens read, from connections that cannot write: rows and the stream's position from one
and the same state of the database (`docs/design.md` section 7)."""

from wainbox_relay.store.connect import Readers


class Reads:
    def __init__(self, readers: Readers) -> None:
        self._readers = readers
