"""The journal: every body in order, on the disk before anybody is answered."""

import pytest

from wainbox_relay.ports import StoreFull
from wainbox_relay.store import Stores, open_stores


async def test_bodies_keep_their_order_and_their_bytes(stores: Stores):
    """Rows are numbered without gaps, and a body comes back byte by byte."""
    odd = bytes(range(256))
    assert await stores.journal.append([(1, b"a"), (2, odd)]) == 2
    assert await stores.journal.append([(3, b"c")]) == 3
    assert [(b.row, b.raw) for b in await stores.journal.after(1, 9)] == [(2, odd), (3, b"c")]
    assert [b.row async for b in stores.journal.span(2, 3)] == [2, 3]
    assert await stores.journal.size() == (3, 1, 1)


async def test_a_row_number_is_never_given_twice(stores: Stores):
    """Not even after the newest rows were let go and the relay began again."""
    await stores.journal.append([(n, b"x") for n in range(1201)])
    assert await stores.journal.forget_before(5000) == 1201
    await stores.close()
    async with await open_stores(stores.folder) as again:
        assert await again.journal.last() == 1201
        assert await again.journal.size() == (0, 1202, None)
        assert await again.journal.append([(9, b"y")]) == 1202


async def test_a_full_disk_is_told_and_heals(stores: Stores):
    """What could not be kept is not numbered either."""
    writer = stores.journal_writer
    [(pages,)] = await writer.rows("PRAGMA page_count")
    await writer.rows(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(StoreFull):
        await stores.journal.append([(1, b"x" * 100_000)])
    await writer.rows("PRAGMA max_page_count = 1000000")
    assert await stores.journal.append([(1, b"x" * 100_000)]) == 1


async def test_an_erased_persons_body_is_replaced(stores: Stores):
    """The row stays, so that nothing behind it moves; its content is the redacted one."""
    await stores.journal.append([(1, b"secret"), (2, b"b")])
    await stores.journal.replace(1, b"{}")
    assert [body.raw for body in await stores.journal.after(0, 9)] == [b"{}", b"b"]
