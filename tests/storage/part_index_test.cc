// The label index and the stream table against sets that are obviously right.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "storage/part/label_index.h"
#include "storage/part/stream_table.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::vector<LabelSet> RandomStreams(Random* random) {
  std::set<LabelSet> sets;
  const uint64_t streams = 1 + random->Below(random->OneIn(3) ? 500 : 30);
  const uint64_t names = 1 + random->Below(6);
  for (uint64_t i = 0; i < streams; ++i) {
    Pairs pairs;
    for (uint64_t n = 0; n < names; ++n) {
      if (random->OneIn(4)) continue;
      const std::string name(1, static_cast<char>('a' + n));
      pairs.emplace_back(name, "v" + std::to_string(random->Below(n == 0 ? 400 : 1 + n)));
    }
    sets.insert(LabelSet::FromPairs(std::move(pairs)));
  }
  return {sets.begin(), sets.end()};
}

Matcher RandomMatcher(Random* random) {
  static constexpr MatchOp kOps[] = {MatchOp::kEqual, MatchOp::kNotEqual, MatchOp::kRegex,
                                     MatchOp::kNotRegex};
  static const std::vector<std::string> kRegexes = {"v1.*",   ".*",     ".+",      "",  "v1|v2|",
                                                    "v(1|3)", "v[0-9]", "nothing", "v?"};
  const MatchOp op = kOps[random->Below(4)];
  const bool regex = op == MatchOp::kRegex || op == MatchOp::kNotRegex;
  std::string value = regex              ? random->Pick(kRegexes)
                      : random->OneIn(5) ? ""
                                         : "v" + std::to_string(random->Below(5));
  const std::string name(1, static_cast<char>('a' + random->Below(8)));
  return Matcher::Create(name, op, std::move(value)).value();
}

struct Built {
  std::string index;
  std::string table;
  std::vector<StreamExtent> extents;
  int64_t min_time = 0;
};

Built Build(const std::vector<LabelSet>& streams, Random* random) {
  Built built;
  StreamTableBuilder builder;
  for (const LabelSet& labels : streams) {
    StreamExtent extent{1 + random->Below(1000), random->Skewed() >> 8, random->Skewed() >> 8, 0,
                        0};
    extent.min_time = random->Between(INT64_MIN, INT64_MAX);
    extent.max_time = random->Between(extent.min_time, INT64_MAX);
    built.extents.push_back(extent);
    builder.Add(labels, extent);
  }
  built.min_time = builder.min_time();
  builder.Finish(&built.index, &built.table);
  return built;
}

std::set<uint32_t> ToSet(const OrdinalSet& ordinals) { return {ordinals.begin(), ordinals.end()}; }

TEST(LabelIndex, MatchesAsANaiveScanDoes) {
  Random random(11);
  for (int round = 0; round < 60; ++round) {
    const std::vector<LabelSet> streams = RandomStreams(&random);
    const Built built = Build(streams, &random);
    ASSERT_OK_AND_ASSIGN(const auto index,
                         LabelIndex::Parse(built.index, static_cast<uint32_t>(streams.size())));
    for (int query = 0; query < 40; ++query) {
      std::vector<Matcher> matchers;
      for (uint64_t n = random.Below(4); n > 0; --n) matchers.push_back(RandomMatcher(&random));
      std::set<uint32_t> expected;
      for (uint32_t i = 0; i < streams.size(); ++i) {
        const bool all = std::all_of(matchers.begin(), matchers.end(), [&](const Matcher& m) {
          return m.Matches(streams[i].Get(m.name()));
        });
        if (all) expected.insert(i);
      }
      ASSERT_EQ(ToSet(index->Match(matchers)), expected);
    }
  }
}

TEST(LabelIndex, NamesValuesAndTheirStreams) {
  Random random(12);
  const std::vector<LabelSet> streams = RandomStreams(&random);
  const Built built = Build(streams, &random);
  ASSERT_OK_AND_ASSIGN(const auto index,
                       LabelIndex::Parse(built.index, static_cast<uint32_t>(streams.size())));
  std::map<std::string, std::map<std::string, std::set<uint32_t>>> expected;
  for (uint32_t i = 0; i < streams.size(); ++i) {
    for (size_t k = 0; k < streams[i].size(); ++k) {
      expected[std::string(streams[i][k].name)][std::string(streams[i][k].value)].insert(i);
    }
  }
  ASSERT_EQ(index->names(), expected.size());
  size_t n = 0;
  for (const auto& [name, values] : expected) {
    EXPECT_EQ(index->name(n), name);
    const auto found = index->ValuesOf(name);
    ASSERT_EQ(found.size(), values.size());
    std::set<uint32_t> with_name;
    size_t v = 0;
    for (const auto& [value, ordinals] : values) {
      EXPECT_EQ(found[v], value);
      EXPECT_EQ(ToSet(index->StreamsWithValue(name, v)), ordinals);
      with_name.insert(ordinals.begin(), ordinals.end());
      ++v;
    }
    EXPECT_EQ(ToSet(index->StreamsWithName(n)), with_name);
    ++n;
  }
  EXPECT_TRUE(index->ValuesOf("zz").empty());
}

