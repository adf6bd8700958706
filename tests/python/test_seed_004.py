"""The API reference page: every row of its tables is called once, and its examples run as written."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

import fluss
from examples import Printed, run_example
from support import POLL_MS, USERS, create, fails, poll_count

SCAN_RECORDS = '''
scan_records = scanner.poll(timeout_ms=5000)

# Sequence access
scan_records[0]                              # first record
scan_records[-1]                             # last record
scan_records[:5]                             # first 5 records

# Per-bucket access
for bucket, records in scan_records.items():
    for record in records:
        print(f"bucket={bucket.bucket_id}, offset={record.offset}, row={record.row}")

# Flat iteration
for record in scan_records:
    print(record.row)
'''

FROM_LATEST = '''
offsets = await admin.list_offsets(table_path, [0], fluss.OffsetSpec.latest())
scanner.subscribe(bucket_id=0, start_offset=offsets[0])
'''


def rows(count, start=0):
    return [{"id": i, "name": f"n{i}", "age": i * 10} for i in range(start, start + count)]


async def appended(table, count, start=0):
    writer = table.new_append().create_writer()
    for row in rows(count, start):
        writer.append(row)
    await writer.flush()


async def test_scan_records_example(conn):
    table = await create(conn, "t", USERS)
    await appended(table, 7)
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe_buckets({0: fluss.EARLIEST_OFFSET})
    names = {"scanner": scanner, "print": Printed()}
    await run_example(SCAN_RECORDS, names)
    assert names["print"].items[:7] == [f"bucket=0, offset={i}, row={row}" for i, row in enumerate(rows(7))]
    assert names["print"].items[7:] == rows(7)


async def test_latest_offset_example(conn, admin):
    table = await create(conn, "t", USERS)
    await appended(table, 3)
    scanner = await table.new_scan().create_log_scanner()
    names = {"admin": admin, "fluss": fluss, "scanner": scanner, "table_path": table.get_table_path()}
    await run_example(FROM_LATEST, names)
    assert names["offsets"] == {0: 3}
    await appended(table, 1, start=3)
    (record,) = await poll_count(scanner, 1)
    assert (record.offset, record.row["id"]) == (3, 3)


def test_config_properties():
    config = fluss.Config()
    values = {
        "bootstrap_servers": "a:1", "writer_request_max_size": 5, "writer_acks": "1", "writer_retries": 2,
        "writer_batch_size": 3, "writer_batch_timeout_ms": 4, "scanner_remote_log_prefetch_num": 6,
        "remote_file_download_thread_num": 7, "scanner_remote_log_read_concurrency": 8,
        "scanner_log_max_poll_records": 9, "connect_timeout_ms": 10, "security_protocol": "sasl",
        "security_sasl_mechanism": "PLAIN", "security_sasl_username": "u", "security_sasl_password": "p",
    }
    for name, value in values.items():
        setattr(config, name, value)
    assert {name: getattr(config, name) for name in values} == values
    for assigner in ("sticky", "round_robin"):
        fluss.Config({"writer.bucket.no-key-assigner": assigner})


async def test_connection(memory):
    with await fluss.FlussConnection.create(memory) as conn:
        admin = await conn.get_admin()
        assert isinstance(admin, fluss.FlussAdmin)
        await create(conn, "t", USERS)
        assert isinstance(await conn.get_table(fluss.TablePath("fluss", "t")), fluss.FlussTable)
        conn.close()


async def test_admin(conn, admin):
    await admin.create_database("d", database_descriptor=fluss.DatabaseDescriptor("c", {"k": "v"}))
    await admin.create_database(name="d", ignore_if_exists=True)
    assert sorted(await admin.list_databases()) == ["d", "fluss"]
    assert await admin.database_exists(name="d") is True
    info = await admin.get_database_info(name="d")
    assert (info.database_name, info.get_database_descriptor().comment) == ("d", "c")
    assert info.get_database_descriptor().get_custom_properties() == {"k": "v"}
    assert 0 < info.created_time <= info.modified_time

    table = await create(conn, "t", USERS)
    path = table.get_table_path()
    assert await admin.list_tables("fluss") == ["t"]
    assert await admin.table_exists(path) is True
    assert await admin.list_offsets(path, [0], fluss.OffsetSpec.earliest()) == {0: 0}
    nodes = await admin.get_server_nodes()
    assert {node.server_type for node in nodes} == {"CoordinatorServer", "TabletServer"}
    assert all(isinstance(node.id, int) and node.host and isinstance(node.port, int) for node in nodes)
    assert {node.uid for node in nodes} == {"cs-0", "ts-0"}
    with pytest.raises(fluss.FlussError):
        await admin.get_latest_lake_snapshot(path)
    await admin.drop_table(path)
    await admin.drop_table(path, ignore_if_not_exists=True)
    await admin.drop_database("d", ignore_if_not_exists=False, cascade=True)
    await admin.drop_database(name="d", ignore_if_not_exists=True)


async def test_partitions(conn, admin):
    fields = {"id": pa.int32(), "region": pa.string()}
    table = await create(conn, "t", fields, partition_keys=["region"])
    path = table.get_table_path()
    await admin.create_partition(path, {"region": "US"}, ignore_if_exists=False)
    (info,) = await admin.list_partition_infos(path)
    assert (info.partition_name, isinstance(info.partition_id, int)) == ("US", True)
    offsets = await admin.list_partition_offsets(path, "US", [0], fluss.OffsetSpec.latest())
    assert offsets == {0: 0}
    await admin.drop_partition(path, {"region": "US"}, ignore_if_not_exists=False)
    assert await admin.list_partition_infos(path) == []


async def test_table_and_its_info(conn, admin):
    before = await create(conn, "t", USERS, ["id"], bucket_count=2, comment="users", custom_properties={"a": "b"})
    assert before.has_primary_key() is True
    assert before.get_table_path() == fluss.TablePath("fluss", "t")
    info = before.get_table_info()
    assert info.table_id == (await admin.get_table_info(before.get_table_path())).table_id
    assert (info.num_buckets, info.schema_id, info.comment) == (2, 1, "users")
    assert 0 < info.created_time <= info.modified_time
    assert info.get_primary_keys() == ["id"] and info.get_bucket_keys() == ["id"]
    assert info.get_partition_keys() == [] and not info.is_partitioned() and info.has_primary_key()
    assert info.get_schema().get_column_names() == info.get_column_names() == ["id", "name", "age"]
    assert info.get_column_count() == 3
    assert info.get_custom_properties() == {"a": "b"} and "a" not in info.get_properties()


async def test_scan_builder(conn):
    table = await create(conn, "t", USERS)
    await appended(table, 2)
    scan = table.new_scan()
    assert scan.project([0]) is scan
    assert scan.project_by_name(["name"]) is scan
    records = await scan.create_log_scanner()
    records.subscribe(bucket_id=0, start_offset=0)
    assert [record.row for record in records.poll(POLL_MS)] == [{"name": "n0"}, {"name": "n1"}]
    batches = await table.new_scan().create_record_batch_log_scanner()
    batches.subscribe(0, 0)
    assert batches.poll_arrow(POLL_MS).num_rows == 2


async def test_append_writer(conn):
    table = await create(conn, "t", USERS)
    writer = table.new_append().create_writer()
    assert isinstance(writer, fluss.AppendWriter)
    assert isinstance(writer.append({"id": 1, "name": "a", "age": 1}), fluss.WriteResultHandle)
    writer.append([2, "b", 2])
    writer.append((3, "c", 3))
    batch = pa.record_batch({"id": [4], "name": ["d"], "age": [4]}, schema=table.arrow_schema)
    writer.write_arrow(pa.Table.from_batches([batch]))
    handle = writer.write_arrow_batch(batch)
    assert isinstance(handle, fluss.WriteResultHandle)
    writer.write_pandas(pd.DataFrame({"id": [5], "name": ["e"], "age": [5]}))
    assert await writer.flush() is None
    assert await handle.wait() is None
    scanner = await table.new_scan().create_record_batch_log_scanner()
    scanner.subscribe(0, fluss.EARLIEST_OFFSET)
    assert scanner.to_arrow().column("id").to_pylist() == [1, 2, 3, 4, 4, 5]


async def test_upsert_writer_and_lookuper(conn):
    table = await create(conn, "t", USERS, ["id"])
    writer = table.new_upsert().create_writer()
    assert isinstance(writer.upsert(rows(1)[0]), fluss.WriteResultHandle)
    assert isinstance(writer.delete({"id": 9}), fluss.WriteResultHandle)
    await writer.flush()
    for partial in (table.new_upsert().partial_update_by_name(["id", "age"]),
                    table.new_upsert().partial_update_by_index([0, 2])):
        assert isinstance(partial, fluss.TableUpsert)
        await partial.create_writer().upsert({"id": 0, "age": 5}).wait()
    lookuper = table.new_lookup().create_lookuper()
    assert await lookuper.lookup({"id": 0}) == {"id": 0, "name": "n0", "age": 5}
    assert await lookuper.lookup({"id": 9}) is None


async def test_log_scanner_subscriptions(conn):
    table = await create(conn, "t", USERS, bucket_count=2, bucket_keys=["id"])
    await appended(table, 20)
    scanner = await table.new_scan().create_record_batch_log_scanner()
    scanner.subscribe(bucket_id=0, start_offset=fluss.EARLIEST_OFFSET)
    scanner.subscribe_buckets(bucket_offsets={1: fluss.EARLIEST_OFFSET})
    scanner.unsubscribe(bucket_id=1)
    batches = list(scanner.poll_record_batch(timeout_ms=POLL_MS))
    assert {batch.bucket.bucket_id for batch in batches} == {0}
    assert all(isinstance(batch.batch, pa.RecordBatch) for batch in batches)
    assert batches[0].base_offset == 0
    assert batches[-1].last_offset == sum(batch.batch.num_rows for batch in batches) - 1
    with fails(-2, "record"):
        await scanner.poll(0)


async def test_partition_subscriptions(conn):
    fields = {"id": pa.int32(), "region": pa.string()}
    table = await create(conn, "t", fields, partition_keys=["region"], partitions=[{"region": "a"}, {"region": "b"}])
    writer = table.new_append().create_writer()
    writer.append([1, "a"])
    writer.append([2, "b"])
    await writer.flush()
    a, b = await conn.get_admin().list_partition_infos(table.get_table_path())
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe_partition(partition_id=a.partition_id, bucket_id=0, start_offset=fluss.EARLIEST_OFFSET)
    scanner.subscribe_partition_buckets(partition_bucket_offsets={(b.partition_id, 0): fluss.EARLIEST_OFFSET})
    scanner.unsubscribe_partition(partition_id=a.partition_id, bucket_id=0)
    (record,) = await poll_count(scanner, 1)
    assert record.row == {"id": 2, "region": "b"}


async def test_scan_records_methods(conn):
    table = await create(conn, "t", USERS, bucket_count=3, bucket_keys=["id"])
    await appended(table, 30)
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe_buckets(dict.fromkeys(range(3), fluss.EARLIEST_OFFSET))
    records = scanner.poll(timeout_ms=POLL_MS)
    assert isinstance(records, fluss.ScanRecords)
    buckets = records.buckets()
    assert len(buckets) == len(set(buckets)) >= 1
    assert records.keys() == buckets
    assert records.count() == len(records) == sum(len(records.records(bucket)) for bucket in buckets)
    assert records.is_empty() is False
    flat = list(records)
    assert flat == [record for group in records.values() for record in group]
    assert [bucket for bucket, _ in records.items()] == buckets
    assert flat[0] == records[0] and flat[-1] == records[-1] and flat[1:5] == records[1:5]
    assert records[buckets[0]] == records.records(buckets[0])
    assert buckets[0] in records
    stranger = fluss.TableBucket(999, 0)
    assert stranger not in records and records.records(stranger) == []


async def test_scan_record_and_change_types(conn):
    table = await create(conn, "t", USERS, ["id"])
    writer = table.new_upsert().create_writer()
    for row in (rows(1)[0], {"id": 0, "name": "other", "age": 1}):
        await writer.upsert(row).wait()
    await writer.delete({"id": 0}).wait()
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe(0, fluss.EARLIEST_OFFSET)
    records = await poll_count(scanner, 4)
    assert [record.change_type for record in records] == [
        fluss.ChangeType.Insert, fluss.ChangeType.UpdateBefore, fluss.ChangeType.UpdateAfter, fluss.ChangeType.Delete,
    ]
    assert [record.change_type.short_string() for record in records] == ["+I", "-U", "+U", "-D"]
    assert [record.offset for record in records] == [0, 1, 2, 3]
    assert records[0].timestamp <= records[3].timestamp
    assert records[3].row == {"id": 0, "name": "other", "age": 1}
    assert fluss.ChangeType.AppendOnly.short_string() == "+A"
    assert [int(change) for change in fluss.ChangeType] == [0, 1, 2, 3, 4]


def test_values():
    schema = fluss.Schema(schema=pa.schema([pa.field("id", pa.int32())]), primary_keys=None)
    assert (schema.get_column_names(), schema.get_column_types()) == (["id"], ["int"])
    assert fluss.TableDescriptor(schema).get_schema().get_column_names() == ["id"]
    for path in (fluss.TablePath("d", "t"), fluss.TablePath(database="d", table="t")):
        assert (path.database_name, path.table_name) == ("d", "t")
    plain, partitioned = fluss.TableBucket(1, 2), fluss.TableBucket.with_partition(1, 5, 2)
    assert (plain.table_id, plain.bucket_id, plain.partition_id) == (1, 2, None)
    assert (partitioned.table_id, partitioned.bucket_id, partitioned.partition_id) == (1, 2, 5)
    descriptor = fluss.DatabaseDescriptor(comment="c", custom_properties={"k": "v"})
    assert (descriptor.comment, descriptor.get_custom_properties()) == ("c", {"k": "v"})
    snapshot = fluss.LakeSnapshot(7)
    assert (snapshot.snapshot_id, snapshot.table_buckets_offset, snapshot.get_table_buckets()) == (7, {}, [])
    assert snapshot.get_bucket_offset(plain) is None
    assert fluss.EARLIEST_OFFSET == -2
    error = fluss.FlussError("broken", 7)
    assert (error.message, error.error_code, isinstance(error, Exception)) == ("broken", 7, True)
    assert fluss.ErrorCode.CLIENT_ERROR == -2
