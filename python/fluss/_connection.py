"""Connections."""

from __future__ import annotations

import os
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Union, final

from fluss import _core as native
from fluss import _runtime
from fluss._admin import FlussAdmin
from fluss._base import Internal, check_type, make, wrong_type
from fluss._config import Config
from fluss._errors import ErrorCode, FlussError, error_from_code
from fluss._pending import Pending, SelfAwaitable, start
from fluss._results import SqlCall
from fluss._sql import SqlResult, parameters_of
from fluss._table import FlussTable
from fluss._types import TablePath, path_of

_CLOSE_BOUND_S = 30.0  # of leaving a `with` block

Target = Union[Config, str, "os.PathLike[str]"]


def _config_of(config: object) -> Config:
    if isinstance(config, Config):
        return config
    if isinstance(config, (str, os.PathLike)):
        return Config._embedded(os.fspath(config))
    raise wrong_type("config", config, "Config")


@final
class FlussConnection(SelfAwaitable, Internal):
    """A connection to a server, or to an embedded database.

    >>> conn = await fluss.FlussConnection.open()  # in memory; or a directory, or host:port
    >>> await conn.get_admin().list_databases()
    ['fluss']
    >>> await conn.close()
    """

    __slots__ = ("_core", "_admin", "_max_poll_records", "__weakref__")
    _core: native.Connection
    _admin: FlussAdmin | None
    _max_poll_records: int

    @staticmethod
    def _of(core: native.Connection, config: Config) -> FlussConnection:
        connection = make(FlussConnection)
        connection._core = core
        connection._admin = None
        connection._max_poll_records = config.scanner_log_max_poll_records
        _runtime.track(connection)
        return connection

    @staticmethod
    def create(config: Target) -> Pending[FlussConnection]:
        """Connects as ``config`` says. A path, or ":memory:", opens an embedded database."""
        settings = _config_of(config).__copy__()
        return start(native.Connection.open(settings._core), lambda core: FlussConnection._of(core, settings))

    @staticmethod
    def connect(config: Target) -> Pending[FlussConnection]:
        """The older name of ``create``."""
        return FlussConnection.create(config)

    @staticmethod
    def open(path: str | os.PathLike[str] = ":memory:") -> Pending[FlussConnection]:
        """Opens an embedded database: a directory, or one in memory."""
        return FlussConnection.create(path)

    def get_admin(self) -> FlussAdmin:
        """Databases, tables, partitions and offsets; always the same object."""
        if self._admin is None:
            self._admin = FlussAdmin._of(self)
        return self._admin

    def get_table(self, table_path: TablePath | str) -> Pending[FlussTable]:
        """Opens a table: ``TablePath("fluss", "orders")``, or "fluss.orders". Code 7 when there is none."""
        path = path_of(table_path)
        return start(
            self._core.get_table(path.database_name, path.table_name), lambda core: FlussTable._of(core, self)
        )

    def list_tables(self, database_name: str = "fluss") -> Pending[list[str]]:
        """The names of a database's tables, sorted."""
        return self.get_admin().list_tables(database_name)

    def sql(self, query: str, parameters: Sequence[Any] | None = None) -> SqlCall:
        """Runs SQL; ``$1`` is the first of the parameters. Without parameters there may be several statements, and
        the result is that of the last.

        The connection has one SQL session: its statements run in their order, and BEGIN starts a transaction that the
        next ones belong to. What was written on the connection before is seen."""
        types, values = parameters_of(parameters)
        return SqlCall(self._core.sql(check_type("query", query, str), types, values), SqlResult._of)

    def cancel_sql(self) -> None:
        """Ends the statement that is running, if any, with SQLSTATE 57014."""
        self._core.cancel_sql()

    def flush(self) -> Pending[None]:
        """Sends everything that was written on this connection; done when it is acknowledged."""
        return start(self._core.flush())

    def close(self) -> Pending[None]:
        """Flushes, then releases. Starts at once; awaiting it is optional."""
        return start(_runtime.close(self._core))

    @property
    def closed(self) -> bool:
        """Whether ``close`` was called."""
        return self._core.closed()

    async def __aenter__(self) -> FlussConnection:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.close()
        except FlussError:
            if error is None:
                raise

    def __enter__(self) -> FlussConnection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        op = _runtime.close(self._core)
        try:
            if not op.wait(_CLOSE_BOUND_S):
                message = f"the connection still had writes under way {_CLOSE_BOUND_S:.0f} seconds after it was closed"
                raise error_from_code(ErrorCode.REQUEST_TIME_OUT, message)
            op.take()
        except FlussError:
            if error is None:
                raise

    def __del__(self) -> None:
        _runtime.close_dropped(self)

    def __repr__(self) -> str:
        return "FlussConnection()"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<b>FlussConnection</b> {escape(self._core.target())}{' (closed)' if self.closed else ''}"
