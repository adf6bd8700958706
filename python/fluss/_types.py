"""Plain values: paths, buckets, offsets, descriptors and infos."""

from __future__ import annotations

import difflib
import enum
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, final

import pyarrow as pa

from fluss import _core as native
from fluss._base import (
    I32,
    I64,
    Final,
    Internal,
    check_dict,
    check_int,
    check_strings,
    check_type,
    client_error,
    make,
)
from fluss._type_names import field_of

EARLIEST_OFFSET: int = -2
LATEST_OFFSET: int = -1

_MISSING: Any = object()


def html_table(title: str, rows: Sequence[tuple[str, object]]) -> str:
    """A small two-column table for notebooks."""
    body = "".join(f"<tr><th>{escape(k)}</th><td>{escape(str(v))}</td></tr>" for k, v in rows)
    return f"<table><caption>{escape(title)}</caption>{body}</table>"


class Value(Final, final=False):
    """Read-only slots, compared by value."""

    __slots__: tuple[str, ...] = ()

    def _key(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return False
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash((type(self).__name__, self._key()))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"attribute '{name}' of 'fluss.{type(self).__name__}' objects is not writable")

    def __reduce__(self) -> Any:
        return _restore, (type(self), self._key())


def _restore(cls: type, values: tuple[Any, ...]) -> Any:
    result: Any = object.__new__(cls)
    _fill(result, **dict(zip(getattr(cls, "__slots__"), values)))  # noqa: B009  (mypy knows no slots of a type)
    return result


def _fill(value: object, **slots: object) -> None:
    for name, slot in slots.items():
        object.__setattr__(value, name, slot)


@final
class TablePath(Value):
    """The name of a table: database and table.

    >>> path = fluss.TablePath("fluss", "orders")
    >>> path.database_name, path.table_name
    ('fluss', 'orders')
    """

    __slots__ = ("_database_name", "_table_name")
    _database_name: str
    _table_name: str

    def __init__(
        self,
        database_name: str = _MISSING,
        table_name: str = _MISSING,
        *,
        database: str = _MISSING,
        table: str = _MISSING,
    ) -> None:
        first = database_name if database_name is not _MISSING else database
        second = table_name if table_name is not _MISSING else table
        if first is _MISSING or second is _MISSING:
            missing = "database_name" if first is _MISSING else "table_name"
            raise TypeError(f"TablePath() missing required argument: '{missing}'")
        _fill(
            self,
            _database_name=check_type("database_name", first, str),
            _table_name=check_type("table_name", second, str),
        )

    @property
    def database_name(self) -> str:
        """The database's name."""
        return self._database_name

    @property
    def table_name(self) -> str:
        """The table's name within its database."""
        return self._table_name

    def table_path_str(self) -> str:
        """Database and table with a dot between them."""
        return f"{self._database_name}.{self._table_name}"

    def __repr__(self) -> str:
        return f"TablePath({self._database_name!r}, {self._table_name!r})"

    def __str__(self) -> str:
        return self.table_path_str()


@final
class TableBucket(Value):
    """One bucket of a table, or of one of its partitions.

    >>> fluss.TableBucket(3, 0)
    TableBucket(table_id=3, bucket=0)
    """

    __slots__ = ("_table_id", "_partition_id", "_bucket_id")
    _table_id: int
    _partition_id: int | None
    _bucket_id: int

    def __init__(self, table_id: int, bucket: int) -> None:
        _fill(
            self,
            _table_id=check_int("table_id", table_id, I64),
            _partition_id=None,
            _bucket_id=check_int("bucket", bucket, I32),
        )

    @staticmethod
    def with_partition(table_id: int, partition_id: int, bucket: int) -> TableBucket:
        """A bucket of a partition."""
        result = TableBucket(table_id, bucket)
        object.__setattr__(result, "_partition_id", check_int("partition_id", partition_id, I64))
        return result

    @property
    def table_id(self) -> int:
        """The id of its table."""
        return self._table_id

    @property
    def bucket_id(self) -> int:
        """Its number, from 0."""
        return self._bucket_id

    @property
    def partition_id(self) -> int | None:
        """The id of its partition; None for a table that has none."""
        return self._partition_id

    def __repr__(self) -> str:
        partition = "" if self._partition_id is None else f", partition_id={self._partition_id}"
        return f"TableBucket(table_id={self._table_id}{partition}, bucket={self._bucket_id})"


