"""Databases, tables, partitions, offsets and alterations."""

from __future__ import annotations

import asyncio
import datetime
import time

import pyarrow as pa
import pytest

import fluss
from fluss import ErrorCode, OffsetSpec, TableDescriptor, TablePath
from support import EVENTS, USERS, create, fails, rows_of, schema_of

LONG = "x" * 201


async def test_databases(admin):
    assert await admin.list_databases() == ["fluss"]
    descriptor = fluss.DatabaseDescriptor(comment="mine", custom_properties={"owner": "me"})
    assert await admin.create_database("shop", descriptor) is None
    assert await admin.database_exists("shop") is True and await admin.database_exists("other") is False
    info = await admin.get_database_info("shop")
    assert info.get_database_descriptor().get_custom_properties() == {"owner": "me"}
    assert abs(info.created_time - time.time() * 1000) < 600_000
    with fails(ErrorCode.DATABASE_ALREADY_EXIST, "shop"):
        await admin.create_database("shop")
    await admin.create_database("shop", ignore_if_exists=True)
    assert (await admin.get_database_info("shop")).get_database_descriptor().comment == "mine"
    await admin.drop_database("shop")
    assert await admin.list_databases() == ["fluss"]


@pytest.mark.parametrize("name", ["", ".", "..", "a b", "a/b", "ä", "__mine", LONG])
async def test_names_that_are_refused(admin, name):
    with pytest.raises(fluss.FlussError) as info:
        await admin.create_database(name)
    assert info.value.error_code == ErrorCode.INVALID_DATABASE_EXCEPTION
    with pytest.raises(fluss.FlussError) as info:
        await admin.create_table(TablePath("fluss", name), TableDescriptor(schema_of(USERS)))
    assert info.value.error_code == ErrorCode.INVALID_TABLE_EXCEPTION


async def test_missing_databases(admin):
    for call in (lambda: admin.get_database_info("no"), lambda: admin.drop_database("no"),
                 lambda: admin.list_tables("no"),
                 lambda: admin.create_table(TablePath("no", "t"), TableDescriptor(schema_of(USERS)))):
        with fails(ErrorCode.DATABASE_NOT_EXIST, "no"):
            await call()
    await admin.drop_database("no", ignore_if_not_exists=True)


async def test_dropping_a_database_with_tables(conn, admin):
    await admin.create_database("shop")
    await admin.create_table(TablePath("shop", "t"), TableDescriptor(schema_of(USERS)))
    with fails(ErrorCode.DATABASE_NOT_EMPTY, "shop"):
        await admin.drop_database("shop", cascade=False)
    await admin.drop_database("shop")
    assert not await admin.table_exists(TablePath("shop", "t"))


async def test_tables(conn, admin):
    path = TablePath("fluss", "t")
    descriptor = TableDescriptor(
        schema_of(USERS, ["id"]), bucket_count=3, comment="users", kv_format="indexed", log_format="indexed",
        properties={"table.changelog.image": "WAL"}, custom_properties={"team": "a"},
    )
    assert await admin.create_table(path, descriptor) is None
    assert await admin.list_tables("fluss") == ["t"] and await admin.table_exists(path)
    info = await admin.get_table_info(path)
    assert (info.table_path, info.num_buckets, info.comment) == (path, 3, "users")
    properties = info.get_properties()
    assert properties["table.kv.format"].upper() == properties["table.log.format"].upper() == "INDEXED"
    assert properties["table.changelog.image"] == "WAL"
    assert info.get_schema().get_columns() == [("id", "int NOT NULL"), ("name", "string"), ("age", "bigint")]
    with fails(ErrorCode.TABLE_ALREADY_EXIST, "t"):
        await admin.create_table(path, descriptor)
    await admin.create_table(path, descriptor, ignore_if_exists=True)
    await admin.create_table(path, descriptor, True)
    await admin.drop_table(path)
    for call in (lambda: admin.drop_table(path), lambda: admin.get_table_info(path), lambda: conn.get_table(path),
                 lambda: admin.list_offsets(path, [0], OffsetSpec.latest())):
        with fails(ErrorCode.TABLE_NOT_EXIST, "t"):
            await call()
    await admin.drop_table(path, ignore_if_not_exists=True)
    assert isinstance(fluss.TableNotExistError("x", 7), fluss.FlussError)


