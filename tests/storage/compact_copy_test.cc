// Merges that copy blocks as they are stored: the same comes out as of merges that encode every row
// again, block by block as good as new.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "storage/compact/merge_plan.h"
#include "storage/compact/part_merger.h"
#include "storage/model/row.h"
#include "storage/part/block_pruner.h"
#include "tests/storage/part_file_fixture.h"
#include "tests/support/status_matchers.h"
#include "tools/inspect/part_survey.h"

namespace skald::storage {
namespace {

using ::testing::IsEmpty;

constexpr uint32_t kLinePage = 4 << 10;
constexpr uint32_t kBlock = 16 << 10;

class NoPace : public Pace {
 public:
  Status BetweenBlocks() override { return absl::OkStatus(); }
};

class MapSieve : public RowSieve {
 public:
  int64_t CutOf(const LabelSet& labels) const override {
    const auto found = cuts.find(std::string(labels.text()));
    return found == cuts.end() ? std::numeric_limits<int64_t>::min() : found->second;
  }
  uint32_t ClassOf(const LabelSet& labels) const override {
    const auto found = classes.find(std::string(labels.text()));
    return found == classes.end() ? 0 : found->second;
  }
  StatusOr<std::vector<uint32_t>> DroppedRows(const std::shared_ptr<const Part>& part,
                                              size_t block) override {
    return dropped[{part->file_number(), block}];
  }

  std::map<std::string, int64_t> cuts;
  std::map<std::string, uint32_t> classes;
  std::map<std::pair<uint64_t, size_t>, std::vector<uint32_t>> dropped;
};

using PartPtr = std::shared_ptr<const Part>;

uint64_t RawBytes(const std::vector<PartTestRow>& rows) {
  uint64_t bytes = 0;
  for (const PartTestRow& row : rows) {
    bytes += row.line.size();
    for (const auto& [name, value] : row.metadata) bytes += name.size() + value.size();
  }
  return bytes;
}

class CompactCopyTest : public PartFileFixture, public ::testing::WithParamInterface<uint64_t> {
 protected:
  struct Merged {
    std::map<uint32_t, PartPtr> parts;  // by class
    uint64_t blocks_copied = 0;
  };

  // An input of a merge, or of `block_bytes` a single block.
  PartPtr WritePart(const std::vector<PartTestStream>& streams, uint32_t level,
                    uint32_t block_bytes = kBlock) {
    const std::string path = StrCat("/d/in", ++file_number_);
    PartWriter writer(*files_.NewWritableFile(path), CompressionEffort::kThorough, kLinePage,
                      block_bytes);
    for (const PartTestStream& stream : streams) {
      for (const PartTestRow& row : stream.rows) {
        std::vector<LabelView> metadata;
        for (const auto& [name, value] : row.metadata) metadata.push_back({name, value});
        EXPECT_OK(writer.Add({row.time, row.line, metadata}));
      }
      EXPECT_OK(writer.EndStream(stream.labels));
    }
    PartProperties properties;
    properties.level = level;
    EXPECT_OK(writer.Finish(properties).status());
    return *Part::Open(&files_, path, file_number_, &cache_);
  }

  StatusOr<Merged> TryMerge(const std::vector<PartPtr>& inputs, RowSieve* sieve,
                            std::optional<uint32_t> copied_level) {
    NoPace pace;
    std::vector<std::unique_ptr<PartCursor>> cursors;
    for (const PartPtr& input : inputs) {
      ASSIGN_OR_RETURN(auto cursor, PartCursor::Open(input, &pace, sieve));
      cursors.push_back(std::move(cursor));
    }
    PartMerger merger(std::move(cursors), copied_level);
    std::map<uint32_t, std::pair<std::string, std::unique_ptr<PartWriter>>> writers;
    const auto writer_of = [&](const LabelSet& labels) -> StatusOr<PartWriter*> {
      auto& [path, writer] = writers[sieve->ClassOf(labels)];
      if (writer == nullptr) {
        path = StrCat("/d/out", ++file_number_);
        writer = std::make_unique<PartWriter>(*files_.NewWritableFile(path),
                                              CompressionEffort::kQuick, kLinePage, kBlock);
      }
      return writer.get();
    };
    const DayBounds day = BoundsOfDay(0);
    const auto next = merger.Merge(day.first, day.last, writer_of);
    damaged_ = merger.unreadable();
    RETURN_IF_ERROR(next.status());
    Merged merged;
    for (auto& [number, output] : writers) {
      RETURN_IF_ERROR(output.second->Finish({}).status());
      ASSIGN_OR_RETURN(merged.parts[number],
                       Part::Open(&files_, output.first, ++file_number_, &cache_));
    }
    merged.blocks_copied = merger.blocks_copied();
    return merged;
  }
  Merged Merge(const std::vector<PartPtr>& inputs, RowSieve* sieve,
               std::optional<uint32_t> copied_level) {
    auto merged = TryMerge(inputs, sieve, copied_level);
    EXPECT_OK(merged.status());
    return merged.ok() ? *std::move(merged) : Merged();
  }

