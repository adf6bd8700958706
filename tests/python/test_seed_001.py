"""The client guide, block by block, against an embedded database: only the address differs."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

import fluss
from examples import Printed, run_example
from support import fails

ADDRESS = "127.0.0.1:9123"

QUICK_START = '''
import asyncio
import pyarrow as pa
import fluss

async def main():
    # Connect
    config = fluss.Config({"bootstrap.servers": "127.0.0.1:9123"})
    conn = await fluss.FlussConnection.connect(config)
    admin = await conn.get_admin()

    # Create a log table
    schema = fluss.Schema(pa.schema([
        pa.field("id", pa.int32()),
        pa.field("name", pa.string()),
        pa.field("score", pa.float32()),
    ]))
    table_path = fluss.TablePath("fluss", "quick_start")
    await admin.create_table(table_path, fluss.TableDescriptor(schema), ignore_if_exists=True)

    # Write
    table = await conn.get_table(table_path)
    writer = await table.new_append_writer()
    writer.append({"id": 1, "name": "Alice", "score": 95.5})
    writer.append({"id": 2, "name": "Bob", "score": 87.0})
    await writer.flush()

    # Read
    num_buckets = (await admin.get_table(table_path)).num_buckets
    scanner = await table.new_scan().create_batch_scanner()
    scanner.subscribe_buckets({i: fluss.EARLIEST_OFFSET for i in range(num_buckets)})
    print(scanner.to_pandas())

    # Cleanup
    await admin.drop_table(table_path, ignore_if_not_exists=True)
    conn.close()

asyncio.run(main())
'''

CONNECT = '''
config = fluss.Config({"bootstrap.servers": "127.0.0.1:9123"})
conn = await fluss.FlussConnection.connect(config)
'''

WITH = '''
with await fluss.FlussConnection.connect(config) as conn:
    ...
'''

ADMIN = '''
admin = await conn.get_admin()
'''

DATABASES = '''
await admin.create_database("my_database", ignore_if_exists=True)
databases = await admin.list_databases()
exists = await admin.database_exists("my_database")
await admin.drop_database("my_database", ignore_if_not_exists=True, cascade=True)
'''

TABLES = '''
import pyarrow as pa

schema = fluss.Schema(pa.schema([
    pa.field("id", pa.int32()),
    pa.field("name", pa.string()),
    pa.field("amount", pa.int64()),
]))

table_path = fluss.TablePath("my_database", "my_table")
await admin.create_table(table_path, fluss.TableDescriptor(schema), ignore_if_exists=True)

table_info = await admin.get_table(table_path)
tables = await admin.list_tables("my_database")
await admin.drop_table(table_path, ignore_if_not_exists=True)
'''

OFFSETS = '''
# Latest offsets for buckets
offsets = await admin.list_offsets(table_path, bucket_ids=[0, 1], offset_type="latest")
'''

OFFSETS_BY_TIME = '''
# By timestamp
offsets = await admin.list_offsets(table_path, bucket_ids=[0], offset_type="timestamp", timestamp=1704067200000)
'''

OFFSETS_OF_PARTITION = '''
# Per-partition offsets
offsets = await admin.list_partition_offsets(table_path, partition_name="US", bucket_ids=[0], offset_type="latest")
'''

WRITE = '''
table = await conn.get_table(table_path)
writer = await table.new_append_writer()

# Fire-and-forget: queue writes, flush at the end
writer.append({"id": 1, "name": "Alice", "score": 95.5})
writer.append([2, "Bob", 87.0])
await writer.flush()

# Per-record acknowledgment
handle = writer.append({"id": 3, "name": "Charlie", "score": 91.0})
await handle.wait()

# Bulk writes
writer.write_arrow(pa_table)          # PyArrow Table
writer.write_arrow_batch(record_batch) # PyArrow RecordBatch
writer.write_pandas(df)                # Pandas DataFrame
await writer.flush()
'''

BATCH_READ = '''
num_buckets = (await admin.get_table(table_path)).num_buckets

scanner = await table.new_scan().create_batch_scanner()
scanner.subscribe_buckets({i: fluss.EARLIEST_OFFSET for i in range(num_buckets)})

# Reads everything up to current latest offset, then returns
arrow_table = scanner.to_arrow()
df = scanner.to_pandas()
'''

POLL_ARROW = '''
# Batch scanner: poll as Arrow Tables
scanner = await table.new_scan().create_batch_scanner()
scanner.subscribe(bucket_id=0, start_offset=fluss.EARLIEST_OFFSET)

while True:
    result = scanner.poll_arrow(timeout_ms=5000)
    if result.num_rows > 0:
        print(result.to_pandas())
'''

POLL_RECORDS = '''
# Record scanner: poll individual records with metadata
scanner = await table.new_scan().create_log_scanner()
scanner.subscribe_buckets({i: fluss.EARLIEST_OFFSET for i in range(num_buckets)})

while True:
    for record in scanner.poll(timeout_ms=5000):
        print(f"offset={record.offset}, change={record.change_type.short_string()}, row={record.row}")
'''

FROM_LATEST = '''
scanner = await table.new_scan().create_batch_scanner()
scanner.subscribe(bucket_id=0, start_offset=fluss.LATEST_OFFSET)
'''

PROJECT_BY_INDEX = '''
scanner = await table.new_scan().project([0, 2]).create_batch_scanner()
'''

PROJECT_BY_NAME = '''
scanner = await table.new_scan().project_by_name(["id", "score"]).create_batch_scanner()
'''

CREATE_PRIMARY_KEY = '''
schema = fluss.Schema(
    pa.schema([
        pa.field("id", pa.int32()),
        pa.field("name", pa.string()),
        pa.field("age", pa.int64()),
    ]),
    primary_keys=["id"],
)
table_path = fluss.TablePath("fluss", "users")
await admin.create_table(table_path, fluss.TableDescriptor(schema, bucket_count=3), ignore_if_exists=True)
'''

UPSERT = '''
table = await conn.get_table(table_path)

# Upsert (fire-and-forget, flush at the end)
writer = table.new_upsert()
writer.upsert({"id": 1, "name": "Alice", "age": 25})
writer.upsert({"id": 2, "name": "Bob", "age": 30})
await writer.flush()

# Per-record acknowledgment (for read-after-write)
handle = writer.upsert({"id": 3, "name": "Charlie", "age": 35})
await handle.wait()

# Delete by primary key
handle = writer.delete({"id": 2})
await handle.wait()

# Lookup
lookuper = table.new_lookup()
result = await lookuper.lookup({"id": 1})
if result:
    print(f"Found: name={result['name']}, age={result['age']}")
'''

PARTIAL_UPDATE = '''
partial_writer = table.new_upsert(columns=["id", "age"])
partial_writer.upsert({"id": 1, "age": 27})  # only updates age
await partial_writer.flush()
'''

ERROR_HANDLING = '''
try:
    await admin.create_table(table_path, table_descriptor)
except fluss.FlussError as e:
    print(f"Fluss error: {e.message}")
'''


@pytest.fixture(params=["directory", "empty_server"])
def address(request) -> str:
    """An embedded database, or a server: the guide says the same of both."""
    return request.getfixturevalue(request.param)


@pytest.fixture
async def guide(address):
    """The guide's namespace after its connection set-up."""
    names = {"fluss": fluss, "pa": pa, "print": Printed()}
    await run_example(CONNECT.replace(ADDRESS, address), names)
    await run_example(ADMIN, names)
    names["first_conn"] = names["conn"]
    yield names
    await names["first_conn"].close()


