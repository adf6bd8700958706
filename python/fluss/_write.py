"""Writers and their builders."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, final

import pyarrow as pa

from fluss import _core as native
from fluss._base import Internal, check_ints, check_strings, client_error, make
from fluss._core import WriteResultHandle
from fluss._docs import share_docs
from fluss._errors import FlussError
from fluss._pending import Pending, SelfAwaitable, start

if TYPE_CHECKING:
    from fluss._table import FlussTable


def _cast(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    if batch.num_columns != len(schema):
        return batch  # the writer says what is wrong
    return batch.rename_columns(schema.names).cast(schema)


def _to_batch(batch: Any, schema: pa.Schema, cast: bool) -> Any:
    """Other libraries than pyarrow choose their own Arrow types (views, large offsets): theirs are cast."""
    if isinstance(batch, pa.RecordBatch):
        return _cast(batch, schema) if cast else batch
    return _cast(pa.record_batch(batch), schema) if hasattr(batch, "__arrow_c_array__") else batch


def _to_stream(table: Any, schema: pa.Schema, cast: bool) -> Any:
    if isinstance(table, (pa.Table, pa.RecordBatchReader)) and not cast:
        return table
    if not hasattr(table, "__arrow_c_stream__"):
        return pa.table(table) if hasattr(table, "__arrow_c_array__") else table
    reader = pa.RecordBatchReader.from_stream(table)
    if len(reader.schema) != len(schema) or reader.schema.equals(schema):
        return reader

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            yield _cast(batch, schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


@contextlib.contextmanager
def _naming_cast(data: Any, schema: pa.Schema) -> Iterator[None]:
    """An error over data whose types are not the table's says how they are converted."""
    try:
        yield
    except FlussError as error:
        given = getattr(data, "schema", None)
        if not isinstance(given, pa.Schema) or len(given) != len(schema) or given.types == schema.types:
            raise
        raise client_error(f"{error.message}; cast=True converts the columns") from None


def _from_pandas(frame: Any, schema: pa.Schema, strict: bool) -> pa.Table:
    extra = [name for name in frame.columns if name not in schema.names]
    if strict and extra:
        raise client_error(f"the table has no columns {extra}; it has {', '.join(schema.names)}")
    missing = [name for name in schema.names if name not in frame.columns]
    if missing:  # a KeyError, as for pyfluss
        raise KeyError(f"the frame has no columns {missing}: add them, with None where the values are to be NULL")
    return pa.Table.from_pandas(frame, schema=schema, preserve_index=False)


class _Writer(SelfAwaitable, Internal, final=False):
    _core: Any
    _table: FlussTable

    def flush(self) -> Pending[None]:
        """Sends what is pending on the whole connection; done when it is acknowledged.

        Fails with the error of a write to this table since the last flush. Writes to other tables that wait for a
        partition to be created are not waited for.
        """
        return start(self._core.flush())

    def write_arrow(self, table: Any, *, cast: bool = False) -> WriteResultHandle:
        """Writes a ``pyarrow.Table``, or anything else with ``__arrow_c_stream__``.

        Columns go by position and their types must be those of ``FlussTable.arrow_schema``; ``cast`` converts them.
        """
        stream = _to_stream(table, self._table.arrow_schema, cast)
        with _naming_cast(stream, self._table.arrow_schema):
            return self._core.write_table(stream)  # type: ignore[no-any-return]

    def write_arrow_batch(self, batch: Any, *, cast: bool = False) -> WriteResultHandle:
        """Writes a ``pyarrow.RecordBatch``, or anything else with ``__arrow_c_array__``; as ``write_arrow``."""
        converted = _to_batch(batch, self._table.arrow_schema, cast)
        with _naming_cast(converted, self._table.arrow_schema):
            return self._core.write_batch(converted)  # type: ignore[no-any-return]

    def write_pandas(self, df: Any, *, strict: bool = False) -> WriteResultHandle:
        """Writes a DataFrame, converted to the table's types. ``strict`` refuses columns that the table lacks."""
        table = _from_pandas(df, self._table.arrow_schema, strict)
        return self._core.write_table(table)  # type: ignore[no-any-return]

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.flush()
        except FlussError:
            if error is None:
                raise

    def __enter__(self) -> Any:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.flush().wait_sync()
        except FlussError:
            if error is None:
                raise

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


@final
class AppendWriter(_Writer):
    """Appends to a log table.

    >>> async with orders.new_append().create_writer() as writer:
    ...     _ = writer.append({"id": 3, "region": "EU", "amount": 2.5})
    >>> (await orders.to_arrow()).num_rows
    3
    """

    @staticmethod
    def _of(table: FlussTable) -> AppendWriter:
        writer = make(AppendWriter)
        writer._core = native.AppendWriter(table._core)
        writer._table = table
        writer.__dict__["append"] = writer._core.append  # saves a call a row
        return writer

    def append(self, row: Any) -> WriteResultHandle:
        """Queues a row: a dict, list or tuple. Waits only while the write buffer is full."""
        return self._core.append(row)  # type: ignore[no-any-return]


