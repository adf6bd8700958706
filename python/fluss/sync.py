"""The package for code without an event loop: the same classes, every method blocks and returns plain values.

    from fluss.sync import FlussConnection

    with FlussConnection.open("data") as conn:
        print(conn.get_admin().list_tables("fluss"))
"""

# Made by scripts/make_sync.py from the awaitable classes: change those, or fluss/_blocking.py.

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, final

import pyarrow as pa

import fluss
from fluss import _together as _together  # pyfluss's __init__.py would not say it
from fluss._blocking import Blocking, FlussConnectionBase, FlussTableBase, LogScannerBase, WriteResultHandle
from fluss._connection import Target
from fluss._lookup import Row
from fluss._progress import Progress

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation as _Relation
    from pandas import DataFrame as _DataFrame
    from polars import DataFrame as _PolarsFrame

__all__ = [
    "AppendWriter",
    "BatchScanner",
    "FlussAdmin",
    "FlussConnection",
    "FlussTable",
    "LogScanner",
    "Lookuper",
    "PrefixLookuper",
    "TableAppend",
    "TableLookup",
    "TablePrefixLookup",
    "TableScan",
    "TableUpsert",
    "UpsertWriter",
    "WriteResultHandle",
]


@final
class AppendWriter(Blocking):
    __slots__ = ("awaitable",)

    def __init__(self, awaitable: fluss.AppendWriter) -> None:
        self.awaitable: fluss.AppendWriter = awaitable

    def flush(self) -> None:
        self.awaitable.flush().wait_sync()

    def write_arrow(self, table: Any, *, cast: bool = False) -> WriteResultHandle:
        return WriteResultHandle(self.awaitable.write_arrow(table, cast=cast))

    def write_arrow_batch(self, batch: Any, *, cast: bool = False) -> WriteResultHandle:
        """Writes a ``pyarrow.RecordBatch``, or anything else with ``__arrow_c_array__``; as ``write_arrow``."""
        return WriteResultHandle(self.awaitable.write_arrow_batch(batch, cast=cast))

    def write_pandas(self, df: Any, *, strict: bool = False) -> WriteResultHandle:
        """Writes a DataFrame, converted to the table's types. ``strict`` refuses columns that the table lacks."""
        return WriteResultHandle(self.awaitable.write_pandas(df, strict=strict))

    def append(self, row: Any) -> WriteResultHandle:
        """Queues a row: a dict, list or tuple. Waits only while the write buffer is full."""
        return WriteResultHandle(self.awaitable.append(row))

    def __enter__(self) -> AppendWriter:
        return self

    def __exit__(self, *exception: Any) -> None:
        self.awaitable.__exit__(*exception)


@final
class UpsertWriter(Blocking):
    __slots__ = ("awaitable",)

    def __init__(self, awaitable: fluss.UpsertWriter) -> None:
        self.awaitable: fluss.UpsertWriter = awaitable

    def flush(self) -> None:
        self.awaitable.flush().wait_sync()

    def write_arrow(self, table: Any, *, cast: bool = False) -> WriteResultHandle:
        return WriteResultHandle(self.awaitable.write_arrow(table, cast=cast))

    def write_arrow_batch(self, batch: Any, *, cast: bool = False) -> WriteResultHandle:
        """Writes a ``pyarrow.RecordBatch``, or anything else with ``__arrow_c_array__``; as ``write_arrow``."""
        return WriteResultHandle(self.awaitable.write_arrow_batch(batch, cast=cast))

    def write_pandas(self, df: Any, *, strict: bool = False) -> WriteResultHandle:
        """Writes a DataFrame, converted to the table's types. ``strict`` refuses columns that the table lacks."""
        return WriteResultHandle(self.awaitable.write_pandas(df, strict=strict))

    def upsert(self, row: Any) -> WriteResultHandle:
        """Queues a row, which inserts or replaces the one with its key."""
        return WriteResultHandle(self.awaitable.upsert(row))

    def delete(self, pk: Any) -> WriteResultHandle:
        """Queues the deletion of the row with this key."""
        return WriteResultHandle(self.awaitable.delete(pk))

    def delete_arrow(self, keys: Any) -> WriteResultHandle:
        """Deletes by an Arrow table of the primary key's columns, in its order."""
        return WriteResultHandle(self.awaitable.delete_arrow(keys))

    def __enter__(self) -> UpsertWriter:
        return self

    def __exit__(self, *exception: Any) -> None:
        self.awaitable.__exit__(*exception)


