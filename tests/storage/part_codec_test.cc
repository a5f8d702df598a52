// Codecs of the part file: round trips on random and extreme values, and every kind of damage.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

#include "storage/base/coding.h"
#include "storage/base/gallop.h"
#include "storage/part/block_directory.h"
#include "storage/part/lengths_codec.h"
#include "storage/part/metadata_codec.h"
#include "storage/part/packed_groups.h"
#include "storage/part/part_format.h"
#include "storage/part/row_groups.h"
#include "storage/part/time_codec.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

// Calls use(bytes) with every truncation of `bytes` and with single bytes changed at random.
template <typename Use>
void ForEachDamage(const std::string& bytes, Random* random, Use use) {
  for (size_t size = 0; size < bytes.size(); ++size) use(bytes.substr(0, size));
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 + random->Below(255)));
    use(damaged);
    damaged[i] = static_cast<char>(0xff);
    use(damaged);
  }
}

std::vector<uint32_t> RandomCounts(Random* random, size_t groups) {
  std::vector<uint32_t> counts;
  for (size_t i = 0; i < groups; ++i) {
    counts.push_back(random->OneIn(3) ? kGroupRows
                                      : 1 + static_cast<uint32_t>(random->Below(kGroupRows)));
  }
  return counts;
}

size_t Sum(const std::vector<uint32_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), size_t{0});
}

// ---- Packed groups

std::vector<uint64_t> RandomValues(Random* random, uint32_t count) {
  const uint64_t base = random->Skewed();
  const uint64_t kind = random->Below(4);
  std::vector<uint64_t> values;
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t small = random->Next() >> (40 + random->Below(24));
    const uint64_t any = random->Skewed();
    values.push_back(kind == 0   ? base
                     : kind == 1 ? base + small
                     : kind == 2 ? (random->OneIn(20) ? any : base + small)
                                 : any);
  }
  return values;
}

// Reads a group one by one.
std::vector<uint64_t> ReadAll(const PackedGroups& groups, size_t group) {
  PackedGroupReader reader = groups.Read(group);
  std::vector<uint64_t> values(groups.count(group));
  for (uint64_t& value : values) EXPECT_EQ(reader.AddUntil(~uint64_t{0}, 1, &value), 1u);
  return values;
}

TEST(PackedGroups, SumsUpToATarget) {
  Random random(3);
  for (int round = 0; round < 400; ++round) {
    const auto count = static_cast<uint32_t>(random.Between(1, kGroupRows));
    const int bits = static_cast<int>(random.Below(56));
    std::vector<uint64_t> values(count);
    for (uint64_t& value : values) {
      value = (random.OneIn(8) ? random.Next() >> 8 : random.Next() >> (63 - bits)) >> 7;
    }
    PackedGroupsBuilder builder;
    builder.Add(values);
    std::string bytes;
    builder.Finish(&bytes);
    const std::vector<uint32_t> counts = {count};
    const std::string exact(bytes);  // a heap block of its own, so that ASan sees an overread
    ASSERT_OK_AND_ASSIGN(const PackedGroups read, PackedGroups::Parse(exact, counts));
    PackedGroupReader reader = read.Read(0);
    uint64_t sum = 0;
    uint64_t expected_sum = 0;
    uint32_t at = 0;
    while (at < count) {
      const auto limit = static_cast<uint32_t>(1 + random.Below(count - at));
      const uint64_t target =
          random.OneIn(4) ? ~uint64_t{0} : sum + random.Below(values[random.Below(count)] * 16 + 2);
      uint32_t expected = 0;
      while (expected < limit && expected_sum < target) expected_sum += values[at + expected++];
      ASSERT_EQ(reader.AddUntil(target, limit, &sum), expected);
      ASSERT_EQ(sum, expected_sum);
      at += expected;
    }
  }
}

