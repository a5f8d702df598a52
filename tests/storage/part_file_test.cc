// Part files: whatever is written is read back through blocks, column by column; damage is found.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "storage/base/units.h"
#include "storage/part/part_block.h"
#include "storage/part/part_format.h"
#include "storage/part/part_writer.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using Pairs = std::map<std::string, std::string>;

struct TestRow {
  int64_t time = 0;
  std::string line;
  Pairs metadata;
};
struct TestStream {
  LabelSet labels;
  std::vector<TestRow> rows;  // by time
};

constexpr const char* kPath = "/d/p";

class PartFileTest : public ::testing::Test {
 protected:
  PartFileTest() { EXPECT_OK(files_.CreateDirectories("/d")); }

  void Write(const std::vector<TestStream>& streams, PartProperties properties = {}) {
    ASSERT_OK_AND_ASSIGN(auto file, files_.NewWritableFile(kPath));
    PartWriter writer(std::move(file), CompressionEffort::kQuick);
    for (const TestStream& stream : streams) {
      for (const TestRow& row : stream.rows) {
        std::vector<LabelView> metadata;
        for (const auto& [name, value] : row.metadata) metadata.push_back({name, value});
        ASSERT_OK(writer.Add({row.time, row.line, metadata}));
      }
      ASSERT_OK(writer.EndStream(stream.labels));
    }
    ASSERT_OK_AND_ASSIGN(const PartSummary summary, writer.Finish(properties));
    EXPECT_THAT(files_.FileSize(kPath), IsOkAndHolds(summary.file_bytes));
    Open();
  }

  void Open() {
    ++file_number_;
    auto part = Part::Open(&files_, kPath, file_number_, &cache_);
    ASSERT_OK(part.status());
    part_ = *std::move(part);
  }

  // Opens a block with the runs of all its streams.
  std::unique_ptr<PartBlock> OpenBlock(size_t index, std::vector<uint32_t> hidden = {}) {
    const auto directory = part_->Directory();
    const auto streams = part_->Streams();
    EXPECT_OK(directory.status());
    EXPECT_OK(streams.status());
    const BlockInfo& info = (*directory)->block(index);
    std::vector<StreamRun> runs;
    const uint64_t end = info.first_row + info.rows;
    for (uint64_t row = info.first_row; row < end;) {
      const uint32_t stream = (*streams)->StreamOf(row);
      const uint64_t run_end = std::min(end, (*streams)->first_row(stream + 1));
      runs.push_back({stream, static_cast<uint32_t>(row - info.first_row),
                      static_cast<uint32_t>(run_end - info.first_row)});
      row = run_end;
    }
    auto block = PartBlock::Open(part_, index, runs, std::move(hidden));
    EXPECT_OK(block.status());
    return *std::move(block);
  }

  // The part as its blocks show it.
  StatusOr<std::vector<TestStream>> ReadAll() {
    ASSIGN_OR_RETURN(const auto directory, part_->Directory());
    ASSIGN_OR_RETURN(const auto streams, part_->Streams());
    ASSIGN_OR_RETURN(const auto index, part_->Index());
    std::vector<TestStream> result(streams->size());
    for (uint32_t i = 0; i < streams->size(); ++i) result[i].labels = streams->Labels(i, *index);
    for (size_t i = 0; i < directory->size(); ++i) {
      ASSIGN_OR_RETURN(const auto block, PartBlock::Open(part_, i, {}, {}));
      ASSIGN_OR_RETURN(const std::vector<TestRow> rows, RowsOf(block.get()));
      for (size_t row = 0; row < rows.size(); ++row) {
        result[streams->StreamOf(directory->block(i).first_row + row)].rows.push_back(rows[row]);
      }
    }
    return result;
  }

