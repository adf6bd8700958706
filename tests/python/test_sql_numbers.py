"""Numbers of any precision, which Arrow has no type for."""

import decimal

import pyarrow as pa
import pytest

from fluss.sync import FlussConnection


@pytest.fixture
def conn():
    with FlussConnection.open() as connection:
        yield connection


def column(conn, query):
    return conn.sql(query).to_arrow().column(0)


def test_a_result_has_one_scale(conn):
    values = column(conn, "SELECT v FROM (VALUES (1.5::numeric), (2), (NULL), (0.125)) t(v)")
    assert values.type == pa.decimal128(38, 3)
    assert values.to_pylist() == [decimal.Decimal("1.5"), decimal.Decimal(2), None, decimal.Decimal("0.125")]


def test_averages_and_quotients_are_exact(conn):
    assert column(conn, "SELECT avg(i) FROM generate_series(1, 4) i").to_pylist() == [decimal.Decimal("2.5")]
    assert column(conn, "SELECT 1.0 / 3").to_pylist() == [decimal.Decimal("0.33333333333333333333")]


def test_what_is_longer_than_128_bits(conn):
    values = column(conn, "SELECT 1e50::numeric + 0.5")
    assert values.type == pa.decimal256(76, 1)
    assert values.to_pylist() == [decimal.Decimal("1" + "0" * 50 + ".5")]


def test_what_is_no_decimal_stays_a_text(conn):
    assert column(conn, "SELECT 'NaN'::numeric").to_pylist() == ["NaN"]
    assert column(conn, "SELECT 1e100::numeric").to_pylist() == ["1" + "0" * 100]
