#!/usr/bin/env python3
"""Fails if an #include crosses the layers, or if headers include each other in a circle.

    tools/check_layers.py [project root]

The layers, lowest first; a file may include what stands below it, and its own folder:

    storage/base
    storage/model
    storage/{wal,cache}
    storage/{catalog,part,memtable}
    storage/select
    storage/state
    storage/{deletes,retention}
    storage/compact
    storage/engine
    query/{syntax,batch,stage,template,engine} and ingest, which never include each other
    server
    tools

The headers directly in storage/ are what storage is to others: values and interfaces, which all of
storage above the model may include. Above storage only storage/base, storage/model,
storage/reader.h, storage/writer.h and storage/delete_predicate.h are visible, and storage/engine.h
and storage/row_buffer.h to server and tools. Nothing includes server but server itself. Tests, and the
inspectors and benchmarks among the tools, may include anything.
"""

import graphlib
import pathlib
import re
import sys

from source_tree import ROOT, relative, source_files

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)

# The parts of storage above the model, lowest first.
STORAGE_TIERS = ({"wal", "cache"}, {"catalog", "part", "memtable"}, {"select"}, {"state"},
                 {"deletes", "retention"}, {"compact"}, {"engine"})
STORAGE_TIER = {f"storage/{name}": tier
                for tier, names in enumerate(STORAGE_TIERS) for name in names}
STORAGE_FACADE = {"storage/reader.h", "storage/writer.h", "storage/delete_predicate.h"}
# What server and tools may see besides.
STORAGE_SERVICE = {"storage/engine.h", "storage/row_buffer.h"}
QUERY_INNER = {"query/syntax", "query/batch", "query/stage", "query/template", "query/engine"}
# What each part of query may see of query, besides itself.
QUERY_BELOW = {
    "query/syntax": set(),
    "query/batch": set(),
    "query/template": {"query/syntax", "query/batch"},
    "query/stage": {"query/syntax", "query/batch", "query/template"},
    "query/engine": {"query/syntax", "query/batch", "query/template", "query/stage"},
}
UNRESTRICTED = ("tests/", "tools/inspect/", "tools/bench/")


def part_of(path):
    """The layer part of a file: its folder, two levels deep for storage and query."""
    pieces = path.split("/")
    deep = pieces[0] in ("storage", "query") and len(pieces) > 2
    return "/".join(pieces[:2]) if deep else pieces[0]


def allowed(source, target):
    """Whether the file `source` may include the file `target`, both named from the root."""
    if source.startswith(UNRESTRICTED):
        return True
    own, other = part_of(source), part_of(target)
    if own == other:
        return True
    if other == "storage/base":
        return True
    if other == "storage/model":
        return own != "storage/base"
    if other.startswith("storage"):
        return allowed_storage(own, target, other)
    if other.startswith("query"):
        return other in QUERY_BELOW.get(own, set()) or own in ("server", "tools")
    if other == "ingest":
        return own in ("server", "tools")
    return False  # server, tools and tests are for themselves


def allowed_storage(own, target, other):
    """Whether part `own` may include `target`, a file of storage above the model."""
    if own == "storage" or (own in STORAGE_TIER and other == "storage"):
        return True
    if own in STORAGE_TIER:
        return STORAGE_TIER.get(other, len(STORAGE_TIERS)) < STORAGE_TIER[own]
    if own in ("server", "tools"):
        return target in STORAGE_FACADE | STORAGE_SERVICE
    return target in STORAGE_FACADE and (own == "ingest" or own.startswith("query"))


def read_includes(root):
    """Returns {file: [names in its quoted includes]} over our own tree."""
    return {relative(path, root): INCLUDE.findall(path.read_text(encoding="utf-8"))
            for path in source_files(root, {".h", ".cc"})}


def find_relative_includes(graph, root):
    """Includes that are named from the file's own folder, which the other checks cannot place."""
    problems = []
    for source, targets in graph.items():
        folder = pathlib.Path(root, source).parent
        problems += [f"{source} includes {name}: name it from the root" for name in targets
                     if not pathlib.Path(root, name).is_file() and (folder / name).is_file()]
    return problems


def find_cycle(graph):
    """Returns one circle of includes as a list that ends where it begins, or None."""
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return error.args[1][::-1]
    return None


def find_violations(graph):
    """Includes of our own files (those that are keys of the graph) that cross the layers."""
    return [f"{source} includes {target}: not allowed across these layers"
            for source, targets in graph.items() for target in targets
            if target in graph and not allowed(source, target)]


def main(arguments):
    root = pathlib.Path(arguments[0]).resolve() if arguments else ROOT
    graph = read_includes(root)
    problems = find_violations(graph) + find_relative_includes(graph, root)
    cycle = find_cycle(graph)
    if cycle:
        problems.append("headers include each other: " + " -> ".join(cycle))
    for problem in problems:
        print(problem)
    print(f"check_layers: {len(graph)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
