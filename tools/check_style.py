#!/usr/bin/env python3
"""Fails if a source file breaks the house rules that a machine can judge.

    tools/check_style.py [project root]

Checked: clang-format 14 (left out, with a word, where it is not installed), the size of files,
names that say nothing, #pragma once in headers, paths of the machine at hand in any text, and that
Git tracks no folders beside the project's own, such as the data of a server that was started here.
"""

import pathlib
import re
import shutil
import subprocess
import sys

from source_tree import FOLDERS, ROOT, relative, source_files

MAX_LINES = 800
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "manager"}
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:home|root|work|Users)/\w")
# Log lines in tests may well name somebody's home.
MACHINE_PATH_IN_TESTS = re.compile(r"(?<![\w.$}])/work/\w")
TEXT_SUFFIXES = {".h", ".cc", ".py", ".sh", ".md", ".yaml", ".yml", ".json", ".txt", ".test",
                 ".fbs", ".proto", ""}
TEXT_FOLDERS = ("configs", "docs", ".ci")
CLANG_FORMAT = "clang-format-14"
TOP_FOLDERS = {*FOLDERS, *TEXT_FOLDERS}


def check_size(name, text):
    lines = text.count("\n")
    if lines > MAX_LINES:
        yield f"{name}: {lines} lines, more than {MAX_LINES}: which second concept hides in it?"


def check_name(name):
    for piece in pathlib.PurePosixPath(name).parts:
        words = set(re.split(r"[_.\-]", piece.lower()))
        if words & EMPTY_NAMES:
            yield f"{name}: the name {piece!r} says nothing about what is in it"


def check_guard(name, text):
    if name.endswith(".h") and "#pragma once" not in text:
        yield f"{name}: a header without #pragma once"


def check_paths(name, text):
    pattern = MACHINE_PATH_IN_TESTS if name.startswith("tests/") else MACHINE_PATH
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.search(line):
            yield f"{name}:{number}: a path of one machine: {line.strip()[:80]}"


def text_files(root):
    """Yields every text file of the project that a person wrote."""
    yield from source_files(root, TEXT_SUFFIXES)
    for folder in TEXT_FOLDERS:
        yield from sorted(path for path in pathlib.Path(root, folder).rglob("*")
                          if path.is_file() and path.suffix in TEXT_SUFFIXES)
    yield from sorted(path for path in pathlib.Path(root).iterdir()
                      if path.is_file() and path.suffix in TEXT_SUFFIXES)


def check_top(tracked):
    folders = {name.partition("/")[0] for name in tracked if "/" in name}
    return [f"{folder}/: no folder of the project" for folder in sorted(folders - TOP_FOLDERS)]


def tracked_files(root):
    if not pathlib.Path(root, ".git").exists():
        return []
    listed = subprocess.run(["git", "ls-files"], cwd=root, stdout=subprocess.PIPE, check=True)
    return listed.stdout.decode().splitlines()


def check_files(root):
    problems = []
    for path in source_files(root, {".h", ".cc"}):
        name, text = relative(path, root), path.read_text(encoding="utf-8")
        problems += [*check_size(name, text), *check_guard(name, text)]
    for path in text_files(root):
        name = relative(path, root)
        problems += [*check_name(name), *check_paths(name, path.read_text(errors="replace"))]
    return problems


def check_format(root):
    if shutil.which(CLANG_FORMAT) is None:
        print(f"check_style: {CLANG_FORMAT} is not installed, the format is not checked")
        return []
    files = [str(path) for path in source_files(root, {".h", ".cc"})]
    if not files:
        return []
    done = subprocess.run([CLANG_FORMAT, "--dry-run", "-Werror", *files], cwd=root,
                          stderr=subprocess.PIPE, check=False)
    return [line for line in done.stderr.decode().splitlines() if "error:" in line]


def main(arguments):
    root = pathlib.Path(arguments[0]).resolve() if arguments else ROOT
    problems = check_files(root) + check_top(tracked_files(root)) + check_format(root)
    for problem in problems:
        print(problem)
    print(f"check_style: {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