TEST(PackedGroups, RoundTrip) {
  Random random(1);
  for (int round = 0; round < 300; ++round) {
    const std::vector<uint32_t> counts = RandomCounts(&random, random.Below(6));
    std::vector<std::vector<uint64_t>> groups;
    PackedGroupsBuilder builder;
    for (const uint32_t count : counts) {
      groups.push_back(RandomValues(&random, count));
      builder.Add(groups.back());
    }
    std::string bytes;
    builder.Finish(&bytes);
    const std::string exact(bytes);  // a heap block of its own, so that ASan sees an overread
    ASSERT_OK_AND_ASSIGN(const PackedGroups read, PackedGroups::Parse(exact, counts));
    ASSERT_EQ(read.groups(), groups.size());
    for (size_t g = 0; g < groups.size(); ++g) {
      std::vector<uint64_t> values(counts[g]);
      read.Decode(g, values.data());
      EXPECT_EQ(values, groups[g]);
      EXPECT_EQ(ReadAll(read, g), groups[g]);
    }
  }
}

TEST(PackedGroups, EveryWidth) {
  for (int width = 0; width <= 64; ++width) {
    for (const uint32_t count : {1u, 2u, 7u, 127u, 128u}) {
      std::vector<uint64_t> values(count, width == 0 ? 0 : ~uint64_t{0} >> (64 - width));
      values[0] = 0;
      PackedGroupsBuilder builder;
      builder.Add(values);
      std::string bytes;
      builder.Finish(&bytes);
      const std::vector<uint32_t> counts = {count};
      ASSERT_OK_AND_ASSIGN(const PackedGroups read, PackedGroups::Parse(bytes, counts));
      std::vector<uint64_t> decoded(count);
      read.Decode(0, decoded.data());
      EXPECT_EQ(decoded, values) << width;
      EXPECT_EQ(ReadAll(read, 0), values) << width;
    }
  }
}

TEST(PackedGroups, OutliersCostFewBytes) {
  std::vector<uint64_t> values(128, 1000);
  for (size_t i = 0; i < values.size(); ++i) values[i] += i % 2;
  values[77] = uint64_t{1} << 60;
  PackedGroupsBuilder builder;
  builder.Add(values);
  std::string bytes;
  builder.Finish(&bytes);
  EXPECT_LT(bytes.size(), 40u);
}

TEST(PackedGroups, DamageIsFoundOrHarmless) {
  Random random(2);
  const std::vector<uint32_t> counts = {128, 3, 1, 40};
  PackedGroupsBuilder builder;
  for (const uint32_t count : counts) builder.Add(RandomValues(&random, count));
  std::string bytes;
  builder.Finish(&bytes);
  ForEachDamage(bytes, &random, [&](const std::string& damaged) {
    const StatusOr<PackedGroups> read = PackedGroups::Parse(damaged, counts);
    if (!read.ok()) {
      EXPECT_THAT(read.status(), StatusIs(absl::StatusCode::kDataLoss));
      return;
    }
    for (size_t g = 0; g < read->groups(); ++g) {
      std::vector<uint64_t> values(counts[g]);
      read->Decode(g, values.data());
      EXPECT_EQ(ReadAll(*read, g), values);
    }
  });
  // Exceptions above 64 bits have nowhere to go.
  std::string wide;
  PutVarint64(&wide, 5);
  wide += std::string("\x00\x40\x01\x00\x01", 5) + std::string(8, 'x');
  const std::vector<uint32_t> one = {1};
  EXPECT_THAT(PackedGroups::Parse(wide, one).status(), StatusIs(absl::StatusCode::kDataLoss));
}

// ---- Times and lengths

