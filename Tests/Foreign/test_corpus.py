"""What engines that are not ours say of the one-fault corpus: lxml of all of it, xmlschema of a part.

A disagreement fails unless Schemas/corpus/disagreements.json lists it with a reason, and so does a listed one that is none.
"""

import collections
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor

import xmlschema
from lxml import etree, isoschematron

ROOT, CISPEC = sys.argv[1], sys.argv[2]
SCHEMAS = os.path.join(ROOT, "Schemas")
# Of the slow engine's documents, one in this many is judged, the same ones each time.
STRIDE = 8
# What the kit refuses on purpose although it is well-formed XML.
REFUSED = {"xml.doctype", "xml.encoding"}
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
SCHEMATRON = "{http://purl.oclc.org/dsdl/schematron}"


def definitions():
    with open(os.path.join(SCHEMAS, "operations.json"), encoding="utf-8") as file:
        data = json.load(file)
    found = {(None, name): document for name, document in data["documents"].items()}
    for operation in data["operations"]:
        for part in ("request", "response"):
            if operation.get(part):
                found[operation["id"], part] = operation[part]
    return found


def rules(definition):
    """All rule files of a definition as one Schematron, so that one pass judges a document."""
    merged = None
    for name in definition.get("rules", []):
        root = etree.parse(os.path.join(SCHEMAS, name)).getroot()
        if merged is None:
            merged = root
        else:
            merged.extend(root.findall(f"{SCHEMATRON}pattern"))
    if merged is None:
        return None
    # Two files may state the same rule, which one file may not: each is checked on its own in test_foreign.py.
    return isoschematron.Schematron(
        merged, validate_schema=False, store_report=True, error_finder=isoschematron.Schematron.ASSERTS_AND_REPORTS)


def broken_rules(schematron, document):
    if schematron is None:
        return []
    schematron.validate(document)
    return sorted(
        node.get("id") for node in schematron.validation_report.iter(f"{SVRL}failed-assert", f"{SVRL}successful-report")
        if node.get("role") != "observed")


def kit_findings(folder, kind, entries):
    """The kit's findings of some documents of one kind, by file."""
    operation, part = kind
    words = [CISPEC, "validate", "--part", part, "--format", "json"] + (["--operation", operation] if operation else [])
    found = collections.defaultdict(list)
    result = subprocess.run(
        words + [entry["file"] for entry in entries], cwd=folder, capture_output=True, text=True, timeout=300)
    if result.returncode not in (0, 1):
        raise RuntimeError(f"cispec validate ended with {result.returncode}: {result.stderr[-500:]}")
    for line in result.stdout.splitlines():
        finding = json.loads(line)
        found[finding["file"]].append(finding)
    return found


def judge(folder, kind, entries, definition):
    """Compares the engines on documents of one kind; returns the number of comparisons and the disagreements."""
    found = []

    def disagree(*disagreement):
        found.append(disagreement)

    schema_path = os.path.join(SCHEMAS, definition["schema"])
    schema, slow, schematron = etree.XMLSchema(file=schema_path), xmlschema.XMLSchema(schema_path), rules(definition)
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    kit = kit_findings(folder, kind, entries)
    count = 0
    for number, entry in enumerate(entries):
        findings = kit[entry["file"]]
        ids = {finding["id"] for finding in findings}
        with open(os.path.join(folder, entry["file"]), "rb") as file:
            content = file.read()
        try:
            document = etree.fromstring(content, parser).getroottree()
        except etree.XMLSyntaxError:
            document = None
        count += 1
        if ids & REFUSED:
            continue
        well_formed = not any(name.startswith("xml.") for name in ids)
        if well_formed != (document is not None):
            disagree(entry["id"], "well-formed", f"cispec: {well_formed}, lxml: {document is not None}")
            continue
        if not well_formed:
            continue
        valid = not any(name.startswith("schema.") and name != "schema.newer-node" for name in ids)
        if schema.validate(document) != valid:
            disagree(entry["id"], "xsd-lxml", f"cispec: {valid}, lxml: {not valid}")
        if entry.get("xsdValid") not in (None, valid):
            disagree(entry["id"], "xsd-expected", f"cispec: {valid}, expected: {not valid}")
        own = sorted(
            finding["requirement"] for finding in findings
            if finding["id"] == "rule.violated" and finding["severity"] != "note")
        other = broken_rules(schematron, document)
        if own != other:
            disagree(entry["id"], "rules", f"cispec: {own}, isoschematron: {other}")
        if number % STRIDE == 0 and slow.is_valid(document) != valid:
            disagree(entry["id"], "xsd-xmlschema", f"cispec: {valid}, xmlschema: {not valid}")
    return count, found


def main():
    listed = {}
    path = os.path.join(SCHEMAS, "corpus", "disagreements.json")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            listed = {(one["case"], one["check"]): one["reason"] for one in json.load(file)["disagreements"]}
    failures, seen = [], set()

    def disagree(case, check, text):
        if listed.get((case, check)):
            seen.add((case, check))
        else:
            failures.append(f"{case}: {check}: {text}")

    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([CISPEC, "corpus", "--write", folder], check=True, stdout=subprocess.DEVNULL, timeout=300)
        kinds = collections.defaultdict(list)
        with open(os.path.join(folder, "index.jsonl"), encoding="utf-8") as file:
            for line in file:
                entry = json.loads(line)
                kinds[entry.get("operation"), entry["part"]].append(entry)
        known, count = definitions(), 0
        # The kinds with the most documents first, and in parts, so that no processor ends up with the last one alone.
        parts = [
            (kind, entries[start:start + 2000]) for kind, entries in kinds.items() for start in range(0, len(entries), 2000)]
        parts.sort(key=lambda part: -len(part[1]))
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            for judged in [pool.submit(judge, folder, kind, entries, known[kind]) for kind, entries in parts]:
                number, disagreements = judged.result()
                count += number
                for disagreement in disagreements:
                    disagree(*disagreement)
    failures += [f"{case}: {check}: listed, but the engines agree" for case, check in listed.keys() - seen]
    for failure in failures[:40]:
        print(failure, file=sys.stderr)
    print(f"corpus-foreign: {count - len(failures)} passed, {len(failures)} failed")
    sys.exit(1 if failures or not count else 0)


if __name__ == "__main__":
    main()
