"""Error codes and the exceptions that carry them."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn, final


@final
class ErrorCode:
    """The numbers in ``FlussError.error_code``.

    >>> fluss.ErrorCode.TABLE_NOT_EXIST
    7
    """

    __slots__ = ()
    __module__ = "fluss"

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("type 'fluss.ErrorCode' is not an acceptable base type")

    def __new__(cls) -> ErrorCode:
        raise TypeError("cannot create 'fluss.ErrorCode' instances")

    CLIENT_ERROR: ClassVar[int] = -2
    UNKNOWN_SERVER_ERROR: ClassVar[int] = -1
    NONE: ClassVar[int] = 0
    NETWORK_EXCEPTION: ClassVar[int] = 1
    UNSUPPORTED_VERSION: ClassVar[int] = 2
    CORRUPT_MESSAGE: ClassVar[int] = 3
    DATABASE_NOT_EXIST: ClassVar[int] = 4
    DATABASE_NOT_EMPTY: ClassVar[int] = 5
    DATABASE_ALREADY_EXIST: ClassVar[int] = 6
    TABLE_NOT_EXIST: ClassVar[int] = 7
    TABLE_ALREADY_EXIST: ClassVar[int] = 8
    SCHEMA_NOT_EXIST: ClassVar[int] = 9
    LOG_STORAGE_EXCEPTION: ClassVar[int] = 10
    KV_STORAGE_EXCEPTION: ClassVar[int] = 11
    NOT_LEADER_OR_FOLLOWER: ClassVar[int] = 12
    RECORD_TOO_LARGE_EXCEPTION: ClassVar[int] = 13
    CORRUPT_RECORD_EXCEPTION: ClassVar[int] = 14
    INVALID_TABLE_EXCEPTION: ClassVar[int] = 15
    INVALID_DATABASE_EXCEPTION: ClassVar[int] = 16
    INVALID_REPLICATION_FACTOR: ClassVar[int] = 17
    INVALID_REQUIRED_ACKS: ClassVar[int] = 18
    LOG_OFFSET_OUT_OF_RANGE_EXCEPTION: ClassVar[int] = 19
    NON_PRIMARY_KEY_TABLE_EXCEPTION: ClassVar[int] = 20
    UNKNOWN_TABLE_OR_BUCKET_EXCEPTION: ClassVar[int] = 21
    INVALID_UPDATE_VERSION_EXCEPTION: ClassVar[int] = 22
    INVALID_COORDINATOR_EXCEPTION: ClassVar[int] = 23
    FENCED_LEADER_EPOCH_EXCEPTION: ClassVar[int] = 24
    REQUEST_TIME_OUT: ClassVar[int] = 25
    STORAGE_EXCEPTION: ClassVar[int] = 26
    OPERATION_NOT_ATTEMPTED_EXCEPTION: ClassVar[int] = 27
    NOT_ENOUGH_REPLICAS_AFTER_APPEND_EXCEPTION: ClassVar[int] = 28
    NOT_ENOUGH_REPLICAS_EXCEPTION: ClassVar[int] = 29
    SECURITY_TOKEN_EXCEPTION: ClassVar[int] = 30
    OUT_OF_ORDER_SEQUENCE_EXCEPTION: ClassVar[int] = 31
    DUPLICATE_SEQUENCE_EXCEPTION: ClassVar[int] = 32
    UNKNOWN_WRITER_ID_EXCEPTION: ClassVar[int] = 33
    INVALID_COLUMN_PROJECTION: ClassVar[int] = 34
    INVALID_TARGET_COLUMN: ClassVar[int] = 35
    PARTITION_NOT_EXISTS: ClassVar[int] = 36
    TABLE_NOT_PARTITIONED_EXCEPTION: ClassVar[int] = 37
    INVALID_TIMESTAMP_EXCEPTION: ClassVar[int] = 38
    INVALID_CONFIG_EXCEPTION: ClassVar[int] = 39
    LAKE_STORAGE_NOT_CONFIGURED_EXCEPTION: ClassVar[int] = 40
    KV_SNAPSHOT_NOT_EXIST: ClassVar[int] = 41
    PARTITION_ALREADY_EXISTS: ClassVar[int] = 42
    PARTITION_SPEC_INVALID_EXCEPTION: ClassVar[int] = 43
    LEADER_NOT_AVAILABLE_EXCEPTION: ClassVar[int] = 44
    PARTITION_MAX_NUM_EXCEPTION: ClassVar[int] = 45
    AUTHENTICATE_EXCEPTION: ClassVar[int] = 46
    SECURITY_DISABLED_EXCEPTION: ClassVar[int] = 47
    AUTHORIZATION_EXCEPTION: ClassVar[int] = 48
    BUCKET_MAX_NUM_EXCEPTION: ClassVar[int] = 49
    FENCED_TIERING_EPOCH_EXCEPTION: ClassVar[int] = 50
    RETRIABLE_AUTHENTICATE_EXCEPTION: ClassVar[int] = 51
    INVALID_SERVER_RACK_INFO_EXCEPTION: ClassVar[int] = 52
    LAKE_SNAPSHOT_NOT_EXIST: ClassVar[int] = 53
    LAKE_TABLE_ALREADY_EXIST: ClassVar[int] = 54
    INELIGIBLE_REPLICA_EXCEPTION: ClassVar[int] = 55
    INVALID_ALTER_TABLE_EXCEPTION: ClassVar[int] = 56
    DELETION_DISABLED_EXCEPTION: ClassVar[int] = 57
    SERVER_NOT_EXIST_EXCEPTION: ClassVar[int] = 58
    SERVER_TAG_ALREADY_EXIST_EXCEPTION: ClassVar[int] = 59
    SERVER_TAG_NOT_EXIST_EXCEPTION: ClassVar[int] = 60
    REBALANCE_FAILURE_EXCEPTION: ClassVar[int] = 61
    NO_REBALANCE_IN_PROGRESS_EXCEPTION: ClassVar[int] = 62
    INVALID_PRODUCER_ID_EXCEPTION: ClassVar[int] = 63
    CONFIG_EXCEPTION: ClassVar[int] = 64
    NOT_COORDINATOR_LEADER_EXCEPTION: ClassVar[int] = 65
    SCANNER_EXPIRED: ClassVar[int] = 66
    UNKNOWN_SCANNER_ID: ClassVar[int] = 67
    INVALID_SCAN_REQUEST: ClassVar[int] = 68
    TOO_MANY_SCANNERS: ClassVar[int] = 69
    DISK_WRITE_LOCKED: ClassVar[int] = 70
    INSUFFICIENT_KV_LEADER_REPLICA_CAPACITY: ClassVar[int] = 71
    STORAGE_BACKPRESSURE_EXCEPTION: ClassVar[int] = 72
    HISTORICAL_PARTITION_THROTTLED: ClassVar[int] = 73


_RETRIABLE = frozenset({1, 3, 9, 10, 11, 12, 14, 21, 25, 26, 28, 29, 44, 72})


class FlussError(Exception):
    """An error of Fluss or of its client; ``error_code`` is one of :class:`ErrorCode`.

    >>> try:
    ...     await conn.get_table("fluss.nowhere")
    ... except fluss.FlussError as error:
    ...     print(error.error_code, error.is_retriable)
    7 False
    """

    __module__ = "fluss"

    def __init_subclass__(cls) -> None:
        cls.__module__ = "fluss"

    def __init__(self, message: str, error_code: int = -2) -> None:
        if not isinstance(message, str):
            raise TypeError(f"argument 'message': '{type(message).__name__}' object is not an instance of 'str'")
        if not hasattr(error_code, "__index__"):
            raise TypeError(
                f"argument 'error_code': '{type(error_code).__name__}' object cannot be interpreted as an integer"
            )
        super().__init__(message, error_code)
        self._message = message
        self._error_code = int(error_code)

    @property
    def message(self) -> str:
        """What went wrong, without the code."""
        return self._message

    @property
    def error_code(self) -> int:
        """The number: -2 for a mistake of the caller, else one of the protocol's."""
        return self._error_code

    @property
    def is_retriable(self) -> bool:
        """Whether doing the same again may work."""
        return self._error_code in _RETRIABLE

    def __str__(self) -> str:
        code = "" if self._error_code == ErrorCode.CLIENT_ERROR else f"(code={self._error_code})"
        return f"FlussError{code}: {self._message}"

    def __reduce__(self) -> tuple[Any, ...]:
        return error_from_code, (self._error_code, self._message)


