"""weir import: files of other programs, their types, encodings and mistakes."""
import bz2
import datetime as dt
import decimal
import gzip
import json
import lzma
import math

import pyarrow as pa
import pyarrow.ipc as pa_ipc
import pyarrow.parquet as pq
import pytest

D = decimal.Decimal


def csv(tmp_path, text, name="t.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def types(weir, table="fluss.t"):
    """The types of a table's columns by name."""
    [database] = weir.json("inspect", "db", table)["databases"]
    return {column["name"]: column["type"] for column in database["tables"][0]["columns"]}


def exported(weir, tmp_path, table="t"):
    """The table as CSV, which shows every digit."""
    weir.run("export", "db", table, "out.csv")
    return (tmp_path / "out.csv").read_text()


def tables(weir):
    return [table["name"] for database in weir.json("inspect", "db")["databases"] if database["name"] != "weir"
            for table in database["tables"]]


# --- the types of CSV columns ---

@pytest.mark.parametrize("cells, type_name", [
    (["1", "-20", "9223372036854775807"], "bigint"),
    (["9007199254740993", "12345678901234567890"], "decimal(38,0)"),  # a double would hold neither
    (["10000000000000000000"], "decimal(38,0)"),
    (["1" * 39], "string"),
    (["+4912345678", "4912345678"], "string"),
    (["004912345678"], "string"),
    (["01234", "98765"], "string"),
    (["0", "0.5", "-0.25"], "double"),
    (["0.1", "0.30000000000000004", "0.10000000000000001", "1e300", "NaN", "-inf"], "double"),
    (["1", "2.5", ".5", "5.", "1E5", " 7 "], "double"),
    (["9007199254740993", "0.5"], "decimal(38,1)"),
    (["0.12345678901234567890"], "decimal(38,20)"),
    (["0.12345678901234567890", "1e5"], "string"),
    (["1e400", "0.5"], "string"),  # beyond what a double has
    (["0.5", "1e-400"], "string"),
    (["0e999", "0.5"], "double"),
    (["0x1F"], "string"),
    (["Nan", "Inf"], "string"),
    (["true", "False", "TRUE"], "boolean"),
    (["true", "1"], "string"),
    (["tRUE"], "string"),
    (["2024-02-29", "1492-10-12"], "date"),
    (["2024-02-30"], "string"),
    (["12:30:00", "23:59:59"], "time"),
    (["12:30:00", "23:59:59.999"], "time(3)"),
    (["2024-01-01 12:00:00", "2500-01-01T00:00:00"], "timestamp(0)"),
    (["2024-01-01 12:00:00", "2500-01-01 00:00:00.5"], "timestamp"),
    (["2024-01-01 12:00:00.123456789"], "timestamp(9)"),
    (["2500-01-01 12:00:00.123456789"], "string"),  # nanoseconds do not reach so far
    (["2024-01-01 12:00:00Z", "2024-01-01 12:00:00+01:00"], "timestamp_ltz(0)"),
    (["2024-01-01 12:00:00Z", "2024-01-01 12:00:00"], "string"),
    (["", ""], "string"),
])
def test_types_of_csv_columns_lose_nothing(weir, tmp_path, cells, type_name):
    text = "id,v\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells))
    weir.run("import", "db", "t", csv(tmp_path, text), "--create")
    assert types(weir)["v"] == type_name


def test_digits_come_back_from_csv(weir, tmp_path):
    rows = ["9007199254740993,+49123,01234,0.1,12345678901234567890", "12345678901234567890,0049123,98765,2.5,7"]
    weir.run("import", "db", "t", csv(tmp_path, "a,phone,zip,x,big\n" + "\n".join(rows) + "\n"), "--create")
    assert exported(weir, tmp_path).replace('"', "").splitlines()[1:] == rows


def test_the_last_value_counts_for_a_columns_type(weir, tmp_path):
    lines = [f"{i},{i % 90000 + 10000}" for i in range(700_000)] + ["700000,01234", "700001,x"]
    weir.run("import", "db", "t", csv(tmp_path, "id,zip\n" + "\n".join(lines) + "\n"), "--create")
    assert types(weir)["zip"] == "string"
    assert weir.export("db", "t").sort_by("id").column("zip").to_pylist()[-2:] == ["01234", "x"]


def test_nulls_have_no_say_in_a_columns_type(weir, tmp_path):
    weir.run("import", "db", "t", csv(tmp_path, 'n,s\n1,""\nNA,\n,5\n'), "--create", "--null", "NA")
    assert types(weir) == {"n": "bigint", "s": "string"}
    assert weir.export("db", "t").to_pylist() == [{"n": 1, "s": ""}, {"n": None, "s": None}, {"n": None, "s": "5"}]


# --- the rows of CSV ---

def test_a_quoted_cell_without_an_end_is_an_error(weir, tmp_path):
    text = weir.error("import", "db", "t", csv(tmp_path, 'id,a\n1,"x\n2,y\n3,z\n'), "--create")
    assert "t.csv', line 2" in text and "has no end" in text
    csv(tmp_path, 'id,a\n1,"line\nend"\n2,"say ""hi"""\n3,"open\n', "late.csv")
    assert "late.csv', line 5" in weir.error("import", "db", "t", "late.csv", "--create")
    assert not (tmp_path / "db").exists()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_quotes_and_line_ends(weir, tmp_path, end):
    text = end.join(["id,a,b", '1,"x,y",""', '2,5" pipe,"say ""hi"""', f'3,"two{end}lines",z', '4,"q"t,""""']) + end
    weir.run("import", "db", "t", csv(tmp_path, text), "--create")
    assert weir.export("db", "t").to_pylist() == [
        {"id": 1, "a": "x,y", "b": ""}, {"id": 2, "a": '5" pipe', "b": 'say "hi"'},
        {"id": 3, "a": f"two{end}lines", "b": "z"}, {"id": 4, "a": "qt", "b": '"'}]


def test_rows_of_many_blocks(weir, tmp_path):
    """Blocks of the reader end within quoted cells, pairs of quotes and line ends."""
    rows = [(i, ['plain', 'a "quoted" one', "two\nlines", "x,y"][i % 4] * 20) for i in range(200_000)]
    quoted = ((i, text.replace('"', '""')) for i, text in rows)
    path = csv(tmp_path, "id,text\n" + "".join(f'{i},"{text}"\r\n' for i, text in quoted))
    weir.run("import", "db", "t", path, "--create")
    table = weir.export("db", "t").sort_by("id")
    assert list(zip(table.column("id").to_pylist(), table.column("text").to_pylist())) == rows


def test_a_large_cell(weir, tmp_path):
    cell = "0123456789" * 1_200_000
    weir.run("import", "db", "t", csv(tmp_path, f'id,a\n1,x\n2,"{cell}"\n3,y\n'), "--create")
    assert weir.export("db", "t").column("a").to_pylist() == ["x", cell, "y"]


def test_cells_without_a_name(weir, tmp_path):
    weir.run("import", "db", "t", csv(tmp_path, ",a,,column1\n0,x,1,\n1,y,2,\n"), "--create")
    assert list(types(weir)) == ["column1_", "a", "column3", "column1"]
    assert weir.export("db", "t").column("column1_").to_pylist() == [0, 1]
    assert "'a'" in weir.error("import", "db", "u", csv(tmp_path, "a,a\n1,2\n", "twice.csv"), "--create")


def test_another_delimiter_is_offered(weir, tmp_path):
    text = weir.error("import", "db", "t", csv(tmp_path, "id;name\n1;x\n"), "--create")
    assert "--delimiter ';'" in text
    weir.run("import", "db", "t", "t.csv", "--create", "--delimiter", ";")
    assert weir.export("db", "t").to_pylist() == [{"id": 1, "name": "x"}]
    weir.run("import", "db", "one", "t.csv", "--create", "--delimiter", ",")
    assert weir.export("db", "one").to_pylist() == [{"id;name": "1;x"}]


def test_bad_rows_are_named(weir, tmp_path):
    weir.run("import", "db", "t", csv(tmp_path, "id,n\n1,2\n"), "--create")
    text = weir.error("import", "db", "t", csv(tmp_path, "id,n\n1,2\n2,x\n", "bad.csv"))
    assert "bad.csv', row 2, column 'n'" in text and "x" in text
    text = weir.error("import", "db", "t", csv(tmp_path, "id,n\n1,2\n2,3\n4\n", "short.csv"))
    assert "short.csv', row 3" in text and "Expected 2 columns, got 1" in text and "--rejects FILE" in text
    assert "none.csv' has no header: it is empty" in weir.error("import", "db", "t", csv(tmp_path, "", "none.csv"))


# --- encodings and compression ---

@pytest.mark.parametrize("encoding, option", [
    ("utf-8", []), ("utf-8-sig", []), ("utf-8", ["--encoding", "utf-8"]), ("utf-16", []),
    ("utf-16-le", ["--encoding", "utf-16le"]), ("latin-1", ["--encoding", "latin-1"]),
    ("cp1252", ["--encoding", "windows-1252"]), ("shift_jis", ["--encoding", "shift_jis"])])
def test_encodings(weir, tmp_path, encoding, option):
    name = "東京" if encoding == "shift_jis" else "Müller"
    rows = "".join(f"{i},{name}\n" for i in range(200_000))
    weir.run("import", "db", "t", csv(tmp_path, ("id,name\n" + rows).encode(encoding)), "--create", *option)
    names = weir.export("db", "t").column("name").to_pylist()
    assert len(names) == 200_000 and set(names) == {name}


def test_utf_32_is_told_by_its_mark(weir, tmp_path):
    weir.run("import", "db", "t", csv(tmp_path, "id,name\n1,Müller\n".encode("utf-32")), "--create")
    assert weir.export("db", "t").to_pylist() == [{"id": 1, "name": "Müller"}]


def test_bytes_of_another_encoding_are_an_error(weir, tmp_path):
    path = csv(tmp_path, b"id,name\n1,x\n2,M\xfcller\n")
    text = weir.error("import", "db", "t", path, "--create")
    assert "t.csv', line 3: byte 0xFC is no UTF-8" in text and "--encoding" in text
    assert "line 1" in weir.error("import", "db", "t", csv(tmp_path, b"id,n\xe4me\n1,x\n", "head.csv"), "--create")
    none = csv(tmp_path, b"id,n\n1,\x81\n", "none.csv")
    assert "0x81" in weir.error("import", "db", "t", none, "--create", "--encoding", "windows-1252")
    assert "'klingon'" in weir.error("import", "db", "t", path, "--create", "--encoding", "klingon")
    # A character cut off at the very end.
    assert "line 2" in weir.error("import", "db", "t", csv(tmp_path, b"id,n\n1,\xc3", "cut.csv"), "--create")


@pytest.mark.parametrize("type_name, cell", [("double precision", "1e400"), ("double precision", "-2E-400"),
                                              ("real", "1e39"), ("real", "0.1e-50")])
def test_a_number_beyond_its_column_is_an_error(weir, tmp_path, type_name, cell):
    weir.run("sql", "--data", "db", "-c", f"CREATE TABLE t (a {type_name})")
    error = weir.error("import", "db", "t", csv(tmp_path, f"a\n0\n-0.0e9\ninf\n1.5\n{cell}\n"))
    assert "row 5, column 'a'" in error and f"'{cell}' is out of range" in error
    weir.run("import", "db", "t", csv(tmp_path, "a\n0\n-0.0e9\n-Infinity\n"))


def test_compression_is_recognised(weir, tmp_path):
    text = b"id,a\n1,x\n"
    zstd = pa.compress(text, "zstd", asbytes=True)
    two_members = gzip.compress(b"id,a\n") + gzip.compress(b"1,x\n")
    for name, content in [("a.csv.gz", gzip.compress(text)), ("b.csv", gzip.compress(text)), ("c.csv.zst", zstd),
                          ("d.csv", zstd), ("e.csv.gz", text), ("f.csv.gz", two_members), ("g.csv.bz2", bz2.compress(text))]:
        csv(tmp_path, content, name)
        weir.run("import", "db", name[0], name, "--create")
        assert weir.export("db", name[0]).to_pylist() == [{"id": 1, "a": "x"}], name
    assert "compressed with xz" in weir.error("import", "db", "h", csv(tmp_path, lzma.compress(text), "h.csv"), "--create")
    cut = csv(tmp_path, gzip.compress(text * 1000)[:40], "cut.csv.gz")
    assert "cut.csv.gz" in weir.error("import", "db", "cut", cut, "--create")
    weir.run("export", "db", "a", "out.csv.bz2")
    assert bz2.decompress((tmp_path / "out.csv.bz2").read_bytes()) == b'"id","a"\n1,"x"\n'
    weir.run("export", "db", "a", "out.csv.zst")
    assert pa.input_stream(str(tmp_path / "out.csv.zst"), compression="zstd").read() == b'"id","a"\n1,"x"\n'


def test_tabs_between_the_cells_of_tsv(weir, tmp_path):
    weir.run("import", "db", "t", csv(tmp_path, "id\ta\n1\tx,y\n", "t.tsv"), "--create")
    assert weir.export("db", "t").to_pylist() == [{"id": 1, "a": "x,y"}]
    weir.run("export", "db", "t", "out.tsv")
    assert (tmp_path / "out.tsv").read_text() == '"id"\t"a"\n1\t"x,y"\n'


def test_files_of_another_format_are_named(weir, tmp_path):
    table = pa.table({"id": [1]})
    pq.write_table(table, tmp_path / "parquet.csv")
    with pa_ipc.new_file(str(tmp_path / "arrow.parquet"), table.schema) as writer:
        writer.write_table(table)
    csv(tmp_path, gzip.compress((tmp_path / "parquet.csv").read_bytes()), "packed.parquet")
    csv(tmp_path, b"FEA1" + b"\0" * 64 + b"FEA1", "old.feather")
    csv(tmp_path, b"PK\x03\x04" + b"\0" * 64, "sheet.csv")
    csv(tmp_path, b"\xfd7zXZ\0" + b"\0" * 64, "t.csv.xz")
    for name, wanted in [("parquet.csv", "--format parquet"), ("arrow.parquet", "--format arrow"),
                         ("packed.parquet", "compressed"), ("old.feather", "Feather file of version 1"),
                         ("sheet.csv", "ZIP archive"), ("t.csv.xz", "decompress it")]:
        text = weir.error("import", "db", "t", name, "--create")
        assert name in text and wanted in text


# --- the types of Parquet and Arrow files ---

def int96(moments, path):
    pq.write_table(pa.table({"t": pa.array(moments)}), path, use_deprecated_int96_timestamps=True, store_schema=False)
    return path


def test_int96_timestamps_are_what_they_are(weir, tmp_path):
    moments = [dt.datetime(2500, 1, 1), dt.datetime(1492, 10, 12), None, dt.datetime(1, 1, 1),
               dt.datetime(9999, 12, 31, 23, 59, 59, 999999), dt.datetime(1969, 12, 31, 23, 59, 59, 1)]
    weir.run("import", "db", "t", int96(pa.array(moments, pa.timestamp("us")), tmp_path / "t.parquet"), "--create")
    assert types(weir)["t"] == "timestamp"
    assert weir.export("db", "t").column("t").to_pylist() == moments


def test_int96_nanoseconds_are_kept(weir, tmp_path):
    moments = pa.array([1700000000123456789, -1, None], pa.timestamp("ns"))
    weir.run("import", "db", "t", int96(moments, tmp_path / "t.parquet"), "--create")
    assert weir.export("db", "t").column("t").combine_chunks().equals(moments)


def column_cases():
    return {
        "u8": (pa.array([0, 255, None], pa.uint8()), "smallint", [0, 255, None]),
        "u16": (pa.array([0, 65535, None], pa.uint16()), "int", [0, 65535, None]),
        "u32": (pa.array([0, 4294967295, None], pa.uint32()), "bigint", [0, 4294967295, None]),
        "u64": (pa.array([0, 2**64 - 1, None], pa.uint64()), "decimal(20,0)", [D(0), D(2**64 - 1), None]),
        "half": (pa.array([1.5, math.inf, None], pa.float32()).cast(pa.float16()), "float", [1.5, math.inf, None]),
        "embedding": (pa.array([[1.0, 2.0], [3.0, None], None], pa.list_(pa.float32(), 2)), "array<float>",
                      [[1.0, 2.0], [3.0, None], None]),
        "bytes_list": (pa.array([[255], [], None], pa.large_list(pa.uint8())), "array<smallint>", [[255], [], None]),
        "took": (pa.array([1, -1, None], pa.duration("ms")), "bigint", [1, -1, None]),
        "wide": (pa.array([D("1.5"), D("-2.5"), None], pa.decimal256(20, 1)), "decimal(20,1)",
                 [D("1.5"), D("-2.5"), None]),
        "none": (pa.array([None, None, None], pa.null()), "string", [None, None, None]),
        "large": (pa.array(["a", "", None], pa.large_string()), "string", ["a", "", None]),
        "row": (pa.array([{"n": 255}, {"n": None}, None], pa.struct([("n", pa.uint8())])), "row<n: smallint>",
                [{"n": 255}, {"n": None}, None]),
    }


@pytest.mark.parametrize("name", column_cases())
def test_types_of_arrow_columns(weir, tmp_path, name):
    values, type_name, wanted = column_cases()[name]
    table = pa.table({name: values})
    with pa_ipc.new_file(str(tmp_path / "t.arrow"), table.schema) as writer:
        writer.write_table(table)
    weir.run("import", "db", "t", "t.arrow", "--create")
    assert types(weir)[name] == type_name
    assert weir.export("db", "t").column(name).to_pylist() == wanted


def test_encodings_of_arrow_columns(weir, tmp_path):
    views = pa.DictionaryArray.from_arrays(pa.array([1, 0, None], pa.uint32()), pa.array(["a", "b"], pa.string_view()))
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array([7, None], pa.int64()))
    table = pa.table({"category": views, "view": pa.array(["x", None, "y" * 40], pa.string_view()), "run": runs})
    with pa_ipc.new_stream(str(tmp_path / "t.arrows"), table.schema) as writer:
        writer.write_table(table)
    weir.run("import", "db", "t", "t.arrows", "--create")
    assert weir.export("db", "t").to_pydict() == {"category": ["b", "a", None], "view": ["x", None, "y" * 40],
                                                  "run": [7, 7, None]}