@final
class TableAppend(Blocking):
    __slots__ = ("awaitable",)

    def __init__(self, awaitable: fluss.TableAppend) -> None:
        self.awaitable: fluss.TableAppend = awaitable

    def write_arrow(self, table: Any, *, cast: bool = False) -> WriteResultHandle:
        return WriteResultHandle(self.awaitable.write_arrow(table, cast=cast))

    def write_arrow_batch(self, batch: Any, *, cast: bool = False) -> WriteResultHandle:
        return WriteResultHandle(self.awaitable.write_arrow_batch(batch, cast=cast))

    def write_pandas(self, df: Any, *, strict: bool = False) -> WriteResultHandle:
        return WriteResultHandle(self.awaitable.write_pandas(df, strict=strict))

    def flush(self) -> None:
        self.awaitable.flush().wait_sync()

    def create_writer(self) -> AppendWriter:
        """A writer with a handle of its own."""
        return AppendWriter(self.awaitable.create_writer())

    def append(self, row: Any) -> WriteResultHandle:
        return WriteResultHandle(self.awaitable.append(row))

    def __enter__(self) -> TableAppend:
        return self

    def __exit__(self, *exception: Any) -> None:
        self.awaitable.__exit__(*exception)


@final
class TableUpsert(Blocking):
    __slots__ = ("awaitable",)

    def __init__(self, awaitable: fluss.TableUpsert) -> None:
        self.awaitable: fluss.TableUpsert = awaitable

    def write_arrow(self, table: Any, *, cast: bool = False) -> WriteResultHandle:
        return WriteResultHandle(self.awaitable.write_arrow(table, cast=cast))

    def write_arrow_batch(self, batch: Any, *, cast: bool = False) -> WriteResultHandle:
        return WriteResultHandle(self.awaitable.write_arrow_batch(batch, cast=cast))

    def write_pandas(self, df: Any, *, strict: bool = False) -> WriteResultHandle:
        return WriteResultHandle(self.awaitable.write_pandas(df, strict=strict))

    def flush(self) -> None:
        self.awaitable.flush().wait_sync()

    def partial_update_by_name(self, columns: Sequence[str]) -> TableUpsert:
        """A builder whose writers touch these columns only."""
        return TableUpsert(self.awaitable.partial_update_by_name(columns))

    def partial_update_by_index(self, column_indices: Sequence[int]) -> TableUpsert:
        """The same, by position."""
        return TableUpsert(self.awaitable.partial_update_by_index(column_indices))

    def create_writer(self) -> UpsertWriter:
        """A writer of the columns that the builder was given."""
        return UpsertWriter(self.awaitable.create_writer())

    def upsert(self, row: Any) -> WriteResultHandle:
        return WriteResultHandle(self.awaitable.upsert(row))

    def delete(self, pk: Any) -> WriteResultHandle:
        return WriteResultHandle(self.awaitable.delete(pk))

    def delete_arrow(self, keys: Any) -> WriteResultHandle:
        return WriteResultHandle(self.awaitable.delete_arrow(keys))

    def __enter__(self) -> TableUpsert:
        return self

    def __exit__(self, *exception: Any) -> None:
        self.awaitable.__exit__(*exception)


@final
class Lookuper(Blocking):
    __slots__ = ("awaitable",)

    def __init__(self, awaitable: fluss.Lookuper) -> None:
        self.awaitable: fluss.Lookuper = awaitable

    def lookup(self, pk: Any) -> Row | None:
        """The row with this key (a dict, or values in key order), None when there is none."""
        return self.awaitable.lookup(pk).wait_sync()

    def lookup_many(self, pks: Iterable[Any]) -> list[Row | None]:
        """Many keys in one go; results in their order."""
        return self.awaitable.lookup_many(pks).wait_sync()


@final
class PrefixLookuper(Blocking):
    __slots__ = ("awaitable",)

    def __init__(self, awaitable: fluss.PrefixLookuper) -> None:
        self.awaitable: fluss.PrefixLookuper = awaitable

    def lookup(self, prefix: Any) -> list[Row]:
        """All rows whose key begins with these values."""
        return self.awaitable.lookup(prefix).wait_sync()


