// Where duplicates are looked for: only where two sources have rows at about the same time.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/engine.h"
#include "storage/select/part_duplicates.h"
#include "storage/select/source_overlaps.h"
#include "storage/select/tenant_snapshot.h"
#include "storage/select/time_spans.h"
#include "tests/support/engine_harness.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

std::vector<TimeSpan> SpansOf(const std::vector<int64_t>& times) {
  std::vector<TimeSpan> spans;
  AppendSpans(times, &spans);
  return spans;
}

TEST(TimeSpans, AnOldBodyAmongNewRowsIsASpanOfItsOwn) {
  std::vector<int64_t> times;
  for (int64_t i = 0; i < 40; ++i) times.push_back(1'000 + i);
  for (int64_t i = 0; i < 1'400; ++i) times.push_back(60'000 + i);
  EXPECT_EQ(SpansOf(times), (std::vector<TimeSpan>{{1'000, 1'039}, {60'000, 61'399}}));
}

TEST(TimeSpans, FewRowsArePartedToo) {
  EXPECT_EQ(SpansOf({7}), (std::vector<TimeSpan>{{7, 7}}));
  EXPECT_EQ(SpansOf({7, 7}), (std::vector<TimeSpan>{{7, 7}}));
  EXPECT_EQ(SpansOf({7, 9}), (std::vector<TimeSpan>{{7, 7}, {9, 9}}));
  EXPECT_EQ(SpansOf({0, 1, 2, 100}), (std::vector<TimeSpan>{{0, 2}, {100, 100}}));
}

TEST(TimeSpans, ASteadyStreamIsOneSpan) {
  std::vector<int64_t> times;
  for (int64_t i = 0; i < 10'000; ++i) times.push_back(i * 1'000);
  EXPECT_EQ(SpansOf(times).size(), 1u);
}

TEST(TimeSpans, TheWholeOfTime) {
  const int64_t first = std::numeric_limits<int64_t>::min();
  const int64_t last = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(SpansOf({first, 0, last}),
            (std::vector<TimeSpan>{{first, first}, {0, 0}, {last, last}}));
}

TEST(TimeSpans, CoverEveryRowAndStayFew) {
  Random random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<int64_t> times;
    const uint64_t rows = 1 + random.Below(2'000);
    const int64_t width = random.OneIn(2) ? 1'000 : 1'000'000'000;
    for (uint64_t i = 0; i < rows; ++i) times.push_back(random.Between(0, width));
    std::sort(times.begin(), times.end());
    const std::vector<TimeSpan> spans = SpansOf(times);
    EXPECT_LE(spans.size(), 64u);
    size_t span = 0;
    for (const int64_t time : times) {
      while (span < spans.size() && spans[span].last < time) ++span;
      ASSERT_LT(span, spans.size());
      ASSERT_LE(spans[span].first, time);
    }
    for (size_t i = 1; i < spans.size(); ++i) EXPECT_LT(spans[i - 1].last, spans[i].first);
  }
}

class OverlapsTest : public ::testing::Test {
 protected:
  OverlapsTest() {
    EngineOptions options;
    options.files = &files_;
    options.directory = "/d";
    options.decoder = &decoder_;
    options.free_space_reserve = 0;
    options.compact_in_background = false;
    engine_ = Engine::Open(options).value();
  }

  // A part, or rows of the memtable, with a row at each time from `first` to `last`, and some old
  // ones.
  void Add(int64_t first, int64_t last, const std::vector<int64_t>& old = {}) {
    std::vector<test_support::PlainRow> rows;
    for (const int64_t time : old) rows.push_back({"{a=\"b\"}", time, "line", {}});
    for (int64_t time = first; time <= last; ++time)
      rows.push_back({"{a=\"b\"}", time, "line", {}});
    ASSERT_OK(test_support::Push(engine_.get(), "t", rows));
  }
  void AddPart(int64_t first, int64_t last, const std::vector<int64_t>& old = {}) {
    Add(first, last, old);
    ASSERT_OK(engine_->Flush());
  }

  std::vector<SourceOverlap> Find(TimeRange range = {}) {
    const auto snapshot =
        std::dynamic_pointer_cast<const TenantSnapshot>(engine_->reader()->GetSnapshot("t"));
    std::vector<StreamSource> sources;
    for (size_t i = 0; i < snapshot->parts().size(); ++i) {
      const StreamExtent extent = (*snapshot->parts()[i]->Streams())->extent(0);
      sources.push_back({i, extent.min_time, extent.max_time, 0, nullptr, 0});
    }
    for (size_t i = 0; i < snapshot->memtables().size(); ++i) {
      if (snapshot->mem_tenant(i) == nullptr) continue;
      snapshot->mem_tenant(i)->streams().ForEach(1, [&](const MemStream* stream) {
        sources.push_back({snapshot->parts().size() + i, stream->min_time(), stream->max_time(), 0,
                           stream, stream->rows().size()});
      });
    }
    std::vector<SourceOverlap> overlaps;
    EXPECT_OK(OverlapFinder(*snapshot, range).Add(0, sources, &overlaps));
    std::sort(overlaps.begin(), overlaps.end(), OverlapLess);
    return overlaps;
  }

  MemoryFileSystem files_;
  test_support::PlainRowDecoder decoder_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(OverlapsTest, OldRowsOverlapOnlyWithThoseOfTheirTime) {
  AddPart(0, 99);
  AddPart(100, 199);
  AddPart(200, 299, {20, 21});
  AddPart(300, 399);
  const auto overlaps = Find();
  ASSERT_EQ(overlaps.size(), 1u);
  EXPECT_EQ(overlaps[0].later, 2u);
  EXPECT_EQ(overlaps[0].earlier, 0u);
  EXPECT_EQ(overlaps[0].span, (TimeSpan{20, 21}));
  EXPECT_TRUE(overlaps[0].is_whole);
}

TEST_F(OverlapsTest, RowsInMemoryOverlapWithPartsWithinTheRange) {
  AddPart(0, 99);
  AddPart(100, 199);
  Add(200, 299, {50, 150});
  EXPECT_EQ(Find().size(), 2u);
  const auto overlaps = Find({120, 1'000});
  ASSERT_EQ(overlaps.size(), 1u);
  EXPECT_EQ(overlaps[0].earlier, 1u);
  EXPECT_EQ(overlaps[0].span, (TimeSpan{150, 150}));
  EXPECT_FALSE(overlaps[0].is_whole) << "it may not be remembered";
}

TEST_F(OverlapsTest, ManyPartsWithOldRowsCostOneOverlapEach) {
  AddPart(0, 99);
  for (int64_t part = 1; part <= 30; ++part) AddPart(100 * part, 100 * part + 99, {part});
  const auto overlaps = Find();
  EXPECT_EQ(overlaps.size(), 30u);
  for (const SourceOverlap& overlap : overlaps) EXPECT_EQ(overlap.earlier, 0u);
}

TEST_F(OverlapsTest, AStreamOfManyBlocksIsWholeWhereTheRangeCoversWhatItShares) {
  std::vector<test_support::PlainRow> rows;
  for (int64_t time = 0; time < 400; ++time) {
    rows.push_back({"{a=\"b\"}", time, std::string(64 << 10, 'x'), {}});
  }
  for (int part = 0; part < 2; ++part) {
    ASSERT_OK(test_support::Push(engine_.get(), "t", rows));
    ASSERT_OK(engine_->Flush());
    for (auto& row : rows) row.time += 200;  // two hundred are shared
  }
  const auto are_whole = [](const std::vector<SourceOverlap>& overlaps) {
    return std::all_of(overlaps.begin(), overlaps.end(), [](const auto& o) { return o.is_whole; });
  };
  const auto all = Find();
  ASSERT_FALSE(all.empty());
  EXPECT_TRUE(are_whole(all));
  EXPECT_EQ(Find({200, 400}), all) << "no more is shared";
  const auto some = Find({250, 400});
  ASSERT_FALSE(some.empty());
  EXPECT_FALSE(are_whole(some)) << "it may not be remembered";
}

// A query that may not do more work is not for nothing: the next one goes on where it stopped.
TEST_F(OverlapsTest, WhatWasFoundBeforeAStopIsRemembered) {
  constexpr int kStreams = 5;
  std::vector<test_support::PlainRow> rows;
  for (int i = 0; i < kStreams; ++i) {
    rows.push_back({"{a=\"" + std::to_string(i) + "\"}", 100 + i, "sent twice", {}});
  }
  for (int part = 0; part < 2; ++part) {
    ASSERT_OK(test_support::Push(engine_.get(), "t", rows));
    ASSERT_OK(engine_->Flush());
  }
  const auto snapshot = engine_->reader()->GetSnapshot("t");
  StopToken stop;
  const auto select = [&] {
    stop.Allow(32 << 10);  // enough to compare one stream
    return snapshot->Select({}, {}, &stop, nullptr);
  };
  int refused = 0;
  for (; refused < kStreams && !select().ok(); ++refused) {
    ASSERT_THAT(stop.Check(), StatusIs(absl::StatusCode::kAborted));
  }
  EXPECT_GT(refused, 1);
  EXPECT_LT(refused, kStreams);
  ASSERT_OK_AND_ASSIGN(const auto selection, select());
  ASSERT_OK_AND_ASSIGN(const auto totals, selection->Totals(nullptr));
  ASSERT_EQ(totals.size(), size_t{kStreams});
  for (const StreamTotals& total : totals) EXPECT_EQ(total.rows, 1u);
}

std::vector<uint64_t> LaterOf(const PartDuplicates& known, uint32_t ordinal) {
  std::vector<uint64_t> later;
  const auto copies = known.Find(ordinal);
  EXPECT_TRUE(copies.has_value());
  for (const DuplicateRun& run : copies.value_or(std::span<const DuplicateRun>())) {
    later.push_back(run.later);
  }
  return later;
}

TEST(PartDuplicatesTest, StreamsBecomeKnownOneAfterTheOther) {
  const std::vector<DuplicateRun> two = {{1, 10, 2}, {5, 20, 1}};
  const std::vector<DuplicateRun> one = {{3, 30, 4}};
  PartDuplicates a;
  a.Append(2, two);
  a.Append(7, {});
  PartDuplicates b;
  b.Append(1, one);
  b.Append(7, {});
  b.Append(9, one);
  const auto both = PartDuplicates::Merge(a, b);
  EXPECT_EQ(LaterOf(*both, 1), (std::vector<uint64_t>{30}));
  EXPECT_EQ(LaterOf(*both, 2), (std::vector<uint64_t>{10, 20}));
  EXPECT_TRUE(LaterOf(*both, 7).empty());
  EXPECT_EQ(LaterOf(*both, 9), (std::vector<uint64_t>{30}));
  EXPECT_FALSE(both->Find(3).has_value());
  EXPECT_FALSE(PartDuplicates().Find(0).has_value());
  EXPECT_GT(both->charge(), a.charge());
}

}  // namespace
}  // namespace skald::storage
