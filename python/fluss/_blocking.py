"""What the classes of ``fluss.sync`` share; scripts/make_sync.py makes the rest of them from the awaitable ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, final

import fluss
from fluss._base import Final
from fluss._docs import share_docs
from fluss._results import SqlCall


class Blocking(Final, final=False):
    """Stands for an object of the awaitable kind, which stays reachable as ``awaitable``."""

    __slots__ = ()
    awaitable: Any

    def __init_subclass__(cls, final: bool = True, **kwargs: Any) -> None:
        super().__init_subclass__(final, **kwargs)
        if final:
            type.__setattr__(cls, "__module__", "fluss.sync")
            if cls.__base__ is not Blocking:
                cls.__doc__ = cls.__base__.__doc__
            share_docs(cls, getattr(fluss, cls.__name__))

    def __repr__(self) -> str:
        return repr(self.awaitable)


@final
class WriteResultHandle(Blocking):
    __slots__ = ("awaitable",)

    def __init__(self, awaitable: fluss.WriteResultHandle) -> None:
        self.awaitable: fluss.WriteResultHandle = awaitable

    def wait(self) -> None:
        """Blocks until the write is acknowledged; raises its error."""
        self.awaitable.wait().wait_sync()

    def done(self) -> bool:
        """Whether the write is acknowledged, or has failed; never blocks."""
        return self.awaitable.done()


class _Scanner(Protocol):
    @property
    def awaitable(self) -> fluss.LogScanner: ...
    def positions(self) -> dict[fluss.TableBucket, int]: ...
    def lag(self) -> dict[fluss.TableBucket, int]: ...
    def poll(self, timeout_ms: int) -> fluss.ScanRecords: ...
    def poll_record_batch(self, timeout_ms: int) -> list[fluss.RecordBatch]: ...


class LogScannerBase(Blocking, final=False):
    """Reads what is appended to the subscribed buckets. Iterating gives records (or batches) until the latest offsets
    as of the start of the iteration.

    >>> scanner = orders.new_scan().create_log_scanner()
    >>> scanner.subscribe_all()
    >>> [record.row["id"] for record in scanner]
    [1, 2]
    """

    __slots__ = ()

    def __iter__(self: _Scanner) -> Iterator[Any]:
        """Records of a record scanner, batches of a batch scanner; ends once all that is there now was given."""
        positions = self.positions()
        ends = {bucket: positions[bucket] + lag for bucket, lag in self.lag().items() if lag > 0}
        while ends:
            found: Any = self.poll(100) if self.awaitable._by_record else self.poll_record_batch(100)
            yield from found
            positions = self.positions()
            ends = {bucket: end for bucket, end in ends.items() if positions.get(bucket, end) < end}


class FlussTableBase(Blocking, final=False):
    __slots__ = ()

    def __len__(self) -> int:
        return int(self.awaitable.count().wait_sync())

    def __bool__(self) -> bool:
        return True


class FlussConnectionBase(Blocking, final=False):
    __slots__ = ()

    def _rows(self, call: SqlCall) -> fluss.SqlResult:
        """Ctrl-C ends the statement, too."""
        try:
            return call.wait_sync()
        except KeyboardInterrupt:
            self.awaitable.cancel_sql()
            raise
