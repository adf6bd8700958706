"""A database with every kind of file in it, made in a process of its own that closes it or is killed.

    python database.py make DIR close|kill
    python database.py read DIR              prints for each table its rows, or the error of reading it
"""
from __future__ import annotations

import asyncio
import json
import os
import signal
import sys

import pyarrow as pa

import fluss

SEGMENT_BYTES = "128kb"
BATCHES, BATCH_ROWS = 8, 400
PAYLOAD = "payload " * 12
SQL_ROWS = 20

# What a reader gets of each table, in order.
EXPECTED = {
    "events": list(range(BATCHES * BATCH_ROWS)),
    "days": list(range(40)),
    "users": list(range(100, 400)),
    "accounts": list(range(SQL_ROWS)),
    "notes": list(range(1, SQL_ROWS)),
}


def text_of(name, number):
    """The other column of a table's row."""
    return {"days": "ab"[number % 2], "accounts": f"n{number}", "notes": f"n{number}"}.get(name, f"{PAYLOAD}{number}")


async def make_table(conn, name, key=None, partitions=(), **options):
    schema = fluss.Schema(pa.schema([("id", pa.int32()), ("text", pa.string())]), primary_keys=key)
    path = fluss.TablePath("fluss", name)
    await conn.get_admin().create_table(path, fluss.TableDescriptor(schema, bucket_count=1, **options))
    for spec in partitions:
        await conn.get_admin().create_partition(path, spec)
    return await conn.get_table(path)


async def make_fluss_tables(conn):
    events = await make_table(conn, "events")
    for batch in range(BATCHES):
        writer = events.new_append_writer()
        first = batch * BATCH_ROWS
        for number in range(first, first + BATCH_ROWS):
            writer.append([number, text_of("events", number)])
        await writer.flush()
    days = await make_table(conn, "days", partitions=[{"text": "a"}, {"text": "b"}], partition_keys=["text"])
    writer = days.new_append_writer()
    for number in EXPECTED["days"]:
        writer.append([number, text_of("days", number)])
    await writer.flush()
    users = await make_table(conn, "users", key=["id"])
    writer = users.new_upsert().create_writer()
    for number in range(400):
        writer.upsert([number, text_of("users", number)])
    for number in range(100):
        writer.delete({"id": number})
    await writer.flush()


async def make_sql_tables(conn):
    await conn.sql("CREATE TABLE accounts (id int PRIMARY KEY, text text)")
    await conn.sql("CREATE TABLE notes (id int, text text)")
    await conn.sql("BEGIN")
    for name in ("accounts", "notes"):
        values = ", ".join(f"({number}, '{text_of(name, number)}')" for number in range(SQL_ROWS))
        await conn.sql(f"INSERT INTO {name} VALUES {values}")
    await conn.sql("COMMIT")
    await conn.sql("DELETE FROM notes WHERE id = 0")


def config(directory):
    return fluss.Config({"bootstrap.servers": f"file:{directory}", "local.segment-bytes": SEGMENT_BYTES})


async def make(directory, end):
    conn = await fluss.FlussConnection.create(config(directory))
    await make_fluss_tables(conn)
    await make_sql_tables(conn)
    if end == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    await conn.close()


async def read(directory):
    conn = await fluss.FlussConnection.create(config(directory))
    found = {}
    for name in EXPECTED:
        try:
            rows = await conn.sql(f"SELECT id, text FROM {name} ORDER BY id")
            found[name] = [number for number, text in rows if text == text_of(name, number)]
        except fluss.FlussError as error:
            found[name] = str(error)
    await conn.close()
    return found


def main():
    command, directory, *rest = sys.argv[1:]
    if command == "make":
        asyncio.run(make(directory, *rest))
        return
    try:
        print(json.dumps(asyncio.run(read(directory))))
    except fluss.FlussError as error:
        print(json.dumps(str(error)))


if __name__ == "__main__":
    main()
