"""The contract's classes without pydantic: plain records, read by what their fields say.

A terminal hears nothing but its relay, which has checked everything; it must start at once, and
pydantic takes longer to load than all of Textual's first picture. So the terminal's first step is
`choose()`, and what the contract imports next from `contract/models.py` is made of this. A value of
another type is refused here too. How long or large a value may be, only pydantic knows: what a
terminal asks for is judged by the relay.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from types import UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Generic,
    Literal,
    Self,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
)

T = TypeVar("T")
Reader = Callable[[Any], Any]

AwareDatetime = datetime
StrictBool = bool
ConfigDict = dict

_chosen = False


def choose() -> None:
    """For this process, before any other room of the contract is imported."""
    global _chosen  # noqa: PLW0603 - said once, at the very start
    _chosen = True


def chosen() -> bool:
    return _chosen


class ValidationError(ValueError):
    """What came is not what the contract says."""


class Field:
    """What a field says beyond its type: a default, or the name that tells a union's classes
    apart."""

    def __init__(self, default: object = ..., *, discriminator: str = "", **_: object) -> None:
        self.default = default
        self.discriminator = discriminator


class BeforeValidator:
    """Nothing is validated here."""

    def __init__(self, _: object) -> None:
        pass


class BaseModel:
    """A frozen record. An instance holds what is not as its default."""

    model_fields: ClassVar[dict[str, Any]] = {}
    """The type of each field, by name."""
    model_needed: ClassVar[frozenset[str]] = frozenset()
    _readers: ClassVar[dict[str, Reader] | None] = None

    def __init_subclass__(cls) -> None:
        own = vars(cls).get("__annotations__", {})
        for name in own:
            said = vars(cls).get(name, ...)
            default = said.default if isinstance(said, Field) else said
            if default is not ...:
                setattr(cls, name, default)
            elif name in vars(cls):
                delattr(cls, name)
        cls.model_fields = {**cls.model_fields, **own}
        cls.model_needed = frozenset(name for name in cls.model_fields if not hasattr(cls, name))
        cls._readers = None

    def __init__(self, **given: Any) -> None:
        if strange := given.keys() - self.model_fields.keys():
            raise ValidationError(f"{type(self).__name__} has no {', '.join(sorted(strange))}")
        if missing := self.model_needed - given.keys():
            raise ValidationError(f"{type(self).__name__} needs {', '.join(sorted(missing))}")
        self.__dict__.update(given)

    @classmethod
    def model_read(cls, value: Any) -> Self:
        """Reads what JSON gave. What this terminal is too old to know is left out."""
        readers = cls._readers
        if readers is None:
            readers = cls._readers = {
                name: _reader(kind) for name, kind in cls.model_fields.items()
            }
        new = cls.__new__(cls)
        held = new.__dict__
        for name, each in cast("dict[str, Any]", value).items():
            reader = readers.get(name)
            if reader is not None:
                read = reader(each)
                if name in cls.model_needed or read != getattr(cls, name):
                    held[name] = read
        if not cls.model_needed <= held.keys():
            raise KeyError(*cls.model_needed - held.keys())
        return new

    @classmethod
    def model_validate_json(cls, data: str | bytes) -> Self:
        return TypeAdapter[Self](cls).validate_json(data)

    def model_dump_json(self, *, exclude_none: bool = False) -> str:
        held = self._values()
        if exclude_none:
            held = {name: value for name, value in held.items() if value is not None}
        return json.dumps(held, default=_plain, ensure_ascii=False, separators=(",", ":"))

    def model_copy(self, *, update: Mapping[str, Any]) -> Self:
        new = type(self).__new__(type(self))
        new.__dict__.update(self.__dict__, **update)
        return new

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} is frozen")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), *self._values().values()))

    def __repr__(self) -> str:
        held = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({held})"

    def _values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields}


class TypeAdapter(Generic[T]):
    """Reads one type, which need not be a record."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self._reader: Reader | None = None

    def validate_json(self, data: str | bytes) -> T:
        try:
            if self._reader is None:
                self._reader = _reader(self._kind)
            return cast("T", self._reader(json.loads(data)))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValidationError(f"not what the contract says: {error!r}") from error


def _reader(kind: Any) -> Reader:
    """How a value of JSON becomes one of this type."""
    origin, parts = get_origin(kind), get_args(kind)
    if hasattr(kind, "__supertype__"):
        return _reader(kind.__supertype__)
    if origin is Annotated:
        tag = next((m.discriminator for m in parts[1:] if isinstance(m, Field)), "")
        return _one_of(tag, get_args(parts[0])) if tag else _reader(parts[0])
    if origin in (Union, UnionType):
        return _or_none(*(part for part in parts if part is not type(None)))
    if origin is Literal:
        return _plainly(parts).__getitem__
    if origin is tuple and parts[-1] is ...:
        return _row(_reader(parts[0]))
    if origin is tuple:
        return _places([_reader(part) for part in parts])
    if origin is list:
        return _list(_reader(parts[0]))
    if origin is dict or kind is dict:
        return _as(dict)
    return _simple(kind)


def _simple(kind: Any) -> Reader:
    if kind is Any:
        return lambda value: value
    if issubclass(kind, BaseModel):
        return cast("Reader", kind.model_read)
    if issubclass(kind, Enum):
        return _plainly(tuple(kind)).__getitem__
    if kind is datetime:
        return datetime.fromisoformat
    return _as(float, int) if kind is float else _as(kind)


def _as(*kinds: type) -> Reader:
    def read(value: Any) -> Any:
        if type(value) not in kinds:
            raise TypeError(f"{kinds[0].__name__} wanted, not {type(value).__name__}")
        return value

    return read


def _plainly(several: tuple[Any, ...]) -> dict[Any, Any]:
    """Constants by the way they are written in JSON."""
    return {each.value if isinstance(each, Enum) else each: each for each in several}


def _or_none(kind: Any) -> Reader:
    read = _reader(kind)
    return lambda value: None if value is None else read(value)


def _row(read: Reader) -> Reader:
    return lambda value: tuple(map(read, _items(value)))


def _list(read: Reader) -> Reader:
    return lambda value: list(map(read, _items(value)))


def _places(readers: list[Reader]) -> Reader:
    return lambda value: tuple(r(v) for r, v in zip(readers, _items(value), strict=True))


_items = _as(list)


def _one_of(tag: str, kinds: tuple[type[BaseModel], ...]) -> Reader:
    """A union whose classes a field tells apart."""
    by = {said: kind for kind in kinds for said in _plainly(get_args(kind.model_fields[tag]))}
    return lambda value: by[value[tag]].model_read(value)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value._values()  # noqa: SLF001 - its own
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"nothing JSON can hold: {value!r}")
