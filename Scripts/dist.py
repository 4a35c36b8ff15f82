#!/usr/bin/env python3
"""Makes the archives of a release: the program with data, pages and completions; the data alone; checksums; an SBOM.

    Scripts/dist.py [--binary .build/release/cispec] [--out .build/dist]

The same program and checkout give the same bytes: times are SOURCE_DATE_EPOCH, else that of the last commit.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = ("Schemas", "Vectors", "Exchanges")
PAPERS = ("LICENSE", "NOTICE", "CHANGELOG.md")
COMPLETIONS = {
    "bash": "share/bash-completion/completions/cispec", "zsh": "share/zsh/site-functions/_cispec",
    "fish": "share/fish/vendor_completions.d/cispec.fish",
}


def output(*words, **others):
    return subprocess.run(words, check=True, capture_output=True, text=True, **others).stdout


def epoch():
    given = os.environ.get("SOURCE_DATE_EPOCH")
    return int(given or output("git", "log", "-1", "--format=%ct", cwd=ROOT))


def data_files():
    """What is in the repository; what else lies about does not go into an archive."""
    return sorted(output("git", "ls-files", *DATA, cwd=ROOT).splitlines())


def read(path):
    with open(path, "rb") as file:
        return file.read()


def archive(path, folder, files, seconds):
    """Writes files, {name: (bytes, mode)}, below a folder; sorted, owned by nobody, all of one time."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(files):
            content, mode = files[name]
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size, entry.mode, entry.mtime = len(content), mode, seconds
            tar.addfile(entry, io.BytesIO(content))
    with open(path, "wb") as file, gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=9, mtime=0) as zipped:
        zipped.write(raw.getvalue())


# What is really linked.


def linked(binary):
    """The libraries that the loader takes, {name: path}, and those that the program names to open itself."""
    found = dict(re.findall(r"^\t(\S+) => (\S+) \(", output("ldd", binary), re.M))
    named = {name.decode() for name in re.findall(rb"\0(lib[a-z0-9+_.-]+\.so\.[0-9]+)\0", read(binary))}
    cache = output("/sbin/ldconfig", "-p")
    opened = {}
    for name in sorted(named - set(found)):
        path = re.search(rf"^\t{re.escape(name)} .* => (\S+)$", cache, re.M)
        if path:
            opened[name] = path[1]
    return found, opened


def package(path):
    """The Debian package of a library: its name and version; None where there is no dpkg or the file is nobody's."""
    if not shutil.which("dpkg-query"):
        return None
    real = os.path.realpath(path)
    for candidate in (path, real, re.sub("^/usr", "", real)):
        result = subprocess.run(["dpkg-query", "-S", candidate], capture_output=True, text=True, check=False)
        if result.returncode == 0:
            name = result.stdout.split(": ")[0].split(",")[0]
            return tuple(output("dpkg-query", "-W", "-f", "${Package} ${Version}", name).split(" "))
    return None


