"""Makes the table fluss.kept in a database of its own, with Weir's client.

    python snapshot_table.py DIRECTORY

Its one bucket has a changelog of several segments, so that a server that opens the directory gives readers a snapshot
of the rows: (i, "row <i>") for i from 0 to 1999, without 5.
"""

import asyncio
import sys

import pyarrow as pa

import fluss


async def main(directory: str) -> None:
    config = fluss.Config({"bootstrap.servers": f"file:{directory}", "local.segment-bytes": "4kb"})
    connection = await fluss.FlussConnection.create(config)
    schema = fluss.Schema(pa.schema([("id", pa.int32()), ("name", pa.string())]), primary_keys=["id"])
    path = fluss.TablePath("fluss", "kept")
    await connection.get_admin().create_table(path, fluss.TableDescriptor(schema, bucket_count=1))
    writer = (await connection.get_table(path)).new_upsert().create_writer()
    for i in range(2000):
        writer.upsert({"id": i, "name": f"row {i}"})
        if i % 100 == 0:
            await writer.flush()  # a batch of its own, and so more segments
    await writer.flush()
    await writer.delete({"id": 5}).wait()
    await connection.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