class ConnectionFailedError(FlussError):
    """A server cannot be reached (code 1).

    >>> config = fluss.Config({"bootstrap.servers": "127.0.0.1:1", "connect-timeout": "200ms"})
    >>> try:
    ...     await fluss.FlussConnection.create(config)
    ... except fluss.ConnectionFailedError as error:
    ...     print(error.is_retriable)
    True
    """


class CorruptRecordError(FlussError):
    """Data does not match its checksum (code 14).

    >>> fluss.CorruptRecordError("a batch", fluss.ErrorCode.CORRUPT_RECORD_EXCEPTION).is_retriable
    True
    """


class DatabaseNotExistError(FlussError):
    """There is no database of that name (code 4).

    >>> try:
    ...     await admin.list_tables("nowhere")
    ... except fluss.DatabaseNotExistError as error:
    ...     print(error.message)
    database 'nowhere' does not exist
    """


class DatabaseNotEmptyError(FlussError):
    """A database that is to be dropped has tables (code 5).

    >>> try:
    ...     await admin.drop_database("fluss", cascade=False)
    ... except fluss.DatabaseNotEmptyError as error:
    ...     print(error.error_code)
    5
    """


class DatabaseAlreadyExistError(FlussError):
    """There is a database of that name already (code 6).

    >>> try:
    ...     await admin.create_database("fluss")
    ... except fluss.DatabaseAlreadyExistError as error:
    ...     print(error.error_code)
    6
    """


