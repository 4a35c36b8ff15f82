"""The scenarios and the vectors against the independent server; exits 1 on a failure that is not in known-failing.txt."""

import json
import os
import sys
import tempfile

ROOT, CISPEC = sys.argv[1], sys.argv[2]
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from servers import Run, cases, independent_server  # noqa: E402


def known_failing():
    """The reason for each case that must fail, by its name."""
    reasons = {}
    with open(os.path.join(HERE, "known-failing.txt"), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip() and not line.startswith("#"):
                name, mark, reason = line.strip().partition(" # ")
                if not mark or not reason or name in reasons:
                    sys.exit(f"known-failing.txt:{number}: 'ID # reason' is expected here, each ID once")
                reasons[name] = reason
    return reasons


def judged(command, url, folder):
    """The verdicts of one command; exits when the run came to none."""
    report = os.path.join(folder, command[0] + ".json")
    run = Run([CISPEC, *command, "--target", url, "--report", "json=" + report])
    if run.code not in (0, 1):
        sys.exit(f"cispec {command[0]}: {run}")
    verdicts = cases(report)
    failed = [name for name, verdict in verdicts.items() if verdict not in ("passed", "skipped")]
    if (run.code == 1) != bool(failed):
        sys.exit(f"cispec {command[0]}: the report has {len(failed)} failures, but {run}")
    return verdicts, run


def main():
    passed, faults = 0, []
    reasons = known_failing()
    with tempfile.TemporaryDirectory() as folder:
        with independent_server(ROOT, os.path.join(folder, "objects")) as (url, _):
            verdicts = {}
            for command in (["replay"], ["vectors"]):
                found, run = judged(command, url, folder)
                verdicts |= found
                if any(verdict not in ("passed", "skipped") and name not in reasons for name, verdict in found.items()):
                    print(run.output, file=sys.stderr)
            # The suite for servers, held to lists of its own by the program itself.
            with open(os.path.join(ROOT, "Vectors", "server", "requests.json"), encoding="utf-8") as file:
                for item in json.load(file)["objects"]:
                    path = os.path.join(folder, "objects", "test-1250000000", item["key"])
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    with open(path, "w", encoding="utf-8") as target:
                        target.write(item["text"])
            run = Run([
                CISPEC, "server", "--target", url, "--skip", "replay", "--skip", "signature",
                "--unsupported", os.path.join(HERE, "unsupported.txt"),
                "--known-failing", os.path.join(HERE, "known-failing-server.txt"),
            ], limit=180)
            if run.code == 0 and "PASS" in run.output:
                passed += 1
            else:
                faults.append(f"cispec server: {run}")
        for name, verdict in verdicts.items():
            if verdict == "skipped":
                continue
            if (verdict == "passed") == (name not in reasons):
                passed += 1
            elif name in reasons:
                faults.append(f"{name} passes, but known-failing.txt says that it fails: {reasons[name]}")
            else:
                faults.append(f"{name}: {verdict}")
        faults += [f"known-failing.txt names {name}, which was not run" for name in reasons if name not in verdicts]

        # The verdicts mean something: a server that knows another key fails nearly all of them.
        with independent_server(ROOT, os.path.join(folder, "objects"), CISPEC_SECRET_KEY="anotherKey") as (url, _):
            found, _ = judged(["vectors"], url, folder)
            if sum(verdict == "failed" for verdict in found.values()) >= 10:
                passed += 1
            else:
                faults.append("a server that refuses every signature fails fewer than 10 vectors")
    for fault in faults:
        print(f"FAILED {fault}", file=sys.stderr)
    print(f"independent-server: {passed} passed, {len(faults)} failed")
    sys.exit(1 if faults else 0)


main()
