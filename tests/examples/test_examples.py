"""The programs of examples/ do what they say, against a server of this build where they want one.

Each needs its own toolchain and is left out where that is missing. examples/cpp is built by scripts/test-install.
"""
from __future__ import annotations

import os
import pathlib
import shutil
import sys

import nbclient
import nbformat
import pytest

from conftest import BINARY, ROOT, run

EXAMPLES = ROOT / "examples"
EXPECTED = "device 7 is the boiler\nEU: 250 measurements, sum 15562.5\n"


def needs(*programs: str):
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"without {', '.join(missing)}")


def copy(name: str, tmp_path: pathlib.Path) -> pathlib.Path:
    """What an example's tools make beside it is made in a copy."""
    made = shutil.ignore_patterns("node_modules", "target")
    return pathlib.Path(shutil.copytree(EXAMPLES / name, tmp_path / name, ignore=made))


@pytest.mark.parametrize("place", ["memory:", "a directory", "a server"])
def test_python(place, server, tmp_path):
    argument = {"a directory": tmp_path / "data", "a server": server.fluss}.get(place, place)
    assert run(sys.executable, EXAMPLES / "python" / "measurements.py", argument, cwd=tmp_path) == EXPECTED


def test_sql(tmp_path):
    file = EXAMPLES / "sql" / "measurements.sql"
    shown = run(BINARY, "sql", "--data", tmp_path / "data", file, cwd=tmp_path)
    assert shown == file.with_suffix(".expected").read_text()


@needs("node", "npm")
def test_node(server, tmp_path):
    folder = copy("node", tmp_path)
    run("npm", "ci", "--silent", "--no-audit", "--no-fund", cwd=folder)
    assert run("node", "measurements.js", server.url, cwd=folder) == EXPECTED


@needs("go")
def test_go(server, tmp_path):
    assert run("go", "run", ".", server.dsn, cwd=copy("go", tmp_path), timeout=600) == EXPECTED


@needs("mvn", "java")
def test_java(server, tmp_path):
    folder = copy("java", tmp_path)
    run("mvn", "-q", "-B", "compile", "dependency:build-classpath", "-Dmdep.outputFile=path", cwd=folder, timeout=600)
    path = f"target/classes:{(folder / 'path').read_text().strip()}"
    command = ["java", "--add-opens=java.base/java.nio=ALL-UNNAMED", "-cp", path, "Measurements", server.fluss]
    assert run(*command, cwd=folder) == EXPECTED


@pytest.mark.slow
@needs("cargo")
def test_rust(server):
    target = ROOT / "build" / "examples" / "rust"
    environment = {"CARGO_TARGET_DIR": os.environ.get("CARGO_TARGET_DIR", str(target))}
    command = ["cargo", "run", "--quiet", "--", server.fluss, server.dsn]
    assert run(*command, cwd=EXAMPLES / "rust", timeout=1800, **environment) == EXPECTED


@needs("psql")
def test_warehouse(server):
    folder = EXAMPLES / "warehouse"
    server.psql("-c", "CREATE DATABASE warehouse", cwd=folder)
    month = {"partition": "m202604", "first": "2026-04-01", "next": "2026-05-01", "oldest": "2026-01-01"}
    variables = [word for name, value in month.items() for word in ("-v", f"{name}={value}")]
    shown = "".join(server.psql("-f", file, *variables, cwd=folder, database="warehouse")
                    for file in ("setup.sql", "month.sql", "reports.sql"))
    assert shown == (folder / "expected.txt").read_text()


def texts(cell) -> list[str]:
    """What a cell shows, as text."""
    return [one.text if one.output_type == "stream" else one.data["text/plain"] for one in cell.outputs]


def test_notebook(tmp_path):
    """Its cells run, and show what is kept in the file."""
    notebook = nbformat.read(EXAMPLES / "python" / "flights.ipynb", as_version=4)
    kept = [texts(cell) for cell in notebook.cells if cell.cell_type == "code"]
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert [texts(cell) for cell in notebook.cells if cell.cell_type == "code"] == kept
