"""A session of a `fluss` package with a server, or with a database of its own.

    python pyfluss_session.py HOST:PORT|file:DIRECTORY > output

The package is pyfluss 1.0.0, as it is on PyPI, or Weir's: whichever the interpreter finds. Prints what the
client got, without ids and times, so that every client prints the same on every target; scripts/test-wire
compares it with pyfluss_session.expected. What may differ is said where it is printed. Exits 1 when a step
fails in a way that it should not.
"""

import asyncio
import datetime
import decimal
import os
import sys
import time

import pyarrow as pa

import fluss

DATABASE = "wire"
EVENTS = pa.schema([("id", pa.int32()), ("name", pa.string())])


def path(table: str) -> fluss.TablePath:
    return fluss.TablePath(DATABASE, table)


def show(what: str, value: object) -> None:
    print(f"{what}: {value}", flush=True)


async def show_error(what: str, call, *, same: dict | None = None) -> None:
    """`same`: codes that mean what another one does."""
    try:
        show(what, f"no error, but {await call!r}")
    except fluss.FlussError as error:
        show(what, f"error {(same or {}).get(error.error_code, error.error_code)}")


# Apache Fluss 0.9.1 says -1 to a metadata request for a table that it does not know.
NO_TABLE = {-1: 7}
# An embedded database has no data lake at all; servers have one without a snapshot.
NO_SNAPSHOT = {40: 53}
# Embedded databases choose this property, servers leave it to the client.
CHOSEN = "table.log.arrow.compression.type"


def rows_of(table: pa.Table, *keys: str) -> list:
    return table.sort_by([(key, "ascending") for key in keys]).to_pylist()


async def read_all(table, buckets: int, *, names=None) -> pa.Table:
    scan = table.new_scan()
    if names is not None:
        scan = scan.project_by_name(names)
    scanner = await scan.create_record_batch_log_scanner()
    scanner.subscribe_buckets(dict.fromkeys(range(buckets), fluss.EARLIEST_OFFSET))
    return await scanner.to_arrow()


async def poll_records(scanner, count: int) -> list:
    """At least `count` records, as (change, offset, row)."""
    records = []
    deadline = time.monotonic() + 30
    while len(records) < count and time.monotonic() < deadline:
        for record in await scanner.poll(1000):
            records.append((record.change_type.short_string(), record.offset, record.row))
    return records


async def databases(admin) -> None:
    descriptor = fluss.DatabaseDescriptor(comment="of the wire test", custom_properties={"owner": "tests"})
    await admin.create_database(DATABASE, descriptor)
    await admin.create_database(DATABASE, ignore_if_exists=True)
    await show_error("create it again", admin.create_database(DATABASE))
    show("databases", sorted(await admin.list_databases()))
    info = await admin.get_database_info(DATABASE)
    found = info.get_database_descriptor()
    show("database", (info.database_name, found.comment, found.get_custom_properties()))
    show("exists", (await admin.database_exists(DATABASE), await admin.database_exists("nowhere")))
    await show_error("info of none", admin.get_database_info("nowhere"))
    await show_error("bad name", admin.create_database("no good"))
    await show_error("drop none", admin.drop_database("nowhere"))
    await admin.drop_database("nowhere", ignore_if_not_exists=True)


async def tables(connection, admin) -> None:
    descriptor = fluss.TableDescriptor(
        fluss.Schema(EVENTS), bucket_count=3, bucket_keys=["id"], comment="events", custom_properties={"team": "a"}
    )
    await admin.create_table(path("events"), descriptor)
    await admin.create_table(path("events"), descriptor, ignore_if_exists=True)
    await show_error("create it again", admin.create_table(path("events"), descriptor, ignore_if_exists=False))
    await show_error("no such database", admin.create_table(fluss.TablePath("nowhere", "t"), descriptor))
    bad = fluss.TableDescriptor(fluss.Schema(EVENTS), properties={"table.log.ttl": "soon"})
    await show_error("bad option", admin.create_table(path("bad"), bad))
    show("tables", sorted(await admin.list_tables(DATABASE)))
    show("exists", (await admin.table_exists(path("events")), await admin.table_exists(path("none"))))
    info = await admin.get_table_info(path("events"))
    show("table", (str(info.table_path), info.schema_id, info.num_buckets, info.comment, info.get_bucket_keys()))
    show("columns", info.get_schema().get_columns())
    properties = sorted(item for item in info.get_properties().items() if item[0] != CHOSEN)
    show("properties", (properties, info.get_custom_properties()))
    await show_error("info of none", admin.get_table_info(path("none")))
    await show_error("open none", connection.get_table(path("none")), same=NO_TABLE)
    await show_error("no lake snapshot", admin.get_latest_lake_snapshot(path("events")), same=NO_SNAPSHOT)
    await show_error("not partitioned", admin.list_partition_infos(path("events")))
    await show_error("not empty", admin.drop_database(DATABASE, cascade=False))