def make_bucket(table_id: int, partition_id: int | None, bucket_id: int) -> TableBucket:
    if partition_id is None:
        return TableBucket(table_id, bucket_id)
    return TableBucket.with_partition(table_id, partition_id, bucket_id)


@final
class OffsetSpec(Value):
    """Which offset to ask for.

    >>> await admin.list_offsets("fluss.orders", [0], fluss.OffsetSpec.latest())
    {0: 2}
    """

    __slots__ = ("_kind", "_timestamp")
    _kind: int
    _timestamp: int

    def __new__(cls, *args: Any, **kwargs: Any) -> OffsetSpec:
        raise TypeError("cannot create 'fluss.OffsetSpec' instances: use earliest(), latest() or timestamp(ts)")

    @staticmethod
    def earliest() -> OffsetSpec:
        """The first offset that is still there."""
        return OffsetSpec._of(0, 0)

    @staticmethod
    def latest() -> OffsetSpec:
        """The offset that the next record gets."""
        return OffsetSpec._of(1, 0)

    @staticmethod
    def timestamp(ts: int) -> OffsetSpec:
        """The first offset at or after ``ts`` (epoch milliseconds)."""
        return OffsetSpec._of(2, check_int("ts", ts, I64))

    @staticmethod
    def _of(kind: int, timestamp: int) -> OffsetSpec:
        spec = object.__new__(OffsetSpec)
        _fill(spec, _kind=kind, _timestamp=timestamp)
        return spec

    def __repr__(self) -> str:
        return ("OffsetSpec.earliest()", "OffsetSpec.latest()", f"OffsetSpec.timestamp({self._timestamp})")[self._kind]


class ChangeType(enum.IntEnum):
    """What a record of a changelog says about its row.

    >>> fluss.ChangeType.UpdateAfter.short_string()
    '+U'
    """

    AppendOnly = 0
    Insert = 1
    UpdateBefore = 2
    UpdateAfter = 3
    Delete = 4

    def short_string(self) -> str:
        """"+A", "+I", "-U", "+U" or "-D"."""
        return ("+A", "+I", "-U", "+U", "-D")[self.value]

    def __repr__(self) -> str:
        return f"ChangeType.{self.name}"

    def __str__(self) -> str:
        return self.short_string()


ChangeType.__module__ = "fluss"


@final
class PartitionInfo(Value):
    """A partition: id, name, and values by column.

    >>> [info.partition_name for info in await admin.list_partition_infos("fluss.regions")]
    ['EU']
    """

    __slots__ = ("_partition_id", "_partition_name", "_spec")
    _partition_id: int
    _partition_name: str
    _spec: tuple[tuple[str, str], ...]

    def __new__(cls, *args: Any, **kwargs: Any) -> PartitionInfo:
        raise TypeError("cannot create 'fluss.PartitionInfo' instances")

    @staticmethod
    def _of(fields: tuple[int, str, dict[str, str]]) -> PartitionInfo:
        info = object.__new__(PartitionInfo)
        _fill(info, _partition_id=fields[0], _partition_name=fields[1], _spec=tuple(fields[2].items()))
        return info

    @property
    def partition_id(self) -> int:
        """Its id, which no other partition ever has."""
        return self._partition_id

    @property
    def partition_name(self) -> str:
        """Its values, joined by "$"."""
        return self._partition_name

    @property
    def partition_spec(self) -> dict[str, str]:
        """Partition column to value."""
        return dict(self._spec)

    def __repr__(self) -> str:
        return f"PartitionInfo(partition_id={self._partition_id}, partition_name='{self._partition_name}')"


@final
class ServerNode(Value):
    """A server behind a connection.

    >>> [node.server_type for node in await admin.get_server_nodes()]
    ['CoordinatorServer', 'TabletServer']
    """

    __slots__ = ("_id", "_host", "_port", "_server_type", "_uid")
    _id: int
    _host: str
    _port: int
    _server_type: str
    _uid: str

    def __new__(cls, *args: Any, **kwargs: Any) -> ServerNode:
        raise TypeError("cannot create 'fluss.ServerNode' instances")

    @staticmethod
    def _of(fields: tuple[int, str, int, int, str]) -> ServerNode:
        node = object.__new__(ServerNode)
        kind = ("Unknown", "CoordinatorServer", "TabletServer")[fields[3]]
        _fill(node, _id=fields[0], _host=fields[1], _port=fields[2], _server_type=kind, _uid=fields[4])
        return node

    @property
    def id(self) -> int:
        """Its number in the cluster."""
        return self._id

    @property
    def host(self) -> str:
        """Where it is reached; "embedded" for a database of this process."""
        return self._host

    @property
    def port(self) -> int:
        """Its port; 0 for a database of this process."""
        return self._port

    @property
    def server_type(self) -> str:
        """"CoordinatorServer" or "TabletServer"."""
        return self._server_type

    @property
    def uid(self) -> str:
        """A name that no other node has."""
        return self._uid

    def __repr__(self) -> str:
        return f"ServerNode(id={self._id}, host='{self._host}', port={self._port}, server_type='{self._server_type}')"


