#!/usr/bin/env python3
"""Carries out the Dockerfile without a container engine: each stage in a root of its own that debootstrap makes.

    Scripts/prove-dockerfile.py FOLDER     as root; FOLDER keeps the roots, so that a second time is quicker

FROM becomes a Debian root of the release that the image is named for, with the Swift toolchain of this machine where the
image is Swift's; COPY copies, RUN and ENTRYPOINT run in a chroot, as USER says. What layers, registries and an engine's
isolation do is not proved.
"""

import filecmp
import glob
import os
import re
import shlex
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ENVIRONMENT = {"PATH": "/opt/swift/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
               "DEBIAN_FRONTEND": "noninteractive"}
# What Swift's image has beside Debian: the packages that its installation page names.
SWIFT_PACKAGES = ("binutils-gold gcc git libc6-dev libedit-dev libpython3-dev libstdc++-12-dev libncurses-dev libz3-dev "
                  "make tzdata zlib1g-dev")


class Stage:
    def __init__(self, folder, image, name):
        self.path = os.path.abspath(os.path.join(folder, name))
        self.directory, self.user, self.mounts = "/", "root", []
        self.entrypoint, self.command = [], []
        release = re.search("bookworm|trixie", image)[0]
        if not os.path.exists(os.path.join(self.path, "etc/debian_version")):
            subprocess.run(["debootstrap", "--variant=minbase", release, self.path], check=True, stdout=subprocess.DEVNULL)
        shutil.copy("/etc/resolv.conf", os.path.join(self.path, "etc/resolv.conf"))
        self.mount("proc", "proc", "-t", "proc")
        self.mount("/dev", "dev", "--bind")
        if image.startswith("swift"):
            toolchain = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(shutil.which("swift")))))
            self.mount(toolchain, "opt/swift", "--bind")
            self.run(f"apt-get update -qq && apt-get install -y -qq --no-install-recommends {SWIFT_PACKAGES} >/dev/null 2>&1")

    def mount(self, source, place, *flags):
        target = os.path.join(self.path, place)
        os.makedirs(target, exist_ok=True)
        if not os.path.ismount(target):
            subprocess.run(["mount", *flags, source, target], check=True)
            self.mounts.append(target)

    def close(self):
        for target in reversed(self.mounts):
            subprocess.run(["umount", target], check=False)

    def run(self, line, **others):
        words = ["/usr/sbin/chroot", f"--userspec={self.user}", self.path, "/bin/sh", "-c", f"cd {self.directory} && {line}"]
        return subprocess.run(words, check=True, env=ENVIRONMENT, text=True, **others)

    def place(self, path):
        return os.path.join(self.path, path.lstrip("/")) if path.startswith("/") else os.path.join(self.place(self.directory), path)


def copy_checkout(target):
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for file in filter(None, listed.split("\0")):
        source, copy = os.path.join(ROOT, file), os.path.join(target, file)
        # What is there already keeps its time, so that less is built again.
        if not os.path.exists(copy) or not filecmp.cmp(source, copy, shallow=False):
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            shutil.copy2(source, copy, follow_symlinks=False)
    # A worktree's .git is a file that names another place: the context is to hold the history itself.
    if not os.path.exists(os.path.join(target, ".git")):
        subprocess.run(["git", "clone", "--quiet", "--bare", "--no-hardlinks", ROOT, os.path.join(target, ".git")], check=True)
        subprocess.run(["git", "-C", target, "config", "core.bare", "false"], check=True)
        subprocess.run(["git", "-C", target, "reset", "--quiet"], check=True)


def main():
    if len(sys.argv) != 2 or os.geteuid() != 0:
        sys.exit(__doc__.split("\n\n")[1])
    with open(os.path.join(ROOT, "Dockerfile"), encoding="utf-8") as file:
        lines = [line for line in file.read().replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
    stages = {}
    stage = None
    try:
        for line in lines:
            print(line, flush=True)
            word, rest = line.split(" ", 1)
            if word == "FROM":
                image, _, name = rest.partition(" AS ")
                stage = stages[name or "final"] = Stage(sys.argv[1], image, name or "final")
            elif word == "WORKDIR":
                stage.directory = rest
                os.makedirs(stage.place(rest), exist_ok=True)
            elif word == "COPY" and rest == ". .":
                copy_checkout(stage.place("."))
            elif word == "COPY":
                source, start, target = re.fullmatch(r"--from=(\S+) (\S+) (\S+)", rest).groups()
                for found in glob.glob(stages[source].place(start) + "/*"):
                    shutil.copytree(found, os.path.join(stage.place(target), os.path.basename(found)), dirs_exist_ok=True)
            elif word == "RUN":
                stage.run(rest)
            elif word == "USER":
                stage.user = rest
            elif word in ("ENTRYPOINT", "CMD"):
                setattr(stage, {"ENTRYPOINT": "entrypoint", "CMD": "command"}[word], [part.strip('" ') for part in rest.strip("[]").split(",")])
            else:
                sys.exit(f"error: {word} is not carried out here")
        who = stage.run("id -u", capture_output=True).stdout.strip()
        if who == "0":
            sys.exit("error: the container would run as root")
        for words in (stage.command, ["--version"], ["run"]):
            print("container:", " ".join(stage.entrypoint + words), flush=True)
            stage.run(shlex.join(stage.entrypoint + words))
        print(f"dockerfile: every instruction was carried out; the program runs as user {who}")
    finally:
        for one in stages.values():
            one.close()


main()