ALL_TYPES = pa.schema(
    [
        ("flag", pa.bool_()),
        ("tiny", pa.int8()),
        ("small", pa.int16()),
        ("plain", pa.int32()),
        ("big", pa.int64()),
        ("real", pa.float32()),
        ("double", pa.float64()),
        ("text", pa.string()),
        ("bytes", pa.binary()),
        ("fixed", pa.binary(4)),
        ("short_decimal", pa.decimal128(10, 2)),
        ("long_decimal", pa.decimal128(30, 3)),
        ("day", pa.date32()),
        ("clock", pa.time32("ms")),
        ("stamp", pa.timestamp("us")),
        ("instant", pa.timestamp("us", tz="UTC")),
        ("numbers", pa.list_(pa.int32())),
    ]
)


def all_types_row() -> dict:
    return {
        "flag": True,
        "tiny": -1,
        "small": -2,
        "plain": -3,
        "big": 1 << 40,
        "real": 1.5,
        "double": -2.25,
        "text": "Grüße",
        "bytes": b"\x00\x01",
        "fixed": b"abcd",
        "short_decimal": decimal.Decimal("12.34"),
        "long_decimal": decimal.Decimal("-12345678901234567890.125"),
        "day": datetime.date(2026, 2, 3),
        "clock": datetime.time(4, 5, 6, 7000),
        "stamp": datetime.datetime(2026, 2, 3, 4, 5, 6, 789),
        "instant": datetime.datetime(2026, 2, 3, 4, 5, 6, tzinfo=datetime.timezone.utc),
        "numbers": [1, None, 3],
    }


async def log_table(connection, admin) -> None:
    table = await connection.get_table(path("events"))
    writer = table.new_append().create_writer()
    writer.append({"id": 1, "name": "dict"})
    writer.append([2, "list"])
    await writer.append((3, None)).wait()
    writer.write_arrow_batch(pa.record_batch([pa.array([4, 5], pa.int32()), pa.array(["x", "y"])], schema=EVENTS))
    writer.write_arrow(pa.table({"id": pa.array([6], pa.int32()), "name": ["table"]}, schema=EVENTS))
    await writer.flush()
    show("all", rows_of(await read_all(table, 3), "id"))
    show("projected", rows_of(await read_all(table, 3, names=["name"]), "name"))
    earliest = await admin.list_offsets(path("events"), [0, 1, 2], fluss.OffsetSpec.earliest())
    latest = await admin.list_offsets(path("events"), [0, 1, 2], fluss.OffsetSpec.latest())
    show("offsets", (sorted(earliest.items()), sum(latest.values())))
    at_zero = await admin.list_offsets(path("events"), [0], fluss.OffsetSpec.timestamp(1))
    show("offset of a time long ago", at_zero)
    future = int(time.time() * 1000) + 3600 * 1000
    of_future = admin.list_offsets(path("events"), [0], fluss.OffsetSpec.timestamp(future))
    await show_error("offset of the future", of_future)

    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe_buckets({0: fluss.EARLIEST_OFFSET, 1: fluss.EARLIEST_OFFSET, 2: fluss.EARLIEST_OFFSET})
    records = await poll_records(scanner, 6)
    show("polled", sorted((change, row["id"], row["name"]) for change, _, row in records))
    show("nothing new", (await scanner.poll(50)).count())
    waiting = asyncio.ensure_future(poll_records(scanner, 1))
    await asyncio.sleep(0.1)
    await writer.append({"id": 7, "name": "while polled"}).wait()
    show("woken", [row for _, _, row in await waiting])
    for bucket in range(3):
        scanner.unsubscribe(bucket)

    from_latest = await table.new_scan().create_log_scanner()
    latest = await admin.list_offsets(path("events"), [0, 1, 2], fluss.OffsetSpec.latest())
    from_latest.subscribe_buckets({bucket: offset - 1 for bucket, offset in latest.items() if offset > 0})
    records = await poll_records(from_latest, 2)
    show("the last of each bucket", len(records) == sum(offset > 0 for offset in latest.values()))

    limited = 0
    for bucket in range(3):
        scan = table.new_scan().limit(100).create_bucket_batch_scanner(fluss.TableBucket(info_id(table), bucket))
        limited += (await scan.to_arrow()).num_rows
    show("limit scan", limited)