@final
class TableLookup(Blocking):
    __slots__ = ("awaitable",)

    def __init__(self, awaitable: fluss.TableLookup) -> None:
        self.awaitable: fluss.TableLookup = awaitable

    def create_lookuper(self) -> Lookuper:
        """A lookuper by the whole primary key."""
        return Lookuper(self.awaitable.create_lookuper())

    def lookup_by(self, column_names: Sequence[str]) -> TablePrefixLookup:
        """Lookups by the partition keys and the bucket keys."""
        return TablePrefixLookup(self.awaitable.lookup_by(column_names))

    def lookup(self, pk: Any) -> Row | None:
        return self.awaitable.lookup(pk).wait_sync()

    def lookup_many(self, pks: Iterable[Any]) -> list[Row | None]:
        return self.awaitable.lookup_many(pks).wait_sync()


@final
class TablePrefixLookup(Blocking):
    __slots__ = ("awaitable",)

    def __init__(self, awaitable: fluss.TablePrefixLookup) -> None:
        self.awaitable: fluss.TablePrefixLookup = awaitable

    def create_lookuper(self) -> PrefixLookuper:
        """A lookuper by the columns that the builder was given."""
        return PrefixLookuper(self.awaitable.create_lookuper())

    def lookup(self, prefix: Any) -> list[Row]:
        return self.awaitable.lookup(prefix).wait_sync()


@final
class LogScanner(LogScannerBase):
    __slots__ = ("awaitable",)

    def __init__(self, awaitable: fluss.LogScanner) -> None:
        self.awaitable: fluss.LogScanner = awaitable

    def subscribe(self, bucket_id: int, start_offset: int) -> None:
        """Reads a bucket from ``start_offset`` on. In force when the call returns."""
        self.awaitable.subscribe(bucket_id, start_offset).wait_sync()

    def subscribe_buckets(self, bucket_offsets: Mapping[int, int]) -> None:
        """``{bucket_id: start_offset}``"""
        self.awaitable.subscribe_buckets(bucket_offsets).wait_sync()

    def subscribe_partition(self, partition_id: int, bucket_id: int, start_offset: int) -> None:
        """As ``subscribe``, for a bucket of a partition."""
        self.awaitable.subscribe_partition(partition_id, bucket_id, start_offset).wait_sync()

    def subscribe_partition_buckets(self, partition_bucket_offsets: Mapping[tuple[int, int], int]) -> None:
        """``{(partition_id, bucket_id): start_offset}``"""
        self.awaitable.subscribe_partition_buckets(partition_bucket_offsets).wait_sync()

    def subscribe_all(self, start_offset: int = fluss.EARLIEST_OFFSET) -> None:
        """Every bucket of the table, of every partition that exists now. Blocks to list the partitions."""
        self.awaitable.subscribe_all(start_offset).wait_sync()

    def unsubscribe(self, bucket_id: int) -> None:
        """Reads a bucket no more."""
        self.awaitable.unsubscribe(bucket_id)

    def unsubscribe_partition(self, partition_id: int, bucket_id: int) -> None:
        """Reads a bucket of a partition no more."""
        self.awaitable.unsubscribe_partition(partition_id, bucket_id)

    def seek(self, bucket: fluss.TableBucket, offset: int) -> None:
        """Goes on reading a bucket from ``offset``."""
        self.awaitable.seek(bucket, offset).wait_sync()

    def assignment(self) -> list[fluss.TableBucket]:
        """The subscribed buckets."""
        return self.awaitable.assignment()

    def positions(self) -> dict[fluss.TableBucket, int]:
        """The next offset of each subscribed bucket."""
        return self.awaitable.positions()

    def position(self, bucket: fluss.TableBucket) -> int | None:
        """The next offset of a bucket, None when it is not subscribed."""
        return self.awaitable.position(bucket)

    def lag(self) -> dict[fluss.TableBucket, int]:
        """How many records of each subscribed bucket were not polled yet."""
        return self.awaitable.lag().wait_sync()

    def poll(self, timeout_ms: int) -> fluss.ScanRecords:
        """Records that are there, or come within the timeout; none when it is over."""
        return self.awaitable.poll(timeout_ms).result()

    def poll_record_batch(self, timeout_ms: int) -> list[fluss.RecordBatch]:
        """As ``poll``, as Arrow batches with their offsets; of a batch scanner."""
        return self.awaitable.poll_record_batch(timeout_ms).result()

    def poll_arrow(self, timeout_ms: int) -> pa.Table:
        """As ``poll``, as one Arrow table; of a batch scanner."""
        return self.awaitable.poll_arrow(timeout_ms).result()

    poll_batches = poll_record_batch

    def to_arrow(self, *, progress: Progress = None) -> pa.Table:
        """Reads the subscribed buckets up to their latest offsets as of now."""
        return self.awaitable.to_arrow(progress=progress).result()

    def to_pandas(self, *, progress: Progress = None, **options: Any) -> _DataFrame:
        """As ``to_arrow``; ``options`` go to ``pyarrow.Table.to_pandas``."""
        return self.awaitable.to_pandas(progress=progress, **options).result()

    def to_arrow_batch_reader(self) -> pa.RecordBatchReader:
        """The same batch by batch. Blocks, as does every step of the reader."""
        return self.awaitable.to_arrow_batch_reader()

    def __arrow_c_schema__(self) -> object:
        return self.awaitable.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.awaitable.__arrow_c_stream__(requested_schema)

    def close(self) -> None:
        """Gives up all subscriptions; polls fail afterwards."""
        self.awaitable.close()

    def __enter__(self) -> LogScanner:
        return self

    def __exit__(self, *exception: Any) -> None:
        self.awaitable.__exit__(*exception)