async def test_a_dropped_and_created_table_is_a_new_one(conn, admin):
    table = await create(conn, "t", USERS)
    await table.new_append().append([1, "a", 2]).wait()
    await admin.drop_table(table.get_table_path())
    again = await create(conn, "t", USERS)
    assert again.get_table_info().table_id != table.get_table_info().table_id
    assert await rows_of(conn, again) == []


@pytest.mark.parametrize("options, fragment", [
    ({"partition_keys": ["nowhere"]}, "nowhere"),
    ({"bucket_keys": ["nowhere"]}, "nowhere"),
    ({"bucket_count": 0}, "bucket"),
    ({"bucket_count": -1}, "bucket"),
    ({"properties": {"table.no.such": "1"}}, "table.no.such"),
    ({"properties": {"table.log.ttl": "soon"}}, "soon"),
    ({"properties": {"table.replication.factor": "3"}}, "replica"),
    ({"properties": {"table.datalake.enabled": "true"}}, "lake"),
])
async def test_descriptors_that_the_engine_refuses(admin, options, fragment):
    path = TablePath("fluss", "t")
    with pytest.raises(fluss.FlussError) as info:
        await admin.create_table(path, TableDescriptor(schema_of(EVENTS), **options))
    assert fragment in info.value.message.lower()
    assert not await admin.table_exists(path)


def test_descriptors_that_are_refused_when_made():
    keyed = schema_of(EVENTS, ["id", "region"])
    for options in (
        {"partition_keys": ["id", "region"]}, {"bucket_keys": ["value"]},
        {"partition_keys": ["region"], "bucket_keys": ["region"]},
    ):
        with fails(-2, "Failed to build TableDescriptor: "):
            TableDescriptor(keyed, **options)
    with fails(-2, "Failed to build TableDescriptor: "):
        TableDescriptor(schema_of(EVENTS), partition_keys=["region"], bucket_keys=["region"])
    for options, text in (({"log_format": "parquet"}, "Unknown log format: parquet"),
                          ({"log_format": "COMPACTED"}, "Unknown log format: COMPACTED"),
                          ({"kv_format": "arrow"}, "Unknown kv format: arrow")):
        with fails(-2, text):
            TableDescriptor(keyed, **options)
    for options in ({"log_format": "Arrow"}, {"log_format": "indexed"}, {"kv_format": "Compacted"}):
        TableDescriptor(keyed, **options)


def test_schemas_that_are_refused():
    for fields, keys in ((USERS, ["nowhere"]), (USERS, ["id", "id"])):
        with fails(-2, "Failed to build schema: "):
            schema_of(fields, keys)
    with fails(-2, "Failed to build schema: "):
        fluss.Schema(pa.schema([("a", pa.int32()), ("a", pa.int32())]))
    with fails(-2, "Failed to convert PyArrow schema: "):
        fluss.Schema({"a": pa.int32()})
    for column, keys in (("name", ["id"]), ("id", ["id"]), ("nowhere", ["id"]), ("age", None)):
        with fails(-2, "Failed to build schema: "):
            fluss.Schema(schema_of(USERS).to_arrow(), keys, column)
    schema = fluss.Schema(schema_of(USERS).to_arrow(), ["id"], auto_increment_column="age")
    assert schema.get_auto_increment_columns() == ["age"]
    assert fluss.Schema(pa.schema([])).get_column_names() == []
    assert schema_of(USERS, []).get_primary_keys() == []


def test_column_comments_come_from_field_metadata():
    field = pa.field("id", pa.int32(), metadata={"comment": "the number"})
    assert fluss.Schema(pa.schema([field])).get_column_comments() == {"id": "the number"}