def info_id(table) -> int:
    return table.get_table_info().table_id


async def all_types(connection, admin) -> None:
    for codec in ("NONE", "LZ4_FRAME", "ZSTD"):
        name = f"types_{codec.lower()}"
        properties = {"table.log.arrow.compression.type": codec}
        await admin.create_table(path(name), fluss.TableDescriptor(fluss.Schema(ALL_TYPES), properties=properties))
        table = await connection.get_table(path(name))
        writer = table.new_append().create_writer()
        row = all_types_row()
        writer.append(row)
        writer.append(dict.fromkeys(ALL_TYPES.names))
        writer.write_arrow_batch(pa.RecordBatch.from_pylist([row], schema=ALL_TYPES))
        await writer.flush()
        everything = await read_all(table, 1)
        if codec == "NONE":
            show("types", [str(field.type) for field in everything.schema])
            show("row", everything.to_pylist()[0])
        rows = everything.to_pylist()
        show(f"{codec}: same from a row and from a batch", rows[0] == rows[2] and rows[0]["numbers"] == [1, None, 3])
        show(f"{codec}: nulls", set(rows[1].values()))
        some = await read_all(table, 1, names=["text", "numbers", "long_decimal"])
        show(f"{codec}: projected", some.to_pylist()[0])
        scanner = await table.new_scan().project([4, 7]).create_log_scanner()
        scanner.subscribe(0, fluss.EARLIEST_OFFSET)
        show(f"{codec}: projected by index", (await poll_records(scanner, 3))[2])


async def partitioned_log(connection, admin) -> None:
    schema = pa.schema([("region", pa.string()), ("day", pa.string()), ("value", pa.int64())])
    descriptor = fluss.TableDescriptor(fluss.Schema(schema), partition_keys=["region", "day"], bucket_count=2)
    await admin.create_table(path("sales"), descriptor)
    for region, day in (("eu", "1"), ("eu", "2"), ("us", "1")):
        await admin.create_partition(path("sales"), {"day": day, "region": region})
    await show_error("create it again", admin.create_partition(path("sales"), {"region": "eu", "day": "1"}))
    await admin.create_partition(path("sales"), {"region": "eu", "day": "1"}, ignore_if_exists=True)
    await show_error("wrong keys", admin.create_partition(path("sales"), {"region": "eu"}))
    infos = await admin.list_partition_infos(path("sales"))
    show("partitions", sorted(info.partition_name for info in infos))
    of_eu = await admin.list_partition_infos(path("sales"), {"region": "eu"})
    show("of eu", sorted(info.partition_name for info in of_eu))

    table = await connection.get_table(path("sales"))
    writer = table.new_append().create_writer()
    for i in range(20):
        writer.append({"region": "eu" if i % 2 else "us", "day": "1", "value": i})
    batch = pa.record_batch([pa.array(["eu"] * 3), pa.array(["2"] * 3), pa.array([100, 101, 102])], schema=schema)
    writer.write_arrow_batch(batch)
    await writer.flush()
    ids = {info.partition_name: info.partition_id for info in infos}
    scanner = await table.new_scan().create_record_batch_log_scanner()
    for bucket in range(2):
        scanner.subscribe_partition(ids["eu$2"], bucket, fluss.EARLIEST_OFFSET)
    show("one partition", rows_of(await scanner.to_arrow(), "value"))
    scanner = await table.new_scan().project_by_name(["value"]).create_record_batch_log_scanner()
    scanner.subscribe_partition_buckets(
        {(ids[name], bucket): fluss.EARLIEST_OFFSET for name in ("eu$1", "us$1") for bucket in range(2)}
    )
    show("two partitions", [row["value"] for row in rows_of(await scanner.to_arrow(), "value")])
    latest = await admin.list_partition_offsets(path("sales"), "us$1", [0, 1], fluss.OffsetSpec.latest())
    show("offsets of a partition", sum(latest.values()))
    await show_error(
        "offsets of no partition",
        admin.list_partition_offsets(path("sales"), "mars$1", [0], fluss.OffsetSpec.latest()),
    )
    await admin.drop_partition(path("sales"), {"region": "us", "day": "1"})
    await show_error("drop it again", admin.drop_partition(path("sales"), {"region": "us", "day": "1"}))
    await admin.drop_partition(path("sales"), {"region": "us", "day": "1"}, ignore_if_not_exists=True)
    show("left", sorted(info.partition_name for info in await admin.list_partition_infos(path("sales"))))