@final
class BatchScanner(Blocking):
    __slots__ = ("awaitable",)

    def __init__(self, awaitable: fluss.BatchScanner) -> None:
        self.awaitable: fluss.BatchScanner = awaitable

    @property
    def bucket(self) -> fluss.TableBucket:
        """The bucket that is read."""
        return self.awaitable.bucket

    def next_batch(self) -> fluss.RecordBatch | None:
        """The rows; None when there are none (any more)."""
        return self.awaitable.next_batch().wait_sync()

    def collect_all_batches(self) -> list[fluss.RecordBatch]:
        """The rows as a list of at most one batch."""
        return self.awaitable.collect_all_batches().result()

    def to_arrow(self) -> pa.Table:
        """The rows as an Arrow table."""
        return self.awaitable.to_arrow().result()

    def to_pandas(self, **options: Any) -> _DataFrame:
        """The rows as a DataFrame; ``options`` go to ``pyarrow.Table.to_pandas``."""
        return self.awaitable.to_pandas(**options).result()


@final
class TableScan(Blocking):
    __slots__ = ("awaitable",)

    def __init__(self, awaitable: fluss.TableScan) -> None:
        self.awaitable: fluss.TableScan = awaitable

    def project(self, indices: Sequence[int]) -> TableScan:
        self.awaitable.project(indices)
        return self

    def project_by_name(self, names: Sequence[str]) -> TableScan:
        self.awaitable.project_by_name(names)
        return self

    def with_fixed_schema(self, fixed_schema: bool) -> TableScan:
        self.awaitable.with_fixed_schema(fixed_schema)
        return self

    def limit(self, n: int) -> TableScan:
        self.awaitable.limit(n)
        return self

    def filter(self, predicate: fluss.Predicate, exact: bool = False) -> TableScan:
        self.awaitable.filter(predicate, exact)
        return self

    def partitions(self, partition_ids: Sequence[int]) -> TableScan:
        self.awaitable.partitions(partition_ids)
        return self

    def create_log_scanner(self) -> LogScanner:
        """A scanner of records: rows with offset, timestamp and change type."""
        return LogScanner(self.awaitable.create_log_scanner().wait_sync())

    def create_record_batch_log_scanner(self) -> LogScanner:
        """A scanner of Arrow batches, of log tables only."""
        return LogScanner(self.awaitable.create_record_batch_log_scanner().wait_sync())

    create_batch_scanner = create_record_batch_log_scanner

    def create_bucket_batch_scanner(self, bucket: fluss.TableBucket) -> BatchScanner:
        """A scanner that gives up to ``limit`` rows of a bucket, once."""
        return BatchScanner(self.awaitable.create_bucket_batch_scanner(bucket))

    def to_arrow(self, *, progress: Progress = None) -> pa.Table:
        """The live rows of a primary key table, or all records of a log table, up to now."""
        return self.awaitable.to_arrow(progress=progress).result()

    def to_pandas(self, *, progress: Progress = None, **options: Any) -> _DataFrame:
        """As ``to_arrow``; ``options`` go to ``pyarrow.Table.to_pandas``."""
        return self.awaitable.to_pandas(progress=progress, **options).result()

    def to_polars(self, *, progress: Progress = None) -> _PolarsFrame:
        """As ``to_arrow``, as a ``polars.DataFrame``."""
        return self.awaitable.to_polars(progress=progress).wait_sync()

    def to_arrow_batch_reader(self) -> pa.RecordBatchReader:
        """As ``to_arrow``, batch by batch: reads as it is consumed. Every step blocks."""
        return self.awaitable.to_arrow_batch_reader()

    def to_duckdb(self, connection: Any = None) -> _Relation:
        """A DuckDB relation that reads as it is consumed, once."""
        return self.awaitable.to_duckdb(connection)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.awaitable.__arrow_c_stream__(requested_schema)


