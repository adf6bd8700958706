"""Upserts, deletes, partial updates, merge engines, changelogs; point and prefix lookups."""

from __future__ import annotations

import asyncio
import datetime as dt

import pandas as pd
import pyarrow as pa
import pytest

import fluss
from fluss import ErrorCode
from support import EVENTS, USERS, changes_of, create, fails, records_of, seen

ALICE, BOB = {"id": 1, "name": "Alice", "age": 25}, {"id": 2, "name": "Bob", "age": 30}


async def test_the_changelog_tells_every_change(conn):
    table = await create(conn, "t", USERS, ["id"])
    upsert = table.new_upsert()
    await upsert.upsert(ALICE).wait()
    await upsert.upsert(BOB).wait()
    await upsert.upsert({**ALICE, "age": 26}).wait()
    await upsert.delete({"id": 2}).wait()
    await upsert.delete({"id": 3}).wait()
    assert await changes_of(conn, table, 5) == [
        ("+I", ALICE), ("+I", BOB), ("-U", ALICE), ("+U", {**ALICE, "age": 26}), ("-D", BOB)]
    records = await records_of(conn, table, 5)
    assert [record.offset for record in records] == list(range(5))


async def test_the_changelog_image_wal_has_no_old_rows(conn):
    table = await create(conn, "t", USERS, ["id"], properties={"table.changelog.image": "WAL"})
    upsert = table.new_upsert()
    await upsert.upsert(ALICE).wait()
    await upsert.upsert({**ALICE, "age": 26}).wait()
    await upsert.delete([1]).wait()
    changes = await changes_of(conn, table, 3)
    assert [kind for kind, _ in changes][1:] == ["+U", "-D"]
    assert changes[1][1] == {**ALICE, "age": 26}


async def test_changes_of_one_batch_stay_in_order(conn):
    table = await create(conn, "t", USERS, ["id"])
    writer = table.new_upsert().create_writer()
    for age in range(4):
        writer.upsert([1, "a", age])
    writer.delete([1])
    writer.upsert([1, "b", 9])
    await writer.flush()
    changes = await changes_of(conn, table, 9)
    assert [kind for kind, _ in changes] == ["+I", "-U", "+U", "-U", "+U", "-U", "+U", "-D", "+I"]
    assert await table.new_lookup().lookup([1]) == {"id": 1, "name": "b", "age": 9}


async def test_upserts_replace_whole_rows(conn):
    table = await create(conn, "t", USERS, ["id"])
    await table.new_upsert().upsert(ALICE).wait()
    await table.new_upsert().upsert({"id": 1, "age": 3}).wait()
    assert await table.new_lookup().lookup({"id": 1}) == {"id": 1, "name": None, "age": 3}


async def test_a_value_that_does_not_fit_its_column_fails_alone(conn):
    """At the call, and not with the rows that are on their way in the same batch."""
    columns = {"id": pa.int32(), "at": pa.timestamp("ns"), "all": pa.list_(pa.timestamp("ns")), "code": pa.binary(3)}
    table = await create(conn, "t", columns, ["id"], bucket_count=1)
    upsert = table.new_upsert()
    early, late = dt.datetime(1600, 1, 1), dt.datetime(2021, 1, 1)
    before = upsert.upsert([1, late, None, b"abc"])
    for row, said in (([2, early, None, None], "Field 'at': timestamp -11676096000000 ms is out of range"),
                      ([3, None, [late, early], None], "Field 'all': timestamp -11676096000000 ms is out of range"),
                      ([4, None, None, b"ab"], "Field 'code': ")):
        with fails(ErrorCode.CLIENT_ERROR, said):
            upsert.upsert(row)
    after = upsert.upsert([5, None, [late], None])
    await before.wait()
    await after.wait()
    assert [row["id"] for row in (await table.to_arrow()).sort_by("id").to_pylist()] == [1, 5]


async def test_keys_in_the_middle_of_the_schema_and_in_their_own_order(conn):
    fields = {"a": pa.string(), "b": pa.int32(), "c": pa.string(), "v": pa.int64()}
    table = await create(conn, "t", fields, ["c", "b"], bucket_count=3)
    await table.new_upsert().upsert({"a": "x", "b": 1, "c": "k", "v": 5}).wait()
    lookup = table.new_lookup()
    assert table.get_table_info().get_primary_keys() == ["c", "b"]
    for key in ({"b": 1, "c": "k"}, ["k", 1], ("k", 1)):
        assert (await lookup.lookup(key))["v"] == 5
    assert await lookup.lookup(["k", 2]) is None
    await table.new_upsert().delete(["k", 1]).wait()
    assert await lookup.lookup(["k", 1]) is None


