#!/usr/bin/env python3
"""Makes docs/Compatibility.md from docs/compatibility.json (how SDKs sign) and docs/client-compatibility.json (how they call).

    Scripts/compatibility.py           write the page
    Scripts/compatibility.py --check   exit 1 when the page is not what it would write
"""

import json
import pathlib
import sys
from collections import Counter

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "Compatibility.md"
AREAS = ["methods", "paths", "parameter values", "parameter names", "sort order", "duplicates", "empty values",
         "headers chosen", "header values", "host and port", "times", "secret key", "token", "as on the wire",
         "whole requests"]
# The first prefix that fits an ID, without `signing/`, says its area.
PREFIXES = [
    ("wire/", "as on the wire"), ("params/names-equal", "duplicates"), ("method/", "methods"), ("path/", "paths"),
    ("params/no-value", "empty values"),
    ("params/empty-value", "empty values"), ("params/sort-", "sort order"), ("params/name-", "parameter names"),
    ("params/ci-", "parameter names"), ("params/", "parameter values"), ("headers/empty", "empty values"),
    ("headers/host", "host and port"), ("headers/token", "token"), ("headers/", "header values"), ("times/", "times"),
    ("keys/", "secret key"), ("published/", "whole requests"), ("whole/", "whole requests")]
CHOICE = {"header-not-chosen", "header-added", "content-type-left-out", "capital-headers-left-out"}
SYMBOLS = "✗!~-"


def main():
    table = json.loads((ROOT / "docs" / "compatibility.json").read_text())
    text = page(table)
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text() != text:
            sys.exit(f"{PAGE.relative_to(ROOT)} is not what docs/compatibility.json says; run Scripts/compatibility.py")
        sys.exit("\n".join(out_of_step()) or 0)
    PAGE.write_text(text)


def out_of_step():
    """Rows of SDKs that this repository cannot run by itself, whose differences and causes.json say different things."""
    for sdk in json.loads((ROOT / "docs" / "client-compatibility.json").read_text())["sdks"]:
        listed = ROOT / "Adapters" / sdk["key"] / "causes.json"
        if listed.exists():
            causes = {(cause["reason"], cause["source"]) for cause in json.loads(listed.read_text())}
            shown = {(group["reason"], group["source"]) for group in sdk["differences"]}
            for reason, source in sorted(causes ^ shown):
                yield f"{sdk['key']}: '{reason}' ({source}) is in one of causes.json and client-compatibility.json alone"


def area(identifier, difference, own):
    """Where a difference belongs: a choice of headers is one, whatever the vector is about."""
    if difference and difference["cause"] in CHOICE:
        return "headers chosen"
    if identifier in own:
        return own[identifier]
    name = identifier.removeprefix("signing/")
    if name.startswith("params/character/") and name.endswith("-in-name"):
        return "parameter names"
    return next(where for prefix, where in PREFIXES if name.startswith(prefix))


def cells(sdk, own):
    """area → count of each result."""
    found = {name: Counter() for name in AREAS}
    for identifier, difference in sdk["differences"].items():
        found[area(identifier, difference, own)][difference["result"]] += 1
    return found


def cell(counts):
    return " ".join(f"{symbol} {counts[symbol]}" for symbol in SYMBOLS if counts[symbol]) or "="


def row(parts):
    return "| " + " | ".join(str(part) for part in parts) + " |"


def grid(head, rows):
    return [row(head), "|" + "---|" * len(head), *map(row, rows), ""]


def listed(identifiers, own):
    """The IDs by their folder, short where a pattern says the same."""
    folders = {}
    for identifier in identifiers:
        folder, _, name = identifier.rpartition("/")
        folders.setdefault(folder, []).append(name)
    parts = []
    for folder, names in folders.items():
        if len(names) > 4 and len(names) == sum(known.rpartition("/")[0] == folder for known in own):
            parts.append(f"`{folder}/*`")
        elif folder.endswith("/character"):
            for ending in ("-in-name", "-in-value", "-kept"):
                hexes = [name.removesuffix(ending) for name in names if name.endswith(ending)]
                if hexes:
                    parts.append(f"`{folder}/*{ending}` with {' '.join(hexes)}")
        else:
            parts.append(f"in `{folder}`: " + ", ".join(f"`{name}`" for name in names))
    return "; ".join(parts)


