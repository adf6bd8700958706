"""Directories to damage, and what the binary and the Python client make of them."""
from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = str(pathlib.Path(os.environ.get("WEIR_BINARY", ROOT / "build" / "release" / "weir")).resolve())
DATABASE = str(pathlib.Path(__file__).parent / "database.py")
LIMIT_S = 300


def weir(*arguments):
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=LIMIT_S)


def read(directory):
    """The rows of each table, or why it cannot be read; a text when the database does not open."""
    done = subprocess.run([sys.executable, DATABASE, "read", str(directory)], capture_output=True, text=True,
                          timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def originals(tmp_path_factory):
    """A database that was closed, and one whose process was killed."""
    made = {}
    for end in ("close", "kill"):
        made[end] = tmp_path_factory.mktemp("original") / end
        done = subprocess.run([sys.executable, DATABASE, "make", str(made[end]), end], capture_output=True, text=True,
                              timeout=LIMIT_S)
        assert done.returncode == (0 if end == "close" else -9), done.stderr
    return made


@pytest.fixture
def copy_of(originals, tmp_path):
    def copy(end, name):
        directory = tmp_path / name
        shutil.copytree(originals[end], directory)
        return directory

    return copy