  static StatusOr<std::vector<TestRow>> RowsOf(Block* block) {
    std::vector<TestRow> rows(block->rows());
    ASSIGN_OR_RETURN(const auto times, block->Timestamps());
    ASSIGN_OR_RETURN(LineColumn * column, block->Lines());
    std::vector<uint32_t> all(block->rows());
    for (uint32_t i = 0; i < all.size(); ++i) all[i] = i;
    std::vector<std::string_view> lines(rows.size());
    std::vector<uint32_t> lengths(rows.size());
    RETURN_IF_ERROR(column->Materialise(all, std::span(lines)));
    RETURN_IF_ERROR(column->Lengths(lengths));
    for (size_t i = 0; i < rows.size(); ++i) {
      rows[i].time = times[i];
      rows[i].line = std::string(lines[i]);
      if (lengths[i] != lines[i].size()) return Internal("length");
    }
    const auto names = block->metadata_names();
    for (size_t n = 0; n < names.size(); ++n) {
      ASSIGN_OR_RETURN(const StringColumn values, block->Metadata(n));
      for (size_t i = 0; i < rows.size(); ++i) {
        if (!IsAbsent(values[i])) rows[i].metadata.emplace(names[n], values[i]);
      }
    }
    return rows;
  }

  void ExpectHolds(const std::vector<TestStream>& streams) {
    ASSERT_OK_AND_ASSIGN(const std::vector<TestStream> read, ReadAll());
    ASSERT_EQ(read.size(), streams.size());
    for (size_t s = 0; s < streams.size(); ++s) {
      ASSERT_EQ(read[s].labels, streams[s].labels);
      ASSERT_EQ(read[s].rows.size(), streams[s].rows.size());
      for (size_t i = 0; i < streams[s].rows.size(); ++i) {
        const TestRow& expected = streams[s].rows[i];
        const TestRow& row = read[s].rows[i];
        ASSERT_EQ(row.time, expected.time) << s << "/" << i;
        ASSERT_TRUE(row.line == expected.line) << s << "/" << i;
        ASSERT_EQ(row.metadata, expected.metadata) << s << "/" << i;
      }
    }
  }

  MemoryFileSystem files_;
  PageCache cache_{64_MiB};
  uint64_t file_number_ = 0;
  std::shared_ptr<Part> part_;
};

LabelSet StreamLabels(uint64_t i) {
  char text[16];
  snprintf(text, sizeof(text), "s%06d", static_cast<int>(i));
  return LabelSet::FromPairs({{"service_name", text}, {"env", i % 2 == 0 ? "a" : "b"}});
}

