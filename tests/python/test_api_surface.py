"""Names, signatures, defaults and reprs of the public interface, by introspection."""

from __future__ import annotations

import copy
import inspect
import pickle

import pyarrow as pa
import pytest

import fluss
import fluss.sync
from support import USERS, create, create_now, schema_of

EMPTY = inspect.Parameter.empty

CLASSES = """
    AppendWriter BatchScanner ChangeType ColumnRef Config DatabaseDescriptor DatabaseInfo ErrorCode FlussAdmin
    FlussConnection FlussError FlussTable LakeSnapshot LogScanner Lookuper OffsetSpec PartitionInfo Predicate
    PrefixLookuper RecordBatch ScanRecord ScanRecords Schema ServerNode TableAppend TableBucket TableDescriptor
    TableInfo TableLookup TablePath TablePrefixLookup TableScan TableUpsert UpsertWriter WriteResultHandle
""".split()

NOT_CONSTRUCTIBLE = """
    AppendWriter BatchScanner DatabaseInfo ErrorCode FlussAdmin FlussConnection FlussTable LogScanner Lookuper
    OffsetSpec PartitionInfo Predicate PrefixLookuper RecordBatch ScanRecord ScanRecords ServerNode TableAppend
    TableInfo TableLookup TablePrefixLookup TableScan TableUpsert UpsertWriter WriteResultHandle
""".split()

# Class -> method -> parameters after self, as "name" or "name=default".
SIGNATURES = {
    "TablePath": {"__init__": "database_name table_name", "table_path_str": ""},
    "TableBucket": {"__init__": "table_id bucket", "with_partition": "table_id partition_id bucket"},
    "DatabaseDescriptor": {"__init__": "comment=None custom_properties=None", "get_custom_properties": ""},
    "DatabaseInfo": {"get_database_descriptor": ""},
    "LakeSnapshot": {"__init__": "snapshot_id", "get_bucket_offset": "bucket", "get_table_buckets": ""},
    "OffsetSpec": {"earliest": "", "latest": "", "timestamp": "ts"},
    "Schema": {
        "__init__": "schema primary_keys=None auto_increment_column=None", "get_column_names": "",
        "get_column_types": "", "get_columns": "", "get_primary_keys": "", "get_auto_increment_columns": "",
    },
    "TableDescriptor": {"__init__": "schema", "get_schema": ""},
    "TableInfo": dict.fromkeys(
        "get_primary_keys get_bucket_keys get_partition_keys has_primary_key is_partitioned get_properties "
        "get_custom_properties get_schema get_column_names get_column_count".split(),
        "",
    ),
    "Config": {"__init__": "properties=None"},
    "FlussConnection": {
        "create": "config", "connect": "config", "get_admin": "", "get_table": "table_path", "close": "",
    },
    "FlussAdmin": {
        "create_database": "database_name database_descriptor=None ignore_if_exists=False",
        "drop_database": "database_name ignore_if_not_exists=False cascade=True",
        "list_databases": "",
        "database_exists": "database_name",
        "get_database_info": "database_name",
        "create_table": "table_path table_descriptor ignore_if_exists=False",
        "drop_table": "table_path ignore_if_not_exists=False",
        "get_table_info": "table_path",
        "get_table": "table_path",
        "list_tables": "database_name",
        "table_exists": "table_path",
        "list_offsets": "table_path bucket_ids offset_spec=None offset_type=None timestamp=None",
        "list_partition_offsets":
            "table_path partition_name bucket_ids offset_spec=None offset_type=None timestamp=None",
        "create_partition": "table_path partition_spec ignore_if_exists=False",
        "drop_partition": "table_path partition_spec ignore_if_not_exists=False",
        "list_partition_infos": "table_path partition_spec=None",
        "get_latest_lake_snapshot": "table_path",
        "get_server_nodes": "",
    },
    "FlussTable": {
        "new_scan": "", "new_append": "", "new_append_writer": "", "new_upsert": "columns=None", "new_lookup": "",
        "get_table_info": "", "get_table_path": "", "has_primary_key": "",
    },
    "TableScan": {
        "project": "indices", "project_by_name": "names", "with_fixed_schema": "fixed_schema", "limit": "n",
        "filter": "predicate", "create_log_scanner": "", "create_record_batch_log_scanner": "",
        "create_batch_scanner": "", "create_bucket_batch_scanner": "bucket",
    },
    "TableAppend": {
        "create_writer": "", "append": "row", "write_arrow": "table", "write_arrow_batch": "batch",
        "write_pandas": "df", "flush": "",
    },
    "TableUpsert": {
        "partial_update_by_name": "columns", "partial_update_by_index": "column_indices", "create_writer": "",
        "upsert": "row", "delete": "pk", "flush": "",
    },
    "TableLookup": {"create_lookuper": "", "lookup_by": "column_names", "lookup": "pk"},
    "TablePrefixLookup": {"create_lookuper": "", "lookup": "prefix"},
    "AppendWriter": {
        "append": "row", "write_arrow": "table", "write_arrow_batch": "batch", "write_pandas": "df", "flush": "",
    },
    "UpsertWriter": {"upsert": "row", "delete": "pk", "flush": ""},
    "Lookuper": {"lookup": "pk"},
    "PrefixLookuper": {"lookup": "prefix"},
    "LogScanner": {
        "subscribe": "bucket_id start_offset", "subscribe_buckets": "bucket_offsets",
        "subscribe_partition": "partition_id bucket_id start_offset",
        "subscribe_partition_buckets": "partition_bucket_offsets", "unsubscribe": "bucket_id",
        "unsubscribe_partition": "partition_id bucket_id", "poll": "timeout_ms", "poll_record_batch": "timeout_ms",
        "poll_batches": "timeout_ms", "poll_arrow": "timeout_ms", "to_arrow": "", "to_pandas": "",
        "to_arrow_batch_reader": "",
    },
    "BatchScanner": {"next_batch": "", "collect_all_batches": "", "to_arrow": "", "to_pandas": ""},
    "ScanRecords": {
        "buckets": "", "keys": "", "records": "bucket", "values": "", "items": "", "count": "", "is_empty": "",
    },
    "ColumnRef": {
        "__init__": "name", "is_null": "", "is_not_null": "", "starts_with": "prefix", "ends_with": "suffix",
        "contains": "infix", "is_in": "values", "not_in": "values",
        **dict.fromkeys("equal not_equal less_than less_or_equal greater_than greater_or_equal".split(), "value"),
    },
    "Predicate": {"and_": "other", "or_": "other"},
    "WriteResultHandle": {"wait": "", "done": ""},
    "ChangeType": {"short_string": ""},
}

