"""A webhook body -> its elements, each read on its own: a bad one is refused with its reason, the
others go on. Vendor's page: "Webhooks, overview": entries, changes, and up to 1,000 elements.

What a value holds decides how it is read, since the names of fields are not reliable.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from wainbox_relay.contract.vocabulary import Moment, NumberId
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import AccountTold, Fact, Source
from wainbox_relay.ports import Item
from wainbox_relay.whatsapp import account
from wainbox_relay.whatsapp.calls import called
from wainbox_relay.whatsapp.groups import group_changed, handed_over
from wainbox_relay.whatsapp.messages import arrived, echoed, remembered, user_id_updated
from wainbox_relay.whatsapp.payloads import (
    Object,
    Unreadable,
    child,
    decode,
    digits,
    moment,
    name_of,
    text,
)
from wainbox_relay.whatsapp.people import Surroundings, contacts
from wainbox_relay.whatsapp.statuses import status

UNNAMED = NumberId("unnamed")
"""Stands for the number of a value that names none."""

_OLD_STACK = frozenset({"messages", "statuses", "contacts", "errors"})
"""What older stacks put at the top of a body, without entries."""

_BESIDE = frozenset({"messaging_product", "metadata", "contacts", "field", "object", "statuses"})
"""What a value may hold beside what it tells; statuses are read last."""

_NO_VALUES = "Only names of fields came: switch on “Include values” in the app's webhook settings."


@dataclass(frozen=True, slots=True)
class _Change:
    """A value, where it stands, and what surrounds it. `at` and `account` are its entry's."""

    path: str
    field: str
    value: Object
    account: str
    at: Moment
    around: Surroundings

    @property
    def prefix(self) -> str:
        return f"{self.path}." if self.path else ""

    def inside(self, key: str, source: Source) -> "_Change":
        """The value that lies under a key of this one."""
        value = child(self.value, key)
        around = replace(self.around, source=source, contacts=contacts(value))
        return replace(self, path=self.prefix + key, value=value, around=around)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads bodies. `unnamed` is the number a value without one belongs to (old stacks leave it
    out); `portfolios` says whose business-scoped ids the customers of a number carry."""

    unnamed: NumberId = UNNAMED
    portfolios: Mapping[NumberId, str] = field(default_factory=dict)

    def read(self, body: bytes, arrived_at: Moment) -> list[Item]:
        """Every element, messages before statuses. Never raises for what the body holds."""
        found: list[_Change] = []
        items: list[Item] = []
        try:
            for path, entry, change in _changes(decode(body)):
                if isinstance(change, str):
                    items.append(Item(path, refused=change))
                else:
                    found.append(self._change(path, entry, change, arrived_at))
        except Unreadable as why:
            items.append(Item("", refused=str(why)))
        for each in found:
            items.extend(_items(each))
        for each in found:
            items.extend(_statuses(each))
        return items

    def _change(self, path: str, entry: Object, change: Object, arrived_at: Moment) -> _Change:
        value = child(change, "value")
        metadata = child(value, "metadata") or child(value, "recipient")
        number = NumberId(name_of(metadata, "phone_number_id")) or self.unnamed
        around = Surroundings(
            number=number,
            display_phone=digits(text(metadata, "display_phone_number")),
            scope=self.portfolios.get(number, ""),
            arrived_at=arrived_at,
            contacts=contacts(value),
        )
        field = text(change, "field") or text(value, "field") or text(entry, "field")
        at = moment(entry, "time", arrived_at)
        return _Change(path, field, value, text(entry, "id"), at, around)


def _changes(root: Any) -> Iterator[tuple[str, Object, Object | str]]:
    """(path, entry, change) for every change of every entry; instead of a change that cannot be
    read, the reason."""
    if not isinstance(root, dict):
        raise Unreadable("The body is not a JSON object.")
    if root.get("entry") is None:
        if not root.keys() & _OLD_STACK:
            raise Unreadable("The body has neither entries nor messages.")
        yield "", {}, {"value": root}
    for path, entry in _elements(root, "entry"):
        if isinstance(entry, str):
            yield path, {}, entry
        elif "changed_fields" in entry:
            yield path, {}, _NO_VALUES
        else:
            for inner, change in _elements(entry, "changes", f"{path}."):
                yield inner, entry, _with_value(change)


def _with_value(change: Object | str) -> Object | str:
    if isinstance(change, str) or isinstance(change.get("value"), dict):
        return change
    return "The change holds no value."


def _elements(of: Object, key: str, prefix: str = "") -> Iterator[tuple[str, Object | str]]:
    """Each element of a list with its path; instead of one that is no object, the reason."""
    found = of.get(key)
    if found is None:
        return
    if not isinstance(found, list):
        yield prefix + key, f"“{key}” is not a list."
        return
    for index, element in enumerate(found):
        path = f"{prefix}{key}[{index}]"
        yield path, element if isinstance(element, dict) else f"This “{key}” is not an object."


def _items(change: _Change) -> Iterator[Item]:
    """Everything but statuses. What is in none of the known lists concerns the account."""
    value = change.value
    readers = [(key, reader) for key in value if (reader := _READERS.get(key))]
    for key, reader in readers:
        yield from reader(change, key)
    if not readers and not value.keys() <= _BESIDE:
        told = account.told(change.field, value, change.at, change.account)
        yield Item(change.path, told=(told,))


def _statuses(change: _Change) -> Iterator[Item]:
    if "statuses" in change.value:
        yield from _each(change, "statuses", status)
    if "standby" in change.value:
        yield from _each(change.inside("standby", "standby"), "statuses", status)


_Facts = Callable[[Object, Surroundings], tuple[Fact, ...]]
_Reading = Callable[[_Change, str], Iterator[Item]]


def _each(change: _Change, key: str, read: _Facts) -> Iterator[Item]:
    """Every element of a list, on its own."""
    for path, element in _elements(change.value, key, change.prefix):
        yield _item(path, element, read, change.around)


def _item(path: str, element: Object | str, read: _Facts, around: Surroundings) -> Item:
    if isinstance(element, str):
        return Item(path, refused=element)
    try:
        return Item(path, read(element, around))
    except Unreadable as why:
        return Item(path, refused=str(why))
    except RecursionError:
        return Item(path, refused="This is nested too deeply.")


def _list_of(read: _Facts) -> _Reading:
    return lambda change, key: _each(change, key, read)


def _messages(change: _Change, key: str) -> Iterator[Item]:
    """What customers wrote; under `history`, files that belong to messages of the past."""
    if change.field == "history":
        past = replace(change, around=replace(change.around, source="history"))
        return _each(past, key, remembered(""))
    return _each(change, key, arrived)


def _history(change: _Change, key: str) -> Iterator[Item]:
    """Threads synchronised from the phone, or why there are none."""
    for path, chunk in _elements(change.value, key, change.prefix):
        if isinstance(chunk, str):
            yield Item(path, refused=chunk)
            continue
        around = replace(change.around, source="history")
        inner = replace(change, path=path, value=chunk, around=around)
        yield from _errors(inner, "errors")
        for thread_path, thread in _elements(chunk, "threads", f"{path}."):
            if isinstance(thread, str):
                yield Item(thread_path, refused=thread)
            else:
                talk = replace(inner, path=thread_path, value=thread)
                yield from _each(talk, "messages", remembered(name_of(thread, "id")))


def _standby(change: _Change, key: str) -> Iterator[Item]:
    """What Meta's own agent hears and says."""
    inner = change.inside(key, "standby")
    yield from _each(inner, "messages", arrived)
    yield from _each(inner, "message_echoes", echoed)


def _handover(change: _Change, _key: str) -> Iterator[Item]:
    yield _item(change.path, change.value, handed_over, change.around)


def _errors(change: _Change, key: str) -> Iterator[Item]:
    return _told(change, key, lambda error: account.error_told(change.field, error, change.at))


def _kept(change: _Change, key: str) -> Iterator[Item]:
    return _told(change, key, lambda part: account.kept(change.field, part, change.at))


def _told(change: _Change, key: str, tell: Callable[[Object], AccountTold]) -> Iterator[Item]:
    for path, element in _elements(change.value, key, change.prefix):
        if isinstance(element, str):
            yield Item(path, refused=element)
        else:
            yield Item(path, told=(tell(element),))


_READERS: dict[str, _Reading] = {
    "messages": _messages,
    "message_echoes": _list_of(echoed),
    "history": _history,
    "standby": _standby,
    "calls": _list_of(called),
    "groups": _list_of(group_changed),
    "user_id_update": _list_of(user_id_updated),
    "control_passed": _handover,
    "control_taken": _handover,
    "user_preferences": _kept,
    "state_sync": _kept,
    "automatic_events": _kept,
    "errors": _errors,
}
"""How to read what a value holds, by key."""