def test_a_duration_says_its_unit(weir, tmp_path):
    table = pa.table({"took": pa.array([1], pa.duration("us"))})
    pq.write_table(table, tmp_path / "t.parquet")
    weir.run("import", "db", "t", "t.parquet", "--create")
    [database] = weir.json("inspect", "db", "t")["databases"]
    assert database["tables"][0]["columns"][0]["comment"] == "duration in microseconds"


def test_columns_that_no_type_holds(weir, tmp_path):
    table = pa.table({"id": [1], "wide": pa.array([D("1")], pa.decimal256(60, 1))})
    with pa_ipc.new_file(str(tmp_path / "t.arrow"), table.schema) as writer:
        writer.write_table(table)
    text = weir.error("import", "db", "t", "t.arrow", "--create")
    assert "'wide'" in text and "--columns" in text
    weir.run("import", "db", "t", "t.arrow", "--create", "--columns", "id")
    assert weir.export("db", "t").to_pylist() == [{"id": 1}]


# --- JSON lines ---

JSON_LINES = [
    '{"id": 1, "name": "Müller", "price": 1.50, "ok": true, "tags": ["a", "b"], "at": {"x": 1, "y": [1.0, null]}}',
    '',
    '{"name": null, "id": 9007199254740993, "price": 2, "ok": false, "code": "01234", "big": 12345678901234567890}',
]