@final
class FlussTable(FlussTableBase):
    __slots__ = ("awaitable",)

    def __init__(self, awaitable: fluss.FlussTable) -> None:
        self.awaitable: fluss.FlussTable = awaitable

    def new_scan(self) -> TableScan:
        """A builder of scanners and of reads of the whole table."""
        return TableScan(self.awaitable.new_scan())

    def new_append(self) -> TableAppend:
        """A builder of writers of a log table."""
        return TableAppend(self.awaitable.new_append())

    def new_append_writer(self) -> AppendWriter:
        """``new_append().create_writer()``"""
        return AppendWriter(self.awaitable.new_append_writer())

    def new_upsert(self, columns: Sequence[str] | Sequence[int] | None = None) -> TableUpsert:
        """``columns``, by name or position: update these and keep the others."""
        return TableUpsert(self.awaitable.new_upsert(columns))

    def new_lookup(self) -> TableLookup:
        """A builder of lookups in a primary key table."""
        return TableLookup(self.awaitable.new_lookup())

    @property
    def arrow_schema(self) -> pa.Schema:
        """What ``write_arrow_batch`` takes and scans give."""
        return self.awaitable.arrow_schema

    @property
    def schema(self) -> fluss.Schema:
        """Columns and keys, in Fluss's types."""
        return self.awaitable.schema

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self.awaitable.columns

    def count(self) -> int:
        """How many rows there are: live ones of a primary key table, records of a log table."""
        return self.awaitable.count().wait_sync()

    def get_table_info(self) -> fluss.TableInfo:
        """What the table was when it was opened."""
        return self.awaitable.get_table_info()

    def get_table_path(self) -> fluss.TablePath:
        """Its database and name."""
        return self.awaitable.get_table_path()

    def has_primary_key(self) -> bool:
        """Whether rows are upserted and looked up, rather than appended."""
        return self.awaitable.has_primary_key()

    def list_partitions(self) -> list[fluss.PartitionInfo]:
        """All partitions; code 37 for a table that has none."""
        return self.awaitable.list_partitions().wait_sync()

    def to_arrow(
        self, columns: Sequence[str] | None = None, filter: fluss.Predicate | None = None, *, progress: Progress = None
    ) -> pa.Table:
        """The live rows of a primary key table, or all records of a log table, up to now."""
        return self.awaitable.to_arrow(columns, filter, progress=progress).result()

    def to_pandas(
        self,
        columns: Sequence[str] | None = None,
        filter: fluss.Predicate | None = None,
        *,
        progress: Progress = None,
        **options: Any,
    ) -> _DataFrame:
        """As ``to_arrow``; ``options`` go to ``pyarrow.Table.to_pandas``."""
        return self.awaitable.to_pandas(columns, filter, progress=progress, **options).result()

    def to_polars(
        self, columns: Sequence[str] | None = None, filter: fluss.Predicate | None = None, *, progress: Progress = None
    ) -> _PolarsFrame:
        """As ``to_arrow``, as a ``polars.DataFrame``."""
        return self.awaitable.to_polars(columns, filter, progress=progress).wait_sync()

    def to_duckdb(
        self, columns: Sequence[str] | None = None, filter: fluss.Predicate | None = None, connection: Any = None
    ) -> _Relation:
        """A DuckDB relation that reads as it is consumed, once."""
        return self.awaitable.to_duckdb(columns, filter, connection)

    def to_arrow_batch_reader(
        self, columns: Sequence[str] | None = None, filter: fluss.Predicate | None = None
    ) -> pa.RecordBatchReader:
        """As ``to_arrow``, batch by batch: reads as it is consumed. Every step blocks."""
        return self.awaitable.to_arrow_batch_reader(columns, filter)

    def head(self, n: int = 10) -> pa.Table:
        """Some ``n`` rows. Blocks."""
        return self.awaitable.head(n)

    def __arrow_c_schema__(self) -> object:
        return self.awaitable.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.awaitable.__arrow_c_stream__(requested_schema)

    def _repr_html_(self) -> str:
        return self.awaitable._repr_html_()


