#!/usr/bin/env python3
"""Holds every relative link of the documents to a file that is there, and to one of its headings where it names one."""
import pathlib
import re
import subprocess
import sys

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """As pages of repositories make them: lower case, words joined by hyphens, no punctuation."""
    headings = HEADING.findall(FENCE.sub("", text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def main() -> int:
    root = pathlib.Path(__file__).resolve().parent.parent
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=root, capture_output=True,
                            text=True, check=True)
    files = [root / name for name in listed.stdout.split() if (root / name).exists()]
    broken = 0
    for file in files:
        for link in LINK.findall(FENCE.sub("", file.read_text())):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            target = (file.parent / path).resolve() if path else file
            if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target.read_text())):
                print(f"{file.relative_to(root)}: {link} leads nowhere")
                broken += 1
    print(f"{len(files)} documents, {broken} links that lead nowhere")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
