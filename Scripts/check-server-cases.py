#!/usr/bin/env python3
"""Lints Vectors/server: every name resolves, every accepted code is documented with its status, nothing is unused.

Standard library only. Exits 1 with a line for each fault.
"""

import json
import pathlib
import sys

root = pathlib.Path(__file__).resolve().parent.parent
folder = root / "Vectors" / "server"


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def documented():
    """The pairs of status and code in the tables of errors."""
    tables = load(root / "Schemas" / "error-codes.json")["tables"]
    return {(status, row["code"]) for name in ("ci", "cos") for row in tables[name] for status in row["status"]}


def faults():
    requirements = {one["id"] for one in load(root / "Schemas" / "requirements.json")["requirements"]}
    operations = {one["id"] for one in load(root / "Schemas" / "operations.json")["operations"]}
    requests = load(folder / "requests.json")
    answers = load(folder / "answers.json")["answers"]
    pairs = documented()
    for name, rows in answers.items():
        for row in rows:
            if not row.get("reason", "").strip():
                yield f"answers.json: {name} has an answer without a reason"
            if row.get("code") and (row.get("status"), row["code"]) not in pairs:
                yield f"answers.json: {name}: {row.get('status')} {row['code']} is in no table of Schemas/error-codes.json"
    for operation, request in requests["requests"].items():
        if operation not in operations:
            yield f"requests.json: there is no operation {operation}"
        if "document" in request and not (root / "Schemas" / "corpus" / request["document"]).is_file():
            yield f"requests.json: there is no document {request['document']}"
    ids, used = set(), set()
    for file in sorted((folder / "cases").glob("*.json")):
        for case in load(file)["cases"]:
            used.update(case["accept"])
            for name in case["accept"]:
                if name not in answers:
                    yield f"{file.name}: {case['id']} accepts '{name}', which answers.json does not have"
            document = case.get("change", {}).get("document")
            if document and not (root / "Schemas" / "corpus" / document).is_file():
                yield f"{file.name}: {case['id']}: there is no document {document}"
            for operation in case["operations"]:
                whole = f"server/{operation}/{case['id']}"
                if whole in ids:
                    yield f"{file.name}: {whole} is there twice"
                ids.add(whole)
                if operation not in requests["requests"]:
                    yield f"{file.name}: {whole}: requests.json has no right request of {operation}"
                for requirement in case["requirements"]:
                    if requirement.replace("{operation}", operation) not in requirements:
                        yield f"{file.name}: {whole}: there is no requirement {requirement}"
    for name in sorted(set(answers) - used):
        yield f"answers.json: no case accepts '{name}'"
    if len(ids) < 120:
        yield f"there are {len(ids)} cases; at least 120 belong there"


found = list(faults())
for fault in found:
    print(fault, file=sys.stderr)
sys.exit(1 if found else 0)
