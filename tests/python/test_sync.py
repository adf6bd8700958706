"""fluss.sync: the same work without an event loop, every result a plain value."""

from __future__ import annotations

import inspect

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import fluss
import fluss.sync
from fluss import EARLIEST_OFFSET, LATEST_OFFSET
from fluss.sync import FlussConnection
from support import EVENTS, POLL_MS, USERS, schema_of


@pytest.fixture
def sync_conn():
    with FlussConnection.open() as conn:
        yield conn


def make(conn, fields=USERS, keys=None, name="t", **options):
    path = fluss.TablePath("fluss", name)
    conn.get_admin().create_table(path, fluss.TableDescriptor(schema_of(fields, keys), **options))
    return conn.get_table(path)


def test_admin(sync_conn):
    admin = sync_conn.get_admin()
    assert admin.list_databases() == ["fluss"]
    assert admin.create_database("d", ignore_if_exists=True) is None
    assert admin.database_exists("d") and admin.get_database_info("d").database_name == "d"
    table = make(sync_conn, EVENTS, partition_keys=["region"])
    path = table.get_table_path()
    admin.create_partition(path, {"region": "US"})
    assert [info.partition_name for info in admin.list_partition_infos(path)] == ["US"]
    assert [info.partition_name for info in table.list_partitions()] == ["US"]
    assert admin.list_partition_offsets(path, "US", [0], "latest") == {0: 0}
    assert admin.get_table(path).table_path == path and admin.table_exists(path) and admin.list_tables("fluss") == ["t"]
    assert len(admin.get_server_nodes()) == 2
    admin.drop_partition(path, {"region": "US"})
    admin.drop_table(path)
    admin.drop_database("d")
    with pytest.raises(fluss.TableNotExistError):
        sync_conn.get_table(path)


def test_log_table(sync_conn):
    table = make(sync_conn)
    with table.new_append_writer() as writer:
        handle = writer.append([1, "a", 10])
        writer.append({"id": 2, "name": "b", "age": 20})
        assert handle.wait() is None and handle.done()
    table.new_append().write_pandas(pd.DataFrame({"id": [3], "name": ["c"], "age": [30]})).wait()
    scanner = table.new_scan().create_log_scanner()
    scanner.subscribe(0, EARLIEST_OFFSET)
    records = scanner.poll(POLL_MS)
    assert isinstance(records, fluss.ScanRecords)
    batches = table.new_scan().create_record_batch_log_scanner()
    batches.subscribe_all()
    assert type(batches.to_arrow()) is pa.Table and type(batches.to_pandas()) is pd.DataFrame
    batches.subscribe(0, EARLIEST_OFFSET)
    assert type(batches.poll_record_batch(POLL_MS)) is list
    assert table.to_arrow(["id"]).column("id").to_pylist() == [1, 2, 3]
    assert type(table.to_polars()) is pl.DataFrame
    assert table.head(2).num_rows == 2
    table_id = table.get_table_info().table_id
    limited = table.new_scan().limit(10).create_bucket_batch_scanner(fluss.TableBucket(table_id, 0))
    assert limited.to_arrow().num_rows == 3 and limited.next_batch() is None


def test_primary_key_table(sync_conn):
    table = make(sync_conn, keys=["id"])
    writer = table.new_upsert()
    writer.upsert([1, "a", 10])
    writer.upsert([2, "b", 20])
    writer.flush()
    table.new_upsert(["id", "age"]).upsert([1, 11]).wait()
    table.new_upsert().delete([2]).wait()
    lookuper = table.new_lookup().create_lookuper()
    assert lookuper.lookup([1]) == {"id": 1, "name": "a", "age": 11} and lookuper.lookup([2]) is None
    assert lookuper.lookup_many([[1], [2]])[1] is None
    assert table.to_arrow().to_pylist() == [{"id": 1, "name": "a", "age": 11}]


def test_iterating_a_scanner_ends_at_the_latest_offsets(sync_conn):
    table = make(sync_conn, bucket_count=2, bucket_keys=["id"])
    writer = table.new_append_writer()
    for number in range(50):
        writer.append([number, None, None])
    writer.flush()
    with table.new_scan().create_log_scanner() as scanner:
        scanner.subscribe_all()
        assert sorted(record.row["id"] for record in scanner) == list(range(50))
        assert list(scanner) == []
        writer.append([50, None, None]).wait()
        assert [record.row["id"] for record in scanner] == [50]
    scanner = table.new_scan().create_record_batch_log_scanner()
    scanner.subscribe_all(LATEST_OFFSET)
    writer.append([51, None, None]).wait()
    assert [batch.batch.column(0).to_pylist() for batch in scanner] == [[51]]


@pytest.mark.parametrize("exact", [True, False])
def test_iteration_ends_when_the_last_records_are_filtered_out(sync_conn, exact):
    table = make(sync_conn, properties={"table.statistics.columns": "*"})
    for number in range(5):
        table.new_append().append([number, None, None]).wait()
    scanner = table.new_scan().filter(fluss.col("id") < 2, exact).create_log_scanner()
    scanner.subscribe_all()
    assert [record.row["id"] for record in scanner] == [0, 1]


def test_iteration_ends_on_a_changelog_that_ends_without_changes(sync_conn):
    properties = {"table.merge-engine": "first_row"}
    table = make(sync_conn, keys=["id"], properties=properties)
    for age in range(3):
        table.new_upsert().upsert([1, "a", age]).wait()
    scanner = table.new_scan().create_log_scanner()
    scanner.subscribe_all()
    assert [record.row["age"] for record in scanner] == [0]


def test_errors_come_out_as_they_are(sync_conn):
    with pytest.raises(fluss.TableNotExistError):
        sync_conn.get_table(fluss.TablePath("fluss", "no"))
    sync_conn.close()
    with pytest.raises(fluss.FlussError, match="closed"):
        sync_conn.get_admin().list_databases()


async def test_it_works_inside_a_loop_as_well():
    with FlussConnection.open() as conn:
        assert conn.get_admin().list_databases() == ["fluss"]


def test_every_method_has_a_counterpart():
    for name in fluss.sync.__all__:
        if name in ("WriteResultHandle",):
            continue
        other = getattr(fluss, name)
        here = getattr(fluss.sync, name)
        for method, _ in inspect.getmembers(other, callable):
            if not method.startswith("_") and method not in ("batches_until_latest",):
                assert hasattr(here, method), f"fluss.sync.{name} has no {method}"


def test_tables_and_results_show_what_they_are(capsys):
    with FlussConnection.open() as conn:
        conn.sql("CREATE TABLE t (id int PRIMARY KEY, name text)")
        conn.sql("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')")
        assert conn.list_tables() == ["t"]
        table = conn.get_table("fluss.t")
        assert (table.columns, table.count(), len(table), table.schema.get_primary_keys()) == (["id", "name"], 3, 3, ["id"])
        rows = conn.sql("SELECT * FROM t ORDER BY id")
        assert list(rows.df().columns) == rows.pl().columns == rows.arrow().schema.names == ["id", "name"]
        rows.show(2)
        conn.sql("DELETE FROM t").show()
    assert capsys.readouterr().out.splitlines() == [
        " id | name", "----+------", " 1  | a", " 2  | b", "(3 rows, the first 2 are shown)", "DELETE 3"]