async def scores_table(guide, name="scores", **options):
    """The log table that the guide's log sections write to."""
    schema = fluss.Schema(
        pa.schema([pa.field("id", pa.int32()), pa.field("name", pa.string()), pa.field("score", pa.float32())])
    )
    guide["table_path"] = fluss.TablePath("fluss", name)
    await guide["admin"].create_table(guide["table_path"], fluss.TableDescriptor(schema, **options))
    return schema.to_arrow()


async def written(guide):
    """The log table after the guide's writing section, and how many rows that makes."""
    arrow = await scores_table(guide)
    rows = {"id": [4, 5], "name": ["Dora", None], "score": [1.5, None]}
    guide["pa_table"] = pa.table(rows, schema=arrow)
    guide["record_batch"] = pa.record_batch({"id": [6], "name": ["Frida"], "score": [2.5]}, schema=arrow)
    guide["df"] = pd.DataFrame({"id": [7, 8], "name": ["Gert", "Hans"], "score": [3.5, 4.5]})
    await run_example(WRITE, guide)


@pytest.mark.parametrize("place", ["directory", "memory:", ":memory:", "empty_server"])
def test_quick_start(request, place):
    printed = Printed()
    names = {"print": printed}
    source = QUICK_START.replace(ADDRESS, place if place.endswith(":") else request.getfixturevalue(place))
    exec(compile(source, "quick start", "exec"), names)
    (frame,) = printed.items
    assert frame.values.tolist() == [[1, "Alice", 95.5], [2, "Bob", 87.0]]
    assert list(frame.columns) == ["id", "name", "score"]
    assert str(frame.dtypes["score"]) == "float32"