async def test_partial_updates(conn):
    table = await create(conn, "t", USERS, ["id"])
    await table.new_upsert().upsert(ALICE).wait()
    for number, partial in enumerate((
        table.new_upsert().partial_update_by_name(["id", "age"]), table.new_upsert().partial_update_by_index([0, 2]),
        table.new_upsert(columns=["id", "age"]), table.new_upsert([0, 2]), table.new_upsert(["age", "id"]),
    )):
        row = [number, 1] if number == 4 else [1, number]
        await partial.create_writer().upsert(row).wait()
        assert await table.new_lookup().lookup([1]) == {**ALICE, "age": number}
    await table.new_upsert(["id", "name"]).upsert({"id": 5, "name": "new"}).wait()
    assert await table.new_lookup().lookup([5]) == {"id": 5, "name": "new", "age": None}
    with fails(-2, "Unknown field 'name'. Expected: id, age"):
        table.new_upsert(["id", "age"]).upsert(ALICE)


async def test_a_builder_is_not_changed_by_partial_update(conn):
    table = await create(conn, "t", USERS, ["id"])
    whole = table.new_upsert()
    partial = whole.partial_update_by_name(["id", "age"])
    assert partial is not whole
    await whole.upsert(ALICE).wait()
    await partial.upsert([1, 99]).wait()
    assert await table.new_lookup().lookup([1]) == {**ALICE, "age": 99}


async def test_partial_updates_that_cannot_be(conn, admin):
    table = await create(conn, "t", USERS, ["id"])
    with fails(-2, "must contain the primary key columns", "id"):
        table.new_upsert(["age"]).create_writer()
    with fails(-2, "x"):
        table.new_upsert().partial_update_by_name(["id", "x"])
    for index in (3, -1):
        with fails(-2, str(index)):
            table.new_upsert().partial_update_by_index([0, index])
    path = fluss.TablePath("fluss", "strict")
    schema = pa.schema([pa.field("id", pa.int32()), pa.field("a", pa.int32(), nullable=False), ("b", pa.int32())])
    await admin.create_table(path, fluss.TableDescriptor(fluss.Schema(schema, ["id"])))
    strict = await conn.get_table(path)
    with fails(-2, "Partial Update requires all columns except primary key to be nullable", "a"):
        strict.new_upsert(["id", "b"]).create_writer()
    named = strict.new_upsert(["id", "a"]).create_writer()
    await named.upsert({"id": 1, "a": 2}).wait()
    with fails(-2, "'a'"):
        named.upsert({"id": 1, "a": None})
    assert await strict.new_lookup().lookup([1]) == {"id": 1, "a": 2, "b": None}


async def test_deletion_can_be_disabled_or_ignored(conn):
    disabled = await create(conn, "off", USERS, ["id"], properties={"table.delete.behavior": "disable"})
    await disabled.new_upsert().upsert(ALICE).wait()
    with fails(ErrorCode.DELETION_DISABLED_EXCEPTION):
        await disabled.new_upsert().delete([1]).wait()
    await seen(conn)
    ignored = await create(conn, "ignored", USERS, ["id"], properties={"table.delete.behavior": "ignore"})
    await ignored.new_upsert().upsert(ALICE).wait()
    await ignored.new_upsert().delete([1]).wait()
    for table in (disabled, ignored):
        assert await table.new_lookup().lookup([1]) == ALICE


async def test_first_row_engine(conn):
    table = await create(conn, "t", USERS, ["id"], properties={"table.merge-engine": "first_row"})
    for age in (1, 2, 3):
        await table.new_upsert().upsert([1, "a", age]).wait()
    await table.new_upsert().upsert([2, "b", 9]).wait()
    assert (await table.new_lookup().lookup([1]))["age"] == 1
    assert [kind for kind, _ in await changes_of(conn, table, 2)] == ["+I", "+I"]


