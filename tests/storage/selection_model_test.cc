// Selections over several parts and a memtable, with resent rows between them, against a plain list
// of rows.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "storage/base/memory_budget.h"
#include "storage/engine.h"
#include "storage/model/label_parser.h"
#include "storage/part/part.h"
#include "tests/support/engine_harness.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::Labels;
using ::skald::test_support::PlainRow;
using ::skald::test_support::Push;
using ::skald::test_support::ReadRows;

class SelectionTest : public ::testing::TestWithParam<uint64_t> {
 protected:
  SelectionTest() : random_(GetParam()) { Open(); }

  void Open() {
    EngineOptions options;
    options.files = &files_;
    options.directory = "/d";
    options.decoder = &decoder_;
    options.free_space_reserve = 0;
    // Too small a cache must cost time only.
    options.page_cache_bytes = GetParam() % 2 == 0 ? 0 : 64 << 20;
    engine_ = Engine::Open(options).value();
  }

  PlainRow RandomRow() {
    PlainRow row;
    const uint64_t app = random_.Below(6);
    row.labels = app == 5 ? "{host=\"h\"}"
                          : "{app=\"a" + std::to_string(app) + "\", env=\"" +
                                (random_.OneIn(2) ? "dev" : "prod") + "\"}";
    row.time = random_.Between(0, 1000);
    row.line = "line " + std::to_string(random_.Below(4));
    if (random_.OneIn(3)) row.metadata = {{"id", std::to_string(random_.Below(2))}};
    return row;
  }

  // Pushes rows, some of them again, in several generations.
  void Fill() {
    for (int generation = 0; generation < 6; ++generation) {
      std::vector<PlainRow> rows;
      for (uint64_t n = 200 + random_.Below(400); n > 0; --n) {
        rows.push_back(!all_.empty() && random_.OneIn(3) ? random_.Pick(list_) : RandomRow());
      }
      ASSERT_OK(Push(engine_.get(), "t", rows));
      all_.insert(rows.begin(), rows.end());
      list_.assign(all_.begin(), all_.end());
      if (generation == 5) break;
      ASSERT_OK(engine_->Flush());
    }
  }

  std::vector<Matcher> RandomMatchers() {
    static const std::vector<std::string> kSelectors = {"{app=\"a1\"}",
                                                        "{app=~\"a[0-2]\"}",
                                                        "{env!=\"dev\"}",
                                                        "{app=\"\"}",
                                                        "{app=~\".+\", env=\"prod\"}",
                                                        "{host=~\".*\"}",
                                                        "{app=\"a3\", env=~\"dev|prod\"}",
                                                        "{nothing=\"x\"}"};
    if (random_.OneIn(5)) return {};
    return ParseSelector(random_.Pick(kSelectors));
  }

  static std::vector<Matcher> ParseSelector(const std::string& text) {
    std::vector<Matcher> matchers;
    // name op "value", separated by ", "
    size_t at = 1;
    while (at < text.size() - 1) {
      const size_t op_at = text.find_first_of("=!", at);
      const size_t quote = text.find('"', op_at);
      const size_t end = text.find('"', quote + 1);
      const std::string op = text.substr(op_at, quote - op_at);
      const MatchOp match = op == "="    ? MatchOp::kEqual
                            : op == "!=" ? MatchOp::kNotEqual
                            : op == "=~" ? MatchOp::kRegex
                                         : MatchOp::kNotRegex;
      matchers.push_back(Matcher::Create(text.substr(at, op_at - at), match,
                                         text.substr(quote + 1, end - quote - 1))
                             .value());
      at = end + 3;
    }
    return matchers;
  }

  std::vector<PlainRow> Expected(const std::vector<Matcher>& matchers, TimeRange range) const {
    std::vector<PlainRow> rows;
    for (const PlainRow& row : all_) {
      const LabelSet labels = Labels(row.labels);
      const bool matches = std::all_of(matchers.begin(), matchers.end(), [&](const Matcher& m) {
        return m.Matches(labels.Get(m.name()));
      });
      if (matches && range.Contains(row.time)) rows.push_back(row);
    }
    return rows;
  }

  Random random_;
  MemoryFileSystem files_;
  skald::test_support::PlainRowDecoder decoder_;
  std::unique_ptr<Engine> engine_;
  std::set<PlainRow> all_;
  std::vector<PlainRow> list_;
};