def test_quick_start_runs_again_in_the_same_directory(request):
    for _ in range(2):
        test_quick_start(request, "directory")


async def test_connection_set_up(guide):
    first = guide["conn"]
    await run_example(WITH, guide)
    assert guide["conn"] is not first
    with fails(-2, "closed"):
        await guide["conn"].get_admin().list_databases()
    assert await first.get_admin().database_exists("fluss")


async def test_configuration_options():
    config = fluss.Config({})
    assert config.bootstrap_servers == ADDRESS
    assert config.writer_request_max_size == 10 * 1024 * 1024
    assert config.writer_acks == "all"
    assert config.writer_retries == 2147483647
    assert config.writer_batch_size == 2 * 1024 * 1024
    config = fluss.Config(
        {"request.max.size": "1000", "writer.acks": "1", "writer.retries": "3", "writer.batch.size": "500"}
    )
    assert (config.writer_request_max_size, config.writer_batch_size) == (1000, 500)
    assert (config.writer_acks, config.writer_retries) == ("1", 3)


async def test_databases(guide):
    await run_example(DATABASES, guide)
    assert {"fluss", "my_database"} <= set(guide["databases"])
    assert guide["exists"] is True
    assert not await guide["admin"].database_exists("my_database")


async def test_tables(guide):
    await guide["admin"].create_database("my_database")
    await run_example(TABLES, guide)
    assert guide["tables"] == ["my_table"]
    assert guide["table_info"].get_column_names() == ["id", "name", "amount"]
    assert guide["table_info"].table_path == guide["table_path"]
    assert guide["table_info"].num_buckets >= 1
    assert not await guide["admin"].table_exists(guide["table_path"])


async def test_optional_parameters_of_a_descriptor(guide):
    schema = fluss.Schema(pa.schema([pa.field("id", pa.int32()), pa.field("region", pa.string())]))
    descriptor = fluss.TableDescriptor(
        schema, partition_keys=["region"], bucket_count=4, bucket_keys=["id"], comment="events",
        log_format="ARROW", properties={"table.replication.factor": "1"}, custom_properties={"owner": "me"},
    )
    path = fluss.TablePath("fluss", "described")
    await guide["admin"].create_table(path, descriptor)
    info = await guide["admin"].get_table(path)
    assert info.get_partition_keys() == ["region"] and info.get_bucket_keys() == ["id"]
    assert (info.num_buckets, info.comment) == (4, "events")
    assert info.get_properties()["table.replication.factor"] == "1"
    assert info.get_properties()["table.log.format"].upper() == "ARROW"
    assert info.get_custom_properties() == {"owner": "me"}
    for log_format in ("ARROW", "INDEXED"):
        for kv_format in ("INDEXED", "COMPACTED"):
            fluss.TableDescriptor(schema, log_format=log_format, kv_format=kv_format)


async def test_offsets(guide):
    await scores_table(guide, bucket_count=2, bucket_keys=["id"])
    await run_example(OFFSETS, guide)
    assert guide["offsets"] == {0: 0, 1: 0}
    table = await guide["conn"].get_table(guide["table_path"])
    writer = await table.new_append_writer()
    for number in range(50):
        writer.append([number, None, None])
    await writer.flush()
    await run_example(OFFSETS, guide)
    assert sum(guide["offsets"].values()) == 50 and min(guide["offsets"].values()) > 0
    await run_example(OFFSETS_BY_TIME, guide)
    assert guide["offsets"] == {0: 0}


async def test_offsets_of_a_partition(guide):
    schema = fluss.Schema(pa.schema([pa.field("id", pa.int32()), pa.field("region", pa.string())]))
    guide["table_path"] = fluss.TablePath("fluss", "regional")
    await guide["admin"].create_table(guide["table_path"], fluss.TableDescriptor(schema, partition_keys=["region"]))
    await guide["admin"].create_partition(guide["table_path"], {"region": "US"})
    table = await guide["conn"].get_table(guide["table_path"])
    writer = await table.new_append_writer()
    writer.append([1, "US"])
    writer.append([2, "US"])
    await writer.flush()
    await run_example(OFFSETS_OF_PARTITION, guide)
    assert guide["offsets"] == {0: 2}