@final
class DatabaseDescriptor(Value):
    """What a database is made with.

    >>> await admin.create_database("shop", fluss.DatabaseDescriptor(comment="what is sold"))
    >>> (await admin.get_database_info("shop")).get_database_descriptor().comment
    'what is sold'
    """

    __slots__ = ("_comment", "_properties")
    _comment: str | None
    _properties: tuple[tuple[str, str], ...]

    def __init__(self, comment: str | None = None, custom_properties: Mapping[str, str] | None = None) -> None:
        if comment is not None:
            check_type("comment", comment, str)
        properties = {} if custom_properties is None else check_dict("custom_properties", custom_properties)
        _fill(self, _comment=comment, _properties=tuple(properties.items()))

    @property
    def comment(self) -> str | None:
        """Its comment, if any."""
        return self._comment

    def get_custom_properties(self) -> dict[str, str]:
        """Properties that mean nothing to Fluss."""
        return dict(self._properties)

    def __repr__(self) -> str:
        return f"DatabaseDescriptor(comment={self._comment!r}, custom_properties={dict(self._properties)!r})"


@final
class DatabaseInfo(Value):
    """A database as it is.

    >>> (await admin.get_database_info("fluss")).database_name
    'fluss'
    """

    __slots__ = ("_database_name", "_descriptor", "_created_time", "_modified_time")
    _database_name: str
    _descriptor: DatabaseDescriptor
    _created_time: int
    _modified_time: int

    def __new__(cls, *args: Any, **kwargs: Any) -> DatabaseInfo:
        raise TypeError("cannot create 'fluss.DatabaseInfo' instances")

    @staticmethod
    def _of(fields: tuple[str, str | None, dict[str, str], int, int]) -> DatabaseInfo:
        info = object.__new__(DatabaseInfo)
        descriptor = DatabaseDescriptor(fields[1], fields[2])
        _fill(info, _database_name=fields[0], _descriptor=descriptor, _created_time=fields[3], _modified_time=fields[4])
        return info

    @property
    def database_name(self) -> str:
        """Its name."""
        return self._database_name

    @property
    def created_time(self) -> int:
        """When it was made, in epoch milliseconds."""
        return self._created_time

    @property
    def modified_time(self) -> int:
        """When it was changed last, in epoch milliseconds."""
        return self._modified_time

    def get_database_descriptor(self) -> DatabaseDescriptor:
        """Its comment and properties."""
        return self._descriptor

    def __repr__(self) -> str:
        return (
            f"DatabaseInfo(database_name='{self._database_name}', created_time={self._created_time}, "
            f"modified_time={self._modified_time})"
        )


@final
class LakeSnapshot(Value):
    """What of a table lies in a data lake.

    >>> try:
    ...     await admin.get_latest_lake_snapshot("fluss.orders")
    ... except fluss.FlussError as error:
    ...     print(error.error_code)  # no table has one here
    40
    """

    __slots__ = ("_snapshot_id", "_offsets")
    _snapshot_id: int
    _offsets: tuple[tuple[TableBucket, int], ...]

    def __init__(self, snapshot_id: int) -> None:
        _fill(self, _snapshot_id=check_int("snapshot_id", snapshot_id, I64), _offsets=())

    @classmethod
    def _of(cls, snapshot_id: int, offsets: Mapping[TableBucket, int]) -> LakeSnapshot:
        snapshot = cls(snapshot_id)
        _fill(snapshot, _offsets=tuple(offsets.items()))
        return snapshot

    @property
    def snapshot_id(self) -> int:
        """Its number in the lake."""
        return self._snapshot_id

    @property
    def table_buckets_offset(self) -> dict[TableBucket, int]:
        """The offset that each bucket goes on from."""
        return dict(self._offsets)

    def get_bucket_offset(self, bucket: TableBucket) -> int | None:
        """The offset that a bucket goes on from; None when the lake has nothing of it."""
        return self.table_buckets_offset.get(check_type("bucket", bucket, TableBucket))

    def get_table_buckets(self) -> list[TableBucket]:
        """The buckets that the lake has something of."""
        return list(self.table_buckets_offset)

    def __repr__(self) -> str:
        return f"LakeSnapshot(snapshot_id={self._snapshot_id}, buckets_count={len(self._offsets)})"


