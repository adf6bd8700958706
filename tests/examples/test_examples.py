"""The programs of examples/ do what they say, against a server of this build where they want one.

Each needs its own toolchain and is left out where that is missing. examples/cpp is built by scripts/test-install.
"""
from __future__ import annotations

import os
import pathlib
import shutil
import sys

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