@final
class FlussAdmin(Blocking):
    __slots__ = ("awaitable",)

    def __init__(self, awaitable: fluss.FlussAdmin) -> None:
        self.awaitable: fluss.FlussAdmin = awaitable

    def create_database(
        self,
        database_name: str,
        database_descriptor: fluss.DatabaseDescriptor | None = None,
        ignore_if_exists: bool = False,
    ) -> None:
        """Makes a database. Code 6 when it exists, unless that is ignored."""
        self.awaitable.create_database(database_name, database_descriptor, ignore_if_exists).wait_sync()

    def drop_database(self, database_name: str, ignore_if_not_exists: bool = False, cascade: bool = True) -> None:
        self.awaitable.drop_database(database_name, ignore_if_not_exists, cascade).wait_sync()

    def list_databases(self) -> list[str]:
        """The names of all databases, sorted."""
        return self.awaitable.list_databases().wait_sync()

    def database_exists(self, database_name: str) -> bool:
        """Whether there is such a database."""
        return self.awaitable.database_exists(database_name).wait_sync()

    def get_database_info(self, database_name: str) -> fluss.DatabaseInfo:
        """Its comment, properties and times. Code 4 when there is none."""
        return self.awaitable.get_database_info(database_name).wait_sync()

    def create_table(
        self,
        table_path: fluss.TablePath | str,
        table_descriptor: fluss.TableDescriptor,
        ignore_if_exists: bool | None = False,
    ) -> None:
        """Makes a table. Code 8 when it exists, unless that is ignored; code 4 without its database."""
        self.awaitable.create_table(table_path, table_descriptor, ignore_if_exists).wait_sync()

    def alter_table(
        self,
        table_path: fluss.TablePath | str,
        *,
        set_properties: Mapping[str, str] | None = None,
        reset_properties: Sequence[str] | None = None,
        add_columns: Any = None,
        ignore_if_not_exists: bool = False,
    ) -> None:
        """Changes properties, and adds columns (an Arrow schema of nullable ones) at the end."""
        self.awaitable.alter_table(
            table_path,
            set_properties=set_properties,
            reset_properties=reset_properties,
            add_columns=add_columns,
            ignore_if_not_exists=ignore_if_not_exists,
        ).wait_sync()

    def drop_table(self, table_path: fluss.TablePath | str, ignore_if_not_exists: bool = False) -> None:
        """Drops a table with its rows. Code 7 when there is none, unless that is ignored."""
        self.awaitable.drop_table(table_path, ignore_if_not_exists).wait_sync()

    def get_table_info(self, table_path: fluss.TablePath | str) -> fluss.TableInfo:
        """Its schema, keys, properties and times. Code 7 when there is none."""
        return self.awaitable.get_table_info(table_path).wait_sync()

    get_table = get_table_info

    def list_tables(self, database_name: str) -> list[str]:
        """The names of a database's tables, sorted. Code 4 when there is no such database."""
        return self.awaitable.list_tables(database_name).wait_sync()

    def table_exists(self, table_path: fluss.TablePath | str) -> bool:
        """Whether there is such a table."""
        return self.awaitable.table_exists(table_path).wait_sync()

    def get_table_stats(self, table_path: fluss.TablePath | str) -> dict[fluss.TableBucket, int]:
        """Rows of every bucket."""
        return self.awaitable.get_table_stats(table_path).wait_sync()

    def list_offsets(
        self,
        table_path: fluss.TablePath | str,
        bucket_ids: Sequence[int],
        offset_spec: fluss.OffsetSpec | str | None = None,
        *,
        offset_type: str | None = None,
        timestamp: int | datetime.datetime | None = None,
    ) -> dict[int, int]:
        """Offsets by bucket id. ``offset_type``: "earliest", "latest", or "timestamp" with ``timestamp``."""
        return self.awaitable.list_offsets(
            table_path, bucket_ids, offset_spec, offset_type=offset_type, timestamp=timestamp
        ).wait_sync()

    def list_partition_offsets(
        self,
        table_path: fluss.TablePath | str,
        partition_name: str,
        bucket_ids: Sequence[int],
        offset_spec: fluss.OffsetSpec | str | None = None,
        *,
        offset_type: str | None = None,
        timestamp: int | datetime.datetime | None = None,
    ) -> dict[int, int]:
        """As ``list_offsets``, of one partition ("US", or "2024-01-15$US" for two partition columns)."""
        return self.awaitable.list_partition_offsets(
            table_path, partition_name, bucket_ids, offset_spec, offset_type=offset_type, timestamp=timestamp
        ).wait_sync()

    def create_partition(
        self, table_path: fluss.TablePath | str, partition_spec: Mapping[str, Any], ignore_if_exists: bool = False
    ) -> None:
        """``{"region": "US"}``; values as text, or as Python values of the column's type."""
        self.awaitable.create_partition(table_path, partition_spec, ignore_if_exists).wait_sync()

    def drop_partition(
        self, table_path: fluss.TablePath | str, partition_spec: Mapping[str, Any], ignore_if_not_exists: bool = False
    ) -> None:
        """Drops a partition with its rows. Code 36 when there is none, unless that is ignored."""
        self.awaitable.drop_partition(table_path, partition_spec, ignore_if_not_exists).wait_sync()

    def list_partition_infos(
        self, table_path: fluss.TablePath | str, partition_spec: Mapping[str, Any] | None = None
    ) -> list[fluss.PartitionInfo]:
        """All partitions, or those that agree with a partial spec."""
        return self.awaitable.list_partition_infos(table_path, partition_spec).wait_sync()

    def get_latest_lake_snapshot(self, table_path: fluss.TablePath | str) -> fluss.LakeSnapshot:
        return self.awaitable.get_latest_lake_snapshot(table_path).wait_sync()

    def get_server_nodes(self) -> list[fluss.ServerNode]:
        """The servers behind the connection; an embedded database counts as both kinds."""
        return self.awaitable.get_server_nodes().wait_sync()


