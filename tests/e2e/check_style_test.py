"""Tests of tools/check_style.py; the format is clang-format's own business."""

import tempfile
import unittest

import source_checks
import check_style

HEADER = "// What this is.\n#pragma once\n"


class CheckStyleTest(unittest.TestCase):
    def problems(self, files):
        with tempfile.TemporaryDirectory() as root:
            return check_style.check_files(source_checks.write_tree(root, files))

    def test_clean_tree(self):
        self.assertEqual(self.problems({
            "ingest/push.h": HEADER, "ingest/push.cc": '#include "ingest/push.h"\n',
            "docs/api.md": "data under ./data, ${HOME}/work, /var/lib/skald\n"}), [])

    def test_long_file(self):
        self.assertEqual(len(self.problems({"ingest/push.cc": "\n" * 801})), 1)
        self.assertEqual(self.problems({"ingest/push.cc": "\n" * 800}), [])

    def test_header_without_guard(self):
        self.assertEqual(len(self.problems({"ingest/push.h": "// nothing\n"})), 1)

    def test_empty_names(self):
        for name in ("ingest/utils.cc", "ingest/push_helpers.cc", "query/common/a.cc",
                     "tools/part_manager.cc", "tests/misc.py"):
            self.assertEqual(len(self.problems({name: ""})), 1, name)
        self.assertEqual(self.problems({"ingest/commonplace.cc": ""}), [])

    def test_machine_paths(self):
        for folder in ("home", "root", "work"):
            text = f"see `/{folder}/ada/skald`"
            self.assertEqual(len(self.problems({"docs/a.md": text})), 1, text)
            self.assertEqual(len(self.problems({"tests/query/a.test": text})), folder == "work")
        self.assertEqual(self.problems({"docs/a.md": "https://x.example/home/page ./work/x"}), [])

    def test_folders_at_the_top(self):
        tracked = ["README.md", ".ci/run", "docs/a.md", "query/a.h"]
        self.assertEqual(check_style.check_top(tracked), [])
        tracked += ["chunks/fake/a", "chunks/b", "skald/LOCK"]
        self.assertEqual(len(check_style.check_top(tracked)), 2)


if __name__ == "__main__":
    unittest.main()