@pytest.mark.parametrize("name", ["t.jsonl", "t.ndjson.gz"])
def test_json_lines(weir, tmp_path, name):
    content = "\n".join(JSON_LINES).encode()
    csv(tmp_path, gzip.compress(content) if name.endswith(".gz") else content, name)
    weir.run("import", "db", "t", name, "--create")
    assert types(weir) == {
        "id": "bigint", "name": "string", "price": "double", "ok": "boolean", "tags": "string", "at": "string",
        "code": "string", "big": "decimal(38,0)"}
    assert weir.export("db", "t").to_pylist() == [
        {"id": 1, "name": "Müller", "price": 1.5, "ok": True, "tags": '["a","b"]', "at": '{"x":1,"y":[1.0,null]}',
         "code": None, "big": None},
        {"id": 9007199254740993, "name": None, "price": 2.0, "ok": False, "tags": None, "at": None, "code": "01234",
         "big": D("12345678901234567890")}]


def test_json_lines_into_a_table(weir, tmp_path):
    table = pa.table({"id": pa.array([0], pa.int32()), "price": pa.array([D("0.00")], pa.decimal128(10, 2)),
                      "tags": pa.array([["x"]], pa.list_(pa.string()))})
    pq.write_table(table, tmp_path / "t.parquet")
    weir.run("import", "db", "t", "t.parquet", "--create")
    weir.run("import", "db", "t", csv(tmp_path, '{"tags":["a",null],"id":1,"price":1.25}\n{"id":"2"}\n', "a.jsonl"))
    assert weir.export("db", "t").to_pylist()[1:] == [{"id": 1, "price": D("1.25"), "tags": ["a", None]},
                                                      {"id": 2, "price": None, "tags": None}]
    for line, wanted in [('{"id":1.5}', ["row 2", "'id'", "1.5"]), ('{"id":1,"id":2}', ["line 2", "'id'", "twice"]),
                         ('{"id":1', ["line 2", "JSON"]), ("[1]", ["line 2", "object"]), ("5", ["line 2", "object"]),
                         ('{"id":1,"more":2}', ["line 2", "'more'", "--ignore-unknown"]),
                         ('{"price":1.255}', ["row 2", "'price'"]), ('{"tags":{"a":1}}', ["row 2", "'tags'"])]:
        text = weir.error("import", "db", "t", csv(tmp_path, '{"id":1}\n' + line + "\n", "bad.jsonl"), "--again")
        for part in ["bad.jsonl", *wanted]:
            assert part in text, text
    more = csv(tmp_path, '{"id":7,"more":2}\n', "more.jsonl")
    weir.run("import", "db", "t", more, "--ignore-unknown")
    assert 7 in weir.export("db", "t").column("id").to_pylist()


