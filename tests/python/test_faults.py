"""A full disk: what fails says so, nothing that was acknowledged is lost, and with space again all goes on."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import fluss
from support import USERS, child_environment, create, rows_of

# Writes until the files may not grow any more, then with the limit lifted. Prints what was acknowledged and the errors.
CHILD = """
import asyncio, json, os, pathlib, resource, signal, sys, fluss

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
before = resource.getrlimit(resource.RLIMIT_FSIZE)

async def write(table, numbers, acknowledged, errors):
    keyed = table.has_primary_key()
    writer = table.new_upsert().create_writer() if keyed else table.new_append_writer()
    for number in numbers:
        try:
            row = [number, "payload " * 50, number]
            await (writer.upsert(row) if keyed else writer.append(row)).wait()
            acknowledged.append(number)
        except fluss.FlussError as error:
            errors.append([error.error_code, str(error)])
            return

async def main(directory):
    conn = await fluss.FlussConnection.open(directory)
    report = {}
    for name in ("log", "keyed"):
        table = await conn.get_table("fluss." + name)
        acknowledged, errors = [], []
        await write(table, range(10), acknowledged, errors)
        largest = max(path.stat().st_size for path in pathlib.Path(directory, "log").rglob("*.log"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 3000, before[1]))
        await write(table, range(1000, 2000), acknowledged, errors)
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        full = len(acknowledged)
        await write(table, range(2000, 2010), acknowledged, errors)
        report[name] = {"acknowledged": acknowledged, "errors": errors, "full_after": full}
    print(json.dumps(report), flush=True)
    if sys.argv[2] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    await conn.close()

asyncio.run(main(sys.argv[1]))
"""


@pytest.mark.parametrize("end", ["close", "kill"])
async def test_a_full_disk_is_a_clear_error_and_loses_nothing(directory, end):
    async with await fluss.FlussConnection.open(directory) as conn:
        await create(conn, "log", USERS)
        await create(conn, "keyed", USERS, ["id"])
    child = subprocess.run([sys.executable, "-c", CHILD, directory, end], env=child_environment(), timeout=50,
                           capture_output=True, text=True)
    assert child.stdout, child.stderr
    report = json.loads(child.stdout)

    async with await fluss.FlussConnection.open(directory) as conn:
        for name in ("log", "keyed"):
            acknowledged = report[name]["acknowledged"]
            [[code, message]] = report[name]["errors"]
            assert code == 10, message
            assert f"{directory}/log/" in message and "File too large" in message
            assert 10 < report[name]["full_after"] < 1000
            assert acknowledged[-10:] == list(range(2000, 2010)), "it did not go on with space again"
            table = await conn.get_table(f"fluss.{name}")
            rows = (await table.to_arrow()).to_pylist() if name == "keyed" else await rows_of(conn, table)
            assert sorted(row["id"] for row in rows) == acknowledged
            await create(conn, f"{name}_more", USERS)