PROPERTIES = {
    "TablePath": "database_name table_name",
    "TableBucket": "table_id bucket_id partition_id",
    "PartitionInfo": "partition_id partition_name",
    "ServerNode": "id host port server_type uid",
    "DatabaseDescriptor": "comment",
    "DatabaseInfo": "database_name created_time modified_time",
    "LakeSnapshot": "snapshot_id table_buckets_offset",
    "ScanRecord": "offset timestamp change_type row",
    "RecordBatch": "batch bucket base_offset last_offset",
    "TableInfo": "table_id schema_id created_time modified_time table_path num_buckets comment",
    "FlussTable": "arrow_schema",
    "BatchScanner": "bucket",
    "ColumnRef": "name",
}

DESCRIPTOR_KEYWORDS = (
    "partition_keys bucket_count bucket_keys comment log_format kv_format properties custom_properties".split()
)

ERROR_CODES = {
    "CLIENT_ERROR": -2, "UNKNOWN_SERVER_ERROR": -1, "NONE": 0, "NETWORK_EXCEPTION": 1, "UNSUPPORTED_VERSION": 2,
    "CORRUPT_MESSAGE": 3, "DATABASE_NOT_EXIST": 4, "DATABASE_NOT_EMPTY": 5, "DATABASE_ALREADY_EXIST": 6,
    "TABLE_NOT_EXIST": 7, "TABLE_ALREADY_EXIST": 8, "SCHEMA_NOT_EXIST": 9, "LOG_STORAGE_EXCEPTION": 10,
    "KV_STORAGE_EXCEPTION": 11, "NOT_LEADER_OR_FOLLOWER": 12, "RECORD_TOO_LARGE_EXCEPTION": 13,
    "CORRUPT_RECORD_EXCEPTION": 14, "INVALID_TABLE_EXCEPTION": 15, "INVALID_DATABASE_EXCEPTION": 16,
    "INVALID_REPLICATION_FACTOR": 17, "INVALID_REQUIRED_ACKS": 18, "LOG_OFFSET_OUT_OF_RANGE_EXCEPTION": 19,
    "NON_PRIMARY_KEY_TABLE_EXCEPTION": 20, "UNKNOWN_TABLE_OR_BUCKET_EXCEPTION": 21,
    "INVALID_UPDATE_VERSION_EXCEPTION": 22, "INVALID_COORDINATOR_EXCEPTION": 23, "FENCED_LEADER_EPOCH_EXCEPTION": 24,
    "REQUEST_TIME_OUT": 25, "STORAGE_EXCEPTION": 26, "OPERATION_NOT_ATTEMPTED_EXCEPTION": 27,
    "NOT_ENOUGH_REPLICAS_AFTER_APPEND_EXCEPTION": 28, "NOT_ENOUGH_REPLICAS_EXCEPTION": 29,
    "SECURITY_TOKEN_EXCEPTION": 30, "OUT_OF_ORDER_SEQUENCE_EXCEPTION": 31, "DUPLICATE_SEQUENCE_EXCEPTION": 32,
    "UNKNOWN_WRITER_ID_EXCEPTION": 33, "INVALID_COLUMN_PROJECTION": 34, "INVALID_TARGET_COLUMN": 35,
    "PARTITION_NOT_EXISTS": 36, "TABLE_NOT_PARTITIONED_EXCEPTION": 37, "INVALID_TIMESTAMP_EXCEPTION": 38,
    "INVALID_CONFIG_EXCEPTION": 39, "LAKE_STORAGE_NOT_CONFIGURED_EXCEPTION": 40, "KV_SNAPSHOT_NOT_EXIST": 41,
    "PARTITION_ALREADY_EXISTS": 42, "PARTITION_SPEC_INVALID_EXCEPTION": 43, "LEADER_NOT_AVAILABLE_EXCEPTION": 44,
    "PARTITION_MAX_NUM_EXCEPTION": 45, "AUTHENTICATE_EXCEPTION": 46, "SECURITY_DISABLED_EXCEPTION": 47,
    "AUTHORIZATION_EXCEPTION": 48, "BUCKET_MAX_NUM_EXCEPTION": 49, "FENCED_TIERING_EPOCH_EXCEPTION": 50,
    "RETRIABLE_AUTHENTICATE_EXCEPTION": 51, "INVALID_SERVER_RACK_INFO_EXCEPTION": 52, "LAKE_SNAPSHOT_NOT_EXIST": 53,
    "LAKE_TABLE_ALREADY_EXIST": 54, "INELIGIBLE_REPLICA_EXCEPTION": 55, "INVALID_ALTER_TABLE_EXCEPTION": 56,
    "DELETION_DISABLED_EXCEPTION": 57, "STORAGE_BACKPRESSURE_EXCEPTION": 72,
}
RETRIABLE = {1, 3, 9, 10, 11, 12, 14, 21, 25, 26, 28, 29, 44, 72}