def test_json_lines_are_exported(weir, tmp_path):
    table = pa.table({"id": pa.array([1, None]), "x": [0.5, math.inf], "d": [D("1.50"), None], "s": ['say "hi"', "ü"],
                      "l": pa.array([[1], None], pa.list_(pa.int64()))})
    pq.write_table(table, tmp_path / "t.parquet")
    weir.run("import", "db", "t", "t.parquet", "--create")
    weir.run("export", "db", "t", "out.jsonl")
    assert [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()] == [
        {"id": 1, "x": 0.5, "d": "1.50", "s": 'say "hi"', "l": [1]},
        {"id": None, "x": "Infinity", "d": None, "s": "ü", "l": None}]


def test_json_lines_hold_times_to_the_digit(weir, tmp_path):
    table = pa.table({"us": pa.array([86399999999, None, 1], pa.time64("us")),
                      "ns": pa.array([86399999999999, 0, None], pa.time64("ns"))})
    pq.write_table(table, tmp_path / "t.parquet")
    weir.run("import", "db", "t", "t.parquet", "--create")
    weir.run("export", "db", "t", "out.jsonl")
    assert [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()] == [
        {"us": "23:59:59.999999", "ns": "23:59:59.999999999"}, {"us": None, "ns": "00:00:00.000000000"},
        {"us": "00:00:00.000001", "ns": None}]


