"""Whether the files of another package that is called fluss lie among this one's."""

from __future__ import annotations

import pathlib


def check(directory: pathlib.Path) -> None:
    """ImportError where pyfluss was installed into `directory`, too: one of the two has lost files to the other."""
    for library in directory.glob("_fluss.*"):
        raise ImportError(
            f"the packages weir and pyfluss are both installed in {directory} ({library.name} is pyfluss's): each is "
            "the module fluss and overwrites files of the other. Keep one of them in an environment: "
            "pip uninstall pyfluss weir, then install the one you want",
            path=str(directory),
        )


check(pathlib.Path(__file__).parent)
