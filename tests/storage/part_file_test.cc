// Part files: whatever is written is read back through blocks, column by column; damage is found.
#include <map>

#include "storage/part/part_format.h"
#include "tests/storage/part_file_fixture.h"
#include "tests/storage/picked_metadata.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

class PartFileTest : public PartFileFixture {};

TEST_F(PartFileTest, RandomStreamsAreReadBack) {
  Random random(21);
  for (int round = 0; round < 25; ++round) {
    SCOPED_TRACE(round);
    const std::vector<PartTestStream> streams = RandomStreams(&random);
    Write(streams);
    ExpectHolds(streams);
  }
}

TEST_F(PartFileTest, OneRow) {
  const std::vector<PartTestStream> streams = {{LabelSet(), {{INT64_MIN, "", {}}}}};
  Write(streams);
  ExpectHolds(streams);
  EXPECT_EQ(part_->footer().rows, 1u);
  EXPECT_EQ(part_->footer().min_time, INT64_MIN);
}

// An empty line page has no bytes, so what follows lies at the same offset.
TEST_F(PartFileTest, OnlyEmptyLinesWithColumnsReadInAnyOrder) {
  std::vector<PartTestStream> streams = {{StreamLabels(0), {}}};
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
  std::vector<PartTestStream> streams = {{StreamLabels(0), {}}};
  for (int64_t i = 0; i < kMaxBlockRows + 10; ++i) streams[0].rows.push_back({i / 3, "l", {}});
  Write(streams);
  ASSERT_OK_AND_ASSIGN(const auto directory, part_->Directory());
  ASSERT_EQ(directory->size(), 2u);
  EXPECT_EQ(directory->block(0).rows, kMaxBlockRows);
  ExpectHolds(streams);
}

TEST_F(PartFileTest, MetadataOfAnyRowsIsThatOfAllRows) {
  Random random(27);
  for (int round = 0; round < 10; ++round) {
    Write(RandomStreams(&random));
    ASSERT_OK_AND_ASSIGN(const auto directory, part_->Directory());
    for (size_t b = 0; b < directory->size(); ++b) {
      ExpectPicksLikeMetadata(OpenBlock(b).get(), &random);
    }
  }
}

TEST_F(PartFileTest, MetadataThatFewRowsHaveIsNotSpreadOut) {
  std::vector<PartTestStream> streams = {{StreamLabels(0), {}}};
  for (int64_t i = 0; i < 1000; ++i) {
    streams[0].rows.push_back({i, "l", {{"name" + std::to_string(i), "v"}}});
  }
  Write(streams);
  const auto block = OpenBlock(0);
  const std::vector<uint32_t> few = {7, 500};
  Arena arena;
  size_t present = 0;
  for (size_t n = 0; n < block->metadata_names().size(); ++n) {
    ASSERT_OK_AND_ASSIGN(const StringColumn column, block->MetadataOf(n, few, &arena));
    present += !IsAbsent(column);
  }
  EXPECT_EQ(present, few.size());
  EXPECT_LE(arena.capacity() + block->metadata_memory(), 1_MiB);
  ASSERT_OK(block->Metadata(0));
  EXPECT_GE(block->metadata_memory(), 1000 * sizeof(std::string_view));
}

TEST_F(PartFileTest, ABlockClosesAtItsLimitOfCells) {
  std::vector<PartTestStream> streams = {{StreamLabels(0), {}}};
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
  std::vector<PartTestStream> streams;
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
  std::vector<PartTestStream> streams = {{StreamLabels(0), {}}, {StreamLabels(1), {}}};
  for (size_t size : {0, 1, 262'143, 262'144, 262'145, 0, 2'000'000, 5, 0, 600'000}) {
    for (PartTestStream& stream : streams) {
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

TEST_F(PartFileTest, OnlyNeededPagesAreRead) {
  std::vector<PartTestStream> streams = {{StreamLabels(0), {}}};
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
  std::vector<PartTestStream> streams;
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

// Of two pages at one place, as only a crafted part has them, at most one is as large as it says.
TEST_F(PartFileTest, APageOfAnotherSizeIsNotTakenFromTheCache) {
  Write({{StreamLabels(0), {{1, "line", {}}}}});
  ASSERT_OK_AND_ASSIGN(const auto directory, part_->Directory());
  PageInfo page = directory->pages(0)[0];
  std::vector<PagePtr> read;
  ASSERT_OK(part_->ReadPages({&page, 1}, &read, nullptr));
  ++page.raw_size;
  EXPECT_THAT(part_->ReadPages({&page, 1}, &read, nullptr), StatusIs(absl::StatusCode::kDataLoss));
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
