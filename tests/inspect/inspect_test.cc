// The inspector finds every damage and saves every readable row.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "storage/base/units.h"
#include "storage/part/part_block.h"
#include "storage/part/part_writer.h"
#include "tests/support/engine_harness.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"
#include "tools/inspect/directory_report.h"
#include "tools/inspect/log_listing.h"
#include "tools/inspect/part_repair.h"
#include "tools/inspect/part_report.h"
#include "tools/inspect/part_survey.h"

namespace skald::inspect {
namespace {

using storage::PageInfo;
using storage::PageKind;
using storage::Part;
using test_support::PlainRow;
using testing::HasSubstr;

constexpr const char* kPart = "/d/part";

class InspectTest : public ::testing::Test {
 protected:
  InspectTest() : random_(3) { EXPECT_OK(files_.CreateDirectories("/d")); }

  // Two streams over several blocks, with several line pages a block.
  void Write() {
    ASSERT_OK_AND_ASSIGN(auto file, files_.NewWritableFile(kPart));
    storage::PartWriter writer(std::move(file), CompressionEffort::kQuick);
    for (const char* app : {"a", "b"}) {
      for (int64_t i = 0; i < 900; ++i) {
        PlainRow row{StrCat("{app=\"", app, "\"}"), i, random_.Text(4000, "abcdefgh "), {}};
        row.metadata.emplace_back("detected_level", i % 3 == 0 ? "info" : "warn");
        row.metadata.emplace_back("trace", StrCat("trace-", random_.Next()));
        std::vector<LabelView> metadata;
        for (const auto& [name, value] : row.metadata) metadata.push_back({name, value});
        ASSERT_OK(writer.Add({row.time, row.line, metadata}));
        rows_.push_back(std::move(row));
      }
      ASSERT_OK(writer.EndStream(LabelSet::FromPairs({{"app", app}})));
    }
    storage::PartProperties properties;
    properties.tenant = "tenant";
    properties.level = 1;
    properties.day = 0;
    ASSERT_OK(writer.Finish(properties).status());
  }

  StatusOr<std::shared_ptr<Part>> Open(const std::string& path) {
    cache_ = std::make_unique<storage::PageCache>(1_MiB);
    return Part::Open(&files_, path, 1, cache_.get());
  }

  void Flip(uint64_t offset) {
    const std::string byte = Read(offset);
    files_.Overwrite(kPart, offset, std::string(1, static_cast<char>(byte[0] ^ 4)));
  }
  std::string Read(uint64_t offset) {
    std::string byte(1, '\0');
    const ReadRange range{offset, 1, byte.data()};
    EXPECT_OK(files_.NewRandomAccessFile(kPart).value()->ReadRanges({&range, 1}));
    return byte;
  }

  // The rows of a part, in its order.
  std::vector<PlainRow> RowsOf(const std::string& path) {
    const auto part = Open(path).value();
    const auto streams = part->Streams().value();
    const auto index = part->Index().value();
    const auto directory = part->Directory().value();
    std::vector<PlainRow> rows;
    for (size_t b = 0; b < directory->size(); ++b) {
      const auto block = storage::PartBlock::Open(part, b, {}, {}).value();
      const auto times = block->Timestamps().value();
      for (uint32_t i = 0; i < block->rows(); ++i) {
        PlainRow row;
        const uint32_t stream = streams->StreamOf(directory->block(b).first_row + i);
        row.labels = streams->Labels(stream, *index).ToString();
        row.time = times[i];
        std::string_view line;
        EXPECT_OK(block->Lines().value()->Materialise({&i, 1}, {&line, 1}));
        row.line = std::string(line);
        for (size_t c = 0; c < block->metadata_names().size(); ++c) {
          const std::string_view value = block->Metadata(c).value()[i];
          if (!IsAbsent(value)) row.metadata.emplace_back(block->metadata_names()[c], value);
        }
        rows.push_back(std::move(row));
      }
    }
    return rows;
  }

