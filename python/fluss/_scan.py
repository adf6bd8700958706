"""Scanners over logs and changelogs, and limit scans."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar, final

import pyarrow as pa

from fluss import _core as native
from fluss._base import I32, I64, Internal, check_int, check_type, client_error, make
from fluss._core import ScanRecord
from fluss._pending import Deferred, Operation, Pending, SelfAwaitable, Settled, settled, start
from fluss._progress import Progress, watched
from fluss._records import RecordBatch, ScanRecords, group_records
from fluss._results import FrameResult, ListResult, TableResult
from fluss._types import EARLIEST_OFFSET, LATEST_OFFSET, TableBucket

if TYPE_CHECKING:
    from fluss._table import FlussTable

T = TypeVar("T")

_POLL_MS = 1000  # of one step of `async for`

# What to call for tables without and with partitions.
_SUBSCRIBE = ("subscribe() or subscribe_buckets()", "subscribe_partition() or subscribe_partition_buckets()")
_UNSUBSCRIBE = ("unsubscribe()", "unsubscribe_partition()")


def to_table(core: Any) -> pa.Table:
    return pa.table(core)


def to_frame(core: Any, options: dict[str, Any]) -> Any:
    return pa.table(core).to_pandas(**options)


def _check_timeout(timeout_ms: object) -> int:
    timeout = check_int("timeout_ms", timeout_ms, I64)
    if timeout < 0:
        raise client_error(f"timeout_ms must not be negative, got {timeout}")
    return timeout


def _check_offset(offset: object) -> int:
    value = check_int("start_offset", offset, I64)
    if value < 0 and value not in (EARLIEST_OFFSET, LATEST_OFFSET):
        raise client_error(
            f"start offset {value} is negative: give an offset, EARLIEST_OFFSET ({EARLIEST_OFFSET}) or "
            f"LATEST_OFFSET ({LATEST_OFFSET})"
        )
    return value


@final
class LogScanner(SelfAwaitable, Internal):
    """Reads what is appended to the subscribed buckets.

    >>> scanner = await orders.new_scan().create_log_scanner()
    >>> await scanner.subscribe(0, fluss.EARLIEST_OFFSET)
    >>> [record.row["id"] for record in await scanner.poll(1000)]
    [1, 2]
    """

    __slots__ = ("_core", "_table", "_by_record", "_max_records", "_left", "__weakref__")
    _core: native.LogScanner
    _table: FlussTable
    _by_record: bool
    _max_records: int
    _left: deque[Any]  # polled by an iteration that ended before it handed them out

    @staticmethod
    def _of(core: native.LogScanner, table: FlussTable, by_record: bool, max_records: int) -> LogScanner:
        scanner = make(LogScanner)
        scanner._core = core
        scanner._table = table
        scanner._by_record = by_record
        scanner._max_records = max_records
        scanner._left = deque()
        return scanner

    # --- Subscriptions ---

    def subscribe(self, bucket_id: int, start_offset: int) -> Pending[None]:
        """Reads a bucket from ``start_offset`` on. In force when the call returns."""
        return self._subscribe({check_int("bucket_id", bucket_id, I32): _check_offset(start_offset)})

    def subscribe_buckets(self, bucket_offsets: Mapping[int, int]) -> Pending[None]:
        """``{bucket_id: start_offset}``"""
        check_type("bucket_offsets", bucket_offsets, Mapping)  # type: ignore[type-abstract]
        if not bucket_offsets:
            raise client_error("Bucket offsets are empty.")
        return self._subscribe({check_int("bucket_id", b, I32): _check_offset(o) for b, o in bucket_offsets.items()})

    def subscribe_partition(self, partition_id: int, bucket_id: int, start_offset: int) -> Pending[None]:
        """As ``subscribe``, for a bucket of a partition."""
        bucket = check_int("partition_id", partition_id, I64), check_int("bucket_id", bucket_id, I32)
        return self._subscribe_partitions({bucket: _check_offset(start_offset)})

    def subscribe_partition_buckets(self, partition_bucket_offsets: Mapping[tuple[int, int], int]) -> Pending[None]:
        """``{(partition_id, bucket_id): start_offset}``"""
        check_type("partition_bucket_offsets", partition_bucket_offsets, Mapping)  # type: ignore[type-abstract]
        if not partition_bucket_offsets:
            raise client_error("Partition bucket offsets are empty.")
        offsets = {}
        for key, offset in partition_bucket_offsets.items():
            if not isinstance(key, tuple) or len(key) != 2:
                raise TypeError(f"partition_bucket_offsets: expected (partition_id, bucket_id) keys, got {key!r}")
            bucket = check_int("partition_id", key[0], I64), check_int("bucket_id", key[1], I32)
            offsets[bucket] = _check_offset(offset)
        return self._subscribe_partitions(offsets)

    def subscribe_all(self, start_offset: int = EARLIEST_OFFSET) -> Pending[None]:
        """Every bucket of the table, of every partition that exists now. Blocks to list the partitions."""
        offset = _check_offset(start_offset)
        buckets = range(self._table.get_table_info().num_buckets)
        if not self._table.get_table_info().is_partitioned():
            return self.subscribe_buckets(dict.fromkeys(buckets, offset))
        partitions = self._table.list_partitions().wait_sync()
        if not partitions:
            return settled(lambda: None)
        return self._subscribe_partitions({(p.partition_id, b): offset for p in partitions for b in buckets})

    def _subscribe(self, offsets: Mapping[int, int]) -> Pending[None]:
        self._require_partitioned(False)
        return self._now(self._core.subscribe(offsets), {(None, bucket) for bucket in offsets})

    def _subscribe_partitions(self, offsets: Mapping[tuple[int, int], int]) -> Pending[None]:
        self._require_partitioned(True)
        return self._now(self._core.subscribe_partitions(offsets), offsets)

    def _require_partitioned(self, partitioned: bool, methods: tuple[str, str] = _SUBSCRIBE) -> None:
        info = self._table.get_table_info()
        if info.is_partitioned() == partitioned:
            return
        kind = "partitioned" if info.is_partitioned() else "not partitioned"
        raise client_error(f"table {info.table_path} is {kind}: use {methods[info.is_partitioned()]}")

    def _now(self, op: native.Operation, buckets: Iterable[tuple[int | None, int]]) -> Pending[None]:
        """Older code does not await subscriptions, and counts on their errors."""
        op.wait()
        op.take()
        self._forget(buckets)
        return settled(lambda: None)

    def unsubscribe(self, bucket_id: int) -> None:
        """Reads a bucket no more."""
        bucket = check_int("bucket_id", bucket_id, I32)
        self._require_partitioned(False, _UNSUBSCRIBE)
        self._core.unsubscribe(bucket)
        self._forget({(None, bucket)})

    def unsubscribe_partition(self, partition_id: int, bucket_id: int) -> None:
        """Reads a bucket of a partition no more."""
        bucket = check_int("partition_id", partition_id, I64), check_int("bucket_id", bucket_id, I32)
        self._require_partitioned(True, _UNSUBSCRIBE)
        self._core.unsubscribe_partition(*bucket)
        self._forget({bucket})

    def seek(self, bucket: TableBucket, offset: int) -> Pending[None]:
        """Goes on reading a bucket from ``offset``."""
        check_type("bucket", bucket, TableBucket)
        if bucket.partition_id is None:
            return self.subscribe(bucket.bucket_id, offset)
        return self.subscribe_partition(bucket.partition_id, bucket.bucket_id, offset)

    def assignment(self) -> list[TableBucket]:
        """The subscribed buckets."""
        return list(self._core.positions())

    def positions(self) -> dict[TableBucket, int]:
        """The next offset of each subscribed bucket."""
        positions = self._core.positions()
        for item in self._left:
            offset = item.offset if self._by_record else item.base_offset
            positions[item.bucket] = min(positions.get(item.bucket, offset), offset)
        return positions

    def position(self, bucket: TableBucket) -> int | None:
        """The next offset of a bucket, None when it is not subscribed."""
        return self.positions().get(check_type("bucket", bucket, TableBucket))

    def lag(self) -> Pending[dict[TableBucket, int]]:
        """How many records of each subscribed bucket were not polled yet."""
        return start(self._core.lag())

    def _forget(self, buckets: Iterable[tuple[int | None, int]]) -> None:
        if self._left:
            gone = set(buckets)
            self._left = deque(
                item for item in self._left if (item.bucket.partition_id, item.bucket.bucket_id) not in gone
            )

    # --- Polling ---

    def _require(self, by_record: bool, method: str) -> None:
        if self._by_record == by_record:
            return
        if by_record:
            raise client_error(
                f"{method}() requires a record-based scanner: make it with create_log_scanner(), or call "
                "poll_arrow() or poll_record_batch()"
            )
        raise client_error(
            "This method requires a batch-based scanner: make it with create_record_batch_log_scanner() to call "
            f"{method}()"
        )

    def poll(self, timeout_ms: int) -> ScanRecords:
        """Records that are there, or come within the timeout; none when it is over."""
        self._require(True, "poll")
        return ScanRecords._of(self._poll(_check_timeout(timeout_ms)), self._core.schema)

    def poll_record_batch(self, timeout_ms: int) -> ListResult[RecordBatch]:
        """As ``poll``, as Arrow batches with their offsets; of a batch scanner."""
        self._require(False, "poll_record_batch")
        return ListResult(self._poll(_check_timeout(timeout_ms)), _to_batches)

    def poll_arrow(self, timeout_ms: int) -> TableResult:
        """As ``poll``, as one Arrow table; of a batch scanner."""
        self._require(False, "poll_arrow")
        schema = self._core.schema
        return TableResult(
            self._poll(_check_timeout(timeout_ms)),
            lambda found: pa.Table.from_batches([b.batch for b in _to_batches(found)], pa.schema(schema)),
        )

    poll_batches = poll_record_batch
    _async_poll = poll
    _async_poll_batches = poll_record_batch

    def _poll(self, timeout_ms: int) -> Operation:
        """Deferred, or a poll that is kept and never looked at would keep its records from the next one."""
        return Deferred(lambda: self._begin_poll(timeout_ms))

    def _begin_poll(self, timeout_ms: int) -> Operation:
        if self._left:
            left, self._left = self._left, deque()
            return Settled(lambda: group_records(left) if self._by_record else left)
        if self._by_record:
            return self._core.poll_records(timeout_ms, self._max_records)
        return self._core.poll_batches(timeout_ms)

    def __aiter__(self) -> AsyncIterator[Any]:
        """Endless: records of a record scanner, batches of a batch scanner. Leaving early loses nothing."""
        if self._by_record:
            return _Iteration[ScanRecord](self, lambda groups: [r for _, records, _ in groups for r in records])
        return _Iteration[RecordBatch](self, _to_batches)

    # --- Bounded reads ---

    def to_arrow(self, *, progress: Progress = None) -> TableResult:
        """Reads the subscribed buckets up to their latest offsets as of now."""
        return TableResult(self._read("to_arrow", progress), to_table)

    def to_pandas(self, *, progress: Progress = None, **options: Any) -> FrameResult:
        """As ``to_arrow``; ``options`` go to ``pyarrow.Table.to_pandas``."""
        return FrameResult(self._read("to_pandas", progress), lambda core: to_frame(core, options))

    def _read(self, method: str, progress: Progress) -> Any:
        self._require(False, method)
        return watched(self._core.read_table(), progress)

    def to_arrow_batch_reader(self) -> pa.RecordBatchReader:
        """The same batch by batch. Blocks, as does every step of the reader."""
        self._require(False, "to_arrow_batch_reader")
        return pa.RecordBatchReader.from_stream(self._core.read_to_latest())

    async def batches_until_latest(self) -> AsyncIterator[pa.RecordBatch]:
        """The same for ``async for``."""
        self._require(False, "batches_until_latest")
        stream = self._core.read_to_latest()
        while True:
            batch: Any = await start(stream.next())
            if batch is None:
                return
            yield pa.record_batch(batch)

    def __arrow_c_schema__(self) -> object:
        return self._core.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        self._require(False, "__arrow_c_stream__")
        return self._core.read_to_latest().__arrow_c_stream__(requested_schema)

    # --- Life ---

    def close(self) -> None:
        """Gives up all subscriptions; polls fail afterwards."""
        self._left.clear()
        self._core.close()

    def __enter__(self) -> LogScanner:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    async def __aenter__(self) -> LogScanner:
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"LogScanner(table={self._table.get_table_path()})"


def _to_batches(found: Iterable[Any]) -> list[RecordBatch]:
    return [item if isinstance(item, RecordBatch) else RecordBatch._of(item) for item in found]


class _Iteration(Generic[T]):
    """``async for`` over a scanner: what was polled and not handed out stays with the scanner."""

    def __init__(self, scanner: LogScanner, items: Any) -> None:
        self._scanner = scanner
        self._items = items

    def __aiter__(self) -> _Iteration[T]:
        return self

    async def __anext__(self) -> T:
        scanner = self._scanner
        while not scanner._left:
            op = scanner._poll(_POLL_MS)
            scanner._left.extend(await ListResult[T](op, self._items))
        item: T = scanner._left.popleft()
        return item


@final
class BatchScanner(SelfAwaitable, Internal):
    """A limit scan: up to so many rows of one bucket, once.

    >>> bucket = fluss.TableBucket(users.get_table_info().table_id, 0)
    >>> scanner = users.new_scan().limit(1).create_bucket_batch_scanner(bucket)
    >>> (await scanner.to_arrow()).num_rows
    1
    """

    __slots__ = ("_core", "_bucket")
    _core: native.BatchScanner
    _bucket: TableBucket

    @staticmethod
    def _of(core: native.BatchScanner, bucket: TableBucket) -> BatchScanner:
        scanner = make(BatchScanner)
        scanner._core = core
        scanner._bucket = bucket
        return scanner

    @property
    def bucket(self) -> TableBucket:
        """The bucket that is read."""
        return self._bucket

    def next_batch(self) -> Pending[RecordBatch | None]:
        """The rows; None when there are none (any more)."""
        return start(self._core.next(), lambda found: None if found is None else RecordBatch._of(found))

    def collect_all_batches(self) -> ListResult[RecordBatch]:
        """The rows as a list of at most one batch."""
        return ListResult(self._core.next(), lambda found: [] if found is None else [RecordBatch._of(found)])

    def to_arrow(self) -> TableResult:
        """The rows as an Arrow table."""
        return TableResult(self._core.next(), self._table)

    def to_pandas(self, **options: Any) -> FrameResult:
        """The rows as a DataFrame; ``options`` go to ``pyarrow.Table.to_pandas``."""
        return FrameResult(self._core.next(), lambda found: self._table(found).to_pandas(**options))

    def _table(self, found: Any) -> pa.Table:
        batches = [] if found is None else [RecordBatch._of(found).batch]
        return pa.Table.from_batches(batches, pa.schema(self._core.schema))

    def __repr__(self) -> str:
        return f"BatchScanner(bucket={self._bucket})"
