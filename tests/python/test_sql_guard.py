"""What SQL says of its tables holds for the writers of this package, on an embedded database."""

from __future__ import annotations

import pyarrow as pa
import pytest

import fluss
from support import fails

NOT_ALLOWED, INVALID_CONFIG = 48, 39


async def test_bounds_hold_for_writers(conn):
    await conn.sql("CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)")
    await conn.sql("CREATE TABLE low PARTITION OF t FOR VALUES FROM (0) TO (10)")
    writer = (await conn.get_table("fluss.low")).new_upsert().create_writer()
    with fails(NOT_ALLOWED, 'new row for relation "low" violates partition constraint: row 1 of the batch has (id) = (10)'):
        await writer.upsert({"id": 10, "v": "x"}).wait()
    with pytest.raises(fluss.FlussError):
        await writer.flush()
    await writer.upsert({"id": 9, "v": "x"}).wait()
    assert (await conn.sql("SELECT * FROM t")).fetchall() == [(9, "x")]


async def test_sqls_own_tables_and_marks(conn, admin):
    await conn.sql("CREATE TABLE t (id int)")
    descriptor = fluss.TableDescriptor(fluss.Schema(pa.schema([("id", pa.int32())])), custom_properties={"weir.relation": "1"})
    with fails(INVALID_CONFIG):
        await admin.create_table("fluss.forged", descriptor)
    for drop in (lambda: admin.drop_table("weir.relations"), lambda: admin.drop_database("weir", cascade=True)):
        with fails(NOT_ALLOWED):
            await drop()
    assert (await conn.sql("SELECT count(*) FROM t")).fetchone() == (0,)


async def test_a_table_that_is_dropped_is_dropped_for_sql(conn, admin):
    await conn.sql("CREATE TABLE t (id int); INSERT INTO t VALUES (1)")
    await admin.drop_table("fluss.t")
    with pytest.raises(fluss.SqlError) as info:
        await conn.sql("SELECT * FROM t")
    assert info.value.sqlstate == "42P01"
    await conn.sql("CREATE TABLE t (other text)")
    assert (await conn.sql("SELECT count(*) FROM t")).fetchone() == (0,)
