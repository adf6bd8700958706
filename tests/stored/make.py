"""make.py VERSION: keeps directories of the build in $WEIR_BINARY (or the release build), closed and killed, and its answers.

For each format version one, by the last build that wrote it; made again only for a format that nothing released has.
"""
from __future__ import annotations

import pathlib
import subprocess
import sys
import tarfile
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "sql_door"))

from conftest import Server  # noqa: E402

OPTIONS = ("-At", "-f", "-")


def pack(directory: pathlib.Path, name: str) -> None:
    with tarfile.open(HERE / name, "w:xz", preset=9) as archive:
        for file in sorted(directory.rglob("*")):
            if file.name != "LOCK":
                archive.add(file, str(file.relative_to(directory)), recursive=False)


def main(version: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        directory = pathlib.Path(scratch) / "data"
        server = Server(directory)
        print(server.psql("-v", "ON_ERROR_STOP=1", *OPTIONS, user="weir", text=(HERE / "contents.sql").read_text())[-200:])
        copy = pathlib.Path(scratch) / "killed"
        subprocess.run(["cp", "-a", str(directory), str(copy)], check=True)  # as a power cut would leave it
        pack(copy, f"{version}-killed.tar.xz")
        assert server.stop() == 0
        pack(directory, f"{version}-closed.tar.xz")
        server = Server(directory)
        answers = server.psql(*OPTIONS, user="weir", text=(HERE / "questions.sql").read_text())
        (HERE / f"{version}.answers").write_text(answers)
        assert server.stop() == 0


if __name__ == "__main__":
    main(sys.argv[1])
