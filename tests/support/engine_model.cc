#include "tests/support/engine_model.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/status_matchers.h"

namespace skald::test_support {

void EngineModel::Open() {
  Configure();
  EngineFixture::Open();
}

void EngineModel::Push(const std::vector<PlainRow>& rows) {
  pushed_.insert(rows.begin(), rows.end());
  const bool acknowledged = test_support::Push(engine_.get(), kTenant, rows).ok();
  if (acknowledged) acknowledged_.insert(rows.begin(), rows.end());
  NotePush(rows, acknowledged);
}

std::vector<PlainRow> EngineModel::RandomRows(uint64_t most) {
  std::vector<PlainRow> rows;
  for (uint64_t n = 1 + random_.Below(most); n > 0; --n) rows.push_back(RandomRow());
  return rows;
}

void EngineModel::Reopen(bool crash) {
  BeforeClose();
  if (crash) Crash(random_.Next());
  faults_.Heal();
  ASSERT_NO_FATAL_FAILURE(Open());
  Check();
}

void EngineModel::Check() {
  ASSERT_OK_AND_ASSIGN(const std::vector<PlainRow> rows, ReadRows(engine_.get(), kTenant));
  const std::set<PlainRow> seen(rows.begin(), rows.end());
  EXPECT_EQ(seen.size(), rows.size()) << "a row is shown twice";
  const std::set<PlainRow> required = Required();
  const std::set<PlainRow> possible = Possible();
  EXPECT_TRUE(std::includes(seen.begin(), seen.end(), required.begin(), required.end()))
      << "an acknowledged row is lost";
  EXPECT_TRUE(std::includes(possible.begin(), possible.end(), seen.begin(), seen.end()))
      << "a row is shown that was never pushed, or is deleted";
  const int64_t edge = rows.empty() ? 0 : rows[random_.Below(rows.size())].time;
  ExpectWaysAgree(engine_.get(), kTenant, edge);
}

void ExpectWaysAgree(storage::Engine* engine, const std::string& tenant, int64_t edge) {
  ASSERT_OK_AND_ASSIGN(const std::vector<PlainRow> rows, ReadRows(engine, tenant));
  uint64_t rows_before = 0;
  uint64_t bytes_before = 0;
  std::set<std::string> streams;
  std::set<std::string> apps;
  for (const PlainRow& row : rows) {
    streams.insert(row.labels);
    const LabelSet labels = Labels(row.labels);
    if (const std::string_view app = labels.Get("app"); !app.empty()) apps.emplace(app);
    if (row.time >= edge) continue;
    ++rows_before;
    bytes_before += row.line.size();
  }
  const auto snapshot = engine->reader()->GetSnapshot(tenant);
  ASSERT_OK_AND_ASSIGN(const auto selection, snapshot->Select({}, {}, nullptr));
  storage::Rank ranks;
  for (size_t i = 0; i < selection->units().size(); ++i) {
    ASSERT_OK_AND_ASSIGN(const auto block, selection->Open(i, nullptr));
    for (const storage::StreamRun& run : block->runs()) {
      storage::Rank rank;
      ASSERT_OK(block->RanksAt(run, {&edge, 1}, {&rank, 1}));
      ranks.rows += rank.rows;
      ranks.line_bytes += rank.line_bytes;
    }
  }
  EXPECT_EQ(ranks.rows, rows_before);
  EXPECT_EQ(ranks.line_bytes, bytes_before);
  ASSERT_OK_AND_ASSIGN(const auto totals, selection->Totals(nullptr));
  uint64_t total = 0;
  for (const storage::StreamTotals& stream : totals) total += stream.rows;
  EXPECT_EQ(total, rows.size());
  std::set<std::string> selected;
  for (const StreamPtr& stream : selection->streams()) selected.emplace(stream->text);
  EXPECT_EQ(selected, streams);
  ASSERT_OK_AND_ASSIGN(const auto values, snapshot->LabelValues("app", {}, {}, nullptr));
  EXPECT_EQ(std::set<std::string>(values.begin(), values.end()), apps);
  ASSERT_OK_AND_ASSIGN(const auto names, snapshot->LabelNames({}, {}, nullptr));
  EXPECT_EQ(std::find(names.begin(), names.end(), "app") != names.end(), !apps.empty());
}

}  // namespace skald::test_support