  Random random_;
  MemoryFileSystem files_;
  std::unique_ptr<storage::PageCache> cache_;
  std::vector<PlainRow> rows_;  // of the part, in its order
};

TEST_F(InspectTest, AWholePartIsAccountedForToTheByte) {
  Write();
  ASSERT_OK_AND_ASSIGN(const auto part, Open(kPart));
  const PartSurvey survey = SurveyPart(part);
  EXPECT_THAT(survey.damages, testing::IsEmpty());
  uint64_t bytes = survey.other_bytes;
  for (const auto& [name, size] : survey.columns) bytes += size.stored;
  for (const auto& [name, size] : survey.sections) bytes += size.stored;
  EXPECT_EQ(bytes, part->file_size());
  EXPECT_LT(survey.other_bytes, 1000u);
  EXPECT_EQ(survey.columns.at("lines").raw, part->footer().line_bytes);
  EXPECT_EQ(survey.metadata_encodings.at("dictionary"), survey.blocks.size());
  EXPECT_EQ(survey.metadata_encodings.at("plain"), survey.blocks.size());
  EXPECT_GT(survey.ngram_fill, 0.01);
  const std::string report = PartReport(kPart, *part, survey, true);
  EXPECT_THAT(report, HasSubstr("tenant tenant, level 1, day 1970-01-01, retention class 0"));
  EXPECT_THAT(report, HasSubstr("rows 1800 of 2 streams"));
  EXPECT_THAT(report, HasSubstr("every checksum is right"));
}

TEST_F(InspectTest, AFlippedBitAnywhereIsFound) {
  Write();
  ASSERT_OK_AND_ASSIGN(const uint64_t size, files_.FileSize(kPart));
  for (int round = 0; round < 60; ++round) {
    // Every page is hit now and then, the small pieces at the end more often.
    const uint64_t offset =
        round % 2 == 0 ? random_.Below(size) : size - 1 - random_.Below(std::min(size, 3000ul));
    if (offset < storage::kPartMagic.size()) continue;  // only the magic at the end is looked at
    Flip(offset);
    const auto part = Open(kPart);
    if (part.ok()) {
      const PartSurvey survey = SurveyPart(*part);
      EXPECT_THAT(survey.damages, testing::Not(testing::IsEmpty())) << offset;
      EXPECT_THAT(PartReport(kPart, **part, survey, false), HasSubstr("DAMAGED"));
    }
    Flip(offset);
  }
}

TEST_F(InspectTest, RepairOfAWholePartKeepsEverything) {
  Write();
  ASSERT_OK_AND_ASSIGN(const auto part, Open(kPart));
  ASSERT_OK_AND_ASSIGN(const RepairResult result, RepairPart(&files_, part, "/d/new"));
  EXPECT_EQ(result.rows_saved, rows_.size());
  EXPECT_EQ(result.rows_lost, 0u);
  EXPECT_THAT(result.losses, testing::IsEmpty());
  EXPECT_EQ(RowsOf("/d/new"), rows_);
  EXPECT_THAT(RepairPart(&files_, part, "/d/new").status(),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("exists")));
}

TEST_F(InspectTest, RepairLosesOnlyWhatDependsOnTheDamage) {
  Write();
  ASSERT_OK_AND_ASSIGN(const auto part, Open(kPart));
  const auto directory = part->Directory().value();
  ASSERT_GT(directory->size(), 2u);
  for (size_t b = 0; b < directory->size(); ++b) {
    for (const PageInfo& page : directory->pages(b)) {
      SCOPED_TRACE(StrCat("block ", b, ", page of kind ", static_cast<int>(page.kind)));
      Flip(page.offset + page.size / 2);
      ASSERT_OK_AND_ASSIGN(const auto damaged, Open(kPart));
      const auto result = RepairPart(&files_, damaged, "/d/new");
      Flip(page.offset + page.size / 2);
      ASSERT_OK(result.status());
      std::vector<PlainRow> saved = RowsOf("/d/new");
      EXPECT_EQ(saved.size(), result->rows_saved);
      EXPECT_EQ(result->rows_saved + result->rows_lost, rows_.size());
      const uint32_t block_rows = directory->block(b).rows;
      switch (page.kind) {
        case PageKind::kLines:
          EXPECT_GT(result->rows_lost, 0u);
          EXPECT_LT(result->rows_lost, block_rows);
          break;
        case PageKind::kLevels:
          EXPECT_EQ(saved, rows_);
          break;
        case PageKind::kMetadata:
          EXPECT_FALSE(result->losses.empty());
          break;
        default:
          EXPECT_EQ(result->rows_lost, block_rows);
      }
      // Nothing is invented and nothing out of order.
      size_t at = 0;
      for (const PlainRow& row : saved) {
        while (at < rows_.size() && (rows_[at].line != row.line || rows_[at].time != row.time))
          ++at;
        ASSERT_LT(at, rows_.size());
        EXPECT_EQ(rows_[at].labels, row.labels);
        if (page.kind != PageKind::kMetadata) {
          EXPECT_EQ(rows_[at].metadata, row.metadata);
        }
      }
      ASSERT_OK(files_.RemoveFile("/d/new"));
    }
  }
}

class InspectDirectoryTest : public ::testing::Test {
 protected:
  void Fill() {
    storage::EngineOptions options;
    options.files = &files_;
    options.directory = "/data";
    options.decoder = &decoder_;
    ASSERT_OK_AND_ASSIGN(engine_, storage::Engine::Open(options));
    ASSERT_OK(test_support::Push(engine_.get(), "one", {{"{a=\"b\"}", 1, "first", {}}}));
    ASSERT_OK(test_support::Push(engine_.get(), "two", {{"{a=\"b\"}", 2, "second", {}}}));
    ASSERT_OK(engine_->Flush());
    ASSERT_OK(test_support::Push(engine_.get(), "one", {{"{a=\"b\"}", 3, "third", {}}}));
  }

  MemoryFileSystem files_;
  test_support::PlainRowDecoder decoder_;
  std::unique_ptr<storage::Engine> engine_;
};

TEST_F(InspectDirectoryTest, ADirectoryIsSummedUp) {
  Fill();
  ASSERT_OK_AND_ASSIGN(const DirectoryReport report, ReportDirectory(&files_, "/data", true));
  EXPECT_FALSE(report.damaged) << report.text;
  EXPECT_THAT(report.text, HasSubstr("2 parts"));
  EXPECT_THAT(ReportDirectory(&files_, "/nowhere", true).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no data directory")));
}

TEST_F(InspectDirectoryTest, TheLogAndTheManifestAreListed) {
  Fill();
  ASSERT_OK_AND_ASSIGN(const std::vector<std::string> segments, files_.ListDirectory("/data/wal"));
  std::string log;
  for (const std::string& segment : segments) {
    ASSERT_OK_AND_ASSIGN(const std::string listing, ListSegment(&files_, "/data/wal/" + segment));
    log += listing;
  }
  EXPECT_THAT(log, HasSubstr("push: tenant one, received "));
  EXPECT_THAT(log, HasSubstr(": not closed"));
  ASSERT_OK_AND_ASSIGN(const std::string manifest, ListManifest(&files_, "/data/MANIFEST"));
  EXPECT_THAT(manifest, HasSubstr("+ tenant 1: one"));
  EXPECT_THAT(manifest, HasSubstr("+ part "));
  EXPECT_FALSE(ListSegment(&files_, "/data/MANIFEST").ok());
}

}  // namespace
}  // namespace skald::inspect