TEST_P(SelectionTest, RowsOfAnySelectorAndRange) {
  Fill();
  for (int query = 0; query < 30; ++query) {
    const std::vector<Matcher> matchers = RandomMatchers();
    TimeRange range;
    if (!random_.OneIn(4)) range = {random_.Between(-5, 900), random_.Between(0, 1100)};
    ASSERT_OK_AND_ASSIGN(std::vector<PlainRow> rows, ReadRows(engine_.get(), "t", matchers, range));
    std::sort(rows.begin(), rows.end());
    ASSERT_EQ(rows, Expected(matchers, range)) << query;
  }
}

TEST_P(SelectionTest, UnitsStateWhatTheyHold) {
  Fill();
  const auto snapshot = engine_->reader()->GetSnapshot("t");
  for (int query = 0; query < 10; ++query) {
    const TimeRange range = {random_.Between(-5, 900), random_.Between(0, 1100)};
    const std::vector<Matcher> matchers = RandomMatchers();
    ASSERT_OK_AND_ASSIGN(const auto selection, snapshot->Select(matchers, range, nullptr));
    for (size_t i = 0; i < selection->units().size(); ++i) {
      const ScanUnit& unit = selection->units()[i];
      ASSERT_OK_AND_ASSIGN(const auto block, selection->Open(i, nullptr));
      RowSet rows;
      ASSERT_OK(block->SelectRows(range, &rows));
      EXPECT_LE(rows.count(), unit.rows);
      ASSERT_OK_AND_ASSIGN(const auto times, block->Timestamps());
      rows.ForEach([&](uint32_t row) {
        EXPECT_LE(unit.min_time, times[row]);
        EXPECT_GE(unit.max_time, times[row]);
      });
      EXPECT_TRUE(std::is_sorted(block->runs().begin(), block->runs().end(),
                                 [](const StreamRun& a, const StreamRun& b) {
                                   return a.end <= b.begin && a.begin < b.begin;
                                 }));
    }
  }
}

TEST_P(SelectionTest, TotalsCountVisibleRows) {
  Fill();
  const auto snapshot = engine_->reader()->GetSnapshot("t");
  for (int query = 0; query < 10; ++query) {
    const TimeRange range = {random_.Between(-5, 900), random_.Between(0, 1100)};
    const std::vector<Matcher> matchers = RandomMatchers();
    ASSERT_OK_AND_ASSIGN(const auto selection, snapshot->Select(matchers, range, nullptr));
    ASSERT_OK_AND_ASSIGN(const auto totals, selection->Totals(nullptr));
    std::map<std::string, uint64_t> rows;
    for (const StreamTotals& total : totals) {
      if (total.rows > 0) rows[std::string(selection->streams()[total.stream]->text)] = total.rows;
    }
    std::map<std::string, uint64_t> expected;
    for (const PlainRow& row : Expected(matchers, range)) ++expected[row.labels];
    EXPECT_EQ(rows, expected);
  }
}

TEST_P(SelectionTest, TotalsBetweenEdgesCountEachStretch) {
  Fill();
  const auto snapshot = engine_->reader()->GetSnapshot("t");
  for (int query = 0; query < 20; ++query) {
    std::set<int64_t> chosen = {random_.Between(-5, 500), random_.Between(501, 1100)};
    for (uint64_t more = random_.Below(4); more > 0; --more) {
      chosen.insert(random_.Between(*chosen.begin(), *chosen.rbegin()));
    }
    const std::vector<int64_t> edges(chosen.begin(), chosen.end());
    const std::vector<Matcher> matchers = RandomMatchers();
    ASSERT_OK_AND_ASSIGN(const auto selection,
                         snapshot->Select(matchers, {edges.front(), edges.back()}, nullptr));
    ASSERT_OK_AND_ASSIGN(const auto totals, selection->TotalsBetween(edges, nullptr));
    const size_t stretches = edges.size() - 1;
    ASSERT_EQ(totals.size(), selection->streams().size() * stretches);
    std::map<std::pair<std::string, size_t>, std::pair<uint64_t, uint64_t>> found;
    for (size_t i = 0; i < totals.size(); ++i) {
      ASSERT_EQ(totals[i].stream, i / stretches);
      if (totals[i].rows == 0) continue;
      const std::string text(selection->streams()[totals[i].stream]->text);
      found[{text, i % stretches}] = {totals[i].rows, totals[i].line_bytes};
    }
    std::map<std::pair<std::string, size_t>, std::pair<uint64_t, uint64_t>> expected;
    for (const PlainRow& row : Expected(matchers, {edges.front(), edges.back()})) {
      const auto after = std::upper_bound(edges.begin(), edges.end(), row.time);
      auto& [rows, bytes] = expected[{row.labels, static_cast<size_t>(after - edges.begin()) - 1}];
      ++rows;
      bytes += row.line.size();
    }
    EXPECT_EQ(found, expected);
  }
}