async def test_partitions_with_two_keys(conn, admin):
    fields = {"id": pa.int32(), "day": pa.string(), "region": pa.string()}
    table = await create(conn, "t", fields, partition_keys=["day", "region"])
    path = table.get_table_path()
    assert await admin.list_partition_infos(path) == []
    for day in ("2024-01-15", "2024-01-16"):
        for region in ("EMEA", "APAC"):
            await admin.create_partition(path, {"region": region, "day": day})
    names = sorted(info.partition_name for info in await admin.list_partition_infos(path))
    assert names == ["2024-01-15$APAC", "2024-01-15$EMEA", "2024-01-16$APAC", "2024-01-16$EMEA"]
    some = await admin.list_partition_infos(path, {"region": "EMEA"})
    assert sorted(info.partition_name for info in some) == ["2024-01-15$EMEA", "2024-01-16$EMEA"]
    (one,) = await admin.list_partition_infos(path, partition_spec={"region": "EMEA", "day": "2024-01-15"})
    assert one.partition_spec == {"day": "2024-01-15", "region": "EMEA"}
    assert await admin.list_partition_infos(path, {"region": "MARS"}) == []
    assert await admin.list_partition_offsets(path, "2024-01-15$EMEA", [0], OffsetSpec.latest()) == {0: 0}
    await admin.drop_partition(path, {"day": "2024-01-15", "region": "EMEA"})
    assert len(await admin.list_partition_infos(path)) == 3


async def test_partition_errors(conn, admin):
    plain = (await create(conn, "plain", EVENTS)).get_table_path()
    path = (await create(conn, "parted", EVENTS, partition_keys=["region"])).get_table_path()
    await admin.create_partition(path, {"region": "US"})
    with fails(ErrorCode.PARTITION_ALREADY_EXISTS, "US"):
        await admin.create_partition(path, {"region": "US"})
    await admin.create_partition(path, {"region": "US"}, ignore_if_exists=True)
    with fails(ErrorCode.PARTITION_NOT_EXISTS, "EU"):
        await admin.drop_partition(path, {"region": "EU"})
    await admin.drop_partition(path, {"region": "EU"}, ignore_if_not_exists=True)
    for spec in ({}, {"zone": "US"}, {"region": "US", "id": "1"}, {"region": ""}, {"region": "a b"},
                 {"region": "a$b"}, {"region": ".."}, {"region": "__x"}, {"region": LONG}):
        with fails(ErrorCode.PARTITION_SPEC_INVALID_EXCEPTION):
            await admin.create_partition(path, spec)
    for call in (lambda: admin.create_partition(plain, {"region": "US"}), lambda: admin.list_partition_infos(plain),
                 lambda: admin.drop_partition(plain, {"region": "US"})):
        with fails(ErrorCode.TABLE_NOT_PARTITIONED_EXCEPTION, "plain"):
            await call()
    with fails(ErrorCode.PARTITION_NOT_EXISTS, "EU"):
        await admin.list_partition_offsets(path, "EU", [0], OffsetSpec.latest())
    with pytest.raises(TypeError):
        await admin.create_partition(path, ["US"])


async def test_partition_ids_are_not_reused(conn, admin):
    path = (await create(conn, "t", EVENTS, partition_keys=["region"])).get_table_path()
    seen = set()
    for _ in range(3):
        await admin.create_partition(path, {"region": "US"})
        (info,) = await admin.list_partition_infos(path)
        seen.add(info.partition_id)
        await admin.drop_partition(path, {"region": "US"})
    assert len(seen) == 3


