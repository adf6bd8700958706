"""One client's side of the comparison: runs with Weir's `fluss` and with pyfluss 1.0.0 alike.

    python bench/client_workload.py TARGET [--option key=value]... [--quick]

TARGET goes into `bootstrap.servers`. Prints one JSON object: operation -> units a second (rows, keys or
lookups), each the best of three rounds, after a warm-up round. Data is made from a fixed seed. Each round drops
the tables of the one before as it makes its own: the memory of their files serves again, where a virtual machine
may have to ask its host for other memory, at a tenth of the speed.
"""

import argparse
import asyncio
import json
import os
import sys
import time

import numpy as np
import pyarrow as pa

import fluss

ROUNDS = 3
LOOKUP_SECONDS = 2
SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("device", pa.int32()),
        ("value", pa.float64()),
        ("name", pa.string()),
        ("seen", pa.timestamp("ms")),
    ]
)


def make_batch(first: int, rows: int) -> pa.RecordBatch:
    rng = np.random.default_rng(first)
    devices = rng.integers(0, 1000, rows, dtype=np.int32)
    return pa.record_batch(
        [
            pa.array(np.arange(first, first + rows)),
            pa.array(devices),
            pa.array(rng.random(rows)),
            pa.array([f"device-{device:04}" for device in devices]),
            pa.array(np.arange(first, first + rows) * 1000, pa.timestamp("ms")),
        ],
        schema=SCHEMA,
    )