def arrow_schema_of(schema: object) -> Any:
    """A pyarrow schema out of whatever speaks the Arrow schema protocol."""
    if isinstance(schema, pa.Schema):
        return schema
    if hasattr(schema, "__arrow_c_schema__"):
        return pa.schema(schema)
    raise client_error(
        f"Failed to convert PyArrow schema: expected a pyarrow.Schema, got '{type(schema).__name__}'"
    )


@final
class Schema(Final):
    """Columns and keys of a table.

    >>> schema = fluss.Schema.from_dict({"id": "bigint", "name": "string"}, primary_keys=["id"])
    >>> schema.get_column_names()
    ['id', 'name']
    """

    __slots__ = ("_core",)
    _core: native.Schema

    def __init__(
        self,
        schema: Any,
        primary_keys: Sequence[str] | None = None,
        auto_increment_column: str | None = None,
        *,
        strict: bool = False,
    ) -> None:
        keys = None if primary_keys is None else check_strings("primary_keys", primary_keys)
        if auto_increment_column is not None:
            check_type("auto_increment_column", auto_increment_column, str)
        arrow = arrow_schema_of(schema)
        if strict:
            for field in arrow:
                if pa.types.is_unsigned_integer(field.type):
                    raise client_error(
                        f"Failed to build schema: column '{field.name}' has the unsigned type {field.type}"
                    )
        self._core = native.Schema(arrow, keys, auto_increment_column)

    @staticmethod
    def from_dict(columns: Mapping[str, Any], primary_keys: Sequence[str] | None = None) -> Schema:
        """``Schema.from_dict({"id": pa.int32(), "name": "string", "price": "decimal(10,2)"}, primary_keys=["id"])``

        Types are pyarrow's, or names as Fluss, pyarrow or PostgreSQL ("text", "timestamptz") writes them.
        """
        fields = []
        for name, kind in columns.items():
            try:
                fields.append(field_of(name, kind) if isinstance(kind, str) else pa.field(name, kind))
            except ValueError as error:
                raise client_error(f"column '{name}': {error}") from None
        return Schema(pa.schema(fields), primary_keys)

    @staticmethod
    def _of(core: native.Schema) -> Schema:
        schema = make(Schema)
        schema._core = core
        return schema

    def get_column_names(self) -> list[str]:
        """Names of all columns, in order."""
        return self._core.names

    def get_column_types(self) -> list[str]:
        """Types of all columns as Fluss writes them: "int", "decimal(10, 2)"."""
        return self._core.types

    def get_columns(self) -> list[tuple[str, str]]:
        """Name and type of each column."""
        return list(zip(self._core.names, self._core.types))

    def get_column_comments(self) -> dict[str, str]:
        """Comments of the columns that have one."""
        return {n: c for n, c in zip(self._core.names, self._core.comments) if c is not None}

    def get_primary_keys(self) -> list[str]:
        """Columns of the primary key, in its order; none for a log table."""
        return self._core.primary_keys

    def get_auto_increment_columns(self) -> list[str]:
        """The column that gets its values by itself, if any."""
        column = self._core.auto_increment
        return [] if column is None else [column]

    def to_arrow(self) -> Any:
        """The schema of the data that scans give."""
        return pa.schema(self._core.arrow)

    def __arrow_c_schema__(self) -> object:
        return self._core.arrow.__arrow_c_schema__()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and self._core.equals(other._core)

    def __hash__(self) -> int:
        return hash((tuple(self.get_columns()), tuple(self.get_primary_keys())))

    def __reduce__(self) -> Any:
        return _restore_schema, (self.to_arrow(), self.get_primary_keys(), self._core.auto_increment)

    def __str__(self) -> str:
        columns = ", ".join(f'("{name}", "{kind}")' for name, kind in self.get_columns())
        return f"Schema: columns=[{columns}]"

    def __repr__(self) -> str:
        columns = ", ".join(f"{name}: {kind}" for name, kind in self.get_columns())
        keys = self.get_primary_keys()
        return f"Schema({columns}{f'; primary_keys={keys}' if keys else ''})"

    def _repr_html_(self) -> str:
        return html_table("Schema", [(name, kind) for name, kind in self.get_columns()])