async def test_offsets(conn, admin):
    table = await create(conn, "t", USERS)
    path = table.get_table_path()
    before = int(time.time() * 1000) - 1000
    assert await admin.list_offsets(path, [0], OffsetSpec.earliest()) == {0: 0}
    assert await admin.list_offsets(path, [0], OffsetSpec.latest()) == {0: 0}
    writer = table.new_append().create_writer()
    for number in range(3):
        await writer.append([number, None, None]).wait()
    assert await admin.list_offsets(path, [0], OffsetSpec.latest()) == {0: 3}
    assert await admin.list_offsets(path, [0], OffsetSpec.earliest()) == {0: 0}
    assert await admin.list_offsets(path, [0], OffsetSpec.timestamp(before)) == {0: 0}
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe(0, 0)
    times = [record.timestamp for record in scanner.poll(20000)]
    assert await admin.list_offsets(path, [0], OffsetSpec.timestamp(times[0])) == {0: 0}
    assert await admin.list_offsets(path, [0], OffsetSpec.timestamp(times[-1])) == {0: times.index(times[-1])}
    with fails(ErrorCode.INVALID_TIMESTAMP_EXCEPTION):
        await admin.list_offsets(path, [0], OffsetSpec.timestamp(int(time.time() * 1000) + 3_600_000))


async def test_offset_styles_agree(conn, admin):
    table = await create(conn, "t", EVENTS, partition_keys=["region"], partitions=[{"region": "US"}])
    await table.new_append().append([1, "US", 2]).wait()
    path = table.get_table_path()
    when = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    results = [
        await admin.list_partition_offsets(path, "US", [0], OffsetSpec.latest()),
        await admin.list_partition_offsets(path, "US", [0], "latest"),
        await admin.list_partition_offsets(path, partition_name="US", bucket_ids=[0], offset_type="LATEST"),
    ]
    assert results == [{0: 1}] * 3
    assert await admin.list_partition_offsets(path, "US", [0], offset_type="earliest") == {0: 0}
    assert await admin.list_partition_offsets(path, "US", [0], offset_type="timestamp", timestamp=when) == {0: 0}


@pytest.mark.parametrize("options", [
    {}, {"offset_spec": OffsetSpec.latest(), "offset_type": "latest"}, {"offset_type": "newest"},
    {"offset_type": "timestamp"}, {"offset_type": "latest", "timestamp": 5},
    {"offset_spec": OffsetSpec.latest(), "timestamp": 5},
    {"offset_type": "timestamp", "timestamp": datetime.datetime(2020, 1, 1)},
])
async def test_offset_queries_that_make_no_sense(conn, admin, options):
    path = (await create(conn, "t", USERS)).get_table_path()
    with fails(-2):
        await admin.list_offsets(path, [0], **options)


async def test_offset_queries_of_wrong_buckets(conn, admin):
    path = (await create(conn, "t", USERS, bucket_count=2)).get_table_path()
    with fails(-2, "Buckets are empty."):
        await admin.list_offsets(path, [], OffsetSpec.latest())
    with fails(-2, "-1"):
        admin.list_offsets(path, [-1], OffsetSpec.latest())
    with pytest.raises(fluss.FlussError, match="2"):
        await admin.list_offsets(path, [2], OffsetSpec.latest())
    with fails(ErrorCode.TABLE_NOT_PARTITIONED_EXCEPTION, "is not a partitioned table"):
        await admin.list_partition_offsets(path, "US", [0], OffsetSpec.latest())
    parted = (await create(conn, "p", EVENTS, partition_keys=["region"])).get_table_path()
    with fails(-2, "list_partition_offsets"):
        await admin.list_offsets(parted, [0], OffsetSpec.latest())


async def test_lake_snapshots_are_not_configured(conn, admin):
    table = await create(conn, "t", USERS)
    with fails(ErrorCode.LAKE_STORAGE_NOT_CONFIGURED_EXCEPTION):
        await admin.get_latest_lake_snapshot(table.get_table_path())


async def test_server_nodes(admin):
    nodes = await admin.get_server_nodes()
    assert [(n.server_type, n.host, n.port, n.uid) for n in sorted(nodes, key=lambda n: n.uid)] == [
        ("CoordinatorServer", "embedded", 0, "cs-0"), ("TabletServer", "embedded", 0, "ts-0")]


