"""Progress of long reads, in the manner of tqdm."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from fluss import _core as native

# True: a tqdm bar; a bar with update(n); or a function of the rows read so far.
Progress = bool | Callable[[int], object] | Any | None

_INTERVAL_S = 0.1


class _Bar:
    def __init__(self, progress: Any) -> None:
        self._shown = 0
        self._owned = progress is True
        if progress is True:
            from tqdm.auto import tqdm

            progress = tqdm(unit=" rows", unit_scale=True)
        if not callable(progress) and not hasattr(progress, "update"):
            raise TypeError(
                "progress must be True, a function of the rows read, or an object with update(n) like a tqdm bar"
            )
        self._bar: Any = progress

    def show(self, rows: int) -> None:
        if rows == self._shown:
            return
        if hasattr(self._bar, "update"):
            self._bar.update(rows - self._shown)
        else:
            self._bar(rows)
        self._shown = rows

    def close(self) -> None:
        if self._owned:
            self._bar.close()


class _Watched:
    """A native read whose progress is shown while somebody waits for it."""

    def __init__(self, op: native.Operation, bar: _Bar) -> None:
        self._op = op
        self._bar = bar

    def done(self) -> bool:
        return self._op.done()

    def wait(self, timeout: float = -1.0) -> bool:
        deadline = time.monotonic() + timeout
        while True:
            left = _INTERVAL_S if timeout < 0 else min(_INTERVAL_S, deadline - time.monotonic())
            done = self._op.wait(max(left, 0.0))
            self._bar.show(self._op.progress)
            if done or left <= 0:
                return done

    def notify(self, loop: Any, callback: Any) -> None:
        timer: Any = None

        def tick() -> None:
            nonlocal timer
            self._bar.show(self._op.progress)
            timer = loop.call_later(_INTERVAL_S, tick)

        def finish() -> None:
            timer.cancel()
            callback()

        tick()
        self._op.notify(loop, finish)

    def take(self) -> Any:
        self._bar.show(self._op.progress)
        self._bar.close()
        return self._op.take()


def watched(op: native.Operation, progress: Progress) -> Any:
    """The operation, shown on what the caller gave."""
    if progress is None or progress is False:
        return op
    return _Watched(op, _Bar(progress))
