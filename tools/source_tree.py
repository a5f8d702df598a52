"""The project's own source files, as the source checks see them."""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("storage", "query", "ingest", "server", "tools", "tests")


def source_files(root, suffixes):
    """Yields the paths below the project's folders that end in one of the suffixes, sorted."""
    for folder in FOLDERS:
        base = pathlib.Path(root) / folder
        if base.is_dir():
            yield from sorted(path for path in base.rglob("*")
                              if path.suffix in suffixes and path.is_file())


def relative(path, root):
    return path.relative_to(root).as_posix()
