#!/usr/bin/env python3
"""Checks that every sample in Schemas/samples is printed, byte for byte, in a saved page of the documentation.

Usage: extract-samples.py PAGES_DIR

PAGES_DIR holds the pages as text, in files of any name. All samples of one page have to be in the same file.
Exit status: 0 when every sample was found, 1 when one was not, 2 for wrong usage.
"""

import hashlib
import json
import pathlib
import sys

SAMPLES = pathlib.Path(__file__).resolve().parent.parent / "Schemas" / "samples"


def faults(pages):
    """Yields one line for each sample that differs from what samples.json or the pages say."""
    catalogue = json.loads((SAMPLES / "samples.json").read_text(encoding="utf-8"))
    groups = {}
    for sample in catalogue["samples"]:
        content = (SAMPLES / sample["file"]).read_bytes()
        if hashlib.sha256(content).hexdigest() != sample["sha256"]:
            yield f"{sample['id']}: the digest of {sample['file']} is not the recorded one"
        groups.setdefault(sample["page"]["title"], []).append((sample["id"], content))
    for title, samples in groups.items():
        best = max(pages, key=lambda page: sum(content in page for _, content in samples))
        for identifier, content in samples:
            if content not in best:
                yield f"{identifier}: not in any saved page that could be '{title}'"
    recorded = {sample["file"] for sample in catalogue["samples"]}
    for path in sorted((SAMPLES / "pages").iterdir()):
        if f"pages/{path.name}" not in recorded:
            yield f"pages/{path.name}: not in samples.json"


def main(arguments):
    if len(arguments) != 1 or not pathlib.Path(arguments[0]).is_dir():
        print(__doc__.strip(), file=sys.stderr)
        return 2
    pages = [path.read_bytes() for path in sorted(pathlib.Path(arguments[0]).iterdir()) if path.is_file()]
    if not pages:
        print("no page files in the folder", file=sys.stderr)
        return 1
    found = list(faults(pages))
    for line in found:
        print(line)
    if not found:
        print("every sample is in its page")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