def differences(sdk, causes, own):
    groups = {}
    for identifier, difference in sdk["differences"].items():
        key = difference["result"], difference.get("stage"), difference["cause"]
        groups.setdefault(key, []).append((identifier, difference.get("detail")))
    for (result, stage, cause), members in sorted(
            groups.items(), key=lambda group: (SYMBOLS.index(group[0][0]), group[0][1] or "", group[0][2])):
        named = f"**{cause}**: {causes[cause]}" if cause in causes else cause
        where = f", first at {stage}" if stage else ""
        details = sorted({detail for _, detail in members if detail})
        shown = f" ({', '.join(details)})" if details and len(details) <= 4 else ""
        yield f"- `{result}` {named}{where}{shown} — {listed([identifier for identifier, _ in members], own)}"


INTRODUCTION = """\
# How the official SDKs sign

Made by `Scripts/compatibility.py` from [compatibility.json](compatibility.json), which has every difference; do not
edit it by hand. Measured {date}: the real signers, started through adapters ([protocol](../Adapters/protocol.md)), on
the request signatures of [published.json](../Vectors/signing/published.json) and
[sign.json](../Vectors/signing/sign.json), as far as they are whole requests, and on {more} inputs at the end of this
page: {total} in all.

`=` as expected · `~` another signature, but right for the lists that it names · `✗` a server that rebuilds it from
its lists gets another one · `!` refused · `-` cannot be expressed. A number is a count of vectors.

`~` is no fault: any selection of headers may be signed, and the documentation is silent about equal names. What is
expected for these is the order of the request.
"""

CAUSES = """\
## Differences

The bold names are causes. Each was found by recomputing the very signature with that one assumption (or, for a choice
of names, read from the list in the answer). Those that are mistakes of the kit's catalogue have its name.
"""

PRESIGNED = """\
## Presigned URLs

*run*: the URLs of ten inputs were made for this page, each equal byte for byte to the one of the measurement before it;
*read*: from the source at the commits above.
"""

BEFORE = """\
## Against the measurement before

An earlier measurement at the same commits had 109 inputs and counted how many of each SDK's signatures were as
expected. 66 of those inputs were at hand; of the other 43 the figures cannot be made again. *Same* counts the
Authorization values that are equal byte for byte, and the inputs that could not be expressed both times. The 16 forms
on the wire were the same too, for Go, PHP and Android.
"""

AGAIN = """\
`cispec vectors --adapter` judged the same adapters: every vector of `Vectors/signing`, but for those under `wire`, that
is `✗` or `!` here fails there. What fails there alone are lists in another order (PHP, C), parameters that are not
signed (Android; of equal names all but one), a host that is not signed (GenerateSign) and a path without / (Node and
its kin).

Java's two and the one of .NET GenerateSign are a name given twice: their interfaces take a map, so here that is `-`;
then it was counted as "the last one wins". For this comparison GenerateSign was given `Host` as it is.

## Run it again

The Python row can be made by anyone; nothing of an SDK is in this repository:

    python3 -m venv sdk && sdk/bin/pip install cos-python-sdk-v5==1.9.44
    Scripts/compatibility-run.py python --check --adapter 'sdk/bin/python Adapters/python-cos-sdk/adapter.py'

For another SDK, write an adapter of the protocol around its signer and give its key from compatibility.json.
"""


def page(table):
    sdks, own = table["sdks"], {entry["id"]: entry["area"] for entry in table["inputs"]}
    lines = [INTRODUCTION.format(date=table["date"], more=len(own), total=sdks[0]["vectors"])]
    lines += versions(sdks) + areas(sdks, own) + [CAUSES]
    for sdk in sdks:
        lines += [f"### {sdk['name']}", "", f"{sdk['repository']} {sdk['commit']}. Run: {sdk['how']}.",
                  f"In the source: {sdk['source']}.", "", *differences(sdk, table["causes"], own), ""]
    lines += ["## Around the signer", "", "Read in the sources at the commits above, not run.", ""]
    lines += grid(table["around"][0], table["around"][1:])
    lines += [PRESIGNED, *grid(table["presigned"][0], table["presigned"][1:])]
    lines += ["## Not run", "", *grid(["SDK", "commit", "why"], table["not_run"])]
    lines += before(sdks) + own_inputs(table) + calls()
    return "\n".join(lines).rstrip() + "\n"


CALLS = """\
# How the official SDKs call

From [client-compatibility.json](client-compatibility.json), measured {date}: the whole SDK behind `call` of the adapter
protocol, its connection led to the kit, on the cases of [Vectors/client](../Vectors/client). *sent* is what the request must be,
*read* what must come of the answer. `=` as it must be · `✗` not · `-` no parameter of its method takes the argument. A case may
have several differences: each stands in every row that explains a part of it.

    Scripts/client-compatibility.py python-cos-sdk --check     # runs them again

runs in `Scripts/test`. A `✗` is a difference from the documentation; whether the service minds is not said by it.
"""