async def test_versioned_engine(conn):
    properties = {"table.merge-engine": "versioned", "table.merge-engine.versioned.ver-column": "age"}
    table = await create(conn, "t", USERS, ["id"], properties=properties)
    for name, version in (("first", 5), ("older", 3), ("same", 5), ("newer", 7)):
        await table.new_upsert().upsert([1, name, version]).wait()
    assert await table.new_lookup().lookup([1]) == {"id": 1, "name": "newer", "age": 7}
    kinds = [(kind, row["name"]) for kind, row in await changes_of(conn, table, 5)]
    assert kinds == [("+I", "first"), ("-U", "first"), ("+U", "same"), ("-U", "same"), ("+U", "newer")]


async def test_aggregation_engine_keeps_the_last_value_by_default(conn):
    table = await create(conn, "t", USERS, ["id"], properties={"table.merge-engine": "aggregation"})
    await table.new_upsert().upsert([1, "a", 1]).wait()
    await table.new_upsert().upsert([1, None, 2]).wait()
    assert await table.new_lookup().lookup([1]) == {"id": 1, "name": "a", "age": 2}


async def test_merge_engines_that_do_not_exist(admin):
    schema = fluss.Schema(pa.schema(list(USERS.items())), ["id"])
    for properties, text in (({"table.merge-engine": "magic"}, "magic"),
                             ({"table.merge-engine": "versioned"}, "ver-column"),
                             ({"table.merge-engine": "versioned",
                               "table.merge-engine.versioned.ver-column": "name"}, "name")):
        with pytest.raises(fluss.FlussError, match=text):
            await admin.create_table(fluss.TablePath("fluss", "t"), fluss.TableDescriptor(schema, properties=properties))


async def test_auto_increment(conn, admin):
    path = fluss.TablePath("fluss", "t")
    arrow = pa.schema([("name", pa.string()), ("number", pa.int64()), ("note", pa.string())])
    schema = fluss.Schema(arrow, ["name"], auto_increment_column="number")
    await admin.create_table(path, fluss.TableDescriptor(schema))
    table = await conn.get_table(path)
    with fails(-2, "number"):
        table.new_upsert().create_writer()
    with fails(-2, "number"):
        table.new_upsert().upsert(["a", 1, "x"])
    with fails(-2, "number"):
        table.new_upsert(["name", "number"]).create_writer()
    writer = table.new_upsert(["name", "note"]).create_writer()
    for name in ("a", "b", "c", "a"):
        await writer.upsert([name, "x"]).wait()
    rows = await table.new_lookup().lookup_many([["a"], ["b"], ["c"]])
    assert len({row["number"] for row in rows}) == 3
    first = rows[0]["number"]
    await writer.upsert(["a", "later"]).wait()
    assert await table.new_lookup().lookup(["a"]) == {"name": "a", "number": first, "note": "later"}


async def test_bulk_upserts_and_deletes(conn):
    table = await create(conn, "t", USERS, ["id"], bucket_count=2)
    writer = table.new_upsert().create_writer()
    data = pa.table({"id": pa.array(range(1000), pa.int32()), "name": [f"n{i}" for i in range(1000)],
                     "age": pa.array(range(1000), pa.int64())})
    await writer.write_arrow(data).wait()
    await writer.write_arrow_batch(data.slice(0, 10).to_batches()[0]).wait()
    await writer.write_pandas(pd.DataFrame({"id": [0], "name": ["pandas"], "age": [1]})).wait()
    assert (await table.new_lookup().lookup([0]))["name"] == "pandas"
    await writer.delete_arrow(pa.table({"id": pa.array(range(500), pa.int32())})).wait()
    assert sorted((await table.to_arrow(columns=["id"])).column("id").to_pylist()) == list(range(500, 1000))


async def test_snapshots_hold_the_live_rows(conn):
    table = await create(conn, "t", EVENTS, ["id", "region"], partition_keys=["region"], bucket_count=2,
                         partitions=[{"region": r} for r in "ab"])
    writer = table.new_upsert().create_writer()
    for number in range(50):
        writer.upsert([number, "ab"[number % 2], number])
    for number in range(0, 50, 10):
        writer.upsert([number, "a", -number])
        writer.delete([number + 1, "b"])
    await writer.flush()
    rows = {row["id"]: row["value"] for row in (await table.to_arrow()).to_pylist()}
    assert len(rows) == 45 and rows[20] == -20 and 21 not in rows and rows[22] == 22
    (a, b) = await conn.get_admin().list_partition_infos(table.get_table_path())
    part = await table.new_scan().partitions([b.partition_id]).project_by_name(["region"]).to_arrow()
    assert set(part.column("region").to_pylist()) == {b.partition_name} and part.schema.names == ["region"]
    assert a.partition_name != b.partition_name