  // Stands on a part for what the fixture reads.
  void Use(const PartPtr& part) { part_ = std::const_pointer_cast<Part>(part); }

  void ExpectSame(const PartPtr& a, const PartPtr& b) {
    EXPECT_EQ(a->footer().rows, b->footer().rows);
    EXPECT_EQ(a->footer().line_bytes, b->footer().line_bytes);
    EXPECT_EQ(a->footer().metadata_bytes, b->footer().metadata_bytes);
    EXPECT_EQ(a->footer().min_time, b->footer().min_time);
    EXPECT_EQ(a->footer().max_time, b->footer().max_time);
    ASSERT_OK_AND_ASSIGN(const auto a_streams, a->Streams());
    ASSERT_OK_AND_ASSIGN(const auto b_streams, b->Streams());
    ASSERT_EQ(a_streams->size(), b_streams->size());
    for (uint32_t i = 0; i < a_streams->size(); ++i) {
      const StreamExtent& x = a_streams->extent(i);
      const StreamExtent& y = b_streams->extent(i);
      EXPECT_EQ(x.rows, y.rows) << i;
      EXPECT_EQ(x.line_bytes, y.line_bytes) << i;
      EXPECT_EQ(x.metadata_bytes, y.metadata_bytes) << i;
      EXPECT_EQ(x.min_time, y.min_time) << i;
      EXPECT_EQ(x.max_time, y.max_time) << i;
    }
    Use(a);
    ASSERT_OK_AND_ASSIGN(const auto rows, ReadAll());
    Use(b);
    ExpectHolds(rows);
  }

  // Ranks, filters and sizes of every block against the rows that it shows.
  void ExpectGoodBlocks(const PartPtr& part, Random* random) {
    EXPECT_THAT(inspect::SurveyPart(part).damages, IsEmpty());
    ASSERT_OK_AND_ASSIGN(const auto directory, part->Directory());
    uint64_t since_small = 7;
    for (size_t i = 0; i < directory->size(); ++i) {
      Use(part);
      const auto block = OpenBlock(i);
      ASSERT_OK_AND_ASSIGN(const std::vector<PartTestRow> rows, RowsOf(block.get()));
      if (RawBytes(rows) * 4 >= kBlock) {
        ++since_small;
      } else if (i + 1 < directory->size()) {
        EXPECT_GE(since_small, 7u) << i << " of " << directory->size();
        since_small = 0;
      }
      for (const StreamRun& run : block->runs()) ExpectRanks(block.get(), run, rows, random);
      ExpectFilters(part, i, rows, random);
    }
  }

  void ExpectRanks(PartBlock* block, const StreamRun& run, const std::vector<PartTestRow>& rows,
                   Random* random) {
    std::vector<int64_t> edges;
    for (int i = 0; i < 5; ++i) edges.push_back(random->Pick(rows).time + random->Between(-1, 1));
    std::sort(edges.begin(), edges.end());
    std::vector<Rank> ranks(edges.size());
    ASSERT_OK(block->RanksAt(run, edges, ranks));
    ASSERT_OK_AND_ASSIGN(const auto levels, block->RankedLevels());
    std::vector<uint64_t> by_level(edges.size() * levels.size());
    if (!levels.empty()) {
      ASSERT_OK(block->LevelRanksAt(run, edges, by_level));
    }
    for (size_t e = 0; e < edges.size(); ++e) {
      Rank expected;
      std::vector<uint64_t> expected_levels(levels.size());
      for (uint32_t row = run.begin; row < run.end && rows[row].time < edges[e]; ++row) {
        ++expected.rows;
        expected.line_bytes += rows[row].line.size();
        const auto level = rows[row].metadata.find(std::string(kDetectedLevel));
        for (size_t l = 0; l < levels.size(); ++l) {
          const bool has = level != rows[row].metadata.end();
          if (IsAbsent(levels[l]) ? !has : has && level->second == levels[l]) ++expected_levels[l];
        }
      }
      EXPECT_EQ(ranks[e].rows, expected.rows);
      EXPECT_EQ(ranks[e].line_bytes, expected.line_bytes);
      for (size_t l = 0; l < levels.size(); ++l) {
        EXPECT_EQ(by_level[e * levels.size() + l], expected_levels[l]);
      }
    }
  }