async def test_log_table_writing_and_batch_read(guide):
    await written(guide)
    await run_example(BATCH_READ, guide)
    assert guide["arrow_table"].num_rows == 8
    assert sorted(guide["arrow_table"].column("id").to_pylist()) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert guide["df"]["id"].tolist() == guide["arrow_table"].column("id").to_pylist()
    by_id = {row["id"]: row for row in guide["arrow_table"].to_pylist()}
    assert by_id[3] == {"id": 3, "name": "Charlie", "score": 91.0}
    assert by_id[5] == {"id": 5, "name": None, "score": None}
    assert by_id[8] == {"id": 8, "name": "Hans", "score": 4.5}


async def test_continuous_polling_as_arrow(guide):
    await written(guide)
    polled = []

    def enough(frame):
        polled.extend(frame["id"].tolist())
        if len(polled) >= 8:
            raise Printed.Enough

    guide["print"] = enough
    with pytest.raises(Printed.Enough):
        await run_example(POLL_ARROW, guide)
    assert polled == [1, 2, 3, 4, 5, 6, 7, 8]


async def test_continuous_polling_of_records(guide):
    await written(guide)
    guide["num_buckets"] = 1
    guide["print"] = Printed(limit=8)
    with pytest.raises(Printed.Enough):
        await run_example(POLL_RECORDS, guide)
    assert guide["print"].items[0] == "offset=0, change=+A, row={'id': 1, 'name': 'Alice', 'score': 95.5}"
    assert [line.split(",")[0] for line in guide["print"].items] == [f"offset={i}" for i in range(8)]


async def test_subscribe_from_latest(guide):
    await written(guide)
    await run_example(FROM_LATEST, guide)
    assert guide["scanner"].poll_arrow(timeout_ms=0).num_rows == 0
    guide["writer"].append([99, "new", 0.5])
    await guide["writer"].flush()
    assert guide["scanner"].poll_arrow(timeout_ms=20000).column("id").to_pylist() == [99]


@pytest.mark.parametrize("block", [PROJECT_BY_INDEX, PROJECT_BY_NAME])
async def test_projection(guide, block):
    await written(guide)
    await run_example(block, guide)
    guide["scanner"].subscribe(0, fluss.EARLIEST_OFFSET)
    result = guide["scanner"].to_arrow()
    assert result.schema.names == ["id", "score"]
    assert result.num_rows == 8


async def test_primary_key_table(guide):
    await run_example(CREATE_PRIMARY_KEY, guide)
    await run_example(UPSERT, guide)
    assert guide["print"].items == ["Found: name=Alice, age=25"]
    assert guide["result"] == {"id": 1, "name": "Alice", "age": 25}
    assert await guide["lookuper"].lookup({"id": 2}) is None
    assert await guide["lookuper"].lookup({"id": 3}) == {"id": 3, "name": "Charlie", "age": 35}

    await run_example(PARTIAL_UPDATE, guide)
    assert await guide["lookuper"].lookup({"id": 1}) == {"id": 1, "name": "Alice", "age": 27}


async def test_error_handling(guide):
    await scores_table(guide)
    guide["table_descriptor"] = fluss.TableDescriptor(fluss.Schema(pa.schema([pa.field("id", pa.int32())])))
    await run_example(ERROR_HANDLING, guide)
    (line,) = guide["print"].items
    assert line.startswith("Fluss error: ") and "scores" in line


async def test_common_error_scenarios(guide, address):
    with fails(fluss.ErrorCode.TABLE_NOT_EXIST, "nowhere"):
        await guide["conn"].get_table(fluss.TablePath("fluss", "nowhere"))
    await scores_table(guide)
    table = await guide["conn"].get_table(guide["table_path"])
    writer = await table.new_append_writer()
    with fails(-2, "Unknown field 'points'"):
        writer.append({"id": 1, "points": 3})
    with fails(-2, "'id'"):
        writer.append({"id": "one", "name": "A", "score": 1.0})
    if ":" in address:
        return  # writes to a server wait until somebody creates the partition
    schema = fluss.Schema(pa.schema([pa.field("id", pa.int32()), pa.field("region", pa.string())]))
    path = fluss.TablePath("fluss", "regional")
    await guide["admin"].create_table(path, fluss.TableDescriptor(schema, partition_keys=["region"]))
    writer = await (await guide["conn"].get_table(path)).new_append_writer()
    writer.append({"id": 1, "region": "US"})
    with fails(fluss.ErrorCode.PARTITION_NOT_EXISTS, "US"):
        await writer.flush()
