"""Operations that have started: awaitable, and usable without an event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Generator
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar, cast

from fluss._errors import FlussError

T = TypeVar("T")
logger = logging.getLogger("fluss")

_EMPTY: Any = object()


def _identity(value: Any) -> Any:
    return value


class Operation(Protocol):
    """What a Pending stands on: ``fluss._core.Operation``, or something that behaves like one."""

    def done(self) -> bool: ...
    def wait(self, timeout: float = -1.0) -> bool: ...
    def notify(self, loop: Any, callback: Any) -> None: ...
    def take(self) -> Any: ...


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


class Settled:
    """The operation of a call that did all its work at once."""

    __slots__ = ("_value", "_error")

    def __init__(self, call: Callable[[], Any]) -> None:
        self._error: FlussError | None = None
        try:
            self._value = call()
        except FlussError as error:
            self._error = error

    def done(self) -> bool:
        return True

    def wait(self, timeout: float = -1.0) -> bool:
        return True

    def notify(self, loop: Any, callback: Any) -> None:
        loop.call_soon_threadsafe(callback)

    def take(self) -> Any:
        if self._error is not None:
            raise self._error
        return self._value


class Deferred:
    """An operation that starts when somebody first asks for it: one that nobody ever looks at does nothing."""

    __slots__ = ("_start", "_op")

    def __init__(self, start: Callable[[], Operation]) -> None:
        self._start = start
        self._op: Operation | None = None

    def _started(self) -> Operation:
        if self._op is None:
            self._op = self._start()
        return self._op

    def done(self) -> bool:
        return self._started().done()

    def wait(self, timeout: float = -1.0) -> bool:
        return self._started().wait(timeout)

    def notify(self, loop: Any, callback: Any) -> None:
        self._started().notify(loop, callback)

    def take(self) -> Any:
        return self._started().take()


class Outcome(Generic[T]):
    """The converted result of an operation: converted once, by whoever asks first."""

    __slots__ = ("op", "convert", "value", "error")

    def __init__(self, op: Operation, convert: Callable[[Any], T]) -> None:
        self.op: Operation | None = op
        self.convert = convert
        self.value: Any = _EMPTY
        self.error: BaseException | None = None

    def done(self) -> bool:
        return self.op is None or self.op.done()

    def settle(self) -> None:
        """Takes the result of an operation that is done."""
        if self.op is None:
            return
        op = self.op
        try:
            self.value = self.convert(op.take())
        except BaseException as error:
            self.error = error
        self.op = None

    def log_if_unseen(self, what: str) -> None:
        """For the last moment of a result that nobody asked for: a failure is logged."""
        if self.op is None or not self.op.done():
            return
        self.settle()
        if self.error is not None:
            logger.warning("%s failed and nobody looked at its result: %s", what, self.error)

    def get(self) -> T:
        self.settle()
        if self.error is not None:
            raise self.error.with_traceback(None)
        return cast(T, self.value)

    def wait(self, timeout: float | None = None) -> T:
        if self.op is not None and not self.op.wait(-1.0 if timeout is None else max(timeout, 0.0)):
            raise TimeoutError(f"no result after {timeout} seconds")
        return self.get()

    def wait_async(self) -> Generator[Any, None, T]:
        op = self.op
        if op is not None and not op.done():
            loop = asyncio.get_running_loop()
            waiter: asyncio.Future[None] = loop.create_future()
            op.notify(loop, lambda: _wake(waiter))
            yield from waiter
        return self.get()


class Pending(Generic[T]):
    """A call under way. ``await`` it, or block for it with ``wait_sync()``."""

    __slots__ = ()
    __module__ = "fluss"

    def wait_sync(self, timeout: float | None = None) -> T:
        """Blocks until the result is there (without the GIL, never through an event loop)."""
        raise NotImplementedError

    def done(self) -> bool:
        """Whether the result is there; never blocks."""
        raise NotImplementedError

    def __await__(self) -> Generator[Any, None, T]:
        raise NotImplementedError

    async def __aenter__(self) -> Any:
        return await cast(Any, await self).__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Any:
        return await cast(Any, await self).__aexit__(kind, error, trace)

    def __enter__(self) -> Any:
        return cast(Any, self.wait_sync()).__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Any:
        return cast(Any, self.wait_sync()).__exit__(kind, error, trace)


class StartedPending(Pending[T]):
    """The kind made while no event loop runs in the calling thread, and the base of dual results."""

    __slots__ = ("_outcome", "__weakref__")
    _outcome: Outcome[T]

    def __init__(self, op: Operation, convert: Callable[[Any], T] = _identity) -> None:
        self._outcome = Outcome(op, convert)

    def wait_sync(self, timeout: float | None = None) -> T:
        return self._outcome.wait(timeout)

    def result(self, timeout: float | None = None) -> T:
        """Blocks for the real object."""
        return self._outcome.wait(timeout)

    def done(self) -> bool:
        return self._outcome.done()

    def cancel(self) -> bool:
        """Started work is not undone: always False."""
        return False

    def cancelled(self) -> bool:
        return False

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Blocks, then gives the error of the operation, if any."""
        outcome = self._outcome
        if outcome.op is not None and not outcome.op.wait(-1.0 if timeout is None else max(timeout, 0.0)):
            raise TimeoutError(f"no result after {timeout} seconds")
        outcome.settle()
        return outcome.error

    def add_done_callback(self, callback: Callable[[StartedPending[T]], object]) -> None:
        """Calls ``callback(self)`` once done: by the running event loop, or after blocking where none runs."""
        op = self._outcome.op
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            if op is not None:
                op.wait()
            callback(self)
            return
        if op is None:
            loop.call_soon(callback, self)
        else:
            op.notify(loop, lambda: callback(self))

    def __await__(self) -> Generator[Any, None, T]:
        return self._outcome.wait_async()

    def __repr__(self) -> str:
        return f"<Pending {'done' if self._outcome.done() else 'running'}>"


