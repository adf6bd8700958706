"""Databases, tables, partitions and offsets."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, final

from fluss import _core as native
from fluss._base import (
    I32,
    I64,
    Internal,
    check_dict,
    check_int,
    check_ints,
    check_strings,
    check_type,
    client_error,
    make,
)
from fluss._partition import partition_spec_of
from fluss._pending import Pending, SelfAwaitable, start
from fluss._types import (
    DatabaseDescriptor,
    DatabaseInfo,
    LakeSnapshot,
    OffsetSpec,
    PartitionInfo,
    ServerNode,
    TableBucket,
    TableDescriptor,
    TableInfo,
    TablePath,
    arrow_schema_of,
    descriptor_pair,
    path_of,
)

if TYPE_CHECKING:
    from fluss._connection import FlussConnection

_OFFSET_TYPES = "'earliest', 'latest' or 'timestamp'"


def _name(first: str, given: object, alias: dict[str, Any]) -> str:
    """The database's name, which older code calls ``name``."""
    if given is None and "name" in alias:
        given = alias.pop("name")
    if alias:
        raise TypeError(f"unexpected keyword argument '{next(iter(alias))}'")
    return check_type(first, given, str)


def _offset_spec(spec: Any, offset_type: str | None, timestamp: Any) -> OffsetSpec:
    if isinstance(spec, str) and offset_type is None:
        spec, offset_type = None, spec
    if spec is not None and offset_type is not None:
        raise client_error("give offset_spec or offset_type, not both")
    if spec is None and offset_type is None:
        raise client_error(f"give offset_spec, or offset_type: {_OFFSET_TYPES}")
    if spec is not None:
        if timestamp is not None:
            raise client_error("timestamp goes with offset_type='timestamp' only")
        return check_type("offset_spec", spec, OffsetSpec)
    kind = check_type("offset_type", offset_type, str).lower()
    if kind not in ("earliest", "latest", "timestamp"):
        raise client_error(f"Unknown offset_type '{offset_type}': expected {_OFFSET_TYPES}")
    if (kind == "timestamp") != (timestamp is not None):
        if timestamp is None:
            raise client_error("offset_type='timestamp' needs timestamp, in epoch milliseconds")
        raise client_error("timestamp goes with offset_type='timestamp' only")
    if kind == "timestamp":
        return OffsetSpec.timestamp(_epoch_millis(timestamp))
    return OffsetSpec.earliest() if kind == "earliest" else OffsetSpec.latest()


def _epoch_millis(timestamp: Any) -> int:
    if not isinstance(timestamp, datetime.datetime):
        return check_int("timestamp", timestamp, I64)
    if timestamp.tzinfo is None:
        raise client_error(f"timestamp {timestamp} has no time zone: give epoch milliseconds or an aware datetime")
    since = timestamp - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return since // datetime.timedelta(milliseconds=1)


def _bucket_ids(bucket_ids: object) -> list[int]:
    ids = check_ints("bucket_ids", bucket_ids, I32)
    if not ids:
        raise client_error("Buckets are empty.")
    for bucket in ids:
        if bucket < 0:
            raise client_error(f"bucket id {bucket} is negative")
    return ids


