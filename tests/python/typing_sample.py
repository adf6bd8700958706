"""A program in both styles that type checkers must accept as it is. test_typing.py also runs it."""

from __future__ import annotations

import asyncio
from typing import Any

import pyarrow as pa

import fluss
import fluss.sync


async def newer_style() -> list[str]:
    config = fluss.Config({"bootstrap.servers": "memory:"})
    async with await fluss.FlussConnection.create(config) as conn:
        admin: fluss.FlussAdmin = conn.get_admin()
        schema = fluss.Schema(pa.schema([pa.field("id", pa.int32()), pa.field("name", pa.string())]), primary_keys=["id"])
        path = fluss.TablePath("fluss", "users")
        await admin.create_table(path, fluss.TableDescriptor(schema, bucket_count=2), ignore_if_exists=True)
        table: fluss.FlussTable = await conn.get_table(path)
        writer: fluss.UpsertWriter = table.new_upsert().create_writer()
        handle: fluss.WriteResultHandle = writer.upsert({"id": 1, "name": "Alice"})
        await handle.wait()
        await handle
        row: dict[str, Any] | None = await table.new_lookup().create_lookuper().lookup({"id": 1})
        names: list[str] = [] if row is None else [row["name"]]
        scanner: fluss.LogScanner = await table.new_scan().project_by_name(["id"]).create_log_scanner()
        offsets: dict[int, int] = await admin.list_offsets(path, [0, 1], fluss.OffsetSpec.latest())
        scanner.subscribe_buckets(dict.fromkeys(offsets, fluss.EARLIEST_OFFSET))
        records: fluss.ScanRecords = await scanner.poll(10_000)
        for bucket, group in records.items():
            number: int = bucket.bucket_id
            for record in group:
                change: fluss.ChangeType = record.change_type
                names.append(f"{number} {change.short_string()} {record.offset}")
        first: fluss.ScanRecord = records[0]
        part: list[fluss.ScanRecord] = records[:1]
        assert first is part[0]
        code: int = fluss.ErrorCode.TABLE_NOT_EXIST
        try:
            await conn.get_table(fluss.TablePath("fluss", "nowhere"))
        except fluss.FlussError as error:
            assert error.error_code == code and not error.is_retriable
        return names


async def older_style() -> int:
    conn = await fluss.FlussConnection.connect(fluss.Config({"bootstrap.servers": "memory:"}))
    admin = await conn.get_admin()
    schema = fluss.Schema(pa.schema([pa.field("id", pa.int32()), pa.field("name", pa.string())]))
    path = fluss.TablePath("fluss", "events")
    await admin.create_table(path, fluss.TableDescriptor(schema))
    table = await conn.get_table(path)
    writer = await table.new_append_writer()
    writer.append([1, "a"])
    await writer.flush()
    scanner = await table.new_scan().filter((fluss.col("id") > 0) & ~fluss.col("name").is_null()).create_batch_scanner()
    scanner.subscribe(bucket_id=0, start_offset=fluss.EARLIEST_OFFSET)
    frame = scanner.to_pandas()
    count: int = len(frame) + len(scanner.to_arrow())
    num_buckets: int = (await admin.get_table(path)).num_buckets
    conn.close()
    return count + num_buckets


def without_a_loop() -> int:
    with fluss.sync.FlussConnection.open() as conn:
        schema = fluss.Schema(pa.schema([pa.field("id", pa.int32())]))
        conn.get_admin().create_table(fluss.TablePath("fluss", "t"), fluss.TableDescriptor(schema))
        table: fluss.sync.FlussTable = conn.get_table(fluss.TablePath("fluss", "t"))
        table.new_append().append([1]).wait()
        total: int = table.head().num_rows
        return total


if __name__ == "__main__":
    print(asyncio.run(newer_style()), asyncio.run(older_style()), without_a_loop())
