"""What a server holds while it is used for minutes: memory, descriptors, threads, files and bytes of its directory.

    scripts/soak [--quick]

Clients of both doors work all the time, a few hundred operations a second: a Fluss client appends to a log table,
upserts, looks up, scans and goes; SQL clients insert, update, delete, read in new sessions, roll back, make tables and
drop them. What is written is taken out again, so a curve that goes on rising is a leak.

Writes the samples (JSON), a table (Markdown) and plots to bench/results/.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pyarrow as pa

import report

KEYS = 500
PAUSE = 0.01  # seconds between the rounds of a client


def measured(pid: int, folder: Path) -> dict[str, float]:
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    # os.walk passes over a folder that is dropped meanwhile.
    files = [Path(where) / name for where, _, names in os.walk(folder) for name in names]
    sizes = []
    for path in files:
        try:
            sizes.append(path.stat().st_blocks * 512)
        except FileNotFoundError:  # removed meanwhile
            pass
    return {
        "memory MB": int(status["RssAnon"].split()[0]) / 1024,
        "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
        "threads": int(status["Threads"]),
        "files": len(files),
        "directory MB": sum(sizes) / (1 << 20),
    }


async def use_fluss(address: str, until: float, done: dict[str, int]) -> None:
    import fluss

    number = 0
    while time.monotonic() < until:
        connection = await fluss.FlussConnection.create(fluss.Config({"bootstrap.servers": address}))
        admin = connection.get_admin()
        log, keyed = fluss.TablePath("fluss", "log"), fluss.TablePath("fluss", "keyed")
        columns = pa.schema([("id", pa.int64()), ("text", pa.string())])
        for path, keys in ((log, None), (keyed, ["id"])):
            descriptor = fluss.TableDescriptor(fluss.Schema(columns, primary_keys=keys), bucket_count=2)
            await admin.create_table(path, descriptor, ignore_if_exists=True)
        table, rows = await connection.get_table(log), await connection.get_table(keyed)
        append, upsert = table.new_append().create_writer(), rows.new_upsert().create_writer()
        lookup = rows.new_lookup().create_lookuper()
        for _ in range(200):
            number += 1
            append.append({"id": number, "text": "x" * (number % 300)})
            upsert.upsert({"id": number % KEYS, "text": "y" * (number % 300)})
            await asyncio.gather(append.flush(), upsert.flush())
            await lookup.lookup({"id": (number * 7) % KEYS})
            done["Fluss"] += 3
            await asyncio.sleep(PAUSE)
        assert len(await rows.to_arrow()) <= KEYS
        await admin.drop_table(log)
        await connection.close()


async def use_sql(where: dict[str, object], name: str, until: float, done: dict[str, int]) -> None:
    number = 0
    while time.monotonic() < until:
        async with await psycopg.AsyncConnection.connect(autocommit=True, **where) as conn:
            await conn.execute(f"CREATE TABLE IF NOT EXISTS {name} (id int PRIMARY KEY, text text)")
            await conn.execute(f"CREATE TABLE {name}_parts (id int, text text) PARTITION BY RANGE (id)")
            for part in range(4):
                await conn.execute(f"CREATE TABLE {name}_{part} PARTITION OF {name}_parts "
                                   f"FOR VALUES FROM ({part * 100}) TO ({part * 100 + 100})")
            for _ in range(50):
                number += 1
                key = number % KEYS
                await conn.execute(f"INSERT INTO {name} VALUES (%s, %s) "
                                   "ON CONFLICT (id) DO UPDATE SET text = excluded.text", (key, "z" * (number % 400)))
                await conn.execute(f"INSERT INTO {name}_parts SELECT g, 'x' FROM generate_series(%s, 399, 20) g",
                                   (key % 20,))
                await conn.execute(f"UPDATE {name}_parts SET id = (id + 100) %% 400 WHERE id %% 50 = %s", (key % 50,))
                await conn.execute(f"SELECT text, count(*) FROM {name}_parts WHERE id > %s GROUP BY text", (key % 400,))
                await conn.execute("BEGIN")
                await conn.execute(f"DELETE FROM {name} WHERE id = %s", (key,))
                await conn.execute("ROLLBACK" if number % 2 else "COMMIT")
                done["SQL"] += 7
                await asyncio.sleep(PAUSE)
            await conn.execute(f"DROP TABLE {name}_parts")


def plot(samples: list[dict[str, float]], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    names = [name for name in samples[0] if name != "minute"]
    figure, axes = pyplot.subplots(len(names), 1, figsize=(7, 1.7 * len(names)), sharex=True)
    for axis, name in zip(axes, names, strict=True):
        axis.plot([sample["minute"] for sample in samples], [sample[name] for sample in samples])
        axis.set_ylabel(name)
        axis.set_ylim(0, 1.1 * max(sample[name] for sample in samples))
    axes[-1].set_xlabel("minutes")
    figure.tight_layout()
    figure.savefig(path, dpi=90)


async def soak(seconds: float, server: subprocess.Popen, folder: Path, fluss_address: str, sql: dict[str, object]):
    until = time.monotonic() + seconds
    done = {"Fluss": 0, "SQL": 0}
    clients = [asyncio.create_task(use_fluss(fluss_address, until, done))]
    clients += [asyncio.create_task(use_sql(sql, f"soak{i}", until, done)) for i in range(2)]
    samples, start = [], time.monotonic()
    while any(not client.done() for client in clients):
        samples.append({"minute": (time.monotonic() - start) / 60, **measured(server.pid, folder)})
        await asyncio.wait(clients, timeout=min(5, seconds / 20))
    await asyncio.gather(*clients)
    return samples, done


def main() -> None:
    seconds = 20 if "--quick" in sys.argv else 600
    binary, folder = sys.argv[1], Path(sys.argv[2])
    server = subprocess.Popen([binary, "server", "--data", folder, "--listen", "127.0.0.1:0", "--sql", "127.0.0.1:0"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    first, second = server.stdout.readline().split(), server.stdout.readline().split()
    fluss_address = next(word for word in first if word.startswith("127."))
    host, port = next(word for word in second if word.startswith("127.")).split(":")
    where = {"host": host, "port": int(port), "user": "weir", "dbname": "fluss"}
    try:
        samples, done = asyncio.run(soak(seconds, server, folder, fluss_address, where))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)
    names = [name for name in samples[0] if name != "minute"]
    rows = [[f"{sample['minute']:.0f}", *(f"{sample[name]:.0f}" for name in names)]
            for sample in samples[:: max(1, len(samples) // 10)] + samples[-1:]]
    lines = ["# A server in use", "",
             f"{done['Fluss']:,} operations of a Fluss client, {done['SQL']:,} statements; ended with status "
             f"{server.returncode}. Memory is the process's own (without mapped files).", "",
             "| minute | " + " | ".join(names) + " |", "|" + "---|" * (len(names) + 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows] + ["", "![](soak.png)", ""]
    record = {"machine": report.machine(), "done": done, "samples": samples}
    report.save("soak", report.RESULTS, "\n".join(lines), record, lambda path: plot(samples, path))


if __name__ == "__main__":
    main()