std::vector<int64_t> RandomTimes(Random* random, const std::vector<uint32_t>& counts) {
  static constexpr int64_t kScales[] = {1, 1000, 1'000'000, 1'000'000'000};
  const int64_t scale = kScales[random->Below(4)];
  std::vector<int64_t> times;
  for (const uint32_t count : counts) {
    std::vector<int64_t> group;
    const auto base = static_cast<int64_t>(random->Next());
    for (uint32_t i = 0; i < count; ++i) {
      const int64_t time = random->OneIn(3) ? static_cast<int64_t>(random->Next())
                                            : base / 2 + random->Between(0, 1 << 30);
      group.push_back(time / scale * scale);
    }
    std::sort(group.begin(), group.end());
    times.insert(times.end(), group.begin(), group.end());
  }
  return times;
}

TEST(Times, RoundTrip) {
  Random random(3);
  for (int round = 0; round < 300; ++round) {
    const std::vector<uint32_t> counts = RandomCounts(&random, 1 + random.Below(5));
    const std::vector<int64_t> times = RandomTimes(&random, counts);
    std::string bytes;
    EncodeTimes(times, counts, &bytes);
    ASSERT_OK_AND_ASSIGN(const TimesPage page, TimesPage::Parse(bytes, counts));
    std::vector<int64_t> decoded(times.size());
    size_t row = 0;
    for (size_t g = 0; g < counts.size(); ++g) {
      EXPECT_EQ(page.base(g), times[row]);
      page.Decode(g, decoded.data() + row);
      row += counts[g];
    }
    EXPECT_EQ(decoded, times);
  }
}

TEST(Times, CursorFindsWhatABinarySearchFinds) {
  Random random(6);
  for (int round = 0; round < 300; ++round) {
    const std::vector<uint32_t> counts = RandomCounts(&random, 1 + random.Below(5));
    const std::vector<int64_t> times = RandomTimes(&random, counts);
    std::string bytes;
    EncodeTimes(times, counts, &bytes);
    ASSERT_OK_AND_ASSIGN(const TimesPage page, TimesPage::Parse(bytes, counts));
    auto group = times.begin();
    for (size_t g = 0; g < counts.size(); group += counts[g++]) {
      const auto end = group + counts[g];
      std::vector<int64_t> edges = {INT64_MIN, INT64_MAX};
      for (int i = 0; i < 10; ++i) {
        const int64_t time = group[static_cast<int64_t>(random.Below(counts[g]))];
        edges.push_back(time);
        if (time < INT64_MAX) edges.push_back(time + 1);
      }
      std::sort(edges.begin(), edges.end());
      TimesCursor cursor(page, g);
      for (const int64_t edge : edges) {
        ASSERT_EQ(cursor.Find(edge), std::lower_bound(group, end, edge) - group);
      }
    }
  }
}

TEST(Times, Extremes) {
  const std::vector<int64_t> times = {INT64_MIN, INT64_MIN, -1, 0, 1, INT64_MAX, INT64_MAX};
  for (const std::vector<uint32_t>& counts :
       {std::vector<uint32_t>{7}, std::vector<uint32_t>{1, 5, 1}}) {
    std::string bytes;
    EncodeTimes(times, counts, &bytes);
    ASSERT_OK_AND_ASSIGN(const TimesPage page, TimesPage::Parse(bytes, counts));
    std::vector<int64_t> decoded(times.size());
    for (size_t g = 0, row = 0; g < counts.size(); row += counts[g++]) {
      page.Decode(g, decoded.data() + row);
    }
    EXPECT_EQ(decoded, times);
  }
}

TEST(Times, RegularTimesCostNothing) {
  std::vector<int64_t> times;
  for (int64_t i = 0; i < 1280; ++i) times.push_back((1'700'000'000 + i) * 1'000'000'000);
  const std::vector<uint32_t> counts(10, 128);
  std::string bytes;
  EncodeTimes(times, counts, &bytes);
  EXPECT_LT(bytes.size(), 70u);
}

TEST(Times, DamageIsFoundOrHarmless) {
  Random random(4);
  const std::vector<uint32_t> counts = {128, 1, 9};
  std::string bytes;
  EncodeTimes(RandomTimes(&random, counts), counts, &bytes);
  ForEachDamage(bytes, &random, [&](const std::string& damaged) {
    const StatusOr<TimesPage> page = TimesPage::Parse(damaged, counts);
    if (!page.ok()) {
      EXPECT_THAT(page.status(), StatusIs(absl::StatusCode::kDataLoss));
      return;
    }
    std::vector<int64_t> times(kGroupRows);
    for (size_t g = 0; g < counts.size(); ++g) page->Decode(g, times.data());
  });
}

TEST(Lengths, RoundTripAndDamage) {
  Random random(5);
  for (int round = 0; round < 100; ++round) {
    const std::vector<uint32_t> counts = RandomCounts(&random, 1 + random.Below(5));
    std::vector<uint32_t> lengths;
    for (size_t i = Sum(counts); i > 0; --i) {
      lengths.push_back(static_cast<uint32_t>(random.Next() >> (32 + random.Below(32))));
    }
    std::string bytes;
    EncodeLengths(lengths, counts, &bytes);
    ASSERT_OK_AND_ASSIGN(const LengthsPage page, LengthsPage::Parse(bytes, counts));
    std::vector<uint64_t> starts(lengths.size() + 1);
    ASSERT_OK(page.DecodeStarts(starts));
    uint64_t offset = 0;
    for (size_t i = 0; i < lengths.size(); ++i) {
      ASSERT_EQ(starts[i], offset);
      offset += lengths[i];
    }
    EXPECT_EQ(starts.back(), offset);
    EXPECT_EQ(page.BytesBefore(counts.size()), offset);
    size_t row = 0;
    for (size_t g = 0; g < counts.size(); row += counts[g++]) {
      LengthsCursor cursor(page, g);
      for (uint32_t i = 0; i <= counts[g]; i += 1 + random.Below(3)) {
        ASSERT_EQ(cursor.BytesBefore(i), starts[row + i]);
      }
    }
    if (round > 3) continue;
    ForEachDamage(bytes, &random, [&](const std::string& damaged) {
      const StatusOr<LengthsPage> read = LengthsPage::Parse(damaged, counts);
      if (!read.ok() || !read->DecodeStarts(starts).ok()) return;
      EXPECT_TRUE(std::is_sorted(starts.begin(), starts.end()));
      EXPECT_EQ(starts.back(), read->BytesBefore(counts.size()));
    });
  }
}

TEST(RowGroups, RunsAreCutIntoGroups) {
  RowGroups groups;
  groups.AddRun(0);
  groups.AddRun(1);
  groups.AddRun(300);
  groups.AddRun(128);
  EXPECT_EQ(groups.counts, (std::vector<uint32_t>{1, 128, 128, 44, 128}));
  EXPECT_EQ(groups.first, (std::vector<uint32_t>{0, 1, 129, 257, 301}));
  EXPECT_EQ(groups.rows, 429u);
  for (uint32_t row = 0; row < groups.rows; ++row) {
    const size_t group = groups.GroupOf(row);
    EXPECT_LE(groups.first[group], row);
    EXPECT_LT(row, groups.first[group] + groups.counts[group]);
    for (size_t hint = 0; hint < groups.counts.size(); ++hint) {
      EXPECT_EQ(groups.GroupOf(row, hint), group);
    }
  }
}

TEST(LastWhere, FindsTheLastFromEveryBegin) {
  for (size_t end = 1; end < 40; ++end) {
    for (size_t last = 0; last < end; ++last) {
      for (size_t begin = 0; begin <= last; ++begin) {
        EXPECT_EQ(LastWhere(begin, end, [&](size_t i) { return i <= last; }), last);
      }
    }
  }
}

// ---- Metadata

using Pairs = std::map<std::string, std::string>;

// The pages of the rows, built by `builder` (which may have been used before).
std::vector<std::string> Encode(const std::vector<Pairs>& rows, MetadataBuilder* builder) {
  for (uint32_t row = 0; row < rows.size(); ++row) {
    for (const auto& [name, value] : rows[row]) builder->Add(row, name, value);
  }
  std::vector<std::string> pages;
  builder->Finish(static_cast<uint32_t>(rows.size()), &pages);
  return pages;
}

// Rows as the pages have them; an error when they are damaged.
StatusOr<std::vector<Pairs>> Decode(const std::vector<std::string>& pages, uint32_t rows) {
  std::vector<Pairs> result(rows);
  if (pages.empty()) return result;
  ASSIGN_OR_RETURN(const auto columns, ParseMetadataDirectory(pages[0]));
  Arena arena;
  for (const MetadataColumnInfo& column : columns) {
    if (column.page >= pages.size()) return DataLoss("page");
    const std::string& page = pages[column.page];
    if (column.offset > page.size() || column.size > page.size() - column.offset) {
      return DataLoss("place");
    }
    const std::string bytes = page.substr(column.offset, column.size);
    ASSIGN_OR_RETURN(const StringColumn values,
                     DecodeMetadataColumn(column.encoding, bytes, rows, &arena));
    for (uint32_t row = 0; row < rows; ++row) {
      const std::string_view value = values[row];
      if (!IsAbsent(value)) result[row].emplace(column.name, value);
    }
  }
  return result;
}

std::vector<Pairs> RandomMetadata(Random* random) {
  std::vector<Pairs> rows(1 + random->Below(400));
  const uint64_t names = 1 + random->Below(random->OneIn(4) ? 100 : 6);
  for (uint64_t n = 0; n < names; ++n) {
    const uint64_t fill = 1 + random->Below(random->OneIn(3) ? 200 : 3);
    const uint64_t distinct = 1 + random->Below(random->OneIn(2) ? 5 : 100'000);
    const size_t width = random->Below(random->OneIn(10) ? 3000 : 10);
    for (Pairs& row : rows) {
      if (!random->OneIn(fill)) continue;
      std::string value = random->OneIn(50) ? "" : std::to_string(random->Below(distinct));
      row["name" + std::to_string(n)] = value + std::string(width, 'v');
    }
  }
  return rows;
}

TEST(Metadata, RoundTrip) {
  Random random(6);
  MetadataBuilder builder;
  for (int round = 0; round < 200; ++round) {
    const std::vector<Pairs> rows = RandomMetadata(&random);
    const std::vector<std::string> pages = Encode(rows, &builder);
    EXPECT_EQ(builder.columns(), 0u);
    ASSERT_OK_AND_ASSIGN(const auto decoded, Decode(pages, static_cast<uint32_t>(rows.size())));
    EXPECT_EQ(decoded, rows);
  }
}

TEST(Metadata, EncodingsFollowTheValues) {
  std::vector<Pairs> rows(1000);
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i]["constant"] = "c";
    rows[i]["empty"] = "";
    rows[i]["level"] = i % 3 == 0 ? "info" : "warn";
    rows[i]["trace"] = "id" + std::to_string(i);
    if (i == 500) rows[i]["once"] = "x";
    if (i % 2 == 0) rows[i]["every_other"] = "y";
  }
  MetadataBuilder builder;
  const std::vector<std::string> pages = Encode(rows, &builder);
  ASSERT_OK_AND_ASSIGN(const auto columns, ParseMetadataDirectory(pages[0]));
  std::map<std::string, MetadataEncoding, std::less<>> encodings;
  for (const auto& column : columns) encodings.emplace(column.name, column.encoding);
  EXPECT_EQ(encodings["constant"], MetadataEncoding::kConstant);
  EXPECT_EQ(encodings["empty"], MetadataEncoding::kConstant);
  EXPECT_EQ(encodings["level"], MetadataEncoding::kDictionary);
  EXPECT_EQ(encodings["every_other"], MetadataEncoding::kDictionary);
  EXPECT_EQ(encodings["trace"], MetadataEncoding::kPlain);
  EXPECT_EQ(encodings["once"], MetadataEncoding::kSparse);
  EXPECT_TRUE(std::is_sorted(columns.begin(), columns.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
}

TEST(Metadata, MoreDistinctValuesThanADictionaryTakes) {
  std::vector<Pairs> rows(40'000);
  for (size_t i = 0; i < rows.size(); ++i) rows[i]["id"] = std::to_string(i % 9000);
  MetadataBuilder builder;
  ASSERT_OK_AND_ASSIGN(const auto decoded,
                       Decode(Encode(rows, &builder), static_cast<uint32_t>(rows.size())));
  EXPECT_EQ(decoded, rows);
}

TEST(Metadata, ANameGivenTwiceForARowKeepsTheLaterValue) {
  MetadataBuilder builder;
  for (uint32_t row = 0; row < 100; ++row) {
    builder.Add(row, "a", "first" + std::to_string(row));
    builder.Add(row, "a", "second" + std::to_string(row));
  }
  std::vector<std::string> pages;
  builder.Finish(100, &pages);
  ASSERT_OK_AND_ASSIGN(const auto decoded, Decode(pages, 100));
  for (size_t row = 0; row < 100; ++row) {
    EXPECT_EQ(decoded[row], (Pairs{{"a", "second" + std::to_string(row)}}));
  }
}

TEST(Metadata, DamageIsFoundOrHarmless) {
  Random random(7);
  MetadataBuilder builder;
  for (int round = 0; round < 6; ++round) {
    std::vector<Pairs> rows = RandomMetadata(&random);
    rows.resize(std::min<size_t>(rows.size(), 60));
    const std::vector<std::string> pages = Encode(rows, &builder);
    for (size_t page = 0; page < pages.size(); ++page) {
      if (pages[page].size() > 4000) continue;
      ForEachDamage(pages[page], &random, [&](const std::string& damaged) {
        std::vector<std::string> copy = pages;
        copy[page] = damaged;
        Decode(copy, static_cast<uint32_t>(rows.size())).status().IgnoreError();
      });
    }
  }
}

// ---- Block directory

BlockDirectory TwoBlocks() {
  BlockDirectory directory;
  const PageInfo lines{8, 100, 200, 1, 0, PageKind::kLines};
  const PageInfo more{108, 50, 50, 2, 7, PageKind::kLines};
  const PageInfo times{158, 10, 10, 3, 0, PageKind::kTimes};
  const PageInfo lengths{168, 10, 12, 4, 0, PageKind::kLengths};
  directory.Add({0, 10, -5, 5}, std::vector<PageInfo>{lines, more, times, lengths});
  const PageInfo later_times{178, 10, 10, 5, 0, PageKind::kTimes};
  const PageInfo later_lengths{188, 10, 12, 6, 0, PageKind::kLengths};
  directory.Add({10, 1, 5, 5}, std::vector<PageInfo>{lines, later_times, later_lengths});
  return directory;
}

TEST(BlockDirectory, APageOfTwoBlocksIsDamage) {
  const PageInfo lines{8, 100, 200, 1, 0, PageKind::kLines};
  const PageInfo times{158, 10, 10, 3, 0, PageKind::kTimes};
  const PageInfo lengths{168, 10, 12, 4, 0, PageKind::kLengths};
  PageInfo other_times = times;
  PageInfo other_lengths = lengths;
  const auto parsed = [&] {
    BlockDirectory directory;
    directory.Add({0, 10, -5, 5}, std::vector<PageInfo>{lines, times, lengths});
    directory.Add({10, 1, 5, 5}, std::vector<PageInfo>{lines, other_times, other_lengths});
    return BlockDirectory::Parse(directory.Encode(), 1000).status();
  };
  other_times.offset = 200;
  other_lengths.offset = 210;
  EXPECT_OK(parsed());
  other_lengths.offset = 170;  // begins within that of the block before
  EXPECT_THAT(parsed(), StatusIs(absl::StatusCode::kDataLoss));
  other_lengths.offset = 210;
  other_times.offset = times.offset;
  EXPECT_THAT(parsed(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(BlockDirectory, RoundTrip) {
  ASSERT_OK_AND_ASSIGN(const auto read, BlockDirectory::Parse(TwoBlocks().Encode(), 1000));
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ(read->rows(), 11u);
  EXPECT_EQ(read->block(0).rows, 10u);
  EXPECT_EQ(read->block(1).first_row, 10u);
  EXPECT_EQ(read->block(0).min_time, -5);
  ASSERT_EQ(read->pages(0).size(), 4u);
  EXPECT_EQ(read->pages(0)[1].first_row, 7u);
  EXPECT_EQ(read->pages(1)[2].raw_size, 12u);
  EXPECT_EQ(read->Encode(), TwoBlocks().Encode());
  using Range = std::pair<size_t, size_t>;
  EXPECT_EQ(read->BlocksOfRows(0, 1), Range(0, 1));
  EXPECT_EQ(read->BlocksOfRows(9, 11), Range(0, 2));
  EXPECT_EQ(read->BlocksOfRows(10, 11), Range(1, 2));
  EXPECT_EQ(read->BlocksOfRows(3, 3), Range(0, 0));
}

TEST(BlockDirectory, HostileNumbers) {
  Random random(8);
  const std::string bytes = TwoBlocks().Encode();
  EXPECT_THAT(BlockDirectory::Parse(bytes, 170).status(), StatusIs(absl::StatusCode::kDataLoss));
  ForEachDamage(bytes, &random, [&](const std::string& damaged) {
    const auto read = BlockDirectory::Parse(damaged, 1000);
    if (!read.ok()) {
      EXPECT_THAT(read.status(), StatusIs(absl::StatusCode::kDataLoss));
      return;
    }
    for (size_t i = 0; i < (*read)->size(); ++i) {
      for (const PageInfo& page : (*read)->pages(i)) {
        EXPECT_LE(page.offset + page.size, 1000u);
        EXPECT_LE(page.raw_size, kMaxPageRawBytes);
      }
      EXPECT_LE((*read)->block(i).rows, kMaxBlockRows);
    }
  });
  std::string counts = bytes;
  StoreFixed<uint32_t>(counts.data(), 0xffffffff);
  EXPECT_THAT(BlockDirectory::Parse(counts, 1000).status(), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace skald::storage