def sbom(binary, version, seconds):
    digest = hashlib.sha256(read(binary)).hexdigest()
    swift = re.search(r"Swift version (\S+)", output("swift", "--version"))[1]
    common = {"downloadLocation": "NOASSERTION", "filesAnalyzed": False, "copyrightText": "NOASSERTION",
              "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION"}
    packages = [
        {**common, "SPDXID": "SPDXRef-cispec", "name": "cispec", "versionInfo": version, "licenseDeclared": "Apache-2.0",
         "checksums": [{"algorithm": "SHA256", "checksumValue": digest}], "primaryPackagePurpose": "APPLICATION"},
        {**common, "SPDXID": "SPDXRef-swift-runtime", "name": "swift-runtime", "versionInfo": swift,
         "licenseDeclared": "Apache-2.0 WITH Swift-exception", "comment": "the standard library and Foundation, in the program"},
    ]
    relationships = [
        {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-cispec"},
        {"spdxElementId": "SPDXRef-cispec", "relationshipType": "STATIC_LINK", "relatedSpdxElement": "SPDXRef-swift-runtime"},
    ]
    found, opened = linked(binary)
    owners = {}
    for kind, libraries in (("DYNAMIC_LINK", found), ("RUNTIME_DEPENDENCY_OF", opened)):
        for name, path in libraries.items():
            owner = package(path) or (name, None)
            owners.setdefault(owner, (kind, []))[1].append(name)
    for (name, owner_version), (kind, libraries) in sorted(owners.items()):
        identifier = "SPDXRef-" + re.sub("[^A-Za-z0-9.-]", "-", name)
        entry = {**common, "SPDXID": identifier, "name": name, "comment": "for " + ", ".join(sorted(libraries))}
        if owner_version:
            entry["versionInfo"] = owner_version
            entry["externalRefs"] = [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                                      "referenceLocator": f"pkg:deb/debian/{name}@{owner_version}".replace("+", "%2B")}]
        packages.append(entry)
        pair = ["SPDXRef-cispec", identifier]
        # The one depends; of the other it is said that it is depended on.
        source, target = pair if kind == "DYNAMIC_LINK" else reversed(pair)
        relationships.append({"spdxElementId": source, "relationshipType": kind, "relatedSpdxElement": target})
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
    return json.dumps({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"cispec-{version}",
        "documentNamespace": f"https://cispec.invalid/spdx/{version}/{digest}",
        "creationInfo": {"created": created, "creators": ["Tool: cispec-dist"]},
        "packages": packages, "relationships": relationships}, indent=2).encode() + b"\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=os.path.join(ROOT, ".build/release/cispec"))
    parser.add_argument("--out", default=os.path.join(ROOT, ".build/dist"))
    arguments = parser.parse_args()
    if not os.access(arguments.binary, os.X_OK):
        sys.exit(f"error: {arguments.binary} is missing\nhint: make dist builds it")
    seconds = epoch()
    os.makedirs(arguments.out, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        binary = os.path.join(folder, "cispec")
        shutil.copy(arguments.binary, binary)
        subprocess.run(["strip", binary], check=True)
        environment = {**os.environ, "CISPEC_DATA": ROOT, "SOURCE_DATE_EPOCH": str(seconds)}
        version = output(binary, "--version", env=environment).split()[1]
        output(binary, "man", "--out", os.path.join(folder, "man"), env=environment)

        papers = {name: (read(os.path.join(ROOT, name)), 0o644) for name in PAPERS}
        data = {name: (read(os.path.join(ROOT, name)), 0o644) for name in data_files()}
        bill = sbom(binary, version, seconds)
        files = {"bin/cispec": (read(binary), 0o755)}
        files |= {f"share/cispec/{name}": file for name, file in data.items()}
        files |= {f"share/doc/cispec/{name}": file for name, file in papers.items()}
        files["share/doc/cispec/sbom.spdx.json"] = (bill, 0o644)
        for page in os.listdir(os.path.join(folder, "man")):
            files[f"share/man/man1/{page}"] = (read(os.path.join(folder, "man", page)), 0o644)
        for shell, place in COMPLETIONS.items():
            files[place] = (output(binary, "completion", shell, env=environment).encode(), 0o644)

    name = f"cispec-{version}-linux-{platform.machine()}"
    made = [f"{name}.tar.gz", f"cispec-data-{version}.tar.gz", f"{name}.spdx.json"]
    archive(os.path.join(arguments.out, made[0]), name, files, seconds)
    archive(os.path.join(arguments.out, made[1]), f"cispec-data-{version}", data | papers, seconds)
    with open(os.path.join(arguments.out, made[2]), "wb") as file:
        file.write(bill)
    with open(os.path.join(arguments.out, "SHA256SUMS"), "w", encoding="utf-8") as file:
        for name in sorted(made):
            path = os.path.join(arguments.out, name)
            file.write(f"{hashlib.sha256(read(path)).hexdigest()}  {name}\n")
            print(f"{os.path.getsize(path):>10} {path}")


main()