@final
class FlussConnection(FlussConnectionBase):
    __slots__ = ("awaitable",)

    def __init__(self, awaitable: fluss.FlussConnection) -> None:
        self.awaitable: fluss.FlussConnection = awaitable

    @staticmethod
    def create(config: Target) -> FlussConnection:
        """Connects as ``config`` says. A path, or ":memory:", opens an embedded database."""
        return FlussConnection(fluss.FlussConnection.create(config).wait_sync())

    @staticmethod
    def connect(config: Target) -> FlussConnection:
        """The older name of ``create``."""
        return FlussConnection(fluss.FlussConnection.connect(config).wait_sync())

    @staticmethod
    def open(path: str | os.PathLike[str] = ":memory:") -> FlussConnection:
        """Opens an embedded database: a directory, or one in memory."""
        return FlussConnection(fluss.FlussConnection.open(path).wait_sync())

    def get_admin(self) -> FlussAdmin:
        """Databases, tables, partitions and offsets; always the same object."""
        return FlussAdmin(self.awaitable.get_admin())

    def get_table(self, table_path: fluss.TablePath | str) -> FlussTable:
        """Opens a table: ``TablePath("fluss", "orders")``, or "fluss.orders". Code 7 when there is none."""
        return FlussTable(self.awaitable.get_table(table_path).wait_sync())

    def list_tables(self, database_name: str = "fluss") -> list[str]:
        """The names of a database's tables, sorted."""
        return self.awaitable.list_tables(database_name).wait_sync()

    def sql(self, query: str, parameters: Sequence[Any] | None = None) -> fluss.SqlResult:
        return self._rows(self.awaitable.sql(query, parameters))

    def cancel_sql(self) -> None:
        """Ends the statement that is running, if any, with SQLSTATE 57014."""
        self.awaitable.cancel_sql()

    def flush(self) -> None:
        """Sends everything that was written on this connection; done when it is acknowledged."""
        self.awaitable.flush().wait_sync()

    def close(self) -> None:
        """Flushes, then releases. Starts at once; awaiting it is optional."""
        self.awaitable.close().wait_sync()

    @property
    def closed(self) -> bool:
        """Whether ``close`` was called."""
        return self.awaitable.closed

    def _repr_html_(self) -> str:
        return self.awaitable._repr_html_()

    def __enter__(self) -> FlussConnection:
        return self

    def __exit__(self, *exception: Any) -> None:
        self.awaitable.__exit__(*exception)
