"""Tests of tools/check_layers.py."""

import tempfile
import unittest

import source_checks
import check_layers


class AllowedTest(unittest.TestCase):
    ALLOWED = [
        ("storage/model/labels.h", "storage/base/strings.h"),
        ("storage/wal/wal_writer.cc", "storage/model/ids.h"),
        ("storage/part/page.cc", "storage/cache/page_cache.h"),
        ("storage/select/snapshot.cc", "storage/part/page.h"),
        ("storage/compact/compactor.cc", "storage/deletes/delete_book.h"),
        ("storage/engine/storage_engine.cc", "storage/wal/wal_writer.h"),
        ("storage/row_buffer.cc", "storage/select/snapshot.h"),
        ("storage/memtable/flusher.cc", "storage/writer.h"),
        ("query/syntax/parser.cc", "storage/base/strings.h"),
        ("query/engine/scan.cc", "storage/reader.h"),
        ("query/engine/delete_compiler.h", "storage/delete_predicate.h"),
        ("query/engine/scan.cc", "query/stage/stage.h"),
        ("query/stage/json.cc", "query/batch/batch.h"),
        ("ingest/validator.cc", "storage/writer.h"),
        ("server/app.cc", "ingest/push_json.h"),
        ("server/api/query.cc", "query/engine/engine.h"),
        ("server/app.cc", "storage/engine.h"),
        ("server/api/push.cc", "server/http/request.h"),
        ("tools/cli/main.cc", "query/engine/engine.h"),
        ("tools/inspect/part.cc", "storage/part/part_reader.h"),
        ("tests/storage/part_test.cc", "server/app.h"),
    ]
    FORBIDDEN = [
        ("storage/base/status.h", "storage/model/ids.h"),
        ("storage/model/labels.h", "storage/wal/wal_writer.h"),
        ("storage/model/labels.h", "storage/reader.h"),
        ("storage/part/page.cc", "query/batch/batch.h"),
        ("storage/wal/wal_writer.cc", "storage/part/page.h"),
        ("storage/wal/wal_writer.cc", "storage/cache/page_cache.h"),
        ("storage/part/page.cc", "storage/select/snapshot.h"),
        ("storage/select/snapshot.cc", "storage/engine/storage_engine.h"),
        ("storage/deletes/delete_book.cc", "storage/compact/compactor.h"),
        ("storage/deletes/delete_book.cc", "storage/retention/disk_limit.h"),
        ("storage/engine/storage_engine.cc", "ingest/push_json.h"),
        ("query/syntax/parser.cc", "query/batch/batch.h"),
        ("query/syntax/parser.cc", "query/engine/engine.h"),
        ("query/stage/json.cc", "query/engine/engine.h"),
        ("query/engine/scan.cc", "storage/engine.h"),
        ("query/engine/scan.cc", "storage/part/part_reader.h"),
        ("query/engine/scan.cc", "ingest/push_json.h"),
        ("ingest/validator.cc", "query/syntax/parser.h"),
        ("ingest/validator.cc", "storage/memtable/memtable.h"),
        ("ingest/validator.cc", "server/config/config.h"),
        ("server/app.cc", "storage/wal/wal_writer.h"),
        ("server/app.cc", "tools/cli/output.h"),
        ("tools/cli/main.cc", "server/app.h"),
        ("query/engine/scan.cc", "tests/support/matchers.h"),
    ]

    def test_allowed(self):
        for source, target in self.ALLOWED:
            self.assertTrue(check_layers.allowed(source, target), f"{source} -> {target}")

    def test_forbidden(self):
        for source, target in self.FORBIDDEN:
            self.assertFalse(check_layers.allowed(source, target), f"{source} -> {target}")


class TreeTest(unittest.TestCase):
    def problems(self, files):
        with tempfile.TemporaryDirectory() as root:
            return check_layers.main([source_checks.write_tree(root, files)])

    def test_clean_tree(self):
        self.assertEqual(self.problems({
            "storage/base/a.h": "#include <vector>\n",
            "storage/model/b.h": '#include "storage/base/a.h"\n#include "boost/asio.hpp"\n'}), 0)

    def test_layer_violation(self):
        self.assertEqual(self.problems({
            "storage/base/a.h": '#  include "storage/model/b.h"\n', "storage/model/b.h": ""}), 1)

    def test_cycle(self):
        self.assertEqual(self.problems({
            "ingest/a.h": '#include "ingest/b.h"\n', "ingest/b.h": '#include "ingest/c.h"\n',
            "ingest/c.h": '#include "ingest/a.h"\n'}), 1)

    def test_relative_include(self):
        self.assertEqual(self.problems({"ingest/a.cc": '#include "b.h"\n', "ingest/b.h": ""}), 1)

    def test_cycle_is_named_in_include_order(self):
        graph = {"a": ["b"], "b": ["c"], "c": ["b"]}
        self.assertIn(check_layers.find_cycle(graph), (["b", "c", "b"], ["c", "b", "c"]))


if __name__ == "__main__":
    unittest.main()