@final
class UpsertWriter(_Writer):
    """Upserts into and deletes from a primary key table.

    >>> writer = users.new_upsert().create_writer()
    >>> await writer.upsert({"id": 3, "name": "Cid", "score": 30}).wait()
    >>> await writer.delete({"id": 1}).wait()
    >>> sorted((await users.to_arrow()).column("id").to_pylist())
    [2, 3]
    """

    @staticmethod
    def _of(table: FlussTable, target_columns: list[int] | None) -> UpsertWriter:
        writer = make(UpsertWriter)
        writer._core = native.UpsertWriter(table._core, target_columns)
        writer._table = table
        writer.__dict__["upsert"] = writer._core.upsert
        writer.__dict__["delete"] = writer._core.delete
        return writer

    def upsert(self, row: Any) -> WriteResultHandle:
        """Queues a row, which inserts or replaces the one with its key."""
        return self._core.upsert(row)  # type: ignore[no-any-return]

    def delete(self, pk: Any) -> WriteResultHandle:
        """Queues the deletion of the row with this key."""
        return self._core.delete(pk)  # type: ignore[no-any-return]

    def delete_arrow(self, keys: Any) -> WriteResultHandle:
        """Deletes by an Arrow table of the primary key's columns, in its order."""
        return self._core.delete_table(keys)  # type: ignore[no-any-return]


class _WriterBuilder(Internal, final=False):
    """Makes writers, and passes on to one of its own what writers do."""

    __slots__ = ()

    def _writer(self) -> Any:
        raise NotImplementedError

    def write_arrow(self, table: Any, *, cast: bool = False) -> WriteResultHandle:
        return self._writer().write_arrow(table, cast=cast)  # type: ignore[no-any-return]

    def write_arrow_batch(self, batch: Any, *, cast: bool = False) -> WriteResultHandle:
        return self._writer().write_arrow_batch(batch, cast=cast)  # type: ignore[no-any-return]

    def write_pandas(self, df: Any, *, strict: bool = False) -> WriteResultHandle:
        return self._writer().write_pandas(df, strict=strict)  # type: ignore[no-any-return]

    def flush(self) -> Pending[None]:
        return self._writer().flush()  # type: ignore[no-any-return]

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._writer().__aexit__(kind, error, trace)

    def __enter__(self) -> Any:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer().__exit__(kind, error, trace)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


@final
class TableAppend(_WriterBuilder):
    """Makes append writers, and is one.

    >>> writer = orders.new_append().create_writer()
    >>> await writer.append([3, "EU", 2.5]).wait()
    """

    __slots__ = ("_table", "_default")
    _table: FlussTable
    _default: AppendWriter | None

    @staticmethod
    def _of(table: FlussTable) -> TableAppend:
        builder = make(TableAppend)
        builder._table = table
        builder._default = None
        return builder

    def create_writer(self) -> AppendWriter:
        """A writer with a handle of its own."""
        return AppendWriter._of(self._table)

    def _writer(self) -> AppendWriter:
        if self._default is None:
            self._default = self.create_writer()
        return self._default

    def append(self, row: Any) -> WriteResultHandle:
        return self._writer().append(row)


@final
class TableUpsert(_WriterBuilder):
    """Makes upsert writers, and is one.

    >>> writer = users.new_upsert().partial_update_by_name(["id", "score"]).create_writer()
    >>> await writer.upsert({"id": 1, "score": 11}).wait()
    >>> await users.new_lookup().lookup([1])
    {'id': 1, 'name': 'Ann', 'score': 11}
    """

    __slots__ = ("_table", "_columns", "_default")
    _table: FlussTable
    _columns: list[int] | None
    _default: UpsertWriter | None

    @staticmethod
    def _of(table: FlussTable, columns: Sequence[Any] | None) -> TableUpsert:
        builder = make(TableUpsert)
        builder._table = table
        builder._columns = None
        builder._default = None
        if columns is None:
            return builder
        by_index = isinstance(columns, Sequence) and any(isinstance(column, int) for column in columns)
        return builder.partial_update_by_index(columns) if by_index else builder.partial_update_by_name(columns)

    def partial_update_by_name(self, columns: Sequence[str]) -> TableUpsert:
        """A builder whose writers touch these columns only."""
        names = self._table._core.info().schema.names
        wanted = check_strings("columns", columns)
        for name in wanted:
            if name not in names:
                path = self._table.get_table_path()
                raise client_error(f"Column '{name}' not found in {path}; it has {', '.join(names)}")
        return self._partial([names.index(name) for name in wanted])

    def partial_update_by_index(self, column_indices: Sequence[int]) -> TableUpsert:
        """The same, by position."""
        count = len(self._table._core.info().schema.names)
        wanted = check_ints("column_indices", column_indices)
        for index in wanted:
            if not 0 <= index < count:
                path = self._table.get_table_path()
                raise client_error(f"Column index {index} is out of range: {path} has {count} columns")
        return self._partial(wanted)

    def _partial(self, columns: list[int]) -> TableUpsert:
        builder = TableUpsert._of(self._table, None)
        builder._columns = columns
        return builder

    def create_writer(self) -> UpsertWriter:
        """A writer of the columns that the builder was given."""
        return UpsertWriter._of(self._table, self._columns)

    def _writer(self) -> UpsertWriter:
        if self._default is None:
            self._default = self.create_writer()
        return self._default

    def upsert(self, row: Any) -> WriteResultHandle:
        return self._writer().upsert(row)

    def delete(self, pk: Any) -> WriteResultHandle:
        return self._writer().delete(pk)

    def delete_arrow(self, keys: Any) -> WriteResultHandle:
        return self._writer().delete_arrow(keys)


share_docs(TableAppend, AppendWriter)
share_docs(TableUpsert, UpsertWriter)
