// Ranks and selections of a block by time and level agree with a scan of its rows.
#include <algorithm>
#include <map>

#include "tests/storage/part_file_fixture.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

class PartRankTest : public PartFileFixture {};

TEST_F(PartRankTest, SelectRowsAndRanksAgreeWithScans) {
  Random random(23);
  for (int round = 0; round < 12; ++round) {
    Write(RandomStreams(&random));
    ASSERT_OK_AND_ASSIGN(const auto directory, part_->Directory());
    for (size_t b = 0; b < std::min<size_t>(directory->size(), 3); ++b) {
      std::vector<uint32_t> hidden;
      for (uint32_t row = 0; row < directory->block(b).rows; ++row) {
        if (round % 2 == 0 && random.OneIn(3)) hidden.push_back(row);
      }
      const auto block = OpenBlock(b, hidden);
      ASSERT_OK_AND_ASSIGN(const std::vector<PartTestRow> rows, RowsOf(OpenBlock(b).get()));
      const auto visible = [&](uint32_t row) {
        return !std::binary_search(hidden.begin(), hidden.end(), row);
      };
      for (int query = 0; query < 10; ++query) {
        const TimeRange range{random.Between(-2000, 50'000), random.Between(-2000, 110'000)};
        RowSet selected;
        ASSERT_OK(block->SelectRows(range, &selected));
        for (uint32_t row = 0; row < rows.size(); ++row) {
          ASSERT_EQ(selected.Contains(row), range.Contains(rows[row].time) && visible(row));
        }
      }
      std::vector<int64_t> edges = {INT64_MIN, INT64_MAX};
      for (int i = 0; i < 20; ++i) edges.push_back(random.Between(-1500, 101'000));
      for (int i = 0; i < 20; ++i) edges.push_back(rows[random.Below(rows.size())].time);
      std::sort(edges.begin(), edges.end());
      for (const StreamRun& run : block->runs()) {
        std::vector<Rank> ranks(edges.size());
        ASSERT_OK(block->RanksAt(run, edges, ranks));
        for (size_t e = 0; e < edges.size(); ++e) {
          Rank expected;
          for (uint32_t row = run.begin; row < run.end; ++row) {
            if (rows[row].time >= edges[e] || !visible(row)) continue;
            ++expected.rows;
            expected.line_bytes += rows[row].line.size();
          }
          ASSERT_EQ(ranks[e].rows, expected.rows);
          ASSERT_EQ(ranks[e].line_bytes, expected.line_bytes);
        }
      }
    }
  }
}

// Rows with levels of all kinds of distributions; `levels` of them, some rows have none.
std::vector<PartTestStream> LevelledStreams(Random* random, uint64_t levels, bool always) {
  std::vector<PartTestStream> streams;
  for (uint64_t s = 0; s < 1 + random->Below(4); ++s) {
    PartTestStream stream;
    stream.labels = StreamLabels(s);
    const uint64_t rows = 1 + random->Below(1500);
    for (uint64_t i = 0; i < rows; ++i) {
      PartTestRow row{static_cast<int64_t>(i / 3), "x", {}};
      if (always || !random->OneIn(5)) {
        row.metadata["detected_level"] = "level" + std::to_string(random->Below(levels));
      }
      if (random->OneIn(3)) row.metadata["other"] = std::to_string(i);
      stream.rows.push_back(std::move(row));
    }
    streams.push_back(std::move(stream));
  }
  return streams;
}

TEST_F(PartRankTest, LevelRanksAgreeWithScans) {
  Random random(26);
  int ranked = 0;
  for (int round = 0; round < 30; ++round) {
    Write(LevelledStreams(&random, 1 + random.Below(8), random.OneIn(3)));
    std::vector<uint32_t> hidden;
    for (uint32_t row = 0; row < part_->footer().rows; ++row) {
      if (round % 2 == 0 && random.OneIn(4)) hidden.push_back(row);
    }
    const auto block = OpenBlock(0, hidden);
    ASSERT_OK_AND_ASSIGN(const std::vector<PartTestRow> rows, RowsOf(OpenBlock(0).get()));
    std::vector<int64_t> edges = {INT64_MIN, INT64_MAX};
    for (int i = 0; i < 20; ++i) edges.push_back(random.Between(-5, 505));
    std::sort(edges.begin(), edges.end());
    if (random.OneIn(2)) {
      const std::vector<int64_t> begins(block->runs().size(), random.Between(0, 100));
      ASSERT_OK(block->CutRuns(begins));
    }
    ASSERT_OK_AND_ASSIGN(const auto levels, block->RankedLevels());
    if (levels.empty()) continue;
    ++ranked;
    for (const StreamRun& run : block->runs()) {
      std::vector<uint64_t> ranks(edges.size() * levels.size());
      ASSERT_OK(block->LevelRanksAt(run, edges, ranks));
      for (size_t i = 0; i < ranks.size(); ++i) {
        uint64_t expected = 0;
        for (uint32_t row = run.begin; row < run.end; ++row) {
          if (std::binary_search(hidden.begin(), hidden.end(), row)) continue;
          const auto level = rows[row].metadata.find("detected_level");
          const bool same = level == rows[row].metadata.end()
                                ? IsAbsent(levels[i % levels.size()])
                                : level->second == levels[i % levels.size()];
          if (same && rows[row].time < edges[i / levels.size()]) ++expected;
        }
        ASSERT_EQ(ranks[i], expected);
      }
    }
  }
  EXPECT_GT(ranked, 15);
}

TEST_F(PartRankTest, TooManyLevelsAreNotRanked) {
  Random random(27);
  Write(LevelledStreams(&random, 300, true));
  EXPECT_THAT(OpenBlock(0)->RankedLevels(), IsOkAndHolds(testing::IsEmpty()));
}

}  // namespace
}  // namespace skald::storage