async def primary_key(connection, admin) -> None:
    schema = pa.schema([("id", pa.int32()), ("name", pa.string()), ("score", pa.int64())])
    descriptor = fluss.TableDescriptor(fluss.Schema(schema, primary_keys=["id"]), bucket_count=1)
    await admin.create_table(path("users"), descriptor)
    table = await connection.get_table(path("users"))
    writer = table.new_upsert().create_writer()
    writer.upsert({"id": 1, "name": "Al", "score": 100})
    writer.upsert({"id": 2, "name": None, "score": -1})
    await writer.flush()
    await writer.upsert([1, "Bo", 7]).wait()
    await writer.delete({"id": 2}).wait()
    partial = table.new_upsert().partial_update_by_name(["id", "score"]).create_writer()
    await partial.upsert({"id": 1, "score": 9}).wait()
    lookuper = table.new_lookup().create_lookuper()
    show("looked up", await lookuper.lookup({"id": 1}))
    show("deleted", await lookuper.lookup({"id": 2}))
    show("never there", await lookuper.lookup([3]))
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe(0, fluss.EARLIEST_OFFSET)
    for record in await poll_records(scanner, 7):
        show("changelog", record)
    await show_error("append", append(table))
    for i in range(10, 60):
        writer.upsert({"id": i, "name": f"n{i}", "score": i})
    await writer.flush()
    scan = table.new_scan().limit(20).create_bucket_batch_scanner(fluss.TableBucket(info_id(table), 0))
    show("limit scan", (await scan.to_arrow()).num_rows)
    scan = table.new_scan().limit(1000).create_bucket_batch_scanner(fluss.TableBucket(info_id(table), 0))
    live = await scan.to_arrow()
    show("all rows", (live.num_rows, sum(live["score"].to_pylist())))
    found = await asyncio.gather(*(lookuper.lookup({"id": i}) for i in range(10, 20)))
    show("many lookups", sum(row["score"] for row in found))


async def append(table) -> None:
    writer = table.new_append().create_writer()
    await writer.append({"id": 1, "name": "x", "score": 1}).wait()


async def prefix_lookup(connection, admin) -> None:
    schema = pa.schema([("shop", pa.int32()), ("item", pa.string()), ("day", pa.string()), ("price", pa.float64())])
    descriptor = fluss.TableDescriptor(
        fluss.Schema(schema, primary_keys=["shop", "item", "day"]),
        partition_keys=["day"],
        bucket_keys=["shop"],
        bucket_count=3,
    )
    await admin.create_table(path("prices"), descriptor)
    await admin.create_partition(path("prices"), {"day": "mon"})
    table = await connection.get_table(path("prices"))
    writer = table.new_upsert().create_writer()
    for shop in range(4):
        for item in ("a", "b", "c"):
            writer.upsert({"shop": shop, "item": item, "day": "mon", "price": shop + 0.5})
    await writer.flush()
    prefix = table.new_lookup().lookup_by(["day", "shop"]).create_lookuper()
    show("prefix", sorted(row["item"] for row in await prefix.lookup({"day": "mon", "shop": 2})))
    show("no match", await prefix.lookup({"day": "mon", "shop": 9}))
    show("no partition", await prefix.lookup({"day": "sun", "shop": 2}))
    lookuper = table.new_lookup().create_lookuper()
    show("one", await lookuper.lookup({"shop": 3, "item": "b", "day": "mon"}))
    show("none", await lookuper.lookup({"shop": 3, "item": "b", "day": "sun"}))