  static StoredBlock ReadBlock(StoredBlocks* blocks, size_t block) {
    auto read = blocks->Read(block);
    EXPECT_TRUE(read.ok() && read->has_value());
    return read.ok() && read->has_value() ? **std::move(read) : StoredBlock();
  }

  // The filters of a block are those of a part that has its rows alone.
  void ExpectFilters(const PartPtr& part, size_t block, const std::vector<PartTestRow>& rows,
                     Random* random) {
    const PartPtr alone = WritePart({{StreamLabels(0), rows}}, 1, 1 << 30);
    ASSERT_OK_AND_ASSIGN(const auto stored, StoredBlocks::Open(part));
    ASSERT_OK_AND_ASSIGN(const auto expected_stored, StoredBlocks::Open(alone));
    const StoredBlock found = ReadBlock(stored.get(), block);
    const StoredBlock expected = ReadBlock(expected_stored.get(), 0);
    EXPECT_EQ(found.ngram_flags, expected.ngram_flags);
    EXPECT_TRUE(*found.ngrams == *expected.ngrams) << block;
    EXPECT_EQ(found.longest_token, expected.longest_token);
    EXPECT_TRUE(found.tokens == expected.tokens) << block;
    EXPECT_TRUE(found.pairs == expected.pairs) << block;
    for (int i = 0; i < 3; ++i) {
      const PartTestRow& row = random->Pick(rows);
      const size_t at = row.line.empty() ? 0 : random->Below(row.line.size());
      const std::string needle = row.line.substr(at, 4 + random->Below(30));
      if (needle.empty()) continue;
      ASSERT_OK_AND_ASSIGN(const RowSet blocks, PossibleBlocks(*part, {{{needle}}}));
      EXPECT_TRUE(blocks.Contains(static_cast<uint32_t>(block))) << needle;
    }
  }

  // Blocks of the output whose pages all lie, byte for byte, in a block of an input.
  size_t VerbatimBlocks(const PartPtr& output, const std::vector<PartPtr>& inputs) {
    std::set<std::string> known;
    for (const PartPtr& input : inputs) {
      for (std::string& bytes : StoredBytes(input)) known.insert(std::move(bytes));
    }
    const std::vector<std::string> bytes = StoredBytes(output);
    return static_cast<size_t>(std::count_if(
        bytes.begin(), bytes.end(), [&](const auto& block) { return known.contains(block); }));
  }
  // The bytes of all pages of every block.
  std::vector<std::string> StoredBytes(const PartPtr& part) {
    const auto directory = *part->Directory();
    std::vector<std::string> blocks(directory->size());
    for (size_t i = 0; i < directory->size(); ++i) {
      std::string stored;
      for (const PageInfo& page : directory->pages(i)) {
        EXPECT_OK(part->ReadStored(page, &stored));
        blocks[i] += stored;
      }
    }
    return blocks;
  }

