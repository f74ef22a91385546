"""Frozen dataclasses as JSON objects and back, and fields that are computed.

Each field of a dataclass is a key of the JSON object, in the fields' order. ``as_json`` writes,
``read`` checks and reads. A field of type ``Maybe`` has no key while it is None, one of type
``Here`` never has one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    TypeAlias,
    TypeGuard,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

__all__ = ["Here", "Json", "JsonObject", "Known", "Maybe", "as_json", "computed", "is_list",
           "is_table", "read"]

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""Any value of a JSON file."""
JsonObject: TypeAlias = Mapping[str, Json]


T = TypeVar("T")
MAYBE = "maybe"
Maybe: TypeAlias = Annotated[T | None, MAYBE]
"""Type of a field that is left out of the JSON while it is None."""
HERE = "here"
Here: TypeAlias = Annotated[T | None, HERE]
"""Type of a field that only the process that made it knows: no file has it."""


def is_table(thing: object) -> TypeGuard[dict[str, Json]]:
    """Tells whether a value of a file is a table (TOML) or an object (JSON)."""
    return isinstance(thing, dict)


def is_list(thing: object) -> TypeGuard[list[Any]]:
    """Tells whether a value of a file is a list."""
    return isinstance(thing, list)


def computed(method: Callable[[Any], T]) -> T:
    """Makes a property of ``method`` that overrides a field of the base class; type checkers treat
    it as the field."""
    return cast(T, property(method))


class Known(Mapping[str, Json]):
    """Base of dataclasses that are also mappings, equal to their JSON object: ``known["luts"]``."""

    def json(self) -> dict[str, Json]:
        """Returns the JSON object, of plain dicts and lists."""
        return _object(self)

    def __getitem__(self, key: str) -> Json:
        return self.json()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.json())

    def __len__(self) -> int:
        return len(self.json())


def as_json(thing: Any) -> Json:
    """Converts a dataclass, container or plain value to JSON."""
    if isinstance(thing, Known):
        return thing.json()
    if is_dataclass(thing):
        return _object(thing)
    if isinstance(thing, Mapping):
        return {key: as_json(value) for key, value in cast(Mapping[str, Any], thing).items()}
    if isinstance(thing, list | tuple):
        return [as_json(value) for value in cast(Sequence[Any], thing)]
    return thing


def _object(thing: Any) -> dict[str, Json]:
    values = ((getattr(kind, "__metadata__", ()), name, getattr(thing, name))
              for name, kind in _hints(thing.__class__).items())
    return {name: as_json(value) for marks, name, value in values
            if HERE not in marks and (value is not None or MAYBE not in marks)}


def read(kind: type[T], value: Json) -> T:
    """Makes a dataclass of the type ``kind`` from a JSON object.

    ValueError, with the place of the fault, if the object does not fit. A null for a field with a
    default becomes the default; unknown keys are ignored."""
    return _read(kind, value, "")


def _read(kind: Any, value: Json, where: str) -> Any:
    """A JSON value as a dataclass, container or plain type."""
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    options = get_args(kind)
    match get_origin(kind):
        case origin if origin in (Union, UnionType):
            return _any_of(options, value, where)
        case origin if origin in (tuple, Sequence) and isinstance(value, list | tuple):
            kinds = options[:1] * len(value) if options[1:] in ((), (...,)) else options
            return tuple(_read(one, part, f"{where}[{k}]")
                         for k, (one, part) in enumerate(zip(kinds, value, strict=True)))
        case origin if origin is Mapping and isinstance(value, Mapping):
            return {key: _read(options[1], part, f"{where}.{key}") for key, part in value.items()}
        case _ if is_dataclass(kind) and isinstance(value, Mapping):
            return _read_object(kind, value, where)
        case None if kind is float and isinstance(value, int) or (
                isinstance(kind, type) and isinstance(value, kind)):
            return value
        case _:
            raise ValueError(f"{where.removeprefix('.') or 'it'} should be "
                             f"{getattr(kind, '__name__', kind)}, not {str(value)[:80]}")


def _any_of(kinds: Sequence[Any], value: Json, where: str) -> Any:
    """The first of the types that a value is."""
    if value is None and NoneType in kinds:
        return None
    wrong: list[ValueError] = []
    for kind in kinds:
        try:
            return _read(kind, value, where)
        except ValueError as e:
            wrong.append(e)
    raise next((e for e, kind in zip(wrong, kinds, strict=True) if kind is not NoneType), wrong[0])


def _read_object(kind: Any, value: JsonObject, where: str) -> Any:
    hints, given = _hints(kind), dict[str, Any]()
    for f in fields(kind):
        bare = f.default is MISSING and f.default_factory is MISSING
        if bare and f.name not in value:
            raise ValueError(f"{where.removeprefix('.') or 'it'} has no {f.name}")
        if bare or value.get(f.name) is not None:
            given[f.name] = _read(hints[f.name], value[f.name], f"{where}.{f.name}")
    return kind(**given)


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    """Types of a dataclass's fields, in their order."""
    hints = get_type_hints(kind, include_extras=True)
    return {f.name: hints[f.name] for f in fields(kind)}