async def merge_engines(connection, admin) -> None:
    schema = fluss.Schema(pa.schema([("id", pa.int32()), ("v", pa.int64())]), primary_keys=["id"])
    for name, properties in (
        ("first_row", {"table.merge-engine": "first_row"}),
        ("versioned", {"table.merge-engine": "versioned", "table.merge-engine.versioned.ver-column": "v"}),
    ):
        await admin.create_table(path(name), fluss.TableDescriptor(schema, properties=properties))
        table = await connection.get_table(path(name))
        writer = table.new_upsert().create_writer()
        for value in (5, 3, 7):
            await writer.upsert({"id": 1, "v": value}).wait()
        show(name, await table.new_lookup().create_lookuper().lookup({"id": 1}))
    no_deletes = fluss.TableDescriptor(schema, properties={"table.delete.behavior": "disable"})
    await admin.create_table(path("no_deletes"), no_deletes)
    writer = (await connection.get_table(path("no_deletes"))).new_upsert().create_writer()
    await writer.upsert({"id": 1, "v": 1}).wait()
    await show_error("delete", writer.delete({"id": 1}).wait())

    counted = fluss.Schema(pa.schema([("name", pa.string()), ("n", pa.int64())]), ["name"], auto_increment_column="n")
    await admin.create_table(path("counted"), fluss.TableDescriptor(counted, bucket_count=1))
    table = await connection.get_table(path("counted"))
    writer = table.new_upsert().partial_update_by_name(["name"]).create_writer()
    for name in ("a", "b", "a"):
        await writer.upsert({"name": name}).wait()
    lookuper = table.new_lookup().create_lookuper()
    show("counted", [await lookuper.lookup({"name": name}) for name in ("a", "b")])


DELETIONS_DISABLED = 57


async def dropping(connection, admin) -> None:
    table = await connection.get_table(path("events"))
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe(0, fluss.EARLIEST_OFFSET)
    await admin.drop_table(path("events"))
    await show_error("drop it again", admin.drop_table(path("events")))
    await admin.drop_table(path("events"), ignore_if_not_exists=True)
    await show_error("open what is dropped", connection.get_table(path("events")), same=NO_TABLE)
    await admin.drop_database(DATABASE, cascade=True)
    show("databases", await admin.list_databases())


async def main(address: str) -> None:
    connection = await fluss.FlussConnection.create(fluss.Config({"bootstrap.servers": address}))
    admin = connection.get_admin()
    nodes = await admin.get_server_nodes()
    show("servers", sorted(node.server_type for node in nodes))
    coordinators = [f"{node.host}:{node.port}" for node in nodes if node.server_type == "CoordinatorServer"]
    show("the coordinator is who was asked", coordinators in ([address], ["embedded:0"]))
    for part, arguments in (
        (databases, (admin,)),
        (tables, (connection, admin)),
        (log_table, (connection, admin)),
        (all_types, (connection, admin)),
        (partitioned_log, (connection, admin)),
        (primary_key, (connection, admin)),
        (prefix_lookup, (connection, admin)),
        (merge_engines, (connection, admin)),
        (dropping, (connection, admin)),
    ):
        print(f"--- {part.__name__}", flush=True)
        await part(*arguments)
    try:
        await connection.close()
    except fluss.FlussError as error:
        if error.error_code != DELETIONS_DISABLED:  # Weir's tells once more of the delete that failed
            raise


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
    # pyfluss's own threads outlive the interpreter now and then, and abort the process when they look for it.
    os._exit(0)