async def test_altering_properties(conn, admin):
    table = await create(conn, "t", USERS)
    path = table.get_table_path()
    await admin.alter_table(path, set_properties={"table.log.ttl": "1d"})
    assert (await admin.get_table_info(path)).get_properties()["table.log.ttl"] == "1d"
    await admin.alter_table(path, reset_properties=["table.log.ttl"])
    assert (await admin.get_table_info(path)).get_properties().get("table.log.ttl") != "1d"
    with pytest.raises(fluss.FlussError, match="table.no.such"):
        await admin.alter_table(path, set_properties={"table.no.such": "1"})
    with fails(ErrorCode.INVALID_ALTER_TABLE_EXCEPTION, "lake"):
        await admin.alter_table(path, set_properties={"table.datalake.enabled": "true"})
    with fails(ErrorCode.TABLE_NOT_EXIST):
        await admin.alter_table(TablePath("fluss", "no"), set_properties={})
    await admin.alter_table(TablePath("fluss", "no"), set_properties={}, ignore_if_not_exists=True)


async def test_adding_columns_to_a_log_table(conn, admin):
    before = await create(conn, "t", {"id": pa.int32()})
    await before.new_append().append([1]).wait()
    await admin.alter_table(before.get_table_path(), add_columns=pa.schema([("note", pa.string())]))
    after = await conn.get_table(before.get_table_path())
    assert after.get_table_info().schema_id == 2
    assert after.get_table_info().get_column_names() == ["id", "note"]
    await after.new_append().append([2, "two"]).wait()
    assert await rows_of(conn, after) == [{"id": 1, "note": None}, {"id": 2, "note": "two"}]
    assert await rows_of(conn, before) == [{"id": 1}, {"id": 2}]
    await before.new_append().append([3]).wait()
    assert (await rows_of(conn, after))[-1] == {"id": 3, "note": None}


async def test_adding_columns_to_a_primary_key_table(conn, admin):
    before = await create(conn, "t", {"id": pa.int32(), "v": pa.int32()}, ["id"])
    await before.new_upsert().upsert([1, 10]).wait()
    await admin.alter_table(before.get_table_path(), add_columns=pa.schema([("note", pa.string())]))
    after = await conn.get_table(before.get_table_path())
    assert await after.new_lookup().lookup([1]) == {"id": 1, "v": 10, "note": None}
    await after.new_upsert().upsert([1, 11, "n"]).wait()
    assert await before.new_lookup().lookup([1]) == {"id": 1, "v": 11}
    assert await after.new_lookup().lookup([1]) == {"id": 1, "v": 11, "note": "n"}


@pytest.mark.parametrize("columns", [
    pa.schema([("id", pa.int32())]), pa.schema([pa.field("must", pa.int32(), nullable=False)]),
])
async def test_columns_that_cannot_be_added(conn, admin, columns):
    table = await create(conn, "t", USERS)
    with pytest.raises(fluss.FlussError):
        await admin.alter_table(table.get_table_path(), add_columns=columns)
    assert (await admin.get_table_info(table.get_table_path())).schema_id == 1


async def test_table_stats_count_rows(conn, admin):
    table = await create(conn, "t", USERS, ["id"], bucket_count=2)
    writer = table.new_upsert().create_writer()
    for number in range(20):
        writer.upsert([number % 10, None, None])
    await writer.flush()
    stats = await admin.get_table_stats(table.get_table_path())
    assert sum(stats.values()) == 10 and {bucket.bucket_id for bucket in stats} == {0, 1}


async def test_many_admin_calls_at_once(conn, admin):
    paths = [TablePath("fluss", f"t{number}") for number in range(30)]
    descriptor = TableDescriptor(schema_of(USERS))
    await asyncio.gather(*(admin.create_table(path, descriptor) for path in paths))
    infos = await asyncio.gather(*(admin.get_table_info(path) for path in paths))
    assert len({info.table_id for info in infos}) == 30
    again = await asyncio.gather(*(admin.create_table(p, descriptor) for p in paths), return_exceptions=True)
    assert {error.error_code for error in again} == {ErrorCode.TABLE_ALREADY_EXIST}
