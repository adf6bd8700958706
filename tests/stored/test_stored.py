"""Directories that earlier builds have left, closed and as a power cut leaves them, are opened, read and written on."""
from __future__ import annotations

import pathlib
import subprocess
import sys
import tarfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "sql_door"))

from conftest import BINARY, Server  # noqa: E402

STORED = sorted(HERE.glob("*.tar.xz"))


@pytest.mark.parametrize("stored", STORED, ids=lambda file: file.name.removesuffix(".tar.xz"))
def test_a_stored_directory_says_what_it_said(stored, tmp_path):
    directory = tmp_path / "data"
    with tarfile.open(stored) as archive:
        archive.extractall(directory)
    version = stored.name.split("-")[0]
    server = Server(directory)
    answers = server.psql("-At", "-f", "-", user="weir", text=(HERE / "questions.sql").read_text())
    assert answers.splitlines() == (HERE / f"{version}.answers").read_text().splitlines()
    assert server.stop() == 0
    checked = subprocess.run([BINARY, "inspect", str(directory), "--check"], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_there_is_one_of_each_version():
    assert {file.name for file in STORED} >= {"1-closed.tar.xz", "1-killed.tar.xz"}
