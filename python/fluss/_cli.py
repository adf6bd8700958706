"""The console script ``weir``: runs the program of that name that is part of the package."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from fluss import _together as _together  # pyfluss's __init__.py would not say it


def main() -> NoReturn:
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin", "weir")
    try:
        os.execv(program, [program, *sys.argv[1:]])
    except OSError as error:
        sys.exit(f"weir: cannot run {program}: {error.strerror}")


if __name__ == "__main__":
    main()
