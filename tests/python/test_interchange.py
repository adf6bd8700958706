"""Other libraries: pandas, polars, DuckDB, numpy, and whatever speaks the Arrow protocols; notebooks."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import fluss
from fluss import EARLIEST_OFFSET, col
from support import EVENTS, POLL_MS, USERS, create, fails, rows_of, schema_of


async def filled(conn, keys=None, name="t"):
    table = await create(conn, name, USERS, keys)
    data = pa.table({"id": pa.array(range(5), pa.int32()), "name": [f"n{i}" for i in range(5)],
                     "age": pa.array([0, 10, None, 30, 40], pa.int64())})
    writer = table.new_append() if keys is None else table.new_upsert()
    await writer.write_arrow(data).wait()
    return table


async def scanner_of(table):
    scanner = await table.new_scan().create_batch_scanner()
    scanner.subscribe(0, EARLIEST_OFFSET)
    return scanner


# --- Out ---


@pytest.mark.parametrize("keys", [None, ["id"]])
async def test_polars_reads_tables(conn, keys):
    table = await filled(conn, keys)
    for frame in (await table.to_polars(), pl.DataFrame(table), pl.DataFrame(await table.to_arrow()),
                  await table.new_scan().to_polars()):
        assert type(frame) is pl.DataFrame
        assert frame.sort("id")["age"].to_list() == [0, 10, None, 30, 40]
    assert (await table.to_polars(["name"], col("id") == 3)).to_dicts() == [{"name": "n3"}]


async def test_polars_reads_scans_and_polls(conn):
    table = await filled(conn)
    assert pl.DataFrame(await scanner_of(table)).height == 5
    assert pl.DataFrame((await scanner_of(table)).poll_arrow(POLL_MS)).height == 5
    assert pl.DataFrame((await scanner_of(table)).to_arrow())["id"].to_list() == list(range(5))
    (batch,) = await (await scanner_of(table)).poll_record_batch(POLL_MS)
    assert pl.DataFrame(batch).height == 5


@pytest.mark.parametrize("keys", [None, ["id"]])
async def test_duckdb_reads_tables(conn, keys):
    table = await filled(conn, keys)
    with duckdb.connect() as db:
        assert table.to_duckdb(connection=db).aggregate("sum(age)").fetchall() == [(80,)]
        relation = table.to_duckdb(["id"], col("id") >= 3, connection=db)
        assert sorted(relation.fetchall()) == [(3,), (4,)]
        arrow = await table.to_arrow()  # noqa: F841  # DuckDB finds it by its name
        assert db.sql("select count(*) from arrow where age is null").fetchall() == [(1,)]
        reader = table.to_arrow_batch_reader()  # noqa: F841
        assert db.sql("select max(id) from reader").fetchall() == [(4,)]


async def test_arrow_protocols(conn):
    table = await filled(conn)
    assert pa.schema(table) == table.arrow_schema
    assert pa.RecordBatchReader.from_stream(table).read_all().num_rows == 5
    assert pa.table(table.new_scan().project([0])).schema.names == ["id"]
    assert pa.schema(table.get_table_info().get_schema()) == table.arrow_schema
    (batch,) = await (await scanner_of(table)).poll_record_batch(POLL_MS)
    assert pa.record_batch(batch).equals(batch.batch) and len(batch) == 5
    records = await table.new_scan().create_log_scanner()
    records.subscribe(0, EARLIEST_OFFSET)
    assert (await records.poll(POLL_MS)).to_arrow().equals(await table.to_arrow())


async def test_arrow_data_outlives_everything_it_came_from(directory):
    conn = await fluss.FlussConnection.open(directory)
    table = await filled(conn)
    (batch,) = await (await scanner_of(table)).poll_record_batch(POLL_MS)
    arrow, whole = batch.batch, await table.to_arrow()
    path = table.get_table_path()
    del batch, table
    await conn.get_admin().drop_table(path)
    await conn.close()
    del conn
    assert arrow.column("id").to_pylist() == list(range(5)) and whole.column("name").to_pylist()[4] == "n4"
    whole.validate(full=True)


async def test_pandas_options(conn):
    table = await filled(conn)
    frame = await table.to_pandas()
    assert frame["age"].isna().sum() == 1
    typed = await table.to_pandas(types_mapper=pd.ArrowDtype)
    assert str(typed.dtypes["age"]) == "int64[pyarrow]"
    assert (await table.to_pandas(["id", "name"], col("id") < 2)).to_dict("list") == {"id": [0, 1], "name": ["n0", "n1"]}
    assert np.asarray(await table.to_pandas(["id"])).ravel().tolist() == list(range(5))


# --- In ---


@pytest.mark.parametrize("keys", [None, ["id"]])
async def test_anything_with_an_arrow_stream_can_be_written(conn, keys):
    source = await filled(conn, name="source")
    sources = {
        "polars": pl.DataFrame(source), "table": source, "scan": source.new_scan(),
        "reader": source.to_arrow_batch_reader(), "result": source.to_arrow(),
        "duckdb": duckdb.sql("select i::int as id, 'n' || i as name, i::bigint as age from range(5) t(i)"),
    }
    for name, data in sources.items():
        target = await create(conn, name, USERS, keys)
        writer = target.new_append() if keys is None else target.new_upsert()
        await writer.write_arrow(data).wait()
        written = (await target.to_arrow()).sort_by("id")
        assert written.column("id").to_pylist() == list(range(5)), name
        assert written.column("name").to_pylist() == [f"n{i}" for i in range(5)]


async def test_record_batches_of_polls_can_be_written(conn):
    source, target = await filled(conn), await create(conn, "target", USERS)
    for batch in await (await scanner_of(source)).poll_record_batch(POLL_MS):
        await target.new_append().write_arrow_batch(batch).wait()
    assert await rows_of(conn, target) == await rows_of(conn, source)


async def test_what_is_no_arrow_data(conn):
    table = await create(conn, "t", USERS)
    for call in (lambda: table.new_append().write_arrow([1, 2]), lambda: table.new_append().write_arrow_batch("rows"),
                 lambda: table.new_append().write_arrow_batch(None)):
        with pytest.raises((TypeError, fluss.FlussError)):
            call()
    with pytest.raises((TypeError, AttributeError, fluss.FlussError)):
        table.new_append().write_pandas([1, 2])
    assert await rows_of(conn, table) == []


def test_schemas_from_other_sources():
    arrow = schema_of(USERS).to_arrow()
    assert fluss.Schema.from_dict(USERS) == schema_of(USERS)
    assert fluss.Schema.from_dict({"id": "int32", "name": "string"}, ["id"]).get_column_types() == ["int NOT NULL", "string"]

    class Speaks:
        def __arrow_c_schema__(self):
            return arrow.__arrow_c_schema__()

    assert fluss.Schema(Speaks()) == schema_of(USERS)


# --- Notebooks ---


async def test_html(conn):
    table = await create(conn, "t", {**EVENTS, "<b>": pa.string()}, ["id", "region"], partition_keys=["region"],
                         partitions=[{"region": "US"}])
    info = table.get_table_info()
    for value in (table, info, info.get_schema()):
        html = value._repr_html_()
        assert html.startswith("<table>") and html.endswith("</table>") and "bigint" in html
        assert "&lt;b&gt;" in html and "<b>" not in html
    await table.new_upsert().upsert([1, "US", 5, "<script>"]).wait()
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe_all()
    html = (await scanner.poll(POLL_MS))._repr_html_()
    assert "&lt;script&gt;" in html and "<script>" not in html and "+I" in html
    assert "closed" not in conn._repr_html_()
    await conn.close()
    assert "closed" in conn._repr_html_()


async def test_a_long_poll_shows_its_first_rows(conn):
    table = await create(conn, "t", USERS)
    await table.new_append().write_arrow(pa.table({
        "id": pa.array(range(200), pa.int32()), "name": pa.nulls(200, pa.string()), "age": pa.nulls(200, pa.int64())})).wait()
    scanner = await table.new_scan().create_log_scanner()
    scanner.subscribe_all()
    records = await scanner.poll(POLL_MS)
    html = records._repr_html_()
    assert html.count("<tr>") < 50 and str(len(records)) in html


async def test_strict_pandas_names_the_columns(conn):
    table = await create(conn, "t", USERS)
    with fails(-2, "extra", "id"):
        table.new_append().write_pandas(pd.DataFrame({"id": [1], "name": ["a"], "age": [1], "extra": [2]}), strict=True)
