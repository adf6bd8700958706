"""What the public classes share: being final, and argument checks that name the argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from fluss._errors import FlussError

T = TypeVar("T")

I32 = (-(2**31), 2**31 - 1)
I64 = (-(2**63), 2**63 - 1)


class Final:
    """A class that users do not derive from."""

    __slots__ = ()
    __module__ = "fluss"

    def __init_subclass__(cls, final: bool = True, **kwargs: Any) -> None:
        for base in cls.__bases__:
            if base.__dict__.get("_final", False):
                raise TypeError(f"type 'fluss.{base.__name__}' is not an acceptable base type")
        if final:
            type.__setattr__(cls, "_final", True)
            type.__setattr__(cls, "__module__", "fluss")


class Internal(Final, final=False):
    """A class whose objects come from other objects only."""

    __slots__ = ()

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(f"cannot create 'fluss.{cls.__name__}' instances")

    def __reduce__(self) -> Any:
        raise TypeError(f"cannot pickle 'fluss.{type(self).__name__}' object")


def make(cls: type[T]) -> T:
    """An object of an Internal class, its slots still empty."""
    return object.__new__(cls)


def wrong_type(name: str, value: object, expected: str) -> TypeError:
    return TypeError(f"argument '{name}': '{type(value).__name__}' object is not an instance of '{expected}'")


def check_type(name: str, value: object, expected: type[T]) -> T:
    if not isinstance(value, expected):
        raise wrong_type(name, value, expected.__name__)
    return value


def check_int(name: str, value: Any, limits: tuple[int, int] = I64) -> int:
    if isinstance(value, (bool, float)) or not hasattr(value, "__index__"):
        raise TypeError(f"argument '{name}': '{type(value).__name__}' object cannot be interpreted as an integer")
    number: int = value.__index__()
    if not limits[0] <= number <= limits[1]:
        raise OverflowError(f"argument '{name}': out of range integral type conversion attempted: {number}")
    return number


def check_unsigned(name: str, value: object) -> int:
    number = check_int(name, value, (-(2**63), 2**64 - 1))
    if number < 0:
        raise OverflowError(f"argument '{name}': can't convert negative int to unsigned: {number}")
    return number


def check_strings(name: str, value: object) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise wrong_type(name, value, "Sequence")
    return [check_type(name, item, str) for item in value]


def check_ints(name: str, value: object, limits: tuple[int, int] = I32) -> list[int]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise wrong_type(name, value, "Sequence")
    return [check_int(name, item, limits) for item in value]


def check_dict(name: str, value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise wrong_type(name, value, "dict")
    return {check_type(name, k, str): check_type(name, v, str) for k, v in value.items()}


def client_error(message: str) -> FlussError:
    return FlussError(message)