# --- Lookups ---


async def test_lookups(conn):
    table = await create(conn, "t", USERS, ["id"], bucket_count=3)
    writer = table.new_upsert().create_writer()
    for number in range(300):
        writer.upsert([number, f"n{number}", number])
    await writer.flush()
    lookuper = table.new_lookup().create_lookuper()
    assert await lookuper is lookuper
    rows = await asyncio.gather(*(lookuper.lookup([number]) for number in range(310)))
    assert [row and row["age"] for row in rows] == [*range(300), *[None] * 10]
    assert await lookuper.lookup_many([{"id": 5}, (700,), [6]]) == [
        {"id": 5, "name": "n5", "age": 5}, None, {"id": 6, "name": "n6", "age": 6}]
    assert await table.new_lookup().lookup({"id": 7}) == {"id": 7, "name": "n7", "age": 7}


async def test_lookup_keys_are_checked_at_the_call(conn):
    lookuper = (await create(conn, "t", USERS, ["id"])).new_lookup().create_lookuper()
    for key, text in (({"id": "x"}, "Field 'id': TypeError"), ({"id": 1, "age": 2}, "Unknown field 'age'"),
                      ({}, "'id'"), ([1, 2], "Expected 1 elements, got 2"), (5, "Row must be a dict, list, or tuple")):
        with fails(-2, text):
            lookuper.lookup(key)


async def test_prefix_lookups(conn):
    fields = {"user": pa.int32(), "day": pa.string(), "note": pa.string(), "seq": pa.int64()}
    table = await create(conn, "t", fields, ["user", "day", "seq"], bucket_keys=["user", "day"], bucket_count=3)
    writer = table.new_upsert().create_writer()
    for user in range(4):
        for seq in (3, 1, 2):
            writer.upsert([user, "monday", f"{user}/{seq}", seq])
    await writer.flush()
    builder = table.new_lookup().lookup_by(["user", "day"])
    lookuper = builder.create_lookuper()
    expected = [{"user": 2, "day": "monday", "note": f"2/{seq}", "seq": seq} for seq in (1, 2, 3)]
    for prefix in ({"user": 2, "day": "monday"}, [2, "monday"], (2, "monday")):
        assert await lookuper.lookup(prefix) == expected
    assert await builder.lookup([2, "monday"]) == expected
    assert await lookuper.lookup([2, "tuesday"]) == []
    await table.new_upsert().delete([2, "monday", 2]).wait()
    assert [row["seq"] for row in await lookuper.lookup([2, "monday"])] == [1, 3]


async def test_prefix_lookups_in_partitions(conn):
    fields = {"region": pa.string(), "user": pa.int32(), "seq": pa.int64()}
    table = await create(conn, "t", fields, ["region", "user", "seq"], partition_keys=["region"], bucket_keys=["user"],
                         partitions=[{"region": "a"}, {"region": "b"}])
    writer = table.new_upsert().create_writer()
    for region, seq in (("a", 1), ("a", 2), ("b", 3)):
        writer.upsert([region, 7, seq])
    await writer.flush()
    lookuper = table.new_lookup().lookup_by(["region", "user"]).create_lookuper()
    assert [row["seq"] for row in await lookuper.lookup(["a", 7])] == [1, 2]
    assert await lookuper.lookup({"user": 7, "region": "b"}) == [{"region": "b", "user": 7, "seq": 3}]
    assert await lookuper.lookup(["nowhere", 7]) == []
    turned = table.new_lookup().lookup_by(["user", "region"]).create_lookuper()
    assert [row["seq"] for row in await turned.lookup([7, "a"])] == [1, 2]
    for columns, text in ((["user"], "partition fields"), (["region", "nope"], "Unknown column name 'nope' for prefix lookup"),
                          (["region", "seq"], "must contain all bucket keys"), (["region", "user", "seq"], "prefix lookup")):
        with fails(-2, text):
            table.new_lookup().lookup_by(columns).create_lookuper()


async def test_prefix_lookups_need_bucket_keys_before_the_rest(conn):
    table = await create(conn, "t", USERS, ["id"])
    with fails(-2, "prefix lookup"):
        table.new_lookup().lookup_by(["id"]).create_lookuper()
