"""Makes the checks under tools/ importable for their tests, and builds small trees for them."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))


def write_tree(root, files):
    """Writes {path: text} below `root` and returns it."""
    for name, text in files.items():
        path = pathlib.Path(root, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root
