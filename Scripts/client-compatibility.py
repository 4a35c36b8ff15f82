#!/usr/bin/env python3
"""Runs cispec client on an SDK, through its adapter, and keeps what came out for docs/Compatibility.md.

    Scripts/client-compatibility.py SDK            print the figures, and what the list of known failures does not say
    Scripts/client-compatibility.py SDK --check    exit 1 unless docs/client-compatibility.json says the same
    Scripts/client-compatibility.py SDK --record   write it there

SDK is a folder of Adapters. Its known-failing-client.txt, or its causes.json where one case has several, says why there is each
difference and groups them. The program is CISPEC, .build/release/cispec unless set.
"""

import argparse
import fnmatch
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "client-compatibility.json"


# Of a row, what is written by hand.
KEPT = ("commit", "how", "known")


def causes(folder):
    """What explains findings, the first that fits: finding, and as lists of patterns `at` and `cases`, any unless there."""
    detailed = folder / "causes.json"
    if detailed.exists():
        return json.loads(detailed.read_text())
    lines = (folder / "known-failing-client.txt").read_text().splitlines()
    parts = [line.partition("#") for line in lines]
    return [{"reason": reason.strip(), "finding": "*", "cases": [pattern.strip()]}
            for pattern, _, reason in parts if pattern.strip()]


def explains(cause, identifier, finding):
    def fits(patterns, text):
        return patterns is None or any(fnmatch.fnmatchcase(text, pattern) for pattern in patterns)

    return (fnmatch.fnmatchcase(finding["id"], cause["finding"]) and fits(cause.get("at"), place(finding))
            and fits(cause.get("cases"), identifier)
            and ("expected" not in cause or cause["expected"] == finding.get("expected")))


def place(finding):
    """The node of a finding, without the numbers of those that stand several times."""
    path, found, _ = finding["message"].partition(": ")
    return re.sub(r"\[\d+\]", "", path) if found and path.startswith("/") else ""


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


def errors(case, at=None):
    return [one for one in case["findings"]
            if one["severity"] == "error" and (at is None or fnmatch.fnmatchcase(place(one), at))]


def measured(report, folder):
    """(what the page shows of a run, what nothing explains and causes that explain nothing)"""
    known, used = causes(folder), []
    operations, differences, skipped, unlisted = {}, {}, {}, []
    for case in cases(report):
        identifier, verdict = case["id"], case["verdict"]
        half, operation = identifier.split("/")[1:3]
        symbol = {"passed": "=", "failed": "✗", "skipped": "-"}.get(verdict, "!")
        counts = operations.setdefault(operation, {}).setdefault(half, {})
        counts[symbol] = counts.get(symbol, 0) + 1
        if verdict == "skipped":
            skipped.setdefault(case["reason"], []).append(identifier)
            continue
        if verdict != "passed" and not errors(case):
            unlisted.append(f"nothing explains {identifier}")
        for finding in errors(case):
            cause = next((one for one in known if explains(one, identifier, finding)), None)
            if cause is None:
                unlisted.append(f"nothing explains {identifier}: {finding['id']} {place(finding)}")
                continue
            used.append(cause)
            new = {"reason": cause["reason"], **({"source": cause["source"]} if "source" in cause else {}),
                   "findings": set(), "cases": {}}
            group = differences.setdefault(cause["reason"], new)
            group["findings"].add(finding["id"])
            group["cases"][identifier] = True
    unlisted += [f"explains nothing: {cause}" for cause in known if cause not in used]
    name, version = report["target"].split(" ")[:2]
    return {
        "key": folder.name, "name": name, "version": version, "operations": operations,
        "differences": [{**group, "findings": sorted(group["findings"]), "cases": list(group["cases"])}
                        for group in differences.values()],
        "skipped": [{"reason": reason, "cases": cases} for reason, cases in skipped.items()]}, unlisted


def cases(report):
    return [case for suite in report["suites"] for case in suite["cases"]]


def not_confirmed(known, report):
    """Facts about an SDK that did not come out: each names cases and the finding they must have, or none; there, `at` given."""
    found = {case["id"]: case for case in cases(report)}
    for fact in known:
        for identifier in fact["cases"]:
            case = found.get(identifier)
            seen = case and case["verdict"] != "skipped" and {one["id"] for one in errors(case, fact.get("at"))}
            if not isinstance(seen, set) or (fact["finding"] not in seen if fact["finding"] else seen):
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
    row.update({name: old[name] for name in KEPT if name in old})
    wrong = unlisted + list(not_confirmed(row["known"], report))
    if options.check and row != old:
        wrong += [f"docs/client-compatibility.json says something else of {name}"
                  for name in {**row, **old} if row.get(name) != old.get(name)]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    failed = sum(case["verdict"] not in ("passed", "skipped") for case in cases(report))
    total = len(cases(report))
    print(f"{row['name']} {row['version']}: {total} cases, {failed} as they should not be")
    if options.record:
        table["sdks"] = [one for one in table["sdks"] if one["key"] != row["key"]] + [row]
        TABLE.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
