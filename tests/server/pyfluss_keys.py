"""Rows of one table, written and looked up by a `fluss` package.

    python pyfluss_keys.py HOST:PORT create|upsert VALUE|delete FIRST END|expect VALUE [FIRST END]

The package is pyfluss 1.0.0 or Weir's: whichever the interpreter finds. They disagree on the bucket of most of these
keys, and scripts/test-wire has one read what the other has written. `expect`: every key has the value times itself, but
for those from FIRST to before END, which are not there. Exits 1 when something is otherwise.
"""

import asyncio
import os
import sys

import pyarrow as pa

import fluss

TABLE = fluss.TablePath("fluss", "keys")
KEYS = range(100, 300)
SCHEMA = pa.schema([pa.field("k", pa.int64(), nullable=False), ("v", pa.int64())])


async def create(connection) -> None:
    descriptor = fluss.TableDescriptor(fluss.Schema(SCHEMA, primary_keys=["k"]), bucket_count=8)
    await (connection.get_admin()).create_table(TABLE, descriptor)


async def upsert(connection, value: int) -> None:
    writer = (await connection.get_table(TABLE)).new_upsert().create_writer()
    for key in KEYS:
        writer.upsert({"k": key, "v": key * value})
    await writer.flush()


async def delete(connection, first: int, end: int) -> None:
    writer = (await connection.get_table(TABLE)).new_upsert().create_writer()
    for key in range(first, end):
        writer.delete({"k": key})
    await writer.flush()


async def expect(connection, value: int, first: int = 0, end: int = 0) -> None:
    lookuper = (await connection.get_table(TABLE)).new_lookup().create_lookuper()
    found = await asyncio.gather(*(lookup(lookuper, key) for key in KEYS))
    gone = range(first, end)
    right = [None if key in gone else {"k": key, "v": key * value} for key in KEYS]
    wrong = [(key, is_there, wanted) for key, is_there, wanted in zip(KEYS, found, right) if is_there != wanted]
    if wrong:
        sys.exit(f"{len(wrong)} of {len(KEYS)} keys are wrong; the first (key, found, wanted): {wrong[0]}")


async def lookup(lookuper, key: int):
    return await lookuper.lookup({"k": key})


async def main(address: str, step: str, *numbers: str) -> None:
    connection = await fluss.FlussConnection.create(fluss.Config({"bootstrap.servers": address}))
    steps = {"create": create, "upsert": upsert, "delete": delete, "expect": expect}
    await steps[step](connection, *map(int, numbers))
    await connection.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
    os._exit(0)  # pyfluss's threads now and then abort an interpreter that ends by itself
