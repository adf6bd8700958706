"""The package for code without an event loop: the same classes, every method blocks and returns plain values.

    from fluss.sync import FlussConnection

    with FlussConnection.open("data") as conn:
        print(conn.get_admin().list_tables("fluss"))
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, final

import pyarrow as pa

import fluss
from fluss import _together as _together  # pyfluss's __init__.py would not say it
from fluss._base import Final
from fluss._connection import Target
from fluss._docs import share_docs
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


class _Sync(Final, final=False):
    """Stands for an object of the awaitable kind, which stays reachable as ``awaitable``."""

    __slots__ = ()
    awaitable: Any

    def __init_subclass__(cls, final: bool = True, **kwargs: Any) -> None:
        super().__init_subclass__(final, **kwargs)
        cls.__module__ = __name__
        if not cls.__name__.startswith("_"):
            share_docs(cls, getattr(fluss, cls.__name__))

    def __repr__(self) -> str:
        return repr(self.awaitable)


@final
class WriteResultHandle(_Sync):
    __slots__ = ("awaitable",)

    def __init__(self, handle: fluss.WriteResultHandle) -> None:
        self.awaitable = handle

    def wait(self) -> None:
        """Blocks until the write is acknowledged; raises its error."""
        self.awaitable.wait().wait_sync()

    def done(self) -> bool:
        """Whether the write is acknowledged, or has failed; never blocks."""
        return bool(self.awaitable.done())


class _Writer(_Sync, final=False):
    __slots__ = ("awaitable",)

    def __init__(self, writer: Any) -> None:
        self.awaitable = writer

    def flush(self) -> None:
        self.awaitable.flush().wait_sync()

    def write_arrow(self, table: Any, *, cast: bool = False) -> WriteResultHandle:
        return WriteResultHandle(self.awaitable.write_arrow(table, cast=cast))

    def write_arrow_batch(self, batch: Any, *, cast: bool = False) -> WriteResultHandle:
        return WriteResultHandle(self.awaitable.write_arrow_batch(batch, cast=cast))

    def write_pandas(self, df: Any, *, strict: bool = False) -> WriteResultHandle:
        return WriteResultHandle(self.awaitable.write_pandas(df, strict=strict))

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exception: Any) -> None:
        self.awaitable.__exit__(*exception)


class AppendWriter(_Writer, final=False):
    __slots__ = ()

    def append(self, row: Any) -> WriteResultHandle:
        return WriteResultHandle(self.awaitable.append(row))


class UpsertWriter(_Writer, final=False):
    __slots__ = ()

    def upsert(self, row: Any) -> WriteResultHandle:
        return WriteResultHandle(self.awaitable.upsert(row))

    def delete(self, pk: Any) -> WriteResultHandle:
        return WriteResultHandle(self.awaitable.delete(pk))

    def delete_arrow(self, keys: Any) -> WriteResultHandle:
        return WriteResultHandle(self.awaitable.delete_arrow(keys))


class Lookuper(_Sync, final=False):
    __slots__ = ("awaitable",)

    def __init__(self, lookuper: fluss.Lookuper | fluss.TableLookup) -> None:
        self.awaitable = lookuper

    def lookup(self, pk: Any) -> Row | None:
        row: Row | None = self.awaitable.lookup(pk).wait_sync()
        return row

    def lookup_many(self, pks: Iterable[Any]) -> list[Row | None]:
        rows: list[Row | None] = self.awaitable.lookup_many(pks).wait_sync()
        return rows


class PrefixLookuper(_Sync, final=False):
    __slots__ = ("awaitable",)

    def __init__(self, lookuper: fluss.PrefixLookuper | fluss.TablePrefixLookup) -> None:
        self.awaitable = lookuper

    def lookup(self, prefix: Any) -> list[Row]:
        rows: list[Row] = self.awaitable.lookup(prefix).wait_sync()
        return rows


@final
class TableAppend(AppendWriter):
    __slots__ = ()

    def create_writer(self) -> AppendWriter:
        return AppendWriter(self.awaitable.create_writer())


@final
class TableUpsert(UpsertWriter):
    __slots__ = ()

    def partial_update_by_name(self, columns: Sequence[str]) -> TableUpsert:
        return TableUpsert(self.awaitable.partial_update_by_name(columns))

    def partial_update_by_index(self, column_indices: Sequence[int]) -> TableUpsert:
        return TableUpsert(self.awaitable.partial_update_by_index(column_indices))

    def create_writer(self) -> UpsertWriter:
        return UpsertWriter(self.awaitable.create_writer())


@final
class TableLookup(Lookuper):
    __slots__ = ()

    def create_lookuper(self) -> Lookuper:
        return Lookuper(self.awaitable.create_lookuper())

    def lookup_by(self, column_names: Sequence[str]) -> TablePrefixLookup:
        return TablePrefixLookup(self.awaitable.lookup_by(column_names))


@final
class TablePrefixLookup(PrefixLookuper):
    __slots__ = ()

    def create_lookuper(self) -> PrefixLookuper:
        return PrefixLookuper(self.awaitable.create_lookuper())


@final
class LogScanner(_Sync):
    """Reads what is appended to the subscribed buckets. Iterating gives records (or batches) until the latest offsets
    as of the start of the iteration.

    >>> scanner = orders.new_scan().create_log_scanner()
    >>> scanner.subscribe_all()
    >>> [record.row["id"] for record in scanner]
    [1, 2]
    """

    __slots__ = ("awaitable",)

    def __init__(self, scanner: fluss.LogScanner) -> None:
        self.awaitable = scanner

    def subscribe(self, bucket_id: int, start_offset: int) -> None:
        self.awaitable.subscribe(bucket_id, start_offset).wait_sync()

    def subscribe_buckets(self, bucket_offsets: Mapping[int, int]) -> None:
        self.awaitable.subscribe_buckets(bucket_offsets).wait_sync()

    def subscribe_partition(self, partition_id: int, bucket_id: int, start_offset: int) -> None:
        self.awaitable.subscribe_partition(partition_id, bucket_id, start_offset).wait_sync()

    def subscribe_partition_buckets(self, partition_bucket_offsets: Mapping[tuple[int, int], int]) -> None:
        self.awaitable.subscribe_partition_buckets(partition_bucket_offsets).wait_sync()

    def subscribe_all(self, start_offset: int = fluss.EARLIEST_OFFSET) -> None:
        self.awaitable.subscribe_all(start_offset).wait_sync()

    def unsubscribe(self, bucket_id: int) -> None:
        self.awaitable.unsubscribe(bucket_id)

    def unsubscribe_partition(self, partition_id: int, bucket_id: int) -> None:
        self.awaitable.unsubscribe_partition(partition_id, bucket_id)

    def seek(self, bucket: fluss.TableBucket, offset: int) -> None:
        self.awaitable.seek(bucket, offset).wait_sync()

    def assignment(self) -> list[fluss.TableBucket]:
        buckets: list[fluss.TableBucket] = self.awaitable.assignment()
        return buckets

    def position(self, bucket: fluss.TableBucket) -> int | None:
        position: int | None = self.awaitable.position(bucket)
        return position

    def positions(self) -> dict[fluss.TableBucket, int]:
        positions: dict[fluss.TableBucket, int] = self.awaitable.positions()
        return positions

    def lag(self) -> dict[fluss.TableBucket, int]:
        lag: dict[fluss.TableBucket, int] = self.awaitable.lag().wait_sync()
        return lag

    def poll(self, timeout_ms: int) -> fluss.ScanRecords:
        records: fluss.ScanRecords = self.awaitable.poll(timeout_ms).result()
        return records

    def poll_record_batch(self, timeout_ms: int) -> list[fluss.RecordBatch]:
        batches: list[fluss.RecordBatch] = self.awaitable.poll_record_batch(timeout_ms).result()
        return batches

    poll_batches = poll_record_batch

    def poll_arrow(self, timeout_ms: int) -> pa.Table:
        return self.awaitable.poll_arrow(timeout_ms).result()

    def to_arrow(self, *, progress: Progress = None) -> pa.Table:
        return self.awaitable.to_arrow(progress=progress).result()

    def to_pandas(self, *, progress: Progress = None, **options: Any) -> _DataFrame:
        return self.awaitable.to_pandas(progress=progress, **options).result()

    def to_arrow_batch_reader(self) -> pa.RecordBatchReader:
        return self.awaitable.to_arrow_batch_reader()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.awaitable.__arrow_c_stream__(requested_schema)

    def __iter__(self) -> Iterator[Any]:
        """Records of a record scanner, batches of a batch scanner; ends once all that is there now was given."""
        positions = self.positions()
        ends = {bucket: positions[bucket] + lag for bucket, lag in self.lag().items() if lag > 0}
        while ends:
            found: Any = self.poll(100) if self.awaitable._by_record else self.poll_record_batch(100)
            yield from found
            positions = self.positions()
            ends = {bucket: end for bucket, end in ends.items() if positions.get(bucket, end) < end}

    def close(self) -> None:
        self.awaitable.close()

    def __enter__(self) -> LogScanner:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


@final
class BatchScanner(_Sync):
    __slots__ = ("awaitable",)

    def __init__(self, scanner: fluss.BatchScanner) -> None:
        self.awaitable = scanner

    @property
    def bucket(self) -> fluss.TableBucket:
        bucket: fluss.TableBucket = self.awaitable.bucket
        return bucket

    def next_batch(self) -> fluss.RecordBatch | None:
        batch: fluss.RecordBatch | None = self.awaitable.next_batch().wait_sync()
        return batch

    def collect_all_batches(self) -> list[fluss.RecordBatch]:
        batches: list[fluss.RecordBatch] = self.awaitable.collect_all_batches().result()
        return batches

    def to_arrow(self) -> pa.Table:
        return self.awaitable.to_arrow().result()

    def to_pandas(self, **options: Any) -> _DataFrame:
        return self.awaitable.to_pandas(**options).result()


@final
class TableScan(_Sync):
    __slots__ = ("awaitable",)

    def __init__(self, scan: fluss.TableScan) -> None:
        self.awaitable = scan

    def project(self, indices: Sequence[int]) -> TableScan:
        self.awaitable.project(indices)
        return self

    def project_by_name(self, names: Sequence[str]) -> TableScan:
        self.awaitable.project_by_name(names)
        return self

    def limit(self, n: int) -> TableScan:
        self.awaitable.limit(n)
        return self

    def filter(self, predicate: fluss.Predicate, exact: bool = False) -> TableScan:
        self.awaitable.filter(predicate, exact)
        return self

    def with_fixed_schema(self, fixed_schema: bool) -> TableScan:
        self.awaitable.with_fixed_schema(fixed_schema)
        return self

    def partitions(self, partition_ids: Sequence[int]) -> TableScan:
        self.awaitable.partitions(partition_ids)
        return self

    def create_log_scanner(self) -> LogScanner:
        return LogScanner(self.awaitable.create_log_scanner().wait_sync())

    def create_record_batch_log_scanner(self) -> LogScanner:
        return LogScanner(self.awaitable.create_record_batch_log_scanner().wait_sync())

    create_batch_scanner = create_record_batch_log_scanner

    def create_bucket_batch_scanner(self, bucket: fluss.TableBucket) -> BatchScanner:
        return BatchScanner(self.awaitable.create_bucket_batch_scanner(bucket))

    def to_arrow(self, *, progress: Progress = None) -> pa.Table:
        return self.awaitable.to_arrow(progress=progress).result()

    def to_pandas(self, *, progress: Progress = None, **options: Any) -> _DataFrame:
        return self.awaitable.to_pandas(progress=progress, **options).result()

    def to_polars(self, *, progress: Progress = None) -> _PolarsFrame:
        return self.awaitable.to_polars(progress=progress).wait_sync()

    def to_duckdb(self, connection: Any = None) -> _Relation:
        return self.awaitable.to_duckdb(connection)

    def to_arrow_batch_reader(self) -> pa.RecordBatchReader:
        return self.awaitable.to_arrow_batch_reader()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.awaitable.__arrow_c_stream__(requested_schema)


@final
class FlussTable(_Sync):
    __slots__ = ("awaitable",)

    def __init__(self, table: fluss.FlussTable) -> None:
        self.awaitable = table

    def new_scan(self) -> TableScan:
        return TableScan(self.awaitable.new_scan())

    def new_append(self) -> TableAppend:
        return TableAppend(self.awaitable.new_append())

    def new_append_writer(self) -> AppendWriter:
        return AppendWriter(self.awaitable.new_append_writer())

    def new_upsert(self, columns: Sequence[str] | Sequence[int] | None = None) -> TableUpsert:
        return TableUpsert(self.awaitable.new_upsert(columns))

    def new_lookup(self) -> TableLookup:
        return TableLookup(self.awaitable.new_lookup())

    @property
    def arrow_schema(self) -> pa.Schema:
        return self.awaitable.arrow_schema

    @property
    def schema(self) -> fluss.Schema:
        schema: fluss.Schema = self.awaitable.schema
        return schema

    @property
    def columns(self) -> list[str]:
        return list(self.awaitable.columns)

    def count(self) -> int:
        return int(self.awaitable.count().wait_sync())

    def __len__(self) -> int:
        return self.count()

    def __bool__(self) -> bool:
        return True

    def get_table_info(self) -> fluss.TableInfo:
        info: fluss.TableInfo = self.awaitable.get_table_info()
        return info

    def get_table_path(self) -> fluss.TablePath:
        path: fluss.TablePath = self.awaitable.get_table_path()
        return path

    def has_primary_key(self) -> bool:
        return bool(self.awaitable.has_primary_key())

    def list_partitions(self) -> list[fluss.PartitionInfo]:
        partitions: list[fluss.PartitionInfo] = self.awaitable.list_partitions().wait_sync()
        return partitions

    def to_arrow(
        self, columns: Sequence[str] | None = None, filter: fluss.Predicate | None = None, *, progress: Progress = None
    ) -> pa.Table:
        return self.awaitable.to_arrow(columns, filter, progress=progress).result()

    def to_pandas(
        self,
        columns: Sequence[str] | None = None,
        filter: fluss.Predicate | None = None,
        *,
        progress: Progress = None,
        **options: Any,
    ) -> _DataFrame:
        return self.awaitable.to_pandas(columns, filter, progress=progress, **options).result()

    def to_polars(
        self, columns: Sequence[str] | None = None, filter: fluss.Predicate | None = None, *, progress: Progress = None
    ) -> _PolarsFrame:
        return self.awaitable.to_polars(columns, filter, progress=progress).wait_sync()

    def to_duckdb(
        self,
        columns: Sequence[str] | None = None,
        filter: fluss.Predicate | None = None,
        connection: Any = None,
    ) -> _Relation:
        return self.awaitable.to_duckdb(columns, filter, connection)

    def to_arrow_batch_reader(
        self, columns: Sequence[str] | None = None, filter: fluss.Predicate | None = None
    ) -> pa.RecordBatchReader:
        return self.awaitable.to_arrow_batch_reader(columns, filter)

    def head(self, n: int = 10) -> pa.Table:
        return self.awaitable.head(n)

    def __arrow_c_schema__(self) -> object:
        return self.awaitable.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.awaitable.__arrow_c_stream__(requested_schema)

    def _repr_html_(self) -> str:
        return str(self.awaitable._repr_html_())


@final
class FlussAdmin(_Sync):
    __slots__ = ("awaitable",)

    def __init__(self, admin: fluss.FlussAdmin) -> None:
        self.awaitable: fluss.FlussAdmin = admin

    def create_database(
        self,
        database_name: str,
        database_descriptor: fluss.DatabaseDescriptor | None = None,
        ignore_if_exists: bool = False,
    ) -> None:
        self.awaitable.create_database(database_name, database_descriptor, ignore_if_exists).wait_sync()

    def drop_database(self, database_name: str, ignore_if_not_exists: bool = False, cascade: bool = True) -> None:
        self.awaitable.drop_database(database_name, ignore_if_not_exists, cascade).wait_sync()

    def list_databases(self) -> list[str]:
        return self.awaitable.list_databases().wait_sync()

    def database_exists(self, database_name: str) -> bool:
        return self.awaitable.database_exists(database_name).wait_sync()

    def get_database_info(self, database_name: str) -> fluss.DatabaseInfo:
        return self.awaitable.get_database_info(database_name).wait_sync()

    def create_table(
        self,
        table_path: fluss.TablePath | str,
        table_descriptor: fluss.TableDescriptor,
        ignore_if_exists: bool | None = False,
    ) -> None:
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
        self.awaitable.alter_table(
            table_path,
            set_properties=set_properties,
            reset_properties=reset_properties,
            add_columns=add_columns,
            ignore_if_not_exists=ignore_if_not_exists,
        ).wait_sync()

    def drop_table(self, table_path: fluss.TablePath | str, ignore_if_not_exists: bool = False) -> None:
        self.awaitable.drop_table(table_path, ignore_if_not_exists).wait_sync()

    def get_table_info(self, table_path: fluss.TablePath | str) -> fluss.TableInfo:
        return self.awaitable.get_table_info(table_path).wait_sync()

    get_table = get_table_info

    def list_tables(self, database_name: str) -> list[str]:
        return self.awaitable.list_tables(database_name).wait_sync()

    def table_exists(self, table_path: fluss.TablePath | str) -> bool:
        return self.awaitable.table_exists(table_path).wait_sync()

    def get_table_stats(self, table_path: fluss.TablePath | str) -> dict[fluss.TableBucket, int]:
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
        return self.awaitable.list_partition_offsets(
            table_path, partition_name, bucket_ids, offset_spec, offset_type=offset_type, timestamp=timestamp
        ).wait_sync()

    def create_partition(
        self, table_path: fluss.TablePath | str, partition_spec: Mapping[str, Any], ignore_if_exists: bool = False
    ) -> None:
        self.awaitable.create_partition(table_path, partition_spec, ignore_if_exists).wait_sync()

    def drop_partition(
        self, table_path: fluss.TablePath | str, partition_spec: Mapping[str, Any], ignore_if_not_exists: bool = False
    ) -> None:
        self.awaitable.drop_partition(table_path, partition_spec, ignore_if_not_exists).wait_sync()

    def list_partition_infos(
        self, table_path: fluss.TablePath | str, partition_spec: Mapping[str, Any] | None = None
    ) -> list[fluss.PartitionInfo]:
        return self.awaitable.list_partition_infos(table_path, partition_spec).wait_sync()

    def get_latest_lake_snapshot(self, table_path: fluss.TablePath | str) -> fluss.LakeSnapshot:
        return self.awaitable.get_latest_lake_snapshot(table_path).wait_sync()

    def get_server_nodes(self) -> list[fluss.ServerNode]:
        return self.awaitable.get_server_nodes().wait_sync()


@final
class FlussConnection(_Sync):
    __slots__ = ("awaitable",)

    def __init__(self, connection: fluss.FlussConnection) -> None:
        self.awaitable: fluss.FlussConnection = connection

    @staticmethod
    def create(config: Target) -> FlussConnection:
        return FlussConnection(fluss.FlussConnection.create(config).wait_sync())

    @staticmethod
    def connect(config: Target) -> FlussConnection:
        return FlussConnection.create(config)

    @staticmethod
    def open(path: str | os.PathLike[str] = ":memory:") -> FlussConnection:
        return FlussConnection.create(path)

    def get_admin(self) -> FlussAdmin:
        return FlussAdmin(self.awaitable.get_admin())

    def get_table(self, table_path: fluss.TablePath | str) -> FlussTable:
        return FlussTable(self.awaitable.get_table(table_path).wait_sync())

    def list_tables(self, database_name: str = "fluss") -> list[str]:
        return self.awaitable.list_tables(database_name).wait_sync()

    def sql(self, query: str, parameters: Sequence[Any] | None = None) -> fluss.SqlResult:
        """Runs SQL; ``$1`` is the first of the parameters. Ctrl-C ends the statement."""
        try:
            return self.awaitable.sql(query, parameters).wait_sync()
        except KeyboardInterrupt:
            self.awaitable.cancel_sql()
            raise

    def cancel_sql(self) -> None:
        """Ends the statement that another thread runs, if any, with SQLSTATE 57014."""
        self.awaitable.cancel_sql()

    def flush(self) -> None:
        self.awaitable.flush().wait_sync()

    def close(self) -> None:
        self.awaitable.close().wait_sync()

    @property
    def closed(self) -> bool:
        return self.awaitable.closed

    def __enter__(self) -> FlussConnection:
        return self

    def __exit__(self, *exception: Any) -> None:
        self.awaitable.__exit__(*exception)