TEST_P(SelectionTest, StreamsAreThoseOfASelection) {
  Fill();
  const auto snapshot = engine_->reader()->GetSnapshot("t");
  for (int query = 0; query < 10; ++query) {
    const TimeRange range = {random_.Between(-5, 900), random_.Between(0, 1100)};
    const std::vector<Matcher> matchers = RandomMatchers();
    ASSERT_OK_AND_ASSIGN(const auto selection, snapshot->Select(matchers, range, nullptr));
    ASSERT_OK_AND_ASSIGN(const auto streams, snapshot->Streams(matchers, range, nullptr));
    ASSERT_EQ(streams.size(), selection->streams().size());
    for (size_t i = 0; i < streams.size(); ++i) {
      EXPECT_EQ(streams[i]->text, selection->streams()[i]->text);
    }
  }
}

TEST_P(SelectionTest, WhatASelectionHoldsIsTakenFromTheBudget) {
  Fill();
  const auto snapshot = engine_->reader()->GetSnapshot("t");
  MemoryBudget little("this query", 100);
  EXPECT_THAT(snapshot->Select({}, {}, nullptr, &little).status(),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(little.used(), 0u);
  MemoryBudget enough("this query", 32 << 20);
  {
    ASSERT_OK_AND_ASSIGN(const auto selection, snapshot->Select({}, {}, nullptr, &enough));
    EXPECT_GT(enough.used(), 0u);
    EXPECT_LT(enough.used(), 2u << 20) << "what finding copies takes is given back";
  }
  EXPECT_EQ(enough.used(), 0u);
}

TEST_P(SelectionTest, LabelNamesAndValues) {
  Fill();
  const auto snapshot = engine_->reader()->GetSnapshot("t");
  for (int query = 0; query < 10; ++query) {
    const std::vector<Matcher> matchers = RandomMatchers();
    std::set<std::string> names;
    std::set<std::string> apps;
    for (const PlainRow& row : Expected(matchers, {})) {
      const LabelSet labels = Labels(row.labels);
      for (size_t i = 0; i < labels.size(); ++i) names.emplace(labels[i].name);
      if (labels.Has("app")) apps.emplace(labels.Get("app"));
    }
    EXPECT_THAT(snapshot->LabelNames(matchers, {}, nullptr),
                IsOkAndHolds(testing::ElementsAreArray(names)));
    EXPECT_THAT(snapshot->LabelValues("app", matchers, {}, nullptr),
                IsOkAndHolds(testing::ElementsAreArray(apps)));
  }
}

// A selection is of one moment: what comes in later is in none of its answers.
TEST_P(SelectionTest, LaterRowsAreNotSeen) {
  ASSERT_OK(Push(engine_.get(), "t", {{"{a=\"b\"}", 10, "first", {}}}));
  const auto snapshot = engine_->reader()->GetSnapshot("t");
  ASSERT_OK_AND_ASSIGN(const auto selection, snapshot->Select({}, {}, nullptr));
  ASSERT_OK(Push(engine_.get(), "t", {{"{a=\"b\"}", 5, "later", {}}, {"{a=\"b\"}", 20, "x", {}}}));
  ASSERT_EQ(selection->units().size(), 1u);
  ASSERT_OK_AND_ASSIGN(const auto block, selection->Open(0, nullptr));
  EXPECT_EQ(block->rows(), 1u);
}

// Blocks and their views need nobody else.
TEST_P(SelectionTest, ABlockOutlivesItsSelection) {
  ASSERT_OK(Push(engine_.get(), "t", {{"{a=\"b\"}", 10, "in a part", {}}}));
  ASSERT_OK(engine_->Flush());
  ASSERT_OK(Push(engine_.get(), "t", {{"{a=\"b\"}", 11, "in memory", {}}}));
  std::vector<std::unique_ptr<Block>> blocks;
  {
    const auto snapshot = engine_->reader()->GetSnapshot("t");
    const auto selection = snapshot->Select({}, {}, nullptr).value();
    for (size_t i = 0; i < 2; ++i) blocks.push_back(selection->Open(i, nullptr).value());
  }
  ASSERT_OK(engine_->Flush());  // lets go of the memtable
  std::set<std::string> lines;
  for (const auto& block : blocks) {
    const uint32_t row = 0;
    std::string_view line;
    ASSERT_OK(block->Lines().value()->Materialise({&row, 1}, {&line, 1}));
    lines.emplace(line);
  }
  EXPECT_EQ(lines, (std::set<std::string>{"in a part", "in memory"}));
}

// Equal times in bulk, resent as a whole.
TEST_P(SelectionTest, ManyResentRowsOfOneTime) {
  std::vector<PlainRow> rows;
  for (int i = 0; i < 30'000; ++i) rows.push_back({"{a=\"b\"}", 5, std::to_string(i), {}});
  ASSERT_OK(Push(engine_.get(), "t", rows));
  ASSERT_OK(engine_->Flush());
  ASSERT_OK(Push(engine_.get(), "t", rows));
  ASSERT_OK(engine_->Flush());
  ASSERT_OK_AND_ASSIGN(const auto read, ReadRows(engine_.get(), "t"));
  EXPECT_EQ(read.size(), rows.size());
}

// Rows of one time differ in any way that rows can: in the line, in a value, in having one at all.
TEST_P(SelectionTest, ManyRowsOfFewTimes) {
  static const std::vector<std::string> kValues = {"", "1", "2"};
  std::set<PlainRow> all;
  for (int generation = 0; generation < 5; ++generation) {
    std::vector<PlainRow> rows;
    const bool has_zone = random_.OneIn(2);  // else a part does not know the name
    for (int i = 0; i < 400; ++i) {
      PlainRow row{random_.OneIn(8) ? "{a=\"few\"}" : "{a=\"many\"}",
                   random_.Between(1, 3),
                   "line " + std::to_string(random_.Below(4)),
                   {}};
      if (random_.OneIn(2)) row.metadata.push_back({"id", random_.Pick(kValues)});
      if (has_zone && random_.OneIn(2)) row.metadata.push_back({"zone", random_.Pick(kValues)});
      rows.push_back(row);
    }
    ASSERT_OK(Push(engine_.get(), "t", rows));
    all.insert(rows.begin(), rows.end());
    const std::vector<PlainRow> expected(all.begin(), all.end());
    for (int times = 0; times < 2; ++times) {  // found, and remembered where there is a cache
      ASSERT_OK_AND_ASSIGN(std::vector<PlainRow> read, ReadRows(engine_.get(), "t"));
      std::sort(read.begin(), read.end());
      ASSERT_EQ(read, expected) << generation;
      if (generation == 4) continue;
      ASSERT_OK(engine_->Flush());
    }
  }
}

// A filter that cannot be read costs time, not answers.
TEST_P(SelectionTest, ADamagedFilterPrunesNothing) {
  ASSERT_OK(Push(engine_.get(), "t", {{"{a=\"b\"}", 10, "some text", {{"id", "one"}}}}));
  ASSERT_OK(engine_->Flush());
  const RequiredLiterals text = {{{"not in there", false}}};
  const RequiredLiterals* const literals = &text;
  const RequiredMetadata pair = {{{"id", "two"}}};
  const auto may_pass = [&] {
    const auto snapshot = engine_->reader()->GetSnapshot("t");
    const auto selection = snapshot->Select({}, {}, nullptr).value();
    return std::make_pair(selection->MayMatch(0, {&literals, 1}).value(),
                          selection->MayHaveMetadata(0, pair).value());
  };
  EXPECT_EQ(may_pass(), std::make_pair(false, false));
  engine_.reset();

  const std::string path = "/d/tenants/1/0000000000000001.part";
  PageCache cache(1 << 20);
  const auto part = Part::Open(&files_, path, 1, &cache).value();
  for (const PartFooter::Section& section : part->footer().sections) {
    if (section.kind == SectionKind::kNgramFilter || section.kind == SectionKind::kMetadataFilter) {
      files_.Overwrite(path, section.page.offset, "\x55");
    }
  }
  Open();
  EXPECT_EQ(may_pass(), std::make_pair(true, true));
}

INSTANTIATE_TEST_SUITE_P(Seeds, SelectionTest, ::testing::Range<uint64_t>(1, 5));

}  // namespace
}  // namespace skald::storage