  std::optional<uint64_t> damaged_;
};

PartTestRow RandomRow(Random* random, int64_t time) {
  static const std::vector<std::string> kOdd = {
      "\xE2\x84\xAA-sign ", "\xC5\xBF ", "\\u0041bc", "\xff\xfe", "{\"a\":\"\\n\"}", "\n"};
  PartTestRow row;
  row.time = time;
  row.line = random->Text(random->Below(60), "abc =\"K");
  if (random->OneIn(4)) row.line += random->Text(12 + random->Below(20), "0123456789abcdefABCDEF");
  if (random->OneIn(6)) row.line += random->Pick(kOdd);
  if (random->OneIn(200)) row.line = random->Text(kLinePage + random->Below(kBlock));
  if (!random->OneIn(5)) row.metadata["detected_level"] = random->OneIn(3) ? "info" : "warn";
  if (random->OneIn(3)) row.metadata["trace"] = random->Text(16, "0123456789abcdef");
  if (random->OneIn(9)) row.metadata[random->Text(random->Below(5))] = random->Pick(kOdd);
  if (random->OneIn(9)) row.metadata["empty"] = "";
  return row;
}

// Inputs of one day, of which each has most of its rows after those of the one before.
std::vector<std::vector<PartTestStream>> RandomInputs(Random* random) {
  const uint64_t streams = 1 + random->Below(30);
  std::vector<bool> is_big(streams);
  for (size_t i = 0; i < streams; ++i) is_big[i] = random->OneIn(5) || streams < 3;
  std::vector<std::vector<PartTestStream>> inputs(1 + random->Below(4));
  for (size_t k = 0; k < inputs.size(); ++k) {
    for (uint64_t s = 0; s < streams; ++s) {
      if (random->OneIn(4) && s + 1 < streams) continue;
      PartTestStream stream{StreamLabels(s), {}};
      const int64_t width = random->OneIn(2) ? 900 : 1500;
      for (uint64_t n = 1 + random->Below(is_big[s] ? 2500 : 40); n > 0; --n) {
        const auto time = static_cast<int64_t>(k) * 1000 + random->Between(0, width);
        stream.rows.push_back(RandomRow(random, time));
      }
      for (const PartTestStream& other : k > 0 ? inputs[k - 1] : inputs[k]) {
        if (other.labels.text() == stream.labels.text() && random->OneIn(2)) {
          stream.rows.push_back(other.rows.back());  // a copy
        }
      }
      std::stable_sort(stream.rows.begin(), stream.rows.end(),
                       [](const auto& a, const auto& b) { return a.time < b.time; });
      inputs[k].push_back(std::move(stream));
    }
  }
  return inputs;
}

TEST_P(CompactCopyTest, GivesWhatEncodingGives) {
  Random random(GetParam());
  uint64_t copied = 0;
  for (int round = 0; round < 3 && !HasFailure(); ++round) {
    const uint32_t level = random.OneIn(2) ? 1 : 2;
    std::vector<PartPtr> inputs;
    for (const auto& streams : RandomInputs(&random)) inputs.push_back(WritePart(streams, level));
    MapSieve sieve;
    const bool has_classes = random.OneIn(3);
    for (uint64_t s = 0; s < 30; ++s) {
      const std::string text(StreamLabels(s).text());
      if (random.OneIn(10)) sieve.cuts[text] = random.Between(0, 3000);
      if (has_classes) sieve.classes[text] = s < 20 ? 7 : static_cast<uint32_t>(s % 2);
    }
    for (const PartPtr& input : inputs) {
      const auto directory = *input->Directory();
      for (size_t i = 0; i < directory->size(); ++i) {
        if (!random.OneIn(8)) continue;
        const auto rows = directory->block(i).rows;
        sieve.dropped[{input->file_number(), i}] = {static_cast<uint32_t>(random.Below(rows))};
      }
    }
    const Merged encoded = Merge(inputs, &sieve, std::nullopt);
    const Merged merged = Merge(inputs, &sieve, level);
    EXPECT_EQ(encoded.blocks_copied, 0u);
    ASSERT_EQ(merged.parts.size(), encoded.parts.size());
    size_t verbatim = 0;
    for (const auto& [number, part] : merged.parts) {
      ExpectSame(encoded.parts.at(number), part);
      ExpectGoodBlocks(part, &random);
      verbatim += VerbatimBlocks(part, inputs);
    }
    EXPECT_GE(verbatim, merged.blocks_copied);
    copied += merged.blocks_copied;
  }
  EXPECT_GT(copied, 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, CompactCopyTest, ::testing::Range<uint64_t>(1, 9));

// Streams over many blocks, none of them with rows in another input.
class CompactCopyCaseTest : public CompactCopyTest {
 protected:
  std::vector<PartTestStream> Streams(uint64_t first, uint64_t count, uint64_t rows) {
    std::vector<PartTestStream> streams;
    for (uint64_t s = first; s < first + count; ++s) {
      streams.push_back({StreamLabels(s), {}});
      for (uint64_t i = 0; i < rows; ++i) {
        streams.back().rows.push_back(RandomRow(&random_, static_cast<int64_t>(i)));
      }
    }
    return streams;
  }
  PartPtr TheOnly(const Merged& merged) {
    EXPECT_EQ(merged.parts.size(), 1u);
    return merged.parts.begin()->second;
  }
  size_t BlocksOf(const PartPtr& part) { return (*part->Directory())->size(); }

  Random random_{5};
  MapSieve sieve_;
};

TEST_F(CompactCopyCaseTest, AllBlocksButTheOneThatLosesARowAreCopied) {
  const PartPtr input = WritePart(Streams(0, 2, 1500), 2);
  const size_t blocks = BlocksOf(input);
  ASSERT_GT(blocks, 8u);
  sieve_.dropped[{input->file_number(), 4}] = {17};
  const Merged merged = Merge({input}, &sieve_, 2);
  EXPECT_EQ(merged.blocks_copied, blocks - 1);
  const PartPtr output = TheOnly(merged);
  ASSERT_EQ(BlocksOf(output), blocks);
  const std::vector<std::string> before = StoredBytes(input);
  const std::vector<std::string> after = StoredBytes(output);
  for (size_t i = 0; i < blocks; ++i) EXPECT_EQ(before[i] == after[i], i != 4) << i;
  EXPECT_EQ(output->footer().rows, input->footer().rows - 1);
}

TEST_F(CompactCopyCaseTest, OnlyInputsOfTheOutputsLevelAreCopiedFrom) {
  const PartPtr low = WritePart(Streams(0, 1, 1000), 1);
  const PartPtr high = WritePart(Streams(1, 1, 1000), 2);
  EXPECT_EQ(Merge({low}, &sieve_, 2).blocks_copied, 0u);
  // The last block may be too small to be copied.
  const uint64_t copied = Merge({low, high}, &sieve_, 2).blocks_copied;
  EXPECT_GE(copied + 1, BlocksOf(high));
  EXPECT_LE(copied, BlocksOf(high));
}

TEST_F(CompactCopyCaseTest, BlocksWithStreamsOfTwoClassesAreNotCopied) {
  const PartPtr input = WritePart(Streams(0, 200, 10), 1);
  for (uint64_t s = 0; s < 200; s += 2) sieve_.classes[std::string(StreamLabels(s).text())] = 1;
  EXPECT_EQ(Merge({input}, &sieve_, 1).blocks_copied, 0u);
}

TEST_F(CompactCopyCaseTest, StreamsOfOtherInputsBetweenTheRowsOfABlockForbidToCopyIt) {
  std::vector<PartTestStream> odd = Streams(0, 200, 10);
  std::vector<PartTestStream> even;
  for (size_t i = 0; i < odd.size(); i += 2) even.push_back(odd[i]);
  std::erase_if(odd, [](const auto& stream) { return stream.labels.Get("env") == "a"; });
  ASSERT_EQ(odd.size() + even.size(), 200u);
  EXPECT_EQ(Merge({WritePart(odd, 1), WritePart(even, 1)}, &sieve_, 1).blocks_copied, 0u);
}

TEST_F(CompactCopyCaseTest, ADamagedFilterIsMadeAnew) {
  const PartPtr input = WritePart(Streams(0, 2, 1500), 2);
  const PageInfo page = (*input->Ngrams())->pages()[9];
  const std::string path = StrCat("/d/in", file_number_);
  files_.Overwrite(path, page.offset + page.size / 2, "damage");
  ASSERT_OK_AND_ASSIGN(const PartPtr damaged, Part::Open(&files_, path, ++file_number_, &cache_));
  const Merged merged = Merge({damaged}, &sieve_, 2);
  EXPECT_EQ(merged.blocks_copied, 0u);
  ExpectGoodBlocks(TheOnly(merged), &random_);
}

TEST_F(CompactCopyCaseTest, ADamagedPageIsNotCopied) {
  const PartPtr input = WritePart(Streams(0, 2, 1500), 2);
  const PageInfo page = (*input->Directory())->pages(3).front();
  const std::string path = StrCat("/d/in", file_number_);
  files_.Overwrite(path, page.offset + page.size / 2, "damage");
  ASSERT_OK_AND_ASSIGN(const PartPtr damaged, Part::Open(&files_, path, ++file_number_, &cache_));
  EXPECT_THAT(TryMerge({damaged}, &sieve_, 2).status(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(damaged_, damaged->file_number());
}

TEST_F(CompactCopyCaseTest, AFilterThatWasTooFullStaysDropped) {
  std::vector<PartTestStream> streams = {{StreamLabels(0), {}}};
  for (int64_t i = 0; i < 3; ++i) streams[0].rows.push_back({i, random_.Text(1 << 19), {}});
  const PartPtr input = WritePart(streams, 2);
  const Merged merged = Merge({input}, &sieve_, 2);
  EXPECT_EQ(merged.blocks_copied, 3u);
  EXPECT_EQ(inspect::SurveyPart(TheOnly(merged)).dropped_ngram_filters, 3u);
  ExpectGoodBlocks(TheOnly(merged), &random_);
}

}  // namespace
}  // namespace skald::storage
