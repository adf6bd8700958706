"""An open table, and the builder of its scans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, final

import pyarrow as pa

from fluss import _core as native
from fluss._base import (
    I32,
    Internal,
    check_int,
    check_ints,
    check_strings,
    check_type,
    check_unsigned,
    client_error,
    make,
)
from fluss._lookup import TableLookup
from fluss._pending import Pending, SelfAwaitable, settled, start
from fluss._predicate import Predicate
from fluss._progress import Progress, watched
from fluss._results import FrameResult, TableResult
from fluss._scan import BatchScanner, LogScanner, to_frame, to_table
from fluss._types import PartitionInfo, Schema, TableBucket, TableInfo, TablePath
from fluss._write import AppendWriter, TableAppend, TableUpsert

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation as _Relation
    from polars import DataFrame as _PolarsFrame

    from fluss._connection import FlussConnection


@final
class TableScan(Internal):
    """Describes a scan, then makes its scanner or reads it all.

    >>> scan = orders.new_scan().project_by_name(["id"]).filter(fluss.col("amount") > 15, exact=True)
    >>> (await scan.to_arrow()).to_pylist()
    [{'id': 2}]
    """

    __slots__ = ("_table", "_indices", "_names", "_filter", "_exact", "_limit", "_partitions")
    _table: FlussTable
    _indices: list[int] | None
    _names: list[str] | None
    _filter: Predicate | None
    _exact: bool
    _limit: int | None
    _partitions: list[int] | None

    @staticmethod
    def _of(table: FlussTable) -> TableScan:
        scan = make(TableScan)
        scan._table = table
        scan._indices = scan._names = scan._filter = scan._limit = scan._partitions = None
        scan._exact = False
        return scan

    def project(self, indices: Sequence[int]) -> TableScan:
        """Columns by position, in this order."""
        for index in check_ints("indices", indices, (-(2**63), 2**63 - 1)):
            check_unsigned("indices", index)
        self._indices, self._names = list(indices), None
        return self

    def project_by_name(self, names: Sequence[str]) -> TableScan:
        """Columns by name, in this order."""
        self._indices, self._names = None, check_strings("names", names)
        return self

    def with_fixed_schema(self, fixed_schema: bool) -> TableScan:
        """Batches always have the columns of the time the scanner was made, whatever is given here."""
        check_type("fixed_schema", fixed_schema, bool)
        return self

    def limit(self, n: int) -> TableScan:
        """At most so many rows, for a bucket batch scanner."""
        if check_int("n", n, I32) <= 0:
            raise client_error(f"limit must be > 0, got {n}")
        self._limit = n
        return self

    def filter(self, predicate: Predicate, exact: bool = False) -> TableScan:
        """Skips stored batches that cannot match; ``exact`` removes single rows as well. Replaces an earlier filter."""
        self._filter = check_type("predicate", predicate, Predicate)
        self._exact = check_type("exact", exact, bool)
        return self

    def partitions(self, partition_ids: Sequence[int]) -> TableScan:
        """Only these partitions, for reads of the whole table."""
        self._partitions = check_ints("partition_ids", partition_ids, (-(2**63), 2**63 - 1))
        return self

    # --- Scanners ---

    def create_log_scanner(self) -> Pending[LogScanner]:
        """A scanner of records: rows with offset, timestamp and change type."""
        return settled(lambda: self._log_scanner(by_record=True))

    def create_record_batch_log_scanner(self) -> Pending[LogScanner]:
        """A scanner of Arrow batches, of log tables only."""
        return settled(lambda: self._log_scanner(by_record=False))

    create_batch_scanner = create_record_batch_log_scanner

    def create_bucket_batch_scanner(self, bucket: TableBucket) -> BatchScanner:
        """A scanner that gives up to ``limit`` rows of a bucket, once."""
        check_type("bucket", bucket, TableBucket)
        if self._limit is None:
            raise client_error("a bucket batch scanner needs a limit: call limit(n) first")
        if self._filter is not None:
            raise client_error("a bucket batch scanner with a limit takes no filter")
        core = self._table._core.limit_scanner(
            bucket.table_id, bucket.partition_id, bucket.bucket_id, self._limit, self._projection()
        )
        return BatchScanner._of(core, bucket)

    def _log_scanner(self, by_record: bool) -> LogScanner:
        if self._limit is not None:
            raise client_error("a log scanner takes no limit: use create_bucket_batch_scanner()")
        if not by_record:
            self._check_arrow_log()
        core = self._table._core.log_scanner(self._projection(), self._predicate(), self._exact)
        return LogScanner._of(core, self._table, by_record, self._table._connection._max_poll_records)

    def _check_arrow_log(self) -> None:
        info = self._table._core.info()
        if info.schema.primary_keys:
            raise client_error(
                f"{self._table.get_table_path()} has a primary key: its changelog is read record by record, with "
                "create_log_scanner()"
            )
        if info.properties.get("table.log.format", "ARROW").upper() != "ARROW":
            path = self._table.get_table_path()
            raise client_error(f"{path} does not have the ARROW log format: use create_log_scanner()")

    def _projection(self) -> list[int] | None:
        columns = self._table._core.info().schema.names
        if self._names is not None:
            for name in self._names:
                if name not in columns:
                    raise client_error(f"Column '{name}' not found; the table has {', '.join(columns)}")
            indices = [columns.index(name) for name in self._names]
        elif self._indices is not None:
            indices = self._indices
            for index in indices:
                if index >= len(columns):
                    raise client_error(f"Column index {index} is out of range: the table has {len(columns)} columns")
        else:
            return None
        if not indices:
            raise client_error("the projection is empty: name at least one column")
        return indices

    def _predicate(self) -> native.Predicate | None:
        return None if self._filter is None else self._filter._core

    # --- Reading everything ---

    def to_arrow(self, *, progress: Progress = None) -> TableResult:
        """The live rows of a primary key table, or all records of a log table, up to now."""
        return TableResult(watched(self._read_op(), progress), to_table)

    def to_pandas(self, *, progress: Progress = None, **options: Any) -> FrameResult:
        """As ``to_arrow``; ``options`` go to ``pyarrow.Table.to_pandas``."""
        return FrameResult(watched(self._read_op(), progress), lambda core: to_frame(core, options))

    def to_polars(self, *, progress: Progress = None) -> Pending[_PolarsFrame]:
        """As ``to_arrow``, as a ``polars.DataFrame``."""
        import polars

        return start(watched(self._read_op(), progress), lambda core: polars.DataFrame(to_table(core)))

    def to_arrow_batch_reader(self) -> pa.RecordBatchReader:
        """As ``to_arrow``, batch by batch: reads as it is consumed. Every step blocks."""
        return pa.RecordBatchReader.from_stream(self)

    def to_duckdb(self, connection: Any = None) -> _Relation:
        """A DuckDB relation that reads as it is consumed, once."""
        import duckdb

        return (connection or duckdb).from_arrow(self.to_arrow_batch_reader())

    def _read_op(self) -> native.Operation:
        self._refuse_limit()
        return self._table._core.read_table(self._projection(), self._predicate(), self._exact, self._partitions)

    def _refuse_limit(self) -> None:
        if self._limit is not None:
            raise client_error("a read of the whole table takes no limit: use FlussTable.head(n)")

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        self._refuse_limit()
        stream = self._table._core.read_stream(self._projection(), self._predicate(), self._exact, self._partitions)
        return stream.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"TableScan(table={self._table.get_table_path()})"


@final
class FlussTable(SelfAwaitable, Internal):
    """A table opened with ``FlussConnection.get_table``. Any Arrow library reads it as a stream of its rows.

    >>> table = await conn.get_table("fluss.orders")
    >>> table.columns
    ['id', 'region', 'amount']
    >>> (await table.to_arrow(columns=["id"], filter=fluss.col("amount") > 15)).to_pylist()
    [{'id': 2}]
    """

    __slots__ = ("_core", "_connection", "_arrow_schema", "__weakref__")
    _core: native.Table
    _connection: FlussConnection
    _arrow_schema: pa.Schema

    @staticmethod
    def _of(core: native.Table, connection: FlussConnection) -> FlussTable:
        table = make(FlussTable)
        table._core = core
        table._connection = connection
        table._arrow_schema = pa.schema(core.arrow_schema)
        return table

    def new_scan(self) -> TableScan:
        """A builder of scanners and of reads of the whole table."""
        return TableScan._of(self)

    def new_append(self) -> TableAppend:
        """A builder of writers of a log table."""
        if self.has_primary_key():
            raise client_error("Append is only supported for log tables (without primary key)")
        return TableAppend._of(self)

    def new_append_writer(self) -> AppendWriter:
        """``new_append().create_writer()``"""
        return self.new_append().create_writer()

    def new_upsert(self, columns: Sequence[str] | Sequence[int] | None = None) -> TableUpsert:
        """``columns``, by name or position: update these and keep the others."""
        if not self.has_primary_key():
            raise client_error("Upsert is only supported for primary key tables")
        return TableUpsert._of(self, columns)

    def new_lookup(self) -> TableLookup:
        """A builder of lookups in a primary key table."""
        if not self.has_primary_key():
            raise client_error("Lookup is only supported for primary key tables")
        return TableLookup._of(self)

    @property
    def arrow_schema(self) -> pa.Schema:
        """What ``write_arrow_batch`` takes and scans give."""
        return self._arrow_schema

    @property
    def schema(self) -> Schema:
        """Columns and keys, in Fluss's types."""
        return self.get_table_info().get_schema()

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self._core.info().schema.names)

    def count(self) -> Pending[int]:
        """How many rows there are: live ones of a primary key table, records of a log table."""
        return self._connection.get_admin()._count(self.get_table_path())

    def get_table_info(self) -> TableInfo:
        """What the table was when it was opened."""
        return TableInfo._of(self._core.info())

    def get_table_path(self) -> TablePath:
        """Its database and name."""
        info = self._core.info()
        return TablePath(info.database, info.table)

    def has_primary_key(self) -> bool:
        """Whether rows are upserted and looked up, rather than appended."""
        return bool(self._core.info().schema.primary_keys)

    def list_partitions(self) -> Pending[list[PartitionInfo]]:
        """All partitions; code 37 for a table that has none."""
        return self._connection.get_admin().list_partition_infos(self.get_table_path())

    # --- Reading everything ---

    def to_arrow(
        self, columns: Sequence[str] | None = None, filter: Predicate | None = None, *, progress: Progress = None
    ) -> TableResult:
        """The live rows of a primary key table, or all records of a log table, up to now."""
        return self._scan(columns, filter).to_arrow(progress=progress)

    def to_pandas(
        self,
        columns: Sequence[str] | None = None,
        filter: Predicate | None = None,
        *,
        progress: Progress = None,
        **options: Any,
    ) -> FrameResult:
        """As ``to_arrow``; ``options`` go to ``pyarrow.Table.to_pandas``."""
        return self._scan(columns, filter).to_pandas(progress=progress, **options)

    def to_polars(
        self, columns: Sequence[str] | None = None, filter: Predicate | None = None, *, progress: Progress = None
    ) -> Pending[_PolarsFrame]:
        """As ``to_arrow``, as a ``polars.DataFrame``."""
        return self._scan(columns, filter).to_polars(progress=progress)

    def to_duckdb(
        self, columns: Sequence[str] | None = None, filter: Predicate | None = None, connection: Any = None
    ) -> _Relation:
        """A DuckDB relation that reads as it is consumed, once."""
        return self._scan(columns, filter).to_duckdb(connection)

    def to_arrow_batch_reader(
        self, columns: Sequence[str] | None = None, filter: Predicate | None = None
    ) -> pa.RecordBatchReader:
        """As ``to_arrow``, batch by batch: reads as it is consumed. Every step blocks."""
        return self._scan(columns, filter).to_arrow_batch_reader()

    def head(self, n: int = 10) -> pa.Table:
        """Some ``n`` rows. Blocks."""
        left = check_unsigned("n", n)
        reader = self.to_arrow_batch_reader()
        batches = []
        while left > 0 and (batch := next(reader, None)) is not None:
            batches.append(batch.slice(0, left))
            left -= batches[-1].num_rows
        return pa.Table.from_batches(batches, reader.schema)

    def _scan(self, columns: Sequence[str] | None, filter: Predicate | None) -> TableScan:
        scan = self.new_scan()
        if columns is not None:
            scan.project_by_name(columns)
        if filter is not None:
            scan.filter(filter, exact=True)
        return scan

    def __arrow_c_schema__(self) -> object:
        return self._core.arrow_schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.new_scan().__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"FlussTable(path={self.get_table_path()})"

    def _repr_html_(self) -> str:
        return self.get_table_info()._repr_html_()