def test_every_class_is_there_and_says_it_is_of_fluss():
    for name in CLASSES:
        cls = getattr(fluss, name)
        assert inspect.isclass(cls), name
        assert (cls.__name__, cls.__module__) == (name, "fluss")
    assert callable(fluss.col)
    assert (fluss.EARLIEST_OFFSET, fluss.LATEST_OFFSET) == (-2, -1)
    assert isinstance(fluss.__version__, str) and fluss.__version__


def test_star_import_gives_the_public_names():
    names: dict = {}
    exec("from fluss import *", names)
    assert set(CLASSES) | {"col", "EARLIEST_OFFSET", "LATEST_OFFSET"} <= set(names)
    assert "Pending" not in names
    assert not [name for name in fluss.__all__ if name.startswith("_") and name != "__version__"]
    assert len(fluss.__all__) == len(set(fluss.__all__))


def parse(text):
    for part in text.split():
        name, _, default = part.partition("=")
        yield name, {"": EMPTY, "None": None, "False": False, "True": True}[default]


def native(cls) -> bool:
    return cls.__name__ in ("WriteResultHandle", "ScanRecord")  # compiled methods have no Python signature


@pytest.mark.parametrize("cls, method", [(c, m) for c, methods in SIGNATURES.items() for m in methods])
def test_signatures(cls, method):
    function = getattr(getattr(fluss, cls), method)
    assert callable(function)
    if native(getattr(fluss, cls)):
        return
    parameters = [p for p in inspect.signature(function).parameters.values() if p.name != "self"]
    wanted = list(parse(SIGNATURES[cls][method]))
    named = {p.name: p for p in parameters}
    for position, (name, default) in enumerate(wanted):
        assert name in named, f"{cls}.{method} lacks '{name}'"
        assert named[name].kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        if named[name].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
            assert parameters[position].name == name, f"{cls}.{method}: '{name}' is not at position {position}"
        else:
            assert default is not EMPTY
        has_other_spelling = cls in ("TablePath", "FlussAdmin") and default is EMPTY  # name=, database=, table=
        if not has_other_spelling:
            assert named[name].default == default
    for extra in parameters:
        if extra.name not in dict(wanted):
            optional = extra.default is not EMPTY or extra.kind in (
                inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
            assert optional, f"{cls}.{method} has one more required parameter, '{extra.name}'"


@pytest.mark.parametrize("cls", PROPERTIES)
def test_properties(cls):
    for name in PROPERTIES[cls].split():
        assert inspect.isdatadescriptor(inspect.getattr_static(getattr(fluss, cls), name)), name


def test_error_codes():
    for name, code in ERROR_CODES.items():
        assert getattr(fluss.ErrorCode, name) == code
        assert fluss.FlussError("m", code).is_retriable is (code in RETRIABLE)
    later = {name: value for name, value in vars(fluss.ErrorCode).items() if name.isupper()}
    assert set(later.values()) - set(ERROR_CODES.values()) == {*range(58, 72), 73}
    assert fluss.FlussError("m", 9999).is_retriable is False


def test_descriptor_keywords_are_keyword_only():
    schema = schema_of(USERS)
    parameters = inspect.signature(fluss.TableDescriptor).parameters
    for name in DESCRIPTOR_KEYWORDS:
        assert parameters[name].kind is inspect.Parameter.KEYWORD_ONLY
        assert parameters[name].default is None
        fluss.TableDescriptor(schema, **{name: None})
    with pytest.raises(TypeError):
        fluss.TableDescriptor(schema, ["region"])
    with pytest.raises(TypeError, match="partition_key.*partition_keys"):
        fluss.TableDescriptor(schema, partition_key=["region"])


@pytest.mark.parametrize("name", [name for name in CLASSES if name not in ("ChangeType", "FlussError")])
def test_classes_are_final(name):
    with pytest.raises(TypeError, match="not an acceptable base type|prohibits subclassing"):
        type("Derived", (getattr(fluss, name),), {})


@pytest.mark.parametrize("name", NOT_CONSTRUCTIBLE)
def test_internal_classes_cannot_be_constructed(name):
    with pytest.raises(TypeError):
        getattr(fluss, name)()


def test_value_reprs():
    path = fluss.TablePath("d", "t")
    assert (repr(path), str(path), path.table_path_str()) == ("TablePath('d', 't')", "d.t", "d.t")
    assert repr(fluss.TableBucket(1, 2)) == str(fluss.TableBucket(1, 2)) == "TableBucket(table_id=1, bucket=2)"
    assert repr(fluss.TableBucket.with_partition(1, 5, 2)) == "TableBucket(table_id=1, partition_id=5, bucket=2)"
    assert repr(fluss.OffsetSpec.earliest()) == "OffsetSpec.earliest()"
    assert repr(fluss.OffsetSpec.latest()) == "OffsetSpec.latest()"
    assert repr(fluss.OffsetSpec.timestamp(5)) == "OffsetSpec.timestamp(5)"
    assert repr(fluss.ChangeType.Insert) == "ChangeType.Insert"
    assert [str(change) for change in fluss.ChangeType] == ["+A", "+I", "-U", "+U", "-D"]
    assert repr(fluss.LakeSnapshot(7)) == str(fluss.LakeSnapshot(7)) == "LakeSnapshot(snapshot_id=7, buckets_count=0)"
    descriptor = fluss.DatabaseDescriptor("c", {"a": "b"})
    assert repr(descriptor) == "DatabaseDescriptor(comment='c', custom_properties={'a': 'b'})"
    assert repr(fluss.col("x")) == repr(fluss.ColumnRef("x")) == "ColumnRef(x)"
    assert str(fluss.FlussError("m")) == "FlussError: m"
    assert str(fluss.FlussError("m", 7)) == "FlussError(code=7): m"
    assert repr(fluss.FlussError("m", 7)) == "FlussError('m', 7)"
    schema = fluss.Schema(pa.schema([pa.field("id", pa.int32()), pa.field("n", pa.string())]), ["id"])
    assert str(schema) == 'Schema: columns=[("id", "int NOT NULL"), ("n", "string")]'
    for value in (schema, fluss.TableDescriptor(schema), fluss.Config({"writer.acks": "1"})):
        assert repr(value).startswith(type(value).__name__ + "(") and "0x" not in repr(value)


async def test_object_reprs(conn, admin):
    log = await create(conn, "log", USERS)
    keyed = await create(conn, "keyed", USERS, ["id"], bucket_count=2)
    writer = log.new_append().create_writer()
    handle = writer.append([1, "a", 2])
    assert repr(handle) == "WriteResultHandle(pending)"
    await handle.wait()
    assert repr(handle) == "WriteResultHandle(consumed)"
    scanner = await log.new_scan().create_log_scanner()
    scanner.subscribe(0, 0)
    records = await scanner.poll(20000)
    record = records[0]
    batches = await log.new_scan().create_record_batch_log_scanner()
    batches.subscribe(0, 0)
    batch = (await batches.poll_record_batch(20000))[0]
    bucket = fluss.TableBucket(log.get_table_info().table_id, 0)
    expected = {
        "FlussConnection()": conn, "FlussAdmin()": admin, "FlussTable(path=fluss.log)": log,
        "TableScan(table=fluss.log)": log.new_scan(), "TableAppend()": log.new_append(), "AppendWriter()": writer,
        "TableUpsert()": keyed.new_upsert(), "UpsertWriter()": keyed.new_upsert().create_writer(),
        "TableLookup()": keyed.new_lookup(), "Lookuper()": keyed.new_lookup().create_lookuper(),
        "TablePrefixLookup()": keyed.new_lookup().lookup_by(["id"]),
        "LogScanner(table=fluss.log)": scanner, "ScanRecords(records=1, buckets=1)": records,
        f"BatchScanner(bucket={bucket!r})": log.new_scan().limit(1).create_bucket_batch_scanner(bucket),
        f"ScanRecord(offset=0, timestamp={record.timestamp}, change_type=+A)": record,
        f"RecordBatch(bucket={bucket!r}, base_offset=0, last_offset=0, rows=1)": batch,
    }
    assert {repr(value): value for value in expected.values()} == expected
    (node, *_) = await admin.get_server_nodes()
    assert repr(node) == (
        f"ServerNode(id={node.id}, host='{node.host}', port={node.port}, server_type='{node.server_type}')")
    info = await admin.get_database_info("fluss")
    assert repr(info) == (f"DatabaseInfo(database_name='fluss', created_time={info.created_time}, "
                          f"modified_time={info.modified_time})")


def test_value_equality_hashing_pickling_and_copying():
    values = [
        (fluss.TablePath("d", "t"), fluss.TablePath("d", "t"), fluss.TablePath("d", "u")),
        (fluss.TableBucket(1, 2), fluss.TableBucket(1, 2), fluss.TableBucket.with_partition(1, 0, 2)),
        (fluss.OffsetSpec.timestamp(1), fluss.OffsetSpec.timestamp(1), fluss.OffsetSpec.timestamp(2)),
        (fluss.OffsetSpec.earliest(), fluss.OffsetSpec.earliest(), fluss.OffsetSpec.latest()),
        (fluss.ChangeType.Delete, fluss.ChangeType(4), fluss.ChangeType.Insert),
        (schema_of(USERS), schema_of(USERS), schema_of(USERS, ["id"])),
    ]
    for one, same, other in values:
        assert one == same and hash(one) == hash(same) and one != other
        assert len({one, same, other}) == 2
        assert pickle.loads(pickle.dumps(one)) == one
        assert copy.copy(one) == one and copy.deepcopy(one) == one
    assert (fluss.TablePath("d", "t") == "d.t") is False
    error = pickle.loads(pickle.dumps(fluss.FlussError("m", 7)))
    assert (error.message, error.error_code) == ("m", 7)


def test_descriptors_compare_by_value():
    schema = schema_of(USERS, ["id"])
    one = fluss.TableDescriptor(schema, bucket_count=3, comment="c", properties={"table.log.ttl": "1d"})
    assert one == fluss.TableDescriptor(schema_of(USERS, ["id"]), bucket_count=3, comment="c",
                                        properties={"table.log.ttl": "1d"})
    assert one == pickle.loads(pickle.dumps(one)) and len({one, pickle.loads(pickle.dumps(one))}) == 1
    assert one != fluss.TableDescriptor(schema, bucket_count=4, comment="c", properties={"table.log.ttl": "1d"})
    assert one != fluss.TableDescriptor(schema, bucket_count=3, comment="c")
    assert one != fluss.TableDescriptor(schema_of(USERS), bucket_count=3, comment="c", properties={"table.log.ttl": "1d"})
    assert one != "one"


@pytest.mark.parametrize("module", [fluss, fluss.sync])
def test_everything_public_says_what_it_does(module):
    silent = []
    for name, cls in vars(module).items():
        if name.startswith("_") or not inspect.isclass(cls):
            continue
        members = [(name, cls)] + [(f"{name}.{member}", value) for member, value in inspect.getmembers(cls)
                                   if not member.startswith("_") and (callable(value) or isinstance(value, property))]
        silent += [member for member, value in members if cls.__module__.startswith("fluss") and not inspect.getdoc(value)]
    assert silent == []


def test_values_are_read_only_and_not_ordered():
    path, bucket = fluss.TablePath("d", "t"), fluss.TableBucket(1, 2)
    for value, name in ((path, "table_name"), (bucket, "bucket_id"), (fluss.FlussError("m"), "message"),
                        (fluss.DatabaseDescriptor(), "comment"), (fluss.col("x"), "name")):
        with pytest.raises(AttributeError):
            setattr(value, name, "other")
    for left, right in ((path, path), (bucket, bucket), (fluss.OffsetSpec.latest(), fluss.OffsetSpec.latest())):
        with pytest.raises(TypeError):
            left < right


def test_wrong_argument_types_are_type_errors(shared):
    bad = [
        lambda: fluss.TablePath(1, "t"), lambda: fluss.TablePath("d"), lambda: fluss.TableBucket("1", 2),
        lambda: fluss.TableBucket(1.0, 2), lambda: fluss.OffsetSpec.timestamp(1.5), lambda: fluss.ColumnRef(1),
        lambda: fluss.Schema(schema_of(USERS).to_arrow(), primary_keys="id"), lambda: fluss.FlussError(1),
        lambda: fluss.TableDescriptor("schema"), lambda: fluss.Config(["a"]), lambda: fluss.LakeSnapshot("7"),
        lambda: fluss.FlussConnection.create({"bootstrap.servers": "memory:"}),
        lambda: shared.get_table(7), lambda: shared.get_admin().create_table(fluss.TablePath("a", "b"), "descriptor"),
        lambda: shared.get_admin().list_tables(3), lambda: shared.get_admin().create_database(None),
    ]
    for call in bad:
        with pytest.raises(TypeError):
            call()


def test_integers_out_of_range_are_overflow_errors(shared, name):
    table = create_now(shared, name, USERS)
    bad = [
        lambda: fluss.TableBucket(2**63, 0), lambda: fluss.TableBucket(0, 2**31), lambda: fluss.LakeSnapshot(2**63),
        lambda: fluss.OffsetSpec.timestamp(2**63), lambda: fluss.TableDescriptor(schema_of(USERS), bucket_count=2**31),
        lambda: table.new_scan().limit(2**31), lambda: table.new_scan().project([-1]),
        lambda: fluss.TableBucket.with_partition(0, -(2**63) - 1, 0), lambda: fluss.col("id") == 2**63,
    ]
    for call in bad:
        with pytest.raises(OverflowError):
            call()


async def test_the_stub_lists_what_is_there():
    """Every public name is in the type information that the package ships."""
    import ast
    from pathlib import Path

    package = Path(fluss.__file__).parent
    assert (package / "py.typed").exists()
    stub = package / "__init__.pyi"
    source = (stub if stub.exists() else package / "__init__.py").read_text(encoding="utf-8")
    bound = {alias.asname or alias.name for node in ast.walk(ast.parse(source))
             if isinstance(node, (ast.ImportFrom, ast.Import)) for alias in node.names}
    bound |= {node.name for node in ast.parse(source).body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
    assert set(CLASSES) | {"col"} <= bound
