#!/usr/bin/env python3
"""Runs clang-tidy on whole sources, several at a time. A source that was found clean is not checked
again until the text that the compiler sees of it, comments included, or the checks have changed.

    tools/ci/tidy_files.py BUILD_FOLDER FILE...

BUILD_FOLDER has compile_commands.json. What was found clean is remembered in BUILD_FOLDER/tidy.
Prints what clang-tidy prints of the others; fails if it failed on any of them.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLANG_TIDY = "clang-tidy-19"


def read_commands(folder):
    """Returns {source: arguments of its compiler, without those that name the output}."""
    commands = {}
    for entry in json.loads((folder / "compile_commands.json").read_text(encoding="utf-8")):
        arguments = shlex.split(entry["command"])
        output = arguments.index("-o")
        del arguments[output:output + 2]
        commands[pathlib.Path(entry["file"])] = (entry["directory"], arguments)
    return commands


def describe_checks():
    """What the outcome depends on besides the source."""
    version = subprocess.run([CLANG_TIDY, "--version"], capture_output=True, check=True).stdout
    return version + (ROOT / ".clang-tidy").read_bytes()


class Checker:
    def __init__(self, folder):
        self.folder = folder
        self.commands = read_commands(folder)
        self.checks = describe_checks()
        self.clean = folder / "tidy"
        self.clean.mkdir(exist_ok=True)

    def find_stamp(self, source):
        """The file that is there if the source as it is was found clean; None: it has no command."""
        if source not in self.commands:
            return None
        directory, arguments = self.commands[source]
        text = subprocess.run([*arguments, "-E", "-C"], cwd=directory, capture_output=True,
                              check=False).stdout
        return self.clean / hashlib.sha256(self.checks + text).hexdigest()

    def check(self, source):
        """Returns ("clean" | "as before" | "FAILED", what clang-tidy printed)."""
        stamp = self.find_stamp(source)
        if stamp is not None and stamp.exists():
            return "as before", ""
        done = subprocess.run([CLANG_TIDY, "-p", str(self.folder), "--quiet", str(source)],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return "FAILED", done.stdout + done.stderr
        if stamp is not None:
            stamp.touch()
        return "clean", done.stdout


def main(arguments):
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    checker = Checker(pathlib.Path(arguments[0]).resolve())
    sources = [pathlib.Path(name).resolve() for name in arguments[1:]]
    counts = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, (outcome, printed) in zip(sources, pool.map(checker.check, sources)):
            counts[outcome] = counts.get(outcome, 0) + 1
            if printed:
                print(f"{source.relative_to(ROOT)}: {printed}", flush=True)
    print("tidy: " + ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())))
    return 1 if "FAILED" in counts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