class TableNotExistError(FlussError):
    """There is no table of that name (code 7).

    >>> try:
    ...     await conn.get_table("fluss.nowhere")
    ... except fluss.TableNotExistError as error:
    ...     print(error.message)
    table 'fluss.nowhere' does not exist
    """


class TableAlreadyExistError(FlussError):
    """There is a table of that name already (code 8).

    >>> schema = fluss.Schema.from_dict({"id": "bigint"})
    >>> try:
    ...     await admin.create_table("fluss.orders", fluss.TableDescriptor(schema))
    ... except fluss.TableAlreadyExistError as error:
    ...     print(error.error_code)
    8
    """


class InvalidTableError(FlussError):
    """A table cannot be as it is described: names, keys or types (code 15).

    >>> schema = fluss.Schema.from_dict({"id": "bigint"})
    >>> try:
    ...     await admin.create_table("fluss.t", fluss.TableDescriptor(schema, bucket_count=0))
    ... except fluss.InvalidTableError as error:
    ...     print(error.error_code)
    15
    """


class InvalidDatabaseError(FlussError):
    """A database cannot be called so (code 16).

    >>> try:
    ...     await admin.create_database("a/b")
    ... except fluss.InvalidDatabaseError as error:
    ...     print(error.error_code)
    16
    """


class OffsetOutOfRangeError(FlussError):
    """A scanner's offset is not there, or not any more (code 19).

    >>> scanner = await orders.new_scan().create_log_scanner()
    >>> await scanner.subscribe(0, 99)
    >>> try:
    ...     records = await scanner.poll(1000)
    ... except fluss.OffsetOutOfRangeError as error:
    ...     print(error.error_code)
    19
    """


class PartitionNotExistError(FlussError):
    """There is no partition with these values (code 36).

    >>> try:
    ...     await admin.drop_partition("fluss.regions", {"region": "ASIA"})
    ... except fluss.PartitionNotExistError as error:
    ...     print(error.error_code)
    36
    """