# --- what fails leaves nothing ---

def test_an_import_that_fails_makes_nothing(weir, tmp_path):
    create = ["--create", "--create-partitions"]
    csv(tmp_path, "id,name\n1,a\n2,\n")
    assert "NOT NULL" in weir.error("import", "db", "p", "t.csv", *create, "--primary-key", "name")
    assert tables(weir) == []
    assert "name" in weir.error("import", "db", "shop.p", "t.csv", *create, "--partition-by", "name")
    assert [database["name"] for database in weir.json("inspect", "db")["databases"]] == ["fluss", "weir"]
    weir.run("import", "db", "p", "t.csv", *create, "--partition-by", "id")
    assert tables(weir) == ["p"]
    # A table that was there before stays, and so does one with a whole file in it.
    assert "x" in weir.error("import", "db", "p", csv(tmp_path, "id,name\nx,a\n", "bad.csv"), "--create")
    assert "x" in weir.error("import", "db", "q", "t.csv", "bad.csv", "--create")
    assert tables(weir) == ["p", "q"] and weir.export("db", "q").num_rows == 2


def test_a_file_that_cannot_be_read_makes_no_database(weir, tmp_path):
    assert "no.csv" in weir.error("import", "db", "t", "no.csv", "--create")
    assert "row 2" in weir.error("import", "db", "t", csv(tmp_path, "id,a\n1,2\n3\n"), "--create")
    assert "it is empty" in weir.error("import", "db", "t", csv(tmp_path, "\r\n\n"), "--create")
    # Nor does one that no table can be made for.
    for name in ("__offset", ""):
        pq.write_table(pa.table({name: [1]}), tmp_path / "t.parquet")
        text = weir.error("import", "db", "t", "t.parquet", "--create")
        assert "t.parquet" in text and "column" in text
    assert not (tmp_path / "db").exists()


