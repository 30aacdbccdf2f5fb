"""The customer beside a conversation: who it is, what was and is open, what the team noted, and
what the rules know of the case."""

from typing import Any

import aiosqlite

from wainbox_relay.contract.vocabulary import Status
from wainbox_relay.domain import model
from wainbox_relay.engine import present, story
from wainbox_relay.store import cost, rows, threads
from wainbox_relay.store.connect import Row, fetch
from wainbox_relay.store.places import country_of, time_zone_of
from wainbox_relay.store.queries import SQL

Json = dict[str, Any]


async def panel(connection: aiosqlite.Connection, card: Json) -> Json:
    """The panel of a card's conversation; of a group, what there is to say."""
    customer = await _customer(connection, card["customer"]["id"])
    cases = await _cases(connection, card, customer)
    shown = [(row[2], threads.case(row)) for row in cases]
    country = country_of(customer.phone) if customer else ""
    return {
        "customer": card["customer"],
        "language": customer.language if customer else "",
        "country": country,
        "time_zone": time_zone_of(country),
        "first_seen": present.instant(customer.created_at) if customer else card["opened_at"],
        "tags": sorted(customer.tags) if customer else [],
        "manager": customer.manager if customer else None,
        "manager_backup": customer.manager_backup if customer else None,
        "opted_out": customer is not None and customer.opted_out,
        "cases": [case for _, case in shown if case["ref"] != card["ref"]],
        "elsewhere": [
            case
            for number, case in shown
            if number != card["number"] and case["status"] != Status.RESOLVED
        ],
        "notes": await _notes(connection, card["thread"], cases),
        "billed": await cost.of_conversation(connection, card["thread"], card["id"]),
        "case": await _facts(connection, card["id"]),
    }


async def _customer(connection: aiosqlite.Connection, customer: int) -> model.Customer | None:
    found = await fetch(connection, SQL.find_customers, {"keys": rows.encode([customer])})
    return rows.customer(found[0][1:]) if found else None


async def _cases(
    connection: aiosqlite.Connection, card: Json, customer: model.Customer | None
) -> list[Row]:
    if customer is None:
        return await threads.cases_of(connection, SQL.cases_of_thread, {"thread": card["thread"]})
    return await threads.cases_of(connection, SQL.cases_of_customer, {"customer": customer.id})


async def _notes(connection: aiosqlite.Connection, thread: int, cases: list[Row]) -> list[Json]:
    asked = {"thread": thread, "limit": threads.MOST_NOTES}
    notes = [rows.entry(row) for row in await fetch(connection, SQL.notes, asked)]
    return await threads.rendered(connection, notes, {row[0]: row[1] for row in cases})


# -- what the rules know -----------------------------------------------------------------------


async def _facts(connection: aiosqlite.Connection, conversation: int) -> Json:
    found = await fetch(connection, SQL.find_conversations, {"keys": rows.encode([conversation])})
    of = rows.conversation(found[0])
    comment = await _comment(connection, of.rating)
    return present.case_facts(of, await _given(connection, conversation), comment)


async def _given(connection: aiosqlite.Connection, conversation: int) -> str:
    """Who has it, or why nobody has, as it was said last."""
    told = await fetch(connection, SQL.lines_of_conversation, {"conversation": conversation})
    lines = [line for line in map(threads.line, told) if line.kind in ("assigned", "queued")]
    if not lines:
        return ""
    names = await threads.names_for(connection, lines[-1:])
    return story.sentence(lines[-1], names)


async def _comment(connection: aiosqlite.Connection, rating: model.Rating | None) -> str:
    if rating is None or rating.comment is None:
        return ""
    found = await fetch(connection, SQL.find_entries, {"keys": rows.encode([rating.comment])})
    return rows.entry(found[0]).content.preview() if found else ""
