"""Dual results: ``await`` gives the real object, and using one at once blocks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

import pyarrow as pa

from fluss._pending import StartedPending
from fluss._sql import SqlResult

if TYPE_CHECKING:
    from pandas import DataFrame as _DataFrame  # noqa: F401  # a base class below names it in quotes

T = TypeVar("T")


def _delegate(cls: type, names: str) -> None:
    """Special methods that call those of the real object."""

    def make(name: str) -> Callable[..., Any]:
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            return getattr(self._outcome.wait(), name)(*args, **kwargs)

        call.__name__ = name
        return call

    for name in names.split():
        setattr(cls, name, make(name))


class _Proxy(StartedPending[T]):
    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if name == "_outcome":
            raise AttributeError(name)
        return getattr(self._outcome.wait(), name)

    def __repr__(self) -> str:
        return repr(self._outcome.wait())

    def __str__(self) -> str:
        return str(self._outcome.wait())

    # The identity of the handle: asyncio keeps awaitables in dictionaries.
    __hash__ = object.__hash__

    if TYPE_CHECKING:

        def __len__(self) -> int: ...
        def __getitem__(self, key: Any) -> Any: ...
        def __iter__(self) -> Iterator[Any]: ...
        def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


class TableResult(_Proxy["pa.Table"]):
    """A ``pyarrow.Table`` that is being read."""

    __slots__ = ()

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        return pa.Table

    def __arrow_c_schema__(self) -> object:
        return self._outcome.wait().schema.__arrow_c_schema__()

    def __iter__(self) -> Iterator[Any]:
        table = self._outcome.wait()
        return (table[i] for i in range(table.num_columns))

    def __reduce__(self) -> Any:
        return self._outcome.wait().__reduce__()


_delegate(TableResult, "__len__ __getitem__ __eq__ __ne__ __arrow_c_stream__ __dataframe__ __array__")


class FrameResult(_Proxy["_DataFrame"]):
    """A ``pandas.DataFrame`` that is being read."""

    __slots__ = ()

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        import pandas

        return pandas.DataFrame

    def __reduce__(self) -> Any:
        return self._outcome.wait().__reduce__()


_delegate(
    FrameResult,
    "__len__ __getitem__ __setitem__ __delitem__ __iter__ __contains__ __bool__ __eq__ __ne__ __lt__ __le__ __gt__ "
    "__ge__ __add__ __radd__ __sub__ __rsub__ __mul__ __rmul__ __truediv__ __rtruediv__ __floordiv__ __rfloordiv__ "
    "__mod__ __rmod__ __pow__ __rpow__ __matmul__ __rmatmul__ __and__ __rand__ __or__ __ror__ __xor__ __rxor__ "
    "__neg__ __pos__ __invert__ __abs__ __array__ __arrow_c_stream__ __dataframe__ __dir__",
)


class SqlCall(_Proxy[SqlResult]):
    """A ``SqlResult`` that is on its way. A statement that fails unseen is logged."""

    __slots__ = ()

    def __del__(self) -> None:
        self._outcome.log_if_unseen("a statement")


_delegate(SqlCall, "__len__ __iter__ __arrow_c_schema__ __arrow_c_stream__")


class ListResult(StartedPending[list[T]], Sequence[T]):
    """A list that is being read. No ``list`` to C code, which would see it empty; ``result()`` gives a real one."""

    __slots__ = ()

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        return list

    def __len__(self) -> int:
        return len(self._outcome.wait())

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: Any) -> Any:
        return self._outcome.wait()[index]

    def __iter__(self) -> Iterator[T]:
        return iter(self._outcome.wait())

    def __add__(self, other: Sequence[T]) -> list[T]:
        return self._outcome.wait() + list(other)

    def __radd__(self, other: Sequence[T]) -> list[T]:
        return list(other) + self._outcome.wait()

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, list) and self._outcome.wait() == list(cast(Any, other)))

    __hash__ = object.__hash__

    def __reduce__(self) -> Any:
        return list, (self._outcome.wait(),)

    def __repr__(self) -> str:
        return repr(self._outcome.wait())