class PartitionAlreadyExistError(FlussError):
    """There is a partition with these values already (code 42).

    >>> try:
    ...     await admin.create_partition("fluss.regions", {"region": "EU"})
    ... except fluss.PartitionAlreadyExistError as error:
    ...     print(error.error_code)
    42
    """


class TableNotPartitionedError(FlussError):
    """A table has no partitions (code 37).

    >>> try:
    ...     await admin.list_partition_infos("fluss.orders")
    ... except fluss.TableNotPartitionedError as error:
    ...     print(error.error_code)
    37
    """


class InvalidPartitionSpecError(FlussError):
    """The columns or values given are no partition of the table (code 43).

    >>> try:
    ...     await admin.create_partition("fluss.regions", {"country": "FR"})
    ... except fluss.InvalidPartitionSpecError as error:
    ...     print(error.error_code)
    43
    """


class AuthenticationError(FlussError):
    """User and password were not accepted, or there were none (code 46).

    >>> fluss.AuthenticationError("wrong password", fluss.ErrorCode.AUTHENTICATE_EXCEPTION).is_retriable
    False
    """


class AuthorizationError(FlussError):
    """The user may not do that, or nobody may: a table of Weir's own (code 48).

    >>> try:
    ...     await admin.drop_database("weir")
    ... except fluss.AuthorizationError as error:
    ...     print(error.error_code)
    48
    """


class SqlError(FlussError):
    """An error of a SQL statement, with the fields that PostgreSQL's errors have.

    >>> try:
    ...     await conn.sql("SELECT * FROM nowhere")
    ... except fluss.SqlError as error:
    ...     print(error.sqlstate, error.message)
    42P01 relation "nowhere" does not exist
    """

    def __init__(
        self,
        message: str,
        sqlstate: str = "XX000",
        *,
        detail: str | None = None,
        hint: str | None = None,
        position: int | None = None,
        schema_name: str | None = None,
        table_name: str | None = None,
        column_name: str | None = None,
        constraint_name: str | None = None,
    ) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate
        self.detail = detail
        self.hint = hint
        self.position = position
        """Of the statement's text, in characters from 1."""
        self.schema_name = schema_name
        self.table_name = table_name
        self.column_name = column_name
        self.constraint_name = constraint_name

    def __str__(self) -> str:
        lines = [f"{self.message} (SQLSTATE {self.sqlstate})"]
        if self.detail:
            lines.append(f"DETAIL: {self.detail}")
        if self.hint:
            lines.append(f"HINT: {self.hint}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[Any, ...]:
        names = (self.schema_name, self.table_name, self.column_name, self.constraint_name)
        return sql_error_of, (self.message, self.sqlstate, self.detail, self.hint, self.position, names)


def sql_error_of(
    message: str,
    sqlstate: str,
    detail: str | None,
    hint: str | None,
    position: int | None,
    names: tuple[str | None, str | None, str | None, str | None],
) -> SqlError:
    """The exception that stands for the fields of an error; what is empty is None."""
    schema, table, column, constraint = (name or None for name in names)
    return SqlError(
        message,
        sqlstate,
        detail=detail or None,
        hint=hint or None,
        position=position or None,
        schema_name=schema,
        table_name=table,
        column_name=column,
        constraint_name=constraint,
    )


_BY_CODE: dict[int, type[FlussError]] = {
    1: ConnectionFailedError,
    4: DatabaseNotExistError,
    5: DatabaseNotEmptyError,
    6: DatabaseAlreadyExistError,
    7: TableNotExistError,
    8: TableAlreadyExistError,
    14: CorruptRecordError,
    15: InvalidTableError,
    16: InvalidDatabaseError,
    19: OffsetOutOfRangeError,
    36: PartitionNotExistError,
    37: TableNotPartitionedError,
    42: PartitionAlreadyExistError,
    43: InvalidPartitionSpecError,
    46: AuthenticationError,
    48: AuthorizationError,
}


def error_from_code(code: int, message: str) -> FlussError:
    """The exception that stands for an error code."""
    return _BY_CODE.get(code, FlussError)(message, code)
