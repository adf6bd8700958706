"""Every kind of file of a database, damaged in every way: what is lost is named, and nothing else is lost or wrong."""
from __future__ import annotations

import pytest

import damage
import fluss
import fluss.sync
from conftest import read, weir
from database import EXPECTED

# Rows that the changelog deleted may be there again when that is damaged.
EVER_THERE = {**EXPECTED, "users": list(range(400)), "notes": list(range(20))}


def tree(directory):
    return {path.relative_to(directory): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def is_right(name, rows):
    return rows == EXPECTED[name]


def check_reading(found, kind):
    """What is wrong. Every table is read right or not at all, and those that the file does not concern are read."""
    if isinstance(found, str):
        return found
    for name, rows in found.items():
        assert isinstance(rows, str) or is_right(name, rows), f"{name}: {len(rows)} rows, and no error"
        if kind in damage.TABLES and name != damage.TABLES[kind]:
            assert is_right(name, rows), f"{name}: {rows}"
    wrong = [rows for rows in found.values() if isinstance(rows, str)]
    return wrong[0] if wrong else None


@pytest.mark.parametrize("end, kind, name", damage.cases())
def test_what_is_damaged_is_named(copy_of, end, kind, name):
    looked_at, opened = copy_of(end, "looked at"), copy_of(end, "opened")
    for directory in (looked_at, opened):
        damage.DAMAGES[name](damage.find(directory, kind))

    checked = weir("inspect", looked_at, "--check")
    assert checked.returncode in (0, 1), checked.stderr
    wrong = check_reading(read(opened), kind)
    if wrong:
        assert checked.returncode == 1, wrong
        assert "damaged: " in checked.stdout, checked.stdout


@pytest.mark.parametrize("end, kind, name", damage.cases_to_repair())
def test_repair_saves_what_is_whole(copy_of, end, kind, name):
    directory, looked_at = copy_of(end, "db"), copy_of(end, "looked at")
    for one in (directory, looked_at):
        damage.DAMAGES[name](damage.find(one, kind))
    before = tree(directory)
    damaged = weir("inspect", looked_at, "--check").returncode == 1
    told = weir("repair", directory)
    assert told.returncode == 0, told.stderr
    assert tree(directory) == before
    assert ("to do: " in told.stdout) == damaged, told.stdout
    if not damaged:
        return

    done = weir("repair", directory, "--apply")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("done: ") == told.stdout.count("to do: ")
    checked = weir("inspect", directory, "--check")
    assert checked.returncode == 0, checked.stdout
    for table, rows in read(directory).items():
        assert not isinstance(rows, str), rows
        assert set(rows) <= set(EVER_THERE[table])
        if "lost: " not in done.stdout or table != damage.TABLES.get(kind, table):
            assert is_right(table, rows), table
    made = weir("sql", "--data", directory, "--format", "csv", "-c", "CREATE TABLE made (id int)", "-c",
                "SELECT count(*) FROM made")
    assert made.returncode == 0 and made.stdout.split()[-1] == "0", made.stdout + made.stderr


@pytest.mark.parametrize("first, second, name", damage.cases_of_pairs())
def test_no_two_files_are_lost_silently(copy_of, first, second, name):
    looked_at, opened, repaired = (copy_of("kill", place) for place in ("looked at", "opened", "repaired"))
    for directory in (looked_at, opened, repaired):
        damage.damage_both(directory, first, second, name)
    checked = weir("inspect", looked_at, "--check")
    assert checked.returncode in (0, 1), checked.stderr
    if check_reading(read(opened), None):
        assert checked.returncode == 1
    if checked.returncode == 0:
        return
    done = weir("repair", repaired, "--apply")
    assert done.returncode == 0, done.stderr
    assert weir("inspect", repaired, "--check").returncode == 0
    for table, rows in read(repaired).items():
        assert not isinstance(rows, str), rows
        assert is_right(table, rows) or ("lost: " in done.stdout and set(rows) <= set(EVER_THERE[table])), table


def test_lists_of_ends_that_are_gone_are_named(copy_of):
    """Either is enough; without both, what the logs hold is all that is known."""
    directory = copy_of("close", "db")
    for name, what in (("ENDS", "its copy tells of"), ("log/ENDS", "the other tells of")):
        (directory / name).write_bytes(b"")
        checked = weir("inspect", directory, "--check", "--read-only")
        assert checked.returncode == 1
        assert f"{name}': it is empty; {what}" in checked.stdout
        assert read(directory) == EXPECTED
        assert weir("inspect", directory, "--check").returncode == 0
    for name in ("ENDS", "log/ENDS"):
        (directory / name).unlink()
    checked = weir("inspect", directory, "--check", "--read-only")
    assert checked.returncode == 1 and "neither it nor its copy" in checked.stdout
    done = weir("repair", directory, "--apply")
    assert "lost: where the logs of some buckets ended" in done.stdout
    assert weir("inspect", directory, "--check").returncode == 0
    assert read(directory) == EXPECTED


def test_what_names_the_manifest_is_written_again(copy_of):
    """The files that it leads to are whole: nothing is lost."""
    directory = copy_of("close", "db")
    (directory / "kv" / "CURRENT").unlink()
    assert "kv/CURRENT' is missing; 'weir repair" in read(directory)
    done = weir("repair", directory, "--apply")
    assert "have 'kv/CURRENT' name 'MANIFEST-" in done.stdout and "lost: " not in done.stdout
    assert "make the RocksDB" not in done.stdout
    assert read(directory) == EXPECTED


@pytest.mark.parametrize("kept", ["catalog", "kv"])
def test_tables_are_known_without_one_of_the_catalogs(copy_of, kept):
    """Either the copy or RocksDB is enough: not a row is lost."""
    directory = copy_of("close", "db")
    for path in (directory / ("kv" if kept == "catalog" else "catalog")).iterdir():
        path.unlink()
    if kept == "catalog":
        assert "cannot open" in read(directory)
        assert weir("repair", directory, "--apply").returncode == 0
    assert read(directory) == EXPECTED


def test_ids_are_not_used_again(copy_of):
    """A log that no catalog knows stops the start, and is never taken for that of a new table."""
    directory = copy_of("kill", "db")
    for part in ("kv", "catalog"):
        for path in (directory / part).iterdir():
            path.unlink()
    assert isinstance(read(directory), str)
    assert weir("repair", directory, "--apply").returncode == 1


def test_reading_only_changes_nothing(copy_of):
    directory = copy_of("close", "db")
    before = tree(directory)
    assert weir("inspect", directory, "--read-only").returncode == 0
    counted = weir("sql", "--data", directory, "--read-only", "--format", "csv", "-c", "SELECT count(*) FROM events")
    assert counted.stdout.split()[-1] == str(len(EXPECTED["events"])), counted.stderr
    refused = weir("sql", "--data", directory, "--read-only", "-c", "INSERT INTO notes VALUES (1, 'x')")
    assert refused.returncode == 1 and "reading only" in refused.stderr
    assert tree(directory) == before


def test_python_reads_a_database_that_it_may_not_change(copy_of):
    directory = copy_of("close", "db")
    before = tree(directory)
    config = fluss.Config({"bootstrap.servers": f"file:{directory}", "local.read-only": "true"})
    with fluss.sync.FlussConnection.create(config) as conn:
        assert [row[0] for row in conn.sql("SELECT id FROM users ORDER BY id")] == EXPECTED["users"]
        with pytest.raises(fluss.FlussError, match="reading only"):
            conn.sql("DELETE FROM users")
    assert tree(directory) == before