// Values that come back after thousands of others are still one value.
TEST(LabelIndex, ManyValuesInAnotherOrderThanStreams) {
  constexpr uint32_t kStreams = 20'000;
  constexpr uint32_t kValues = 3'000;
  StreamTableBuilder builder;
  std::map<std::string, std::set<uint32_t>> expected;
  for (uint32_t i = 0; i < kStreams; ++i) {
    const std::string value = std::to_string(i * 7919 % kValues);
    Pairs pairs = {{"node", value}, {"stream", std::to_string(i)}};
    if (i % 3 == 0) pairs.emplace_back("a", "x");
    builder.Add(LabelSet::FromPairs(std::move(pairs)), {1, 0, 0, 0, 0});
    expected[value].insert(i);
  }
  std::string bytes;
  std::string table_bytes;
  builder.Finish(&bytes, &table_bytes);
  ASSERT_OK_AND_ASSIGN(const auto index, LabelIndex::Parse(bytes, kStreams));
  EXPECT_EQ(index->ValuesOf("stream").size(), kStreams);
  ASSERT_EQ(index->ValuesOf("node").size(), expected.size());
  size_t v = 0;
  for (const auto& [value, ordinals] : expected) {
    EXPECT_EQ(index->ValuesOf("node")[v], value);
    ASSERT_EQ(ToSet(index->StreamsWithValue("node", v)), ordinals);
    ++v;
  }
  ASSERT_OK_AND_ASSIGN(const auto table, StreamTable::Parse(table_bytes, 0, index->values()));
  for (const uint32_t i : {0u, 1u, 2'999u, 3'000u, kStreams - 1}) {
    EXPECT_EQ(table->Labels(i, *index).Get("node"), std::to_string(i * 7919 % kValues));
    EXPECT_EQ(table->Labels(i, *index).Get("stream"), std::to_string(i));
  }
}

TEST(StreamTable, RoundTrip) {
  Random random(13);
  for (int round = 0; round < 30; ++round) {
    const std::vector<LabelSet> streams = RandomStreams(&random);
    const Built built = Build(streams, &random);
    ASSERT_OK_AND_ASSIGN(const auto index,
                         LabelIndex::Parse(built.index, static_cast<uint32_t>(streams.size())));
    ASSERT_OK_AND_ASSIGN(const auto table,
                         StreamTable::Parse(built.table, built.min_time, index->values()));
    ASSERT_EQ(table->size(), streams.size());
    uint64_t row = 0;
    for (uint32_t i = 0; i < table->size(); ++i) {
      EXPECT_EQ(table->Labels(i, *index), streams[i]);
      EXPECT_EQ(table->extent(i).rows, built.extents[i].rows);
      EXPECT_EQ(table->extent(i).line_bytes, built.extents[i].line_bytes);
      EXPECT_EQ(table->extent(i).metadata_bytes, built.extents[i].metadata_bytes);
      EXPECT_EQ(table->extent(i).min_time, built.extents[i].min_time);
      EXPECT_EQ(table->extent(i).max_time, built.extents[i].max_time);
      EXPECT_EQ(table->first_row(i), row);
      EXPECT_EQ(table->StreamOf(row), i);
      row += built.extents[i].rows;
      EXPECT_EQ(table->StreamOf(row - 1), i);
    }
    EXPECT_EQ(table->first_row(table->size()), row);
  }
}

TEST(StreamTable, AStreamWithoutLabels) {
  Random random(14);
  const Built built = Build({LabelSet()}, &random);
  ASSERT_OK_AND_ASSIGN(const auto index, LabelIndex::Parse(built.index, 1));
  ASSERT_OK_AND_ASSIGN(const auto table, StreamTable::Parse(built.table, built.min_time, 0));
  EXPECT_TRUE(table->Labels(0, *index).empty());
  const std::vector<Matcher> none = {Matcher::Create("a", MatchOp::kEqual, "").value()};
  EXPECT_EQ(index->Match(none).cardinality(), 1u);
}

// Uses whatever a damaged section still says.
void UseAll(const LabelIndex& index, const StreamTable* table) {
  for (size_t i = 0; i < index.names(); ++i) {
    index.StreamsWithName(i);
    for (const std::string_view value : index.ValuesOf(index.name(i))) {
      const auto matcher =
          Matcher::Create(std::string(index.name(i)), MatchOp::kNotEqual, std::string(value));
      EXPECT_LE(index.Match({&*matcher, 1}).cardinality(), index.streams());
    }
  }
  if (table == nullptr) return;
  for (uint32_t i = 0; i < table->size(); ++i) table->Labels(i, index);
  const uint64_t rows = table->first_row(table->size());
  for (uint64_t row = 0; row < std::min<uint64_t>(rows, 1000); ++row) {
    EXPECT_LT(table->StreamOf(row), table->size());
  }
}

TEST(LabelIndex, DamageIsFoundOrHarmless) {
  Random random(15);
  std::vector<LabelSet> streams;
  for (int i = 0; i < 60; ++i) {
    streams.push_back(LabelSet::FromPairs(
        {{"app", "v" + std::to_string(i % 3)}, {"host", "host-" + std::to_string(i)}}));
  }
  const Built built = Build(streams, &random);
  ASSERT_OK_AND_ASSIGN(const auto intact, LabelIndex::Parse(built.index, 60));
  const auto try_index = [&](const std::string& bytes) {
    const auto index = LabelIndex::Parse(bytes, 60);
    if (index.ok()) UseAll(**index, nullptr);
  };
  const auto try_table = [&](const std::string& bytes) {
    const auto table = StreamTable::Parse(bytes, built.min_time, intact->values());
    if (table.ok()) UseAll(*intact, table->get());
  };
  for (size_t i = 0; i < built.index.size(); ++i) {
    try_index(built.index.substr(0, i));
    std::string damaged = built.index;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 + random.Below(255)));
    try_index(damaged);
  }
  for (size_t i = 0; i < built.table.size(); ++i) {
    try_table(built.table.substr(0, i));
    std::string damaged = built.table;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 + random.Below(255)));
    try_table(damaged);
  }
}

}  // namespace
}  // namespace skald::storage
