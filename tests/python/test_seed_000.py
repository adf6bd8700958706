"""The partitioned-tables page, block by block, against an embedded database."""

from __future__ import annotations

import pyarrow as pa
import pytest

import fluss
from examples import Printed, run_example
from support import fails

CREATE = '''
import pyarrow as pa

schema = fluss.Schema(pa.schema([
    pa.field("id", pa.int32()),
    pa.field("region", pa.string()),
    pa.field("value", pa.int64()),
]))

table_path = fluss.TablePath("fluss", "partitioned_events")
await admin.create_table(
    table_path,
    fluss.TableDescriptor(schema, partition_keys=["region"], bucket_count=1),
    ignore_if_exists=True,
)

# Create partitions
await admin.create_partition(table_path, {"region": "US"}, ignore_if_exists=True)
await admin.create_partition(table_path, {"region": "EU"}, ignore_if_exists=True)

# List partitions
partition_infos = await admin.list_partition_infos(table_path)
'''

WRITE = '''
table = await conn.get_table(table_path)
writer = await table.new_append_writer()
writer.append({"id": 1, "region": "US", "value": 100})
writer.append({"id": 2, "region": "EU", "value": 200})
await writer.flush()
'''

READ = '''
scanner = await table.new_scan().create_batch_scanner()

# Subscribe to individual partitions
for p in partition_infos:
    scanner.subscribe_partition(partition_id=p.partition_id, bucket_id=0, start_offset=fluss.EARLIEST_OFFSET)

# Or batch-subscribe
scanner.subscribe_partition_buckets({
    (p.partition_id, 0): fluss.EARLIEST_OFFSET for p in partition_infos
})

print(scanner.to_pandas())
'''

PRIMARY_KEY = '''
schema = fluss.Schema(
    pa.schema([
        pa.field("user_id", pa.int32()),
        pa.field("region", pa.string()),
        pa.field("score", pa.int64()),
    ]),
    primary_keys=["user_id", "region"],
)

table_path = fluss.TablePath("fluss", "partitioned_users")
await admin.create_table(
    table_path,
    fluss.TableDescriptor(schema, partition_keys=["region"]),
    ignore_if_exists=True,
)

await admin.create_partition(table_path, {"region": "US"}, ignore_if_exists=True)

table = await conn.get_table(table_path)
writer = table.new_upsert()
writer.upsert({"user_id": 1, "region": "US", "score": 1234})
await writer.flush()

# Lookup includes partition columns
lookuper = table.new_lookup()
result = await lookuper.lookup({"user_id": 1, "region": "US"})
'''


@pytest.fixture(params=["directory", "empty_server"])
async def page(request):
    """What the page takes for granted: the module, a connection and its admin."""
    address = request.getfixturevalue(request.param)
    config = fluss.Config({"bootstrap.servers": address})
    async with await fluss.FlussConnection.create(config) as conn:
        yield {"fluss": fluss, "conn": conn, "admin": await conn.get_admin(), "print": Printed()}


async def test_the_whole_page(page):
    await run_example(CREATE, page)
    assert sorted(info.partition_name for info in page["partition_infos"]) == ["EU", "US"]
    assert len({info.partition_id for info in page["partition_infos"]}) == 2

    await run_example(WRITE, page)
    await run_example(READ, page)
    (frame,) = page["print"].items
    assert list(frame.columns) == ["id", "region", "value"]
    assert frame.sort_values("id").values.tolist() == [[1, "US", 100], [2, "EU", 200]]

    await run_example(PRIMARY_KEY, page)
    assert page["result"] == {"user_id": 1, "region": "US", "score": 1234}


async def test_the_page_runs_twice_on_one_database(page):
    for _ in range(2):
        for block in (CREATE, WRITE, READ, PRIMARY_KEY):
            await run_example(block, page)
    first, second = page["print"].items
    assert (len(first), len(second)) == (2, 4)
    assert len(page["partition_infos"]) == 2


async def test_each_partition_holds_its_rows(page):
    await run_example(CREATE, page)
    await run_example(WRITE, page)
    for info in page["partition_infos"]:
        scanner = await page["table"].new_scan().create_batch_scanner()
        scanner.subscribe_partition(info.partition_id, 0, fluss.EARLIEST_OFFSET)
        rows = scanner.to_arrow().to_pylist()
        assert [row["region"] for row in rows] == [info.partition_name]


async def test_subscribe_is_for_tables_without_partitions(page):
    await run_example(CREATE, page)
    await run_example(WRITE, page)
    scanner = await page["table"].new_scan().create_batch_scanner()
    with fails(-2, "subscribe_partition"):
        scanner.subscribe(bucket_id=0, start_offset=fluss.EARLIEST_OFFSET)


async def test_partition_columns_must_be_in_the_primary_key(page):
    schema = fluss.Schema(
        pa.schema([pa.field("user_id", pa.int32()), pa.field("region", pa.string())]), primary_keys=["user_id"]
    )
    path = fluss.TablePath("fluss", "misplaced")
    with pytest.raises(fluss.FlussError, match="region"):
        await page["admin"].create_table(path, fluss.TableDescriptor(schema, partition_keys=["region"]))
    assert not await page["admin"].table_exists(path)


async def test_a_lookup_without_its_partition_column_names_it(page):
    await run_example(CREATE, page)
    await run_example(PRIMARY_KEY, page)
    with fails(-2, "region"):
        await page["lookuper"].lookup({"user_id": 1})
    assert await page["lookuper"].lookup({"user_id": 2, "region": "US"}) is None
    assert await page["lookuper"].lookup({"user_id": 1, "region": "nowhere"}) is None