def calls():
    table = json.loads((ROOT / "docs" / "client-compatibility.json").read_text())
    lines = [CALLS.format(date=table["date"]), *call_totals(table["sdks"])]
    for sdk in table["sdks"]:
        lines += [f"## {sdk['name']} {sdk['version']}: calls", ""]
        if "commit" in sdk:
            lines += [f"Commit {sdk['commit']}, {sdk['how']}.", ""]
        lines += grid(["operation", "sent", "read"], [
            [f"`{operation}`", *(call_cell(halves.get(half, {})) for half in ("sent", "read"))]
            for operation, halves in sdk["operations"].items()])
        sources = ["in the source"] if any("source" in group for group in sdk["differences"]) else []
        lines += grid(["difference", *sources, "cases", "findings", "first"], [
            [group["reason"], *(group["source"] for _ in sources), len(group["cases"]),
             ", ".join(f"`{one}`" for one in group["findings"]), f"`{group['cases'][0]}`"]
            for group in sdk["differences"]])
        lines += grid(["cannot be expressed", "cases"],
                      [[group["reason"], len(group["cases"])] for group in sdk["skipped"]])
        lines += ["What is known from its source, and whether it came out:", "", *grid(
            ["point", "it does", "by", "finding"],
            [[fact["point"], fact["says"], ", ".join(f"`{one.removeprefix('client/')}`" for one in fact["cases"]),
              fact_finding(fact)] for fact in sdk["known"]])]
    return lines + ["## Not run: calls", "", *grid(["SDK", "why"], table["not_run"])]


def call_totals(sdks):
    """A row for each SDK: the cases that it was run on, and what came out in each half."""
    rows = []
    for sdk in sdks:
        halves = {half: sum((Counter(counts.get(half, {})) for counts in sdk["operations"].values()), Counter())
                  for half in ("sent", "read")}
        cases = sum(counts.total() for counts in halves.values())
        rows.append([sdk["name"], sdk["version"], cases, *(call_cell(counts) for counts in halves.values()),
                     len(sdk["differences"])])
    return grid(["SDK", "version", "cases", "sent", "read", "differences"], rows)


def fact_finding(fact):
    finding = f"`{fact['finding']}`" if fact["finding"] else "none"
    return f"{finding} at `{fact['at']}`" if "at" in fact else finding


def call_cell(counts):
    return " ".join(f"{symbol} {counts[symbol]}" for symbol in "=✗!-" if symbol in counts)


def versions(sdks):
    def figures(sdk):
        counts = Counter(difference["result"] for difference in sdk["differences"].values())
        return [sdk["vectors"] - len(sdk["differences"]), *(counts[symbol] for symbol in "~✗!-")]

    return ["## Versions", "", *grid(
        ["SDK", "version", "commit", "language", "entry point", "=", "~", "✗", "!", "-"], [
            [f"[{sdk['name']}](#{anchor(sdk)})", sdk["version"], f"{sdk['commit']}, {sdk['commit_date']}",
             sdk["language"], f"`{sdk['entry']}`", *figures(sdk)] for sdk in sdks])]


def areas(sdks, own):
    rows = []
    for sdk in sdks:
        counted = cells(sdk, own)
        rows.append([f"[{sdk['key']}](#{anchor(sdk)})", *(cell(counted[name]) for name in AREAS)])
    return ["## SDK by area", "", *grid(["SDK", *AREAS], rows)]


def before(sdks):
    rows = []
    for sdk in sdks:
        then = sdk["earlier"]
        rows.append([sdk["key"], then["equal_of_109"] or "not counted", f"{then['same']} of {then['compared']}"])
    return [BEFORE, *grid(["SDK", "equal of 109 then", "same of 66 now"], rows), AGAIN]


def own_inputs(table):
    return ["## Inputs beside the vectors", "", f"Each is `{escaped(table['common_input'])}` with what is shown.", "",
            *grid(["ID", "area", "input"], [
                [f"`{entry['id']}`", entry["area"], f"`{escaped(entry['input'])}`"] for entry in table["inputs"]])]


def anchor(sdk):
    return sdk["name"].lower().replace(" ", "-")


def escaped(given):
    return json.dumps(given, ensure_ascii=False).replace("|", "\\|")


main()
