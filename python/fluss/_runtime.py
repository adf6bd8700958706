"""What the package does once per process: hooks of the native code, fork and exit."""

from __future__ import annotations

import atexit
import logging
import os
import time
import weakref
from typing import TYPE_CHECKING

from fluss import _core as native
from fluss import _rows
from fluss._errors import FlussError, error_from_code, sql_error_of
from fluss._pending import start
from fluss._types import ChangeType, make_bucket

if TYPE_CHECKING:
    from fluss._connection import FlussConnection

logger = logging.getLogger("fluss")

_EXIT_BOUND_S = 10.0

_open: weakref.WeakSet[FlussConnection] = weakref.WeakSet()
_closing: list[native.Operation] = []


def track(connection: FlussConnection) -> None:
    _open.add(connection)


def close(core: native.Connection) -> native.Operation:
    """Starts closing; the process does not end before it is done."""
    op = core.close()
    _closing[:] = [other for other in _closing if not other.done()]
    if not op.done():
        _closing.append(op)
    return op


def close_dropped(connection: FlussConnection) -> None:
    """A connection that nobody holds any more still owes what was written on it."""
    core = getattr(connection, "_core", None)
    try:
        if core is not None and not core.closed():
            close(core)
    except (FlussError, TypeError):  # made before a fork, or the interpreter is going down
        pass


def _at_exit() -> None:
    for connection in list(_open):
        close_dropped(connection)
    deadline = time.monotonic() + _EXIT_BOUND_S
    for op in _closing:
        try:
            if not op.wait(max(deadline - time.monotonic(), 0.0)):
                logger.warning("a connection still had writes under way when the process ended")
                break
            op.take()
        except FlussError as error:
            logger.warning("a connection failed to close: %s", error)
    native.stop_notifying()


def _after_fork_in_child() -> None:
    native.count_fork()
    _open.clear()
    _closing.clear()


def _log(level: int, message: str) -> None:
    """What native code has to say, from a thread of its own."""
    logger.log(level, "%s", message)


def install() -> None:
    native.set_hooks(
        make_error=error_from_code,
        make_sql_error=sql_error_of,
        make_bucket=make_bucket,
        change_types=tuple(ChangeType),
        start=start,
        normalise_row=_rows.normalise_row,
        normalise_value=_rows.normalise_value,
        log=_log,
    )
    atexit.register(_at_exit)
    os.register_at_fork(after_in_child=_after_fork_in_child)


install()