class Workload:
    """The tables and the timed operations on one connection."""

    def __init__(self, connection: fluss.FlussConnection, scale: float) -> None:
        self.connection = connection
        self.arrow_rows = int(2_000_000 * scale)
        self.dict_rows = int(200_000 * scale)
        self.upsert_rows = int(100_000 * scale)
        self.lookups = int(50_000 * scale)
        self.tables = 0
        self.paths: dict[str, fluss.TablePath] = {}  # the newest table of each kind

    async def current_table(self, kind: str) -> fluss.FlussTable:
        return await self.connection.get_table(self.paths[kind])

    async def new_table(self, kind: str, primary_key: bool) -> fluss.FlussTable:
        admin = self.connection.get_admin()
        if kind in self.paths:
            await admin.drop_table(self.paths[kind])
        self.tables += 1
        path = self.paths[kind] = fluss.TablePath("fluss", f"bench_{kind}_{os.getpid()}_{self.tables}")
        schema = fluss.Schema(SCHEMA, primary_keys=["id"]) if primary_key else fluss.Schema(SCHEMA)
        await admin.create_table(path, fluss.TableDescriptor(schema, bucket_count=1), ignore_if_exists=False)
        for _ in range(200):  # a cluster elects the bucket's leader after it answered
            try:
                await admin.list_offsets(path, [0], fluss.OffsetSpec.latest())
                break
            except fluss.FlussError:
                await asyncio.sleep(0.05)
        return await self.connection.get_table(path)

    async def append_arrow(self) -> float:
        table = await self.new_table("arrow", False)
        batches = [make_batch(first, 100_000) for first in range(0, self.arrow_rows, 100_000)]
        writer = table.new_append().create_writer()
        start = time.perf_counter()
        for batch in batches:
            writer.write_arrow_batch(batch)
        await writer.flush()
        return self.arrow_rows / (time.perf_counter() - start)

    async def scan_arrow(self) -> float:
        table = await self.current_table("arrow")
        scanner = await table.new_scan().create_record_batch_log_scanner()
        scanner.subscribe_buckets({0: fluss.EARLIEST_OFFSET})
        start = time.perf_counter()
        rows = (await scanner.to_arrow()).num_rows
        seconds = time.perf_counter() - start
        assert rows == self.arrow_rows, rows
        return rows / seconds

    async def scan_arrow_projected(self) -> float:
        table = await self.current_table("arrow")
        scanner = await table.new_scan().project_by_name(["value"]).create_record_batch_log_scanner()
        scanner.subscribe_buckets({0: fluss.EARLIEST_OFFSET})
        start = time.perf_counter()
        rows = (await scanner.to_arrow()).num_rows
        seconds = time.perf_counter() - start
        assert rows == self.arrow_rows, rows
        return rows / seconds

    async def append_dicts(self) -> float:
        table = await self.new_table("dicts", False)
        rows = make_batch(0, self.dict_rows).to_pylist()
        writer = table.new_append().create_writer()
        start = time.perf_counter()
        for row in rows:
            writer.append(row)
        await writer.flush()
        return self.dict_rows / (time.perf_counter() - start)

    async def upsert_dicts(self) -> float:
        table = await self.new_table("upsert", True)
        rows = make_batch(0, self.upsert_rows).to_pylist()
        writer = table.new_upsert().create_writer()
        start = time.perf_counter()
        for row in rows:
            writer.upsert(row)
        await writer.flush()
        return self.upsert_rows / (time.perf_counter() - start)

    async def upsert_again(self) -> float:
        """Every key a second time, in another order: each finds an old row.

        The rows are made in the order in which they are written, as an application makes them. Shuffled
        objects would mostly measure how long the interpreter waits for memory.
        """
        table = await self.current_table("upsert")
        order = np.random.default_rng(1).permutation(self.upsert_rows)
        rows = make_batch(0, self.upsert_rows).take(pa.array(order)).to_pylist()
        writer = table.new_upsert().create_writer()
        start = time.perf_counter()
        for row in rows:
            writer.upsert(row)
        await writer.flush()
        return self.upsert_rows / (time.perf_counter() - start)

    def keys(self, count: int) -> list[dict[str, int]]:
        return [{"id": int(key)} for key in np.random.default_rng(7).integers(0, self.upsert_rows, count)]

    async def lookup_awaited(self) -> float:
        """One after another."""
        return await self.lookup_rate(1, 1)

    async def lookup_pipelined(self) -> float:
        """Many at a time: a quick target gets larger groups."""
        return await self.lookup_rate(16, 4096)

    async def lookup_rate(self, group: int, largest_group: int) -> float:
        table = await self.current_table("upsert")
        lookuper = table.new_lookup().create_lookuper()
        keys = self.keys(self.lookups)
        done = 0
        start = time.perf_counter()
        while done < len(keys) and time.perf_counter() - start < LOOKUP_SECONDS:
            group_start = time.perf_counter()
            wanted = keys[done : done + group]
            rows = await asyncio.gather(*(lookuper.lookup(key) for key in wanted))
            assert all(row is not None and row["id"] == key["id"] for row, key in zip(rows, wanted))
            done += len(wanted)
            if time.perf_counter() - group_start < 0.1:
                group = min(2 * group, largest_group)
        return done / (time.perf_counter() - start)


OPERATIONS = [
    "append_arrow",
    "scan_arrow",
    "scan_arrow_projected",
    "append_dicts",
    "upsert_dicts",
    "upsert_again",
    "lookup_awaited",
    "lookup_pipelined",
]


async def run(target: str, options: dict[str, str], scale: float) -> dict[str, float]:
    connection = await fluss.FlussConnection.create(fluss.Config({"bootstrap.servers": target, **options}))
    workload = Workload(connection, scale)
    best: dict[str, float] = {}
    for round_number in range(1 + ROUNDS):
        for operation in OPERATIONS:
            rate = await getattr(workload, operation)()
            print(f"round {round_number} {operation}: {rate:,.0f}/s", file=sys.stderr)
            if round_number > 0:
                best[operation] = max(best.get(operation, 0.0), rate)
    await connection.close()
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target")
    parser.add_argument("--option", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--quick", action="store_true", help="a tenth of the data")
    arguments = parser.parse_args()
    options = dict(option.split("=", 1) for option in arguments.option)
    print(json.dumps(asyncio.run(run(arguments.target, options, 0.1 if arguments.quick else 1.0))))


if __name__ == "__main__":
    main()
