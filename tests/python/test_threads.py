"""Threads, the GIL, and forks."""

from __future__ import annotations

import concurrent.futures
import threading

import pytest

from fluss import EARLIEST_OFFSET
from support import POLL_MS, USERS, create_now, run_child

THREADS = 8


def in_threads(work, count=THREADS):
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


def test_threads_share_a_writer(shared, name):
    table = create_now(shared, name, USERS)
    writer = table.new_append().create_writer()

    def work(thread):
        for number in range(500):
            writer.append([thread * 1000 + number, f"thread {thread}", number])
        writer.flush().wait_sync()

    in_threads(work)
    rows = table.to_arrow().result()
    assert sorted(rows.column("id").to_pylist()) == sorted(t * 1000 + n for t in range(THREADS) for n in range(500))
    for thread in range(THREADS):
        mine = [row["age"] for row in rows.to_pylist() if row["name"] == f"thread {thread}"]
        assert mine == list(range(500)), "the order of one thread's rows"


def test_threads_share_everything_else(shared, name):
    table = create_now(shared, name, USERS, ["id"], bucket_count=2)
    lookuper = table.new_lookup().create_lookuper()
    upserts = table.new_upsert().create_writer()
    admin = shared.get_admin()

    def work(thread):
        for number in range(100):
            key = thread * 1000 + number
            upserts.upsert([key, None, key]).wait().wait_sync()
            assert lookuper.lookup([key]).wait_sync()["age"] == key
        admin.create_database(f"{name}d{thread}").wait_sync()
        return admin.database_exists(f"{name}d{thread}").wait_sync()

    assert in_threads(work) == [True] * THREADS
    assert table.to_arrow().num_rows == THREADS * 100


def test_polls_of_one_scanner_from_many_threads(shared, name):
    table = create_now(shared, name, USERS)
    writer = table.new_append().create_writer()
    for number in range(300):
        writer.append([number, None, None]).wait().wait_sync()
    scanner = table.new_scan().create_log_scanner().wait_sync()
    scanner.subscribe(0, EARLIEST_OFFSET)

    def work(_):
        return [record.row["id"] for _ in range(20) for record in scanner.poll(0).result()]

    seen = [number for part in in_threads(work) for number in part]
    seen += [record.row["id"] for record in scanner.poll(0)]
    while len(seen) < 300:
        seen += [record.row["id"] for record in scanner.poll(POLL_MS)]
    assert sorted(seen) == list(range(300))


WAITS = {
    "poll": lambda table, scanner: len(scanner.poll(POLL_MS)),
    "poll awaited by result()": lambda table, scanner: len(scanner.poll(POLL_MS).result()),
}


@pytest.mark.parametrize("wait", WAITS)
def test_other_threads_run_while_one_waits(shared, name, wait):
    """The poll ends only when another thread of this interpreter has written."""
    table = create_now(shared, name, USERS)
    scanner = table.new_scan().create_log_scanner().wait_sync()
    scanner.subscribe(0, EARLIEST_OFFSET)
    waiting = threading.Event()

    def write():
        waiting.wait()
        table.new_append().append([1, "a", 2]).wait().wait_sync()

    thread = threading.Thread(target=write)
    thread.start()
    waiting.set()
    assert WAITS[wait](table, scanner) == 1
    thread.join()


def test_a_signal_ends_a_wait(directory):
    source = """
import os, signal, sys, threading, fluss, pyarrow as pa
conn = fluss.FlussConnection.open(sys.argv[1]).wait_sync()
schema = fluss.Schema(pa.schema([("id", pa.int32())]))
conn.get_admin().create_table("fluss.t", fluss.TableDescriptor(schema)).wait_sync()
scanner = conn.get_table("fluss.t").wait_sync().new_scan().create_log_scanner().wait_sync()
scanner.subscribe(0, 0)
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    len(scanner.poll(600_000))
except KeyboardInterrupt:
    print("interrupted")
"""
    result = run_child(source, directory, timeout=30)
    assert result.stdout == "interrupted\n", result.stderr


FORK = """
import os, sys, warnings
warnings.simplefilter("ignore")
import fluss, pyarrow as pa
conn = fluss.FlussConnection.open(sys.argv[1]).wait_sync()
schema = fluss.Schema(pa.schema([("id", pa.int32())]))
conn.get_admin().create_table("fluss.t", fluss.TableDescriptor(schema)).wait_sync()
table = conn.get_table("fluss.t").wait_sync()
writer = table.new_append().create_writer()
writer.append([1]).wait().wait_sync()
scanner = table.new_scan().create_log_scanner().wait_sync()
scanner.subscribe(0, fluss.EARLIEST_OFFSET)
child = os.fork()
if child == 0:
    def outcome(call):
        try:
            call()
            return "worked"
        except fluss.FlussError as error:
            return f"{error.error_code} {'fork' in error.message}"
    found = {outcome(call) for call in (
        lambda: writer.append([2]).wait().wait_sync(), lambda: conn.get_admin().list_databases().wait_sync(),
        lambda: scanner.poll(0).result(), lambda: table.to_arrow().result(),
        lambda: fluss.FlussConnection.open(sys.argv[1]).wait_sync())}
    os.write(1, (repr(found) + "\\n").encode())
    sys.exit(0)
_, status = os.waitpid(child, 0)
writer.append([3]).wait().wait_sync()
print(os.waitstatus_to_exitcode(status), [record.row["id"] for record in scanner.poll(20000)])
conn.close().wait_sync()
"""


def test_a_forked_child_gets_clear_errors_and_the_parent_goes_on(directory):
    result = run_child(FORK, directory)
    assert result.stdout.splitlines() == ["{'-2 True'}", "0 [1, 3]"], result.stderr


def test_multiprocessing_by_spawn(directory):
    source = """
import multiprocessing, sys
import fluss

def work(path):
    return fluss.TablePath("a", "b") == path

if __name__ == "__main__":
    conn = fluss.FlussConnection.open().wait_sync()
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        print(pool.apply(work, (fluss.TablePath("a", "b"),)))
"""
    import pathlib
    import subprocess
    import sys

    from support import child_environment

    script = pathlib.Path(directory).parent / "spawn.py"
    script.write_text(source)
    result = subprocess.run([sys.executable, str(script)], env=child_environment(), capture_output=True, text=True, timeout=60)
    assert result.stdout == "True\n", result.stderr
