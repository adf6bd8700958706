"""The documents' Python examples run as they stand, in order, in a directory of their own."""

from __future__ import annotations

import pathlib

import pytest

import fluss
from examples import python_blocks, run_document

ROOT = pathlib.Path(__file__).parents[2]
DOCUMENTS = [
    "README.md", "docs/python.md", "docs/tutorial.md", "docs/guides/from-pyfluss.md", "docs/guides/from-kafka.md",
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_examples_run(document, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    path = ROOT / document
    count = run_document(path, {"__name__": "__main__"})
    assert count == len(list(python_blocks(path))) > 0


def test_the_table_of_errors_is_right():
    """Every row "| 7 | `TABLE_NOT_EXIST` | `TableNotExistError` | …" of the guide names what there is."""
    rows = [line.split("|") for line in (ROOT / "docs/python.md").read_text().splitlines() if line.startswith("| ")]
    codes = [row for row in rows if row[1].strip().lstrip("-").isdigit()]
    assert len(codes) > 10
    for row in codes:
        code, name, cls = int(row[1]), row[2].strip(" `"), row[3].strip(" `")
        assert getattr(fluss.ErrorCode, name) == code
        assert issubclass(getattr(fluss, cls), fluss.FlussError)
