// Runs scripts: loads rows, evaluates queries over every storage layout, compares.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/engine/limits.h"
#include "storage/base/status.h"
#include "tests/logql/answer_text.h"
#include "tests/logql/script.h"
#include "tests/logql/stores.h"

namespace skald::logql_test {

struct Mismatch {
  size_t line = 0;  // from 1
  std::string text;
};

struct ScriptResult {
  std::string skipped;  // why the script cannot run here; empty: it ran
  std::vector<Mismatch> mismatches;
  // The script with every expectation as it came out.
  std::vector<std::string> updated;
};

// Threads: externally synchronised. One script each.
class ScriptRunner {
 public:
  ScriptResult Run(const std::vector<std::string>& lines);

 private:
  Status RunStatement(const Statement& statement);
  Status Require(std::string_view what);
  Status Set(std::string_view setting);
  Status Evaluate(const Statement& statement);
  void Parse(const Statement& statement);
  // Compares, notes a mismatch, and rewrites the statement's body.
  void Expect(const Statement& statement, std::string_view where,
              const std::vector<std::string>& actual);
  void Rewrite(const Statement& statement, const std::vector<std::string>& actual);

  std::vector<std::string> lines_;
  Stores stores_;
  query::QueryLimits limits_;
  bool drilldown_ = false;
  ScriptResult result_;
  size_t copied_ = 0;  // lines that are in result_.updated already
};

}  // namespace skald::logql_test
