#!/usr/bin/env python3
"""Runs cispec client on an SDK, through its adapter, and keeps what came out for docs/Compatibility.md.

    Scripts/client-compatibility.py SDK            print the figures, and what the list of known failures does not say
    Scripts/client-compatibility.py SDK --check    exit 1 unless docs/client-compatibility.json says the same
    Scripts/client-compatibility.py SDK --record   write it there

SDK is a folder of Adapters with a known-failing-client.txt, whose reasons group the differences. The program is CISPEC,
.build/release/cispec unless set.
"""

import argparse
import fnmatch
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "client-compatibility.json"


def reasons(folder):
    """(pattern, reason) of a list of known failures."""
    for line in (folder / "known-failing-client.txt").read_text().splitlines():
        pattern, _, reason = line.partition("#")
        if pattern.strip():
            yield pattern.strip(), reason.strip()


def run(folder, program):
    """(the report of cispec client, the lines about known failures that came out otherwise)"""
    with tempfile.TemporaryDirectory() as scratch:
        report = pathlib.Path(scratch) / "report.json"
        done = subprocess.run(
            [program, "client", "--strict-protocol", "--hello-timeout", "300", "--adapter", f"'{folder}/run'",
             "--report", f"json={report}"], capture_output=True, text=True, timeout=600)
        if done.returncode not in (0, 1):
            sys.exit(done.stderr)
        return json.loads(report.read_text())


def errors(case):
    return sorted({one["id"] for one in case["findings"] if one["severity"] == "error"})


def measured(report, folder):
    """What the page shows of a run."""
    listed = list(reasons(folder))
    operations, differences, skipped, unlisted = {}, {}, {}, []
    for suite in report["suites"]:
        for case in suite["cases"]:
            identifier, verdict = case["id"], case["verdict"]
            half, operation = identifier.split("/")[1:3]
            symbol = {"passed": "=", "failed": "✗", "skipped": "-"}.get(verdict, "!")
            counts = operations.setdefault(operation, {}).setdefault(half, {})
            counts[symbol] = counts.get(symbol, 0) + 1
            if verdict == "skipped":
                skipped.setdefault(case["reason"], []).append(identifier)
            elif verdict != "passed":
                reason = next((why for pattern, why in listed if fnmatch.fnmatchcase(identifier, pattern)), None)
                if reason is None:
                    unlisted.append(identifier)
                group = differences.setdefault(reason or "", {"findings": set(), "cases": []})
                group["findings"].update(errors(case))
                group["cases"].append(identifier)
    name, version = report["target"].split(" ")[:2]
    return {
        "key": folder.name, "name": name, "version": version, "operations": operations,
        "differences": [{"reason": reason, "findings": sorted(group["findings"]), "cases": group["cases"]}
                        for reason, group in differences.items()],
        "skipped": [{"reason": reason, "cases": cases} for reason, cases in skipped.items()]}, unlisted


def not_confirmed(known, report):
    """Facts about an SDK that did not come out: each names a case and the finding it must have, or none."""
    found = {case["id"]: errors(case) for suite in report["suites"] for case in suite["cases"]}
    for fact in known:
        for identifier in fact["cases"]:
            seen = found.get(identifier)
            if seen is None or (fact["finding"] not in seen if fact["finding"] else seen):
                yield f"{fact['point']}: {identifier} has {seen}, not {fact['finding'] or 'none'}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sdk")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    folder = ROOT / "Adapters" / options.sdk
    report = run(folder, os.environ.get("CISPEC", str(ROOT / ".build" / "release" / "cispec")))
    row, unlisted = measured(report, folder)
    table = json.loads(TABLE.read_text())
    old = next((one for one in table["sdks"] if one["key"] == row["key"]), {"key": row["key"], "known": []})
    row["known"] = old["known"]
    wrong = [f"not in known-failing-client.txt: {one}" for one in unlisted] + list(not_confirmed(row["known"], report))
    if options.check and row != old:
        wrong += [f"docs/client-compatibility.json says something else of {name}"
                  for name in row if row[name] != old.get(name)]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    failed = sum(len(group["cases"]) for group in row["differences"])
    total = sum(len(suite["cases"]) for suite in report["suites"])
    print(f"{row['name']} {row['version']}: {total} cases, {failed} as they should not be")
    if options.record:
        table["sdks"] = [one for one in table["sdks"] if one["key"] != row["key"]] + [row]
        TABLE.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