class CallPending(StartedPending[T]):
    """A call outside of event loops. One that fails unseen is logged."""

    __slots__ = ()

    def __del__(self) -> None:
        self._outcome.log_if_unseen("a call")


class LoopPending(asyncio.Future, Pending[T]):  # type: ignore[type-arg]
    """The kind made inside an event loop: an asyncio.Future of that loop.

    A result that is there from the start is handed over when it is first asked for, which spares the loop a round,
    and lets the call be cancelled until then.
    """

    def __init__(self, op: Operation, convert: Callable[[Any], T], loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._outcome = Outcome(op, convert)
        self._at_hand = op.done()
        if not self._at_hand:
            op.notify(loop, self._deliver)

    def _deliver(self) -> None:
        if super().done():
            return
        outcome = self._outcome
        outcome.settle()
        if outcome.error is None:
            self.set_result(outcome.value)
        elif isinstance(outcome.error, StopIteration):
            self.set_exception(RuntimeError(str(outcome.error)))
        else:
            self.set_exception(outcome.error)

    def wait_sync(self, timeout: float | None = None) -> T:
        if self.cancelled():
            raise asyncio.CancelledError
        try:
            return self._outcome.wait(timeout)
        finally:
            if self._outcome.op is None:
                self._deliver()
                self._log_traceback = False

    def __await__(self) -> Generator[Any, None, T]:
        if self._at_hand:
            self._deliver()
        return super().__await__()

    def done(self) -> bool:
        if self._at_hand:
            self._deliver()
        return super().done()

    def result(self) -> T:
        if self._at_hand:
            self._deliver()
        return cast(T, super().result())

    def exception(self) -> BaseException | None:
        if self._at_hand:
            self._deliver()
        return super().exception()

    def add_done_callback(self, fn: Callable[[Any], object], /, *, context: Any = None) -> None:
        if self._at_hand:
            self._deliver()
        super().add_done_callback(fn, context=context)

    def __del__(self) -> None:
        if self._at_hand and not self.cancelled():
            self._deliver()
        if self._log_traceback:
            self._log_traceback = False
            logger.warning("a call failed and nobody looked at its result: %s", self.exception())


def start(op: Operation, convert: Callable[[Any], T] = _identity) -> Pending[T]:
    """Wraps a native operation in the kind of Pending that fits the caller."""
    loop = asyncio._get_running_loop()
    if loop is None:
        return CallPending(op, convert)
    return LoopPending(op, convert, loop)


def settled(call: Callable[[], T]) -> Pending[T]:
    """The Pending of a call that needs no I/O."""
    return start(Settled(call))


class SelfAwaitable:
    """``await x`` is ``x``: older styles await what is made without I/O."""

    __slots__ = ()

    def __await__(self: T) -> Generator[Any, None, T]:
        return self
        yield