def _restore_schema(arrow: Any, primary_keys: list[str], auto_increment: str | None) -> Schema:
    return Schema(arrow, primary_keys, auto_increment)


_DESCRIPTOR_KEYWORDS = (
    "partition_keys",
    "bucket_count",
    "bucket_keys",
    "comment",
    "log_format",
    "kv_format",
    "properties",
    "custom_properties",
)


def _format(name: str, value: object, known: tuple[str, ...]) -> str:
    text = check_type(f"{name}_format", value, str).lower()
    if text not in known:
        raise client_error(f"Unknown {name} format: {value}. Expected one of: {', '.join(k.upper() for k in known)}")
    return text


@final
class TableDescriptor(Final):
    """What ``create_table`` is to make.

    >>> schema = fluss.Schema.from_dict({"id": "bigint", "day": "date"})
    >>> await admin.create_table("fluss.days", fluss.TableDescriptor(schema, partition_keys=["day"], bucket_count=2))
    >>> (await admin.get_table_info("fluss.days")).num_buckets
    2
    """

    __slots__ = ("_schema", "_core", "_options")
    _schema: Schema
    _core: native.TableDescriptor
    _options: dict[str, Any]

    def __init__(
        self,
        schema: Schema,
        *,
        partition_keys: Sequence[str] | None = None,
        bucket_count: int | None = None,
        bucket_keys: Sequence[str] | None = None,
        comment: str | None = None,
        log_format: str | None = None,
        kv_format: str | None = None,
        properties: Mapping[str, str] | None = None,
        custom_properties: Mapping[str, str] | None = None,
        **unknown: Any,
    ) -> None:
        if unknown:
            name = next(iter(unknown))
            near = difflib.get_close_matches(name, _DESCRIPTOR_KEYWORDS, 1)
            hint = f", did you mean '{near[0]}'?" if near else f"; expected one of {', '.join(_DESCRIPTOR_KEYWORDS)}"
            raise TypeError(f"TableDescriptor() got an unexpected keyword argument '{name}'{hint}")
        check_type("schema", schema, Schema)
        partitions = [] if partition_keys is None else check_strings("partition_keys", partition_keys)
        buckets = [] if bucket_keys is None else check_strings("bucket_keys", bucket_keys)
        count = None if bucket_count is None else check_int("bucket_count", bucket_count, I32)
        if comment is not None:
            check_type("comment", comment, str)
        table_properties = {} if properties is None else check_dict("properties", properties)
        if log_format is not None:
            table_properties["table.log.format"] = _format("log", log_format, ("arrow", "indexed")).upper()
        if kv_format is not None:
            table_properties["table.kv.format"] = _format("kv", kv_format, ("compacted", "indexed")).upper()
        custom = {} if custom_properties is None else check_dict("custom_properties", custom_properties)
        _check_keys(schema.get_primary_keys(), partitions, buckets)
        self._schema = schema
        self._core = native.TableDescriptor(schema._core, partitions, buckets, count, comment, table_properties, custom)
        self._options = {
            "partition_keys": partitions,
            "bucket_count": count,
            "bucket_keys": buckets,
            "comment": comment,
            "properties": table_properties,
            "custom_properties": custom,
        }

    def get_schema(self) -> Schema:
        """Its columns and keys."""
        return self._schema

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TableDescriptor):
            return False
        return self._schema == other._schema and self._options == other._options

    def __hash__(self) -> int:
        return hash((self._schema, *(str(self._options[name]) for name in ("bucket_count", "bucket_keys", "comment"))))

    def __reduce__(self) -> Any:
        return _restore_descriptor, (self._schema, self._options)

    def __repr__(self) -> str:
        options = "".join(f", {k}={v!r}" for k, v in self._options.items() if v)
        return f"TableDescriptor({self._schema!r}{options})"


def _restore_descriptor(schema: Schema, options: dict[str, Any]) -> TableDescriptor:
    return TableDescriptor(schema, **options)