// Streams whose sizes, lines and metadata go to all extremes.
std::vector<TestStream> RandomStreams(Random* random) {
  std::vector<TestStream> streams;
  const uint64_t count = 1 + random->Below(random->OneIn(3) ? 400 : 5);
  const uint64_t most_rows = count > 10 ? 4 : 3000;
  for (uint64_t s = 0; s < count; ++s) {
    TestStream stream;
    stream.labels = StreamLabels(s);
    const uint64_t rows = 1 + random->Below(most_rows);
    const uint64_t line = random->OneIn(4) ? 1 : 200;
    for (uint64_t i = 0; i < rows; ++i) {
      TestRow row;
      row.time = random->Between(-1000, 100'000);
      row.line = random->Text(random->Below(line), "abc \n");
      if (random->OneIn(700)) row.line = random->Text(300'000 + random->Below(50), "xy");
      for (uint64_t n = random->Below(4); n > 0; --n) {
        row.metadata["m" + std::to_string(random->Below(80))] =
            random->Text(random->Below(4), "ab");
      }
      stream.rows.push_back(std::move(row));
    }
    std::stable_sort(stream.rows.begin(), stream.rows.end(),
                     [](const TestRow& a, const TestRow& b) { return a.time < b.time; });
    streams.push_back(std::move(stream));
  }
  return streams;
}

TEST_F(PartFileTest, RandomStreamsAreReadBack) {
  Random random(21);
  for (int round = 0; round < 25; ++round) {
    SCOPED_TRACE(round);
    const std::vector<TestStream> streams = RandomStreams(&random);
    Write(streams);
    ExpectHolds(streams);
  }
}

TEST_F(PartFileTest, OneRow) {
  const std::vector<TestStream> streams = {{LabelSet(), {{INT64_MIN, "", {}}}}};
  Write(streams);
  ExpectHolds(streams);
  EXPECT_EQ(part_->footer().rows, 1u);
  EXPECT_EQ(part_->footer().min_time, INT64_MIN);
}

// An empty line page has no bytes, so what follows lies at the same offset.
TEST_F(PartFileTest, OnlyEmptyLinesWithColumnsReadInAnyOrder) {
  std::vector<TestStream> streams = {{StreamLabels(0), {}}};
  for (int64_t i = 0; i < 300; ++i) streams[0].rows.push_back({i, "", {{"a", "1"}}});
  Write(streams);
  const auto block = OpenBlock(0);
  ASSERT_OK_AND_ASSIGN(LineColumn * lines, block->Lines());
  const std::vector<uint32_t> rows = {0, 299};
  std::vector<std::string_view> texts(2, "?");
  ASSERT_OK(lines->Materialise(rows, std::span(texts)));
  EXPECT_EQ(texts[1], "");
  ASSERT_OK_AND_ASSIGN(const auto times, block->Timestamps());
  EXPECT_EQ(times[299], 299);
  ExpectHolds(streams);
}

TEST_F(PartFileTest, ABlockClosesAtItsLimitOfRows) {
  std::vector<TestStream> streams = {{StreamLabels(0), {}}};
  for (int64_t i = 0; i < kMaxBlockRows + 10; ++i) streams[0].rows.push_back({i / 3, "l", {}});
  Write(streams);
  ASSERT_OK_AND_ASSIGN(const auto directory, part_->Directory());
  ASSERT_EQ(directory->size(), 2u);
  EXPECT_EQ(directory->block(0).rows, kMaxBlockRows);
  ExpectHolds(streams);
}

TEST_F(PartFileTest, ABlockClosesAtItsLimitOfCells) {
  std::vector<TestStream> streams = {{StreamLabels(0), {}}};
  for (int64_t i = 0; i < 5000; ++i) {
    streams[0].rows.push_back({i, "l", {{"name" + std::to_string(i), "v"}}});
  }
  Write(streams);
  ASSERT_OK_AND_ASSIGN(const auto directory, part_->Directory());
  EXPECT_GE(directory->size(), 3u);
  for (size_t i = 0; i < directory->size(); ++i) EXPECT_LE(directory->block(i).rows, 2048u);
  ExpectHolds(streams);
}

TEST_F(PartFileTest, ThousandsOfTinyStreamsShareBlocks) {
  std::vector<TestStream> streams;
  for (uint64_t i = 0; i < 5000; ++i) {
    streams.push_back(
        {StreamLabels(i),
         {{static_cast<int64_t>(i), "line of " + std::to_string(i), {{"id", std::to_string(i)}}}}});
  }
  Write(streams);
  ASSERT_OK_AND_ASSIGN(const auto directory, part_->Directory());
  EXPECT_EQ(directory->size(), 1u);
  EXPECT_LT(part_->file_size(), 5000u * 40);
  ExpectHolds(streams);
}

TEST_F(PartFileTest, LinesLongerThanPagesAndBlocks) {
  Random random(22);
  std::vector<TestStream> streams = {{StreamLabels(0), {}}, {StreamLabels(1), {}}};
  for (size_t size : {0, 1, 262'143, 262'144, 262'145, 0, 2'000'000, 5, 0, 600'000}) {
    for (TestStream& stream : streams) {
      stream.rows.push_back({static_cast<int64_t>(stream.rows.size()), random.Text(size), {}});
    }
  }
  Write(streams);
  ExpectHolds(streams);
}

TEST_F(PartFileTest, FooterKeepsProperties) {
  PartProperties properties;
  properties.tenant = "tenant/../with anything";
  properties.level = 3;
  properties.day = 19'000;
  properties.retention_class = 7;
  properties.log_first = {4, 5};
  properties.log_last = {6, 7};
  properties.replaces = {1, 2, 99};
  Write({{StreamLabels(0), {{1, "abc", {{"k", "vv"}}}, {9, "", {}}}}}, properties);
  const PartFooter& footer = part_->footer();
  EXPECT_EQ(footer.tenant, properties.tenant);
  EXPECT_EQ(footer.level, 3u);
  EXPECT_EQ(footer.day, 19'000);
  EXPECT_EQ(footer.retention_class, 7u);
  EXPECT_EQ(footer.log_first, (LogPosition{4, 5}));
  EXPECT_EQ(footer.log_last, (LogPosition{6, 7}));
  EXPECT_EQ(footer.replaces, properties.replaces);
  EXPECT_EQ(footer.rows, 2u);
  EXPECT_EQ(footer.line_bytes, 3u);
  EXPECT_EQ(footer.metadata_bytes, 11u);  // 8 for the pair, 3 for its texts
  EXPECT_EQ(footer.min_time, 1);
  EXPECT_EQ(footer.max_time, 9);
  EXPECT_EQ(footer.streams, 1u);
}

TEST_F(PartFileTest, SelectRowsAndRanksAgreeWithScans) {
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
      ASSERT_OK_AND_ASSIGN(const std::vector<TestRow> rows, RowsOf(OpenBlock(b).get()));
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
std::vector<TestStream> LevelledStreams(Random* random, uint64_t levels, bool always) {
  std::vector<TestStream> streams;
  for (uint64_t s = 0; s < 1 + random->Below(4); ++s) {
    TestStream stream;
    stream.labels = StreamLabels(s);
    const uint64_t rows = 1 + random->Below(1500);
    for (uint64_t i = 0; i < rows; ++i) {
      TestRow row{static_cast<int64_t>(i / 3), "x", {}};
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

TEST_F(PartFileTest, LevelRanksAgreeWithScans) {
  Random random(26);
  int ranked = 0;
  for (int round = 0; round < 30; ++round) {
    Write(LevelledStreams(&random, 1 + random.Below(8), random.OneIn(3)));
    std::vector<uint32_t> hidden;
    for (uint32_t row = 0; row < part_->footer().rows; ++row) {
      if (round % 2 == 0 && random.OneIn(4)) hidden.push_back(row);
    }
    const auto block = OpenBlock(0, hidden);
    ASSERT_OK_AND_ASSIGN(const std::vector<TestRow> rows, RowsOf(OpenBlock(0).get()));
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

TEST_F(PartFileTest, TooManyLevelsAreNotRanked) {
  Random random(27);
  Write(LevelledStreams(&random, 300, true));
  EXPECT_THAT(OpenBlock(0)->RankedLevels(), IsOkAndHolds(testing::IsEmpty()));
}

// ---- Matching lines

// Lines that contain a text. `proof`: hits say how much of a line they need.
class ContainsMatcher : public LineMatcher {
 public:
  ContainsMatcher(std::vector<std::string> texts, bool candidates, bool proof)
      : texts_(std::move(texts)), candidates_(candidates), proof_(proof) {}
  bool Matches(std::string_view line) const override {
    return std::any_of(texts_.begin(), texts_.end(), [&](const std::string& text) {
      return line.find(text) != std::string_view::npos;
    });
  }
  Candidate FindCandidate(std::string_view text, size_t from) const override {
    Candidate best;
    for (const std::string& wanted : texts_) {
      const size_t at = text.find(wanted, from);
      if (at >= best.offset) continue;
      best = {at, proof_ ? wanted.size() : 0};
    }
    return best;
  }
  bool has_candidates() const override { return candidates_; }
  const RequiredLiterals& required() const override { return required_; }

 private:
  const std::vector<std::string> texts_;
  const bool candidates_;
  const bool proof_;
  const RequiredLiterals required_;
};

TEST_F(PartFileTest, MatchAgreesWithTestingEveryLine) {
  Random random(24);
  for (int round = 0; round < 20; ++round) {
    Write(RandomStreams(&random));
    const auto block = OpenBlock(0);
    ASSERT_OK_AND_ASSIGN(const std::vector<TestRow> rows, RowsOf(block.get()));
    ASSERT_OK_AND_ASSIGN(LineColumn * lines, block->Lines());
    for (int query = 0; query < 20; ++query) {
      std::vector<std::string> texts;
      // Longer texts first at one place, shorter ones later: hits that run over the line's end.
      for (uint64_t n = 1 + random.Below(3); n > 0; --n) {
        texts.push_back(random.Text(1 + random.Below(6), "abc \n"));
      }
      const ContainsMatcher matcher(texts, random.Below(4) != 0, random.OneIn(2));
      const bool negate = random.OneIn(3);
      RowSet selected(block->rows());
      const uint64_t sparse = random.Below(3);
      for (uint32_t row = 0; row < block->rows(); ++row) {
        if (sparse == 0 || !random.OneIn(sparse * 2)) selected.Add(row);
      }
      RowSet result = selected;
      ASSERT_OK(lines->Match(matcher, negate, &result));
      for (uint32_t row = 0; row < rows.size(); ++row) {
        const bool expected = selected.Contains(row) && matcher.Matches(rows[row].line) != negate;
        ASSERT_EQ(result.Contains(row), expected) << rows[row].line;
      }
    }
  }
}

TEST_F(PartFileTest, AHitAcrossLinesDoesNotHideALaterOneInTheLine) {
  Write({{StreamLabels(0), {{1, "xab", {}}, {2, "c", {}}, {3, "b", {}}, {4, "", {}}}}});
  const auto block = OpenBlock(0);
  ASSERT_OK_AND_ASSIGN(LineColumn * lines, block->Lines());
  RowSet rows(4, true);
  ASSERT_OK(lines->Match(ContainsMatcher({"abc", "b"}, true, true), false, &rows));
  EXPECT_TRUE(rows.Contains(0));
  EXPECT_FALSE(rows.Contains(1));
  EXPECT_TRUE(rows.Contains(2));
  EXPECT_EQ(rows.count(), 2u);
}

TEST_F(PartFileTest, OnlyNeededPagesAreRead) {
  std::vector<TestStream> streams = {{StreamLabels(0), {}}};
  Random random(25);
  for (int64_t i = 0; i < 4; ++i) {
    streams[0].rows.push_back({i, random.Text(200'000), {{"trace", "id" + std::to_string(i)}}});
  }
  Write(streams);
  const auto block = OpenBlock(0);
  EXPECT_EQ(block->metadata_names().size(), 1u);
  std::array<int64_t, 2> edges = {-10, 100};
  std::array<Rank, 2> ranks;
  ASSERT_OK(block->RanksAt(block->runs()[0], edges, ranks));
  EXPECT_EQ(ranks[1].line_bytes, 800'000u);
  EXPECT_EQ(block->stats().decompressed_bytes, 0u);
  ASSERT_OK_AND_ASSIGN(LineColumn * lines, block->Lines());
  const std::vector<uint32_t> rows = {2};
  std::vector<std::string_view> texts(1);
  ASSERT_OK(lines->Materialise(rows, std::span(texts)));
  EXPECT_EQ(texts[0], streams[0].rows[2].line);
  EXPECT_EQ(block->stats().decompressed_bytes, 200'000u);
}

// ---- The example of docs/storage_format.md

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    if (!text.empty()) text += ' ';
    absl::StrAppend(&text, absl::Hex(static_cast<uint8_t>(c), absl::kZeroPad2));
  }
  return text;
}

TEST_F(PartFileTest, WorkedExample) {
  constexpr int64_t kSecond = 1'000'000'000;
  constexpr int64_t kStart = 1'767'571'200 * kSecond;  // 2026-01-05T00:00:00Z
  Write({{LabelSet::FromPairs({{"env", "prod"}, {"service_name", "web"}}),
          {{kStart, "GET /", {{"level", "info"}}},
           {kStart + kSecond, "", {{"level", "info"}, {"trace", "7"}}},
           {kStart + 3 * kSecond, "GET /a", {{"level", "info"}}}}},
         {LabelSet::FromPairs({{"service_name", "web2"}}),
          {{kStart + 2 * kSecond, "ok", {{"level", "info"}}}}}});
  const std::string file = ReadWholeFile(&files_, kPath).value();
  EXPECT_EQ(Hex(file.substr(0, 74)),
            "53 4b 41 4c 44 50 52 54 "                 // magic
            "47 45 54 20 2f 47 45 54 20 2f 61 6f 6b "  // lines
            "09 06 80 fc d7 95 0d 04 03 01 01 00 02 "  // times
            "02 0b 02 06 00 03 00 02 00 00 85 01 "     // lengths
            "02 05 6c 65 76 65 6c 01 01 04 05 74 72 61 63 65 02 01 05 "
            "69 6e 66 6f 01 01 37 01 02");  // metadata
  std::map<SectionKind, std::string> sections;
  for (const PartFooter::Section& section : part_->footer().sections) {
    std::vector<PagePtr> pages;
    ASSERT_OK(part_->ReadPages({&section.page, 1}, &pages, nullptr));
    sections[section.kind] = Hex(pages[0]->view());
  }
  EXPECT_EQ(sections[SectionKind::kBlockDirectory],
            "01 00 00 00 05 00 00 00 "
            "00 00 00 00 00 00 00 00 04 00 00 00 00 00 00 00 "
            "00 00 36 33 a4 ac 87 18 00 5e 06 e6 a4 ac 87 18 "
            "00 00 00 00 05 00 00 00 "
            "08 00 00 00 00 00 00 00 15 00 00 00 00 00 00 00 22 00 00 00 00 00 00 00 "
            "2e 00 00 00 00 00 00 00 41 00 00 00 00 00 00 00 "
            "0d 00 00 00 0d 00 00 00 0c 00 00 00 13 00 00 00 09 00 00 00 "
            "0d 00 00 00 0d 00 00 00 0c 00 00 00 13 00 00 00 09 00 00 00 "
            "59 a8 79 55 79 40 b8 03 fb a5 7a 65 c7 f8 ad 34 2c fe 4d 87 "
            "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
            "03 01 02 04 04 "
            "00 00 00 00 00");
  EXPECT_EQ(sections[SectionKind::kTokenFilter], "01 00 00 00 00 00");
  EXPECT_EQ(sections[SectionKind::kMetadataFilter], "01 00 00 00 03 62 c4 1f");
  EXPECT_EQ(sections[SectionKind::kStreamTable],
            "02 02 00 01 01 02 03 01 0b 02 2f 11 00 80 a8 d6 b9 07 80 bc c1 96 0b 00");
  EXPECT_EQ(sections[SectionKind::kLabelIndex],
            "02 03 65 6e 76 01 00 04 70 72 6f 64 01 00 "
            "0c 73 65 72 76 69 63 65 5f 6e 61 6d 65 02 00 03 77 65 62 01 00 03 01 32 01 02");
}

// ---- Damage and life

TEST_F(PartFileTest, EveryDamagedByteIsFoundOrHarmless) {
  Random random(26);
  std::vector<TestStream> streams;
  for (uint64_t s = 0; s < 3; ++s) {
    streams.push_back({StreamLabels(s), {}});
    for (int64_t i = 0; i < 4; ++i) {
      streams[s].rows.push_back({i * 1000, random.Text(random.Below(20), "ab "), {{"k", "v"}}});
    }
  }
  Write(streams);
  const std::string bytes = ReadWholeFile(&files_, kPath).value();
  const auto rewrite = [&](const std::string& damaged) {
    auto file = files_.NewWritableFile(kPath).value();
    ASSERT_OK(file->Append(damaged));
  };
  const auto check = [&](bool must_fail) {
    ++file_number_;
    auto part = Part::Open(&files_, kPath, file_number_, &cache_);
    Status status = part.status();
    if (part.ok()) {
      part_ = *std::move(part);
      status = ReadAll().status();
      if (status.ok() && !must_fail) return ExpectHolds(streams);
    }
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss));
  };
  for (size_t i = 0; i < bytes.size(); ++i) {
    SCOPED_TRACE(i);
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 + random.Below(255)));
    rewrite(damaged);
    check(false);
  }
  for (size_t size = 0; size < bytes.size(); ++size) {
    rewrite(bytes.substr(0, size));
    check(true);
  }
}

TEST_F(PartFileTest, ObsoletePartsGoWithTheirLastUser) {
  Write({{StreamLabels(0), {{1, "line", {}}}}});
  auto block = OpenBlock(0);
  part_->MarkObsolete();
  part_.reset();
  EXPECT_TRUE(files_.FileExists(kPath));
  EXPECT_OK(block->Timestamps().status());
  EXPECT_GT(cache_.stats().bytes, 0u);
  block.reset();
  EXPECT_FALSE(files_.FileExists(kPath));
  EXPECT_EQ(cache_.stats().bytes, 0u);
}

}  // namespace
}  // namespace skald::storage
