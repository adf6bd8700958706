"""What polls give: records and batches, by bucket."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from html import escape
from typing import Any, final, overload

import pyarrow as pa

from fluss._base import Internal, make
from fluss._core import ArrowBatch, ArrowSchema, ScanRecord
from fluss._pending import Operation, Outcome
from fluss._types import TableBucket

_HTML_ROWS = 20


@final
class RecordBatch(Internal):
    """Rows of one bucket in Arrow form.

    >>> scanner = await orders.new_scan().create_record_batch_log_scanner()
    >>> await scanner.subscribe_all()
    >>> [(batch.base_offset, batch.batch.num_rows) for batch in await scanner.poll_record_batch(1000)]
    [(0, 2)]
    """

    __slots__ = ("_bucket", "_base_offset", "_last_offset", "_timestamp", "_core")
    _bucket: TableBucket
    _base_offset: int
    _last_offset: int
    _timestamp: int
    _core: ArrowBatch

    @staticmethod
    def _of(fields: tuple[TableBucket, int, int, int, ArrowBatch]) -> RecordBatch:
        batch = make(RecordBatch)
        batch._bucket, batch._base_offset, batch._last_offset, batch._timestamp, batch._core = fields
        return batch

    @property
    def batch(self) -> pa.RecordBatch:
        """The rows, without a copy."""
        return pa.record_batch(self._core)

    @property
    def bucket(self) -> TableBucket:
        """The bucket it comes from."""
        return self._bucket

    @property
    def base_offset(self) -> int:
        """The offset of its first record."""
        return self._base_offset

    @property
    def last_offset(self) -> int:
        """The offset of its last record."""
        return self._last_offset

    @property
    def timestamp(self) -> int:
        """When the rows were stored, in epoch milliseconds."""
        return self._timestamp

    @property
    def num_rows(self) -> int:
        """How many records it holds."""
        return self._core.num_rows

    def __len__(self) -> int:
        return self._core.num_rows

    def __arrow_c_schema__(self) -> object:
        return self._core.__arrow_c_schema__()

    def __arrow_c_array__(self, requested_schema: object | None = None) -> object:
        return self._core.__arrow_c_array__(requested_schema)

    def __repr__(self) -> str:
        return (
            f"RecordBatch(bucket={self._bucket}, base_offset={self._base_offset}, "
            f"last_offset={self._last_offset}, rows={self._core.num_rows})"
        )


# (bucket, its records, the Arrow batches they are read out of)
RecordGroup = tuple[TableBucket, list[ScanRecord], list[ArrowBatch]]


@final
class ScanRecords(Internal):
    """The records of one poll. Awaiting it waits for the poll; so does any other use.

    >>> scanner = await orders.new_scan().create_log_scanner()
    >>> await scanner.subscribe_all()
    >>> records = await scanner.poll(1000)
    >>> records.count()
    2
    """

    __slots__ = ("_outcome", "_records", "_schema", "__weakref__")
    _outcome: Outcome[list[RecordGroup]]
    _records: list[ScanRecord] | None
    _schema: ArrowSchema

    @staticmethod
    def _of(op: Operation, schema: ArrowSchema) -> ScanRecords:
        records = make(ScanRecords)
        records._outcome = Outcome(op, list)
        records._records = None
        records._schema = schema
        return records

    def __await__(self) -> Generator[Any, None, ScanRecords]:
        yield from self._outcome.wait_async()
        return self

    def result(self, timeout: float | None = None) -> ScanRecords:
        """Blocks until the poll is over."""
        self._outcome.wait(timeout)
        return self

    def _groups(self) -> list[RecordGroup]:
        return self._outcome.wait()

    def _flat(self) -> list[ScanRecord]:
        if self._records is None:
            groups = self._groups()
            self._records = groups[0][1] if len(groups) == 1 else [r for _, records, _ in groups for r in records]
        return self._records

    def buckets(self) -> list[TableBucket]:
        """The buckets that records came from."""
        return [bucket for bucket, _, _ in self._groups()]

    def keys(self) -> list[TableBucket]:
        """As ``buckets``."""
        return self.buckets()

    def records(self, bucket: TableBucket) -> list[ScanRecord]:
        """The records of a bucket; none when it is not here."""
        if not isinstance(bucket, TableBucket):
            raise TypeError(f"argument 'bucket': '{type(bucket).__name__}' object is not an instance of 'TableBucket'")
        for other, records, _ in self._groups():
            if other == bucket:
                return list(records)
        return []

    def values(self) -> Iterator[list[ScanRecord]]:
        """The records of each bucket."""
        return (list(records) for _, records, _ in self._groups())

    def items(self) -> Iterator[tuple[TableBucket, list[ScanRecord]]]:
        """Bucket and records, of each."""
        return ((bucket, list(records)) for bucket, records, _ in self._groups())

    def count(self) -> int:
        """How many records came."""
        return len(self._flat())

    def is_empty(self) -> bool:
        """Whether none came."""
        return not self._groups()

    def to_arrow(self) -> pa.Table:
        """The rows as one Arrow table, bucket after bucket."""
        batches = [pa.record_batch(batch) for _, _, group in self._groups() for batch in group]
        return pa.Table.from_batches(batches, pa.schema(self._schema))

    def __len__(self) -> int:
        return len(self._flat())

    def __iter__(self) -> Iterator[ScanRecord]:
        return iter(self._flat())

    def __contains__(self, bucket: object) -> bool:
        if not isinstance(bucket, TableBucket):
            raise TypeError(f"argument 'bucket': '{type(bucket).__name__}' object is not an instance of 'TableBucket'")
        return bucket in self.buckets()

    @overload
    def __getitem__(self, index: int) -> ScanRecord: ...
    @overload
    def __getitem__(self, index: slice | TableBucket) -> list[ScanRecord]: ...
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, TableBucket):
            return self.records(index)
        if isinstance(index, slice) or hasattr(index, "__index__"):
            try:
                return self._flat()[index]
            except IndexError:
                raise IndexError(f"index {index} is out of range for {len(self)} records") from None
        raise TypeError("index must be int, slice, or TableBucket")

    def __repr__(self) -> str:
        return f"ScanRecords(records={len(self)}, buckets={len(self._groups())})"

    def _repr_html_(self) -> str:
        records = self._flat()[:_HTML_ROWS]
        names = list(records[0].row) if records else []
        head = "".join(f"<th>{escape(name)}</th>" for name in ["offset", "change", *names])
        rows = "".join(_html_row([record.offset, record.change_type, *record.row.values()]) for record in records)
        more = f"<caption>first {_HTML_ROWS} of {len(self)} records</caption>" if len(self) > _HTML_ROWS else ""
        return f"<table>{more}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _html_row(values: Iterable[object]) -> str:
    return "<tr>" + "".join(f"<td>{escape(str(value))}</td>" for value in values) + "</tr>"


def group_records(records: Iterable[ScanRecord]) -> list[RecordGroup]:
    """Records that were handed out one by one before, by bucket again."""
    groups: dict[TableBucket, list[ScanRecord]] = {}
    for record in records:
        groups.setdefault(record.bucket, []).append(record)
    return [(bucket, group, [record._batch for record in group]) for bucket, group in groups.items()]