def _check_keys(primary: list[str], partitions: list[str], buckets: list[str]) -> None:
    fail = "Failed to build TableDescriptor: "
    if primary and partitions and set(partitions) == set(primary):
        raise client_error(f"{fail}the partition keys {partitions} are the whole primary key {primary}; leave one out")
    both = [key for key in buckets if key in partitions]
    if both:
        raise client_error(f"{fail}bucket key '{both[0]}' is a partition key as well")
    physical = [key for key in primary if key not in partitions]
    if primary and not set(buckets) <= set(physical):
        raise client_error(
            f"{fail}bucket keys {buckets} must be part of the primary key less the partition keys, {physical}"
        )


@final
class TableInfo(Internal):
    """A table as the engine knows it.

    >>> info = await admin.get_table_info("fluss.users")
    >>> info.get_primary_keys(), info.num_buckets
    (['id'], 1)
    """

    __slots__ = ("_core",)
    _core: native.TableInfo

    @staticmethod
    def _of(core: native.TableInfo) -> TableInfo:
        info = make(TableInfo)
        info._core = core
        return info

    @property
    def table_id(self) -> int:
        """Its id, which no other table ever has."""
        return self._core.table_id

    @property
    def schema_id(self) -> int:
        """The number of its schema; added columns make the next one."""
        return self._core.schema_id

    @property
    def created_time(self) -> int:
        """When it was made, in epoch milliseconds."""
        return self._core.created_time

    @property
    def modified_time(self) -> int:
        """When it was changed last, in epoch milliseconds."""
        return self._core.modified_time

    @property
    def table_path(self) -> TablePath:
        """Its database and name."""
        return TablePath(self._core.database, self._core.table)

    @property
    def num_buckets(self) -> int:
        """How many buckets it, or each of its partitions, has."""
        return self._core.num_buckets

    @property
    def comment(self) -> str | None:
        """Its comment, if any."""
        return self._core.comment

    def get_primary_keys(self) -> list[str]:
        """Columns of the primary key, in its order."""
        return self._core.schema.primary_keys

    def get_bucket_keys(self) -> list[str]:
        """Columns whose hash says in which bucket a row is."""
        return self._core.bucket_keys

    def get_partition_keys(self) -> list[str]:
        """Columns whose values say in which partition a row is."""
        return self._core.partition_keys

    def has_primary_key(self) -> bool:
        """Whether rows are upserted and looked up, rather than appended."""
        return bool(self._core.schema.primary_keys)

    def is_partitioned(self) -> bool:
        """Whether it has partition keys."""
        return bool(self._core.partition_keys)

    def get_properties(self) -> dict[str, str]:
        """Options of Fluss, those that were filled in included."""
        return self._core.properties

    def get_custom_properties(self) -> dict[str, str]:
        """Properties that mean nothing to Fluss."""
        return self._core.custom_properties

    def get_schema(self) -> Schema:
        """Its columns and keys."""
        return Schema._of(self._core.schema)

    def get_column_names(self) -> list[str]:
        """Names of all columns, in order."""
        return self._core.schema.names

    def get_column_count(self) -> int:
        """How many columns it has."""
        return len(self._core.schema.names)

    def __repr__(self) -> str:
        return (
            f"TableInfo(table_path={self.table_path}, table_id={self.table_id}, schema_id={self.schema_id}, "
            f"num_buckets={self.num_buckets}, primary_keys={self.get_primary_keys()}, "
            f"partition_keys={self.get_partition_keys()})"
        )

    def _repr_html_(self) -> str:
        rows: list[tuple[str, object]] = [
            ("table id", self.table_id),
            ("buckets", self.num_buckets),
            ("primary key", ", ".join(self.get_primary_keys()) or "none"),
            ("partitioned by", ", ".join(self.get_partition_keys()) or "nothing"),
        ]
        return html_table(str(self.table_path), rows + list(self.get_schema().get_columns()))


PathLike = TablePath | str


def path_of(table_path: object) -> TablePath:
    """Accepts "database.table" for a path."""
    if isinstance(table_path, str) and table_path.count(".") == 1:
        return TablePath(*table_path.split("."))
    return check_type("table_path", table_path, TablePath)


def descriptor_pair(descriptor: DatabaseDescriptor | None) -> tuple[str | None, dict[str, str] | None]:
    if descriptor is None:
        return None, None
    check_type("database_descriptor", descriptor, DatabaseDescriptor)
    return descriptor.comment, descriptor.get_custom_properties()