@final
class FlussAdmin(SelfAwaitable, Internal):
    """Administration of what a connection leads to.

    >>> admin = conn.get_admin()
    >>> await admin.list_tables("fluss")
    ['orders', 'regions', 'users', 'visits']
    """

    __slots__ = ("_core", "_connection", "__weakref__")
    _core: native.Connection
    _connection: FlussConnection

    @staticmethod
    def _of(connection: FlussConnection) -> FlussAdmin:
        admin = make(FlussAdmin)
        admin._core = connection._core
        admin._connection = connection
        return admin

    # --- Databases ---

    def create_database(
        self,
        database_name: str = None,  # type: ignore[assignment]
        database_descriptor: DatabaseDescriptor | None = None,
        ignore_if_exists: bool = False,
        **name: str,
    ) -> Pending[None]:
        """Makes a database. Code 6 when it exists, unless that is ignored."""
        database = _name("database_name", database_name, name)
        comment, properties = descriptor_pair(database_descriptor)
        ignore = check_type("ignore_if_exists", ignore_if_exists, bool)
        return start(self._core.create_database(database, comment, properties, ignore))

    def drop_database(
        self,
        database_name: str = None,  # type: ignore[assignment]
        ignore_if_not_exists: bool = False,
        cascade: bool = True,
        **name: str,
    ) -> Pending[None]:
        """Drops a database with its tables, or with ``cascade=False`` only an empty one (code 5).

        Code 4 when there is none, unless that is ignored.
        """
        database = _name("database_name", database_name, name)
        ignore = check_type("ignore_if_not_exists", ignore_if_not_exists, bool)
        return start(self._core.drop_database(database, ignore, check_type("cascade", cascade, bool)))

    def list_databases(self) -> Pending[list[str]]:
        """The names of all databases, sorted."""
        return start(self._core.list_databases())

    def database_exists(self, database_name: str = None, **name: str) -> Pending[bool]:  # type: ignore[assignment]
        """Whether there is such a database."""
        return start(self._core.database_exists(_name("database_name", database_name, name)))

    def get_database_info(self, database_name: str = None, **name: str) -> Pending[DatabaseInfo]:  # type: ignore[assignment]
        """Its comment, properties and times. Code 4 when there is none."""
        return start(self._core.get_database_info(_name("database_name", database_name, name)), DatabaseInfo._of)

    # --- Tables ---

    def create_table(
        self, table_path: TablePath | str, table_descriptor: TableDescriptor, ignore_if_exists: bool | None = False
    ) -> Pending[None]:
        """Makes a table. Code 8 when it exists, unless that is ignored; code 4 without its database."""
        path = path_of(table_path)
        descriptor = check_type("table_descriptor", table_descriptor, TableDescriptor)
        ignore = ignore_if_exists is not None and check_type("ignore_if_exists", ignore_if_exists, bool)
        return start(self._core.create_table(path.database_name, path.table_name, descriptor._core, ignore))

    def alter_table(
        self,
        table_path: TablePath | str,
        *,
        set_properties: Mapping[str, str] | None = None,
        reset_properties: Sequence[str] | None = None,
        add_columns: Any = None,
        ignore_if_not_exists: bool = False,
    ) -> Pending[None]:
        """Changes properties, and adds columns (an Arrow schema of nullable ones) at the end."""
        path = path_of(table_path)
        set_to = None if set_properties is None else check_dict("set_properties", set_properties)
        reset = None if reset_properties is None else check_strings("reset_properties", reset_properties)
        columns = None if add_columns is None else arrow_schema_of(add_columns)
        ignore = check_type("ignore_if_not_exists", ignore_if_not_exists, bool)
        return start(self._core.alter_table(path.database_name, path.table_name, set_to, reset, columns, ignore))

    def drop_table(self, table_path: TablePath | str, ignore_if_not_exists: bool = False) -> Pending[None]:
        """Drops a table with its rows. Code 7 when there is none, unless that is ignored."""
        path = path_of(table_path)
        ignore = check_type("ignore_if_not_exists", ignore_if_not_exists, bool)
        return start(self._core.drop_table(path.database_name, path.table_name, ignore))

    def get_table_info(self, table_path: TablePath | str) -> Pending[TableInfo]:
        """Its schema, keys, properties and times. Code 7 when there is none."""
        path = path_of(table_path)
        return start(self._core.get_table_info(path.database_name, path.table_name), TableInfo._of)

    get_table = get_table_info

    def list_tables(self, database_name: str) -> Pending[list[str]]:
        """The names of a database's tables, sorted. Code 4 when there is no such database."""
        return start(self._core.list_tables(check_type("database_name", database_name, str)))

    def table_exists(self, table_path: TablePath | str) -> Pending[bool]:
        """Whether there is such a table."""
        path = path_of(table_path)
        return start(self._core.table_exists(path.database_name, path.table_name))

    def get_table_stats(self, table_path: TablePath | str) -> Pending[dict[TableBucket, int]]:
        """Rows of every bucket."""
        path = path_of(table_path)
        return start(self._core.get_table_stats(path.database_name, path.table_name))

    def _count(self, table_path: TablePath) -> Pending[int]:
        stats = self._core.get_table_stats(table_path.database_name, table_path.table_name)
        return start(stats, lambda rows: sum(rows.values()))

    # --- Offsets ---

    def list_offsets(
        self,
        table_path: TablePath | str,
        bucket_ids: Sequence[int],
        offset_spec: OffsetSpec | str | None = None,
        *,
        offset_type: str | None = None,
        timestamp: int | datetime.datetime | None = None,
    ) -> Pending[dict[int, int]]:
        """Offsets by bucket id. ``offset_type``: "earliest", "latest", or "timestamp" with ``timestamp``."""
        return self._offsets(table_path, None, bucket_ids, _offset_spec(offset_spec, offset_type, timestamp))

    def list_partition_offsets(
        self,
        table_path: TablePath | str,
        partition_name: str,
        bucket_ids: Sequence[int],
        offset_spec: OffsetSpec | str | None = None,
        *,
        offset_type: str | None = None,
        timestamp: int | datetime.datetime | None = None,
    ) -> Pending[dict[int, int]]:
        """As ``list_offsets``, of one partition ("US", or "2024-01-15$US" for two partition columns)."""
        name = check_type("partition_name", partition_name, str)
        return self._offsets(table_path, name, bucket_ids, _offset_spec(offset_spec, offset_type, timestamp))

    def _offsets(
        self, table_path: TablePath | str, partition: str | None, bucket_ids: Sequence[int], spec: OffsetSpec
    ) -> Pending[dict[int, int]]:
        path = path_of(table_path)
        ids = _bucket_ids(bucket_ids)
        return start(
            self._core.list_offsets(path.database_name, path.table_name, partition, ids, spec._kind, spec._timestamp)
        )

    # --- Partitions ---

    def create_partition(
        self, table_path: TablePath | str, partition_spec: Mapping[str, Any], ignore_if_exists: bool = False
    ) -> Pending[None]:
        """``{"region": "US"}``; values as text, or as Python values of the column's type."""
        path, spec = path_of(table_path), partition_spec_of(partition_spec)
        ignore = check_type("ignore_if_exists", ignore_if_exists, bool)
        return start(self._core.create_partition(path.database_name, path.table_name, spec, ignore))

    def drop_partition(
        self, table_path: TablePath | str, partition_spec: Mapping[str, Any], ignore_if_not_exists: bool = False
    ) -> Pending[None]:
        """Drops a partition with its rows. Code 36 when there is none, unless that is ignored."""
        path, spec = path_of(table_path), partition_spec_of(partition_spec)
        ignore = check_type("ignore_if_not_exists", ignore_if_not_exists, bool)
        return start(self._core.drop_partition(path.database_name, path.table_name, spec, ignore))

    def list_partition_infos(
        self, table_path: TablePath | str, partition_spec: Mapping[str, Any] | None = None
    ) -> Pending[list[PartitionInfo]]:
        """All partitions, or those that agree with a partial spec."""
        path = path_of(table_path)
        spec = None if partition_spec is None else partition_spec_of(partition_spec)
        return start(
            self._core.list_partition_infos(path.database_name, path.table_name, spec),
            lambda infos: [PartitionInfo._of(info) for info in infos],
        )

    # --- Cluster ---

    def get_latest_lake_snapshot(self, table_path: TablePath | str) -> Pending[LakeSnapshot]:
        """What of a table lies in a Fluss cluster's data lake.

        Fails with LAKE_SNAPSHOT_NOT_EXIST where a server has none of the table, and with
        LAKE_STORAGE_NOT_CONFIGURED_EXCEPTION where there is no lake: Weir itself has none.
        """
        path = path_of(table_path)
        return start(
            self._core.get_latest_lake_snapshot(path.database_name, path.table_name),
            lambda snapshot: LakeSnapshot._of(*snapshot),
        )

    def get_server_nodes(self) -> Pending[list[ServerNode]]:
        """The servers behind the connection; an embedded database counts as both kinds."""
        return start(self._core.get_server_nodes(), lambda nodes: [ServerNode._of(node) for node in nodes])

    def __repr__(self) -> str:
        return "FlussAdmin()"
