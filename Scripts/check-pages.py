#!/usr/bin/env python3
"""Proves that no testable statement of the five documentation pages lacks a requirement.

    Scripts/check-pages.py PAGES_DIR          check against Schemas/pages.json
    Scripts/check-pages.py PAGES_DIR --list   print every row and statement found, with its key

PAGES_DIR holds the pages as text files. They are recognised by their content; their text is not in this repository, so
rows and statements are named by the first twelve digits of the SHA-256 of their words. Every table row and every line
that states a limit, an enumeration, a default, a condition, an error or a duty must be in Schemas/pages.json with the
requirements that stand for it, or with the reason why nothing can be tested.
"""

import hashlib
import json
import pathlib
import re
import sys

SCHEMAS = pathlib.Path(__file__).resolve().parent.parent / "Schemas"

# A page and words that only it has.
PAGES = {
    "hash-query": ["Querying Hash Calculation Result", "file_jobs"],
    "hash-submit-en": ["perform hash calculation and asynchronously", "file_jobs"],
    "hash-submit-zh": ["以提交任务的方式进行文件哈希值计算"],
    "animation-query": ["Querying Specified Animated Image Job", "DescribeMediaJob"],
    "batch-query": ["query a batch data processing job"],
}

# A line with one of these states something that can be held against an implementation.
TRIGGERS = re.compile(
    r"valid values|up to \d|less than|default|only if|returned only|not returned|not be returned|supported|required|"
    r"takes priority|must|can be used in|requires|adopts|does not have|is empty|only uses|only returns|returns applic|"
    r"error message|permission|Authorization:|Content-Type:|unique|varies|if all|in length|incur|"
    r"默认|有效值|不超过|小于|必填|不支持|支持以下|需携带|仅使用|仅返回|返回为|优先级|有意义|不返回|需要|无特殊|费用|其中一个|根据|该接口属于",
    re.IGNORECASE)


def key(text):
    """The name of a row or statement: its words without markup and blanks, hashed."""
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)|[\s*`|]+|<br>", lambda m: m.group(1) or "", text)
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def body(text):
    """The lines of a page without its code samples."""
    lines, fenced = [], False
    for line in text.splitlines():
        if line.strip().startswith("```"):
            fenced = not fenced
            continue
        stripped = line.strip()
        if fenced or re.match(r"^</?[A-Z][A-Za-z0-9]*\s*/?>|^<[A-Z][A-Za-z0-9]*>.*$|^<body>", stripped):
            continue
        lines.append(stripped)
    return lines


def rows(text):
    """Every table row of a page: (key, node, parent, description)."""
    lines = [line.strip() for line in text.splitlines()]
    found = []
    for line in lines:
        if line.startswith("|") and line.count("|") >= 4:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if set("".join(cells)) <= set(":- ") or cells[0].startswith("节点名称") or not "".join(cells):
                continue
            if cells[0]:
                found.append((key(f"{cells[0]} {cells[1]} {cells[2]}"), cells[0], cells[1], cells[2]))
            else:
                # A page whose tables lost their cells keeps the parent or the description.
                found.append((key(line), "", "", " ".join(cell for cell in cells if cell)))
    # Tables printed one cell a line: after the four headings come groups of four.
    index = 0
    while index < len(lines) - 3:
        if lines[index].startswith("Node Name") and lines[index + 1] == "Parent Node":
            index += 4
            while index + 3 < len(lines) and lines[index + 3] in ("Container", "String", "Int", "Container array"):
                node, parent, description = lines[index:index + 3]
                found.append((key(f"{node} {parent} {description}"), node, parent, description))
                index += 4
        else:
            index += 1
    return found


def statements(text, table_texts):
    for line in body(text):
        if line and not line.startswith("|") and line not in table_texts and TRIGGERS.search(line):
            yield key(line), line


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    wants_list = "--list" in sys.argv
    texts = [path.read_text(encoding="utf-8") for path in sorted(pathlib.Path(sys.argv[1]).iterdir()) if path.is_file()]
    known = json.loads((SCHEMAS / "pages.json").read_text(encoding="utf-8"))["entries"]
    by_key = {(entry["page"], entry["key"]): entry for entry in known}
    requirements = {
        entry["id"] for entry in json.loads((SCHEMAS / "requirements.json").read_text(encoding="utf-8"))["requirements"]}
    problems, seen = [], set()
    for page, words in PAGES.items():
        matching = [text for text in texts if all(word in text for word in words)]
        if len(matching) != 1:
            problems.append(f"{page}: {len(matching)} files are this page")
            continue
        page_rows = rows(matching[0])
        found = [(row[0], "row", f"{row[1]} in {row[2]}: {row[3]}") for row in page_rows]
        found += [(name, "statement", line)
                  for name, line in statements(matching[0], {cell for row in page_rows for cell in row[1:]})]
        for name, kind, text in found:
            seen.add((page, name))
            if wants_list:
                print(json.dumps({"page": page, "key": name, "kind": kind, "text": text}, ensure_ascii=False))
            elif (page, name) not in by_key:
                problems.append(f"{page}: no entry for the {kind} {name}: {text[:100]}")
    for place, entry in by_key.items():
        if place not in seen and not wants_list:
            problems.append(f"{place[0]}: the entry {place[1]} is not on the page")
        unknown = [name for name in entry.get("requirements", []) if name not in requirements]
        if unknown:
            problems.append(f"{place[0]}: {place[1]} names unknown requirements: {', '.join(unknown)}")
        if not entry.get("requirements") and not entry.get("untestable"):
            problems.append(f"{place[0]}: {place[1]} has neither requirements nor a reason")
    if wants_list:
        return
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"pages: {len(seen)} rows and statements, {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
