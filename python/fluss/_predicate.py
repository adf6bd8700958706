"""Filters over columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn, final

from fluss import _core as native
from fluss._base import Final, Internal, check_type, make, wrong_type

_EQ, _NE, _LT, _LE, _GT, _GE, _IS_NULL, _NOT_NULL, _STARTS, _CONTAINS, _ENDS, _IN, _NOT_IN = range(13)
_AND, _OR, _NOT = 100, 101, 102


@final
class Predicate(Internal):
    """A filter: combine with ``&``, ``|`` and ``~``.

    >>> wanted = (fluss.col("amount") >= 10) & ~(fluss.col("region") == "US")
    >>> (await orders.to_arrow(filter=wanted)).num_rows
    1
    """

    __slots__ = ("_core", "__weakref__")
    _core: native.Predicate

    @staticmethod
    def _of(core: native.Predicate) -> Predicate:
        predicate = make(Predicate)
        predicate._core = core
        return predicate

    def and_(self, other: Predicate) -> Predicate:
        """Both hold."""
        check_type("other", other, Predicate)
        return Predicate._of(native.combine(_AND, [self._core, other._core]))

    def or_(self, other: Predicate) -> Predicate:
        """One of them holds, or both."""
        check_type("other", other, Predicate)
        return Predicate._of(native.combine(_OR, [self._core, other._core]))

    def __and__(self, other: Predicate) -> Predicate:
        return self.and_(other) if isinstance(other, Predicate) else NotImplemented

    def __or__(self, other: Predicate) -> Predicate:
        return self.or_(other) if isinstance(other, Predicate) else NotImplemented

    def __invert__(self) -> Predicate:
        return Predicate._of(native.combine(_NOT, [self._core]))

    def __bool__(self) -> NoReturn:
        raise TypeError("a Predicate has no truth value: combine with & and |, and negate with ~")

    def __repr__(self) -> str:
        return f"Predicate({self._core.text()})"


@final
class ColumnRef(Final):
    """A column in a filter: ``col("age") > 30``.

    >>> wanted = fluss.col("amount").between(5, 15) & fluss.col("region").is_in(["EU", "US"])
    >>> (await orders.to_arrow(filter=wanted)).num_rows
    1
    """

    __slots__ = ("_name",)
    _name: str

    def __init__(self, name: str) -> None:
        self._name = check_type("name", name, str)

    @property
    def name(self) -> str:
        """The column's name."""
        return self._name

    def _compare(self, op: int, *literals: object) -> Predicate:
        return Predicate._of(native.compare(op, self._name, literals))

    def equal(self, value: object) -> Predicate:
        """``column = value``"""
        return self._compare(_EQ, value)

    def not_equal(self, value: object) -> Predicate:
        """``column <> value``"""
        return self._compare(_NE, value)

    def less_than(self, value: object) -> Predicate:
        """``column < value``"""
        return self._compare(_LT, value)

    def less_or_equal(self, value: object) -> Predicate:
        """``column <= value``"""
        return self._compare(_LE, value)

    def greater_than(self, value: object) -> Predicate:
        """``column > value``"""
        return self._compare(_GT, value)

    def greater_or_equal(self, value: object) -> Predicate:
        """``column >= value``"""
        return self._compare(_GE, value)

    def between(self, low: object, high: object) -> Predicate:
        """Both ends included."""
        return self.greater_or_equal(low) & self.less_or_equal(high)

    def is_null(self) -> Predicate:
        """``column IS NULL``"""
        return self._compare(_IS_NULL)

    def is_not_null(self) -> Predicate:
        """``column IS NOT NULL``"""
        return self._compare(_NOT_NULL)

    def starts_with(self, prefix: str) -> Predicate:
        """Text that begins with this."""
        return self._compare(_STARTS, check_type("prefix", prefix, str))

    def ends_with(self, suffix: str) -> Predicate:
        """Text that ends with this."""
        return self._compare(_ENDS, check_type("suffix", suffix, str))

    def contains(self, infix: str) -> Predicate:
        """Text with this in it."""
        return self._compare(_CONTAINS, check_type("infix", infix, str))

    def is_in(self, values: Sequence[Any]) -> Predicate:
        """Equal to one of the values."""
        return self._compare(_IN, *_values(values))

    def not_in(self, values: Sequence[Any]) -> Predicate:
        """Equal to none of the values."""
        return self._compare(_NOT_IN, *_values(values))

    def __eq__(self, value: object) -> Predicate:  # type: ignore[override]
        return self.equal(value)

    def __ne__(self, value: object) -> Predicate:  # type: ignore[override]
        return self.not_equal(value)

    def __lt__(self, value: object) -> Predicate:
        return self.less_than(value)

    def __le__(self, value: object) -> Predicate:
        return self.less_or_equal(value)

    def __gt__(self, value: object) -> Predicate:
        return self.greater_than(value)

    def __ge__(self, value: object) -> Predicate:
        return self.greater_or_equal(value)

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> NoReturn:
        raise TypeError("a ColumnRef has no truth value: compare it with a value")

    def __repr__(self) -> str:
        return f"ColumnRef({self._name})"


def _values(values: object) -> Sequence[Any]:
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise wrong_type("values", values, "Sequence")
    return values


def col(name: str) -> ColumnRef:
    """A column to build a filter on.

    >>> (await orders.to_arrow(filter=fluss.col("region") == "US")).column("id").to_pylist()
    [2]
    """
    return ColumnRef(name)