# --- ragged rows, and many files ---

RAGGED = "id,name\n1,a\n2\n3,c,d\n4,\"x\ny\"\n5,e\n"


def test_ragged_rows_are_left_out_and_kept(weir, tmp_path):
    csv(tmp_path, RAGGED)
    assert "row 2" in weir.error("import", "db", "t", "t.csv", "--create")
    told = weir.run("import", "db", "t", "t.csv", "--create", "--rejects", "bad.csv").stdout
    assert "2 rows with a wrong number of cells left out: bad.csv" in told
    assert exported(weir, tmp_path) == '"id","name"\n1,"a"\n4,"x\ny"\n5,"e"\n'
    assert (tmp_path / "bad.csv").read_text().splitlines() == [
        "file,row,cells,expected,text", '"t.csv",2,1,2,"2"', '"t.csv",3,3,2,"3,c,d"']
    csv(tmp_path, "id,name\n1,a\n", "whole.csv")
    done = weir.json("import", "db", "t", "whole.csv", "--rejects", "none.csv")
    assert done["rows_rejected"] == 0 and not (tmp_path / "none.csv").exists()


def test_a_file_of_rejects_that_cannot_be_written_is_an_error(weir, tmp_path):
    csv(tmp_path, RAGGED)
    assert "no/bad.csv" in weir.error("import", "db", "t", "t.csv", "--create", "--rejects", "no/bad.csv")


def test_patterns_name_files(weir, tmp_path):
    for day in (2, 1, 3):
        csv(tmp_path, f"id\n{day}\n", f"day-{day}.csv")
    csv(tmp_path, "id\n9\n", "day-[x].csv")
    done = weir.json("import", "db", "t", "day-[12].csv", "--create")
    assert [file["file"] for file in done["files"]] == ["day-1.csv", "day-2.csv"]
    assert weir.json("import", "db", "t", "day-[x].csv")["rows_written"] == 1  # a file that is called so
    assert [file["result"] for file in weir.json("import", "db", "t", "day-?.csv")["files"]] == [
        "already imported", "already imported", "imported"]
    assert "no file fits 'none-*.csv'" in weir.error("import", "db", "t", "none-*.csv")
