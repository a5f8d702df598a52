// The filters of a part never prune a block that holds a match, and do prune the others.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "storage/part/block_pruner.h"
#include "storage/part/part_writer.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

// A part in which every line is long enough to close its block.
class FilterTest : public ::testing::Test {
 protected:
  void Write(const std::vector<std::string>& block_texts) {
    ASSERT_OK(files_.CreateDirectories("/d"));
    ASSERT_OK_AND_ASSIGN(auto file, files_.NewWritableFile("/d/p"));
    PartWriter writer(std::move(file), CompressionEffort::kQuick);
    int64_t time = 0;
    for (const std::string& text : block_texts) {
      ASSERT_OK(writer.Add({++time, text, {}}));
      ASSERT_OK(writer.Add({++time, std::string(kBlockRawBytes, '.'), {}}));
    }
    ASSERT_OK(writer.EndStream(LabelSet::FromPairs({{"a", "b"}})));
    ASSERT_OK(writer.Finish({}).status());
    ASSERT_OK_AND_ASSIGN(part_, Part::Open(&files_, "/d/p", 1, &cache_));
  }

  std::vector<uint32_t> Possible(const RequiredLiterals& required) {
    const StatusOr<RowSet> blocks = PossibleBlocks(*part_, required);
    EXPECT_OK(blocks.status());
    std::vector<uint32_t> result;
    if (blocks.ok()) blocks->ForEach([&](uint32_t block) { result.push_back(block); });
    return result;
  }
  std::vector<uint32_t> Possible(const std::string& literal, bool fold_case = false) {
    return Possible({{{literal, fold_case}}});
  }

  MemoryFileSystem files_;
  PageCache cache_{64 << 20};
  std::shared_ptr<Part> part_;
};

using Blocks = std::vector<uint32_t>;

TEST_F(FilterTest, LiteralsAreFoundInTheirBlocksOnly) {
  Write({"GET /index.html 200", "connection refused", "deadline exceeded"});
  EXPECT_EQ(Possible("connection"), Blocks{1});
  EXPECT_EQ(Possible("onnect"), Blocks{1});
  EXPECT_EQ(Possible("nowhere to be found"), Blocks{});
  EXPECT_EQ(Possible("DEADLINE", true), Blocks{2});
  EXPECT_EQ(Possible("ead"), (Blocks{0, 1, 2})) << "too short to prune";
  EXPECT_EQ(Possible({{{"refused", false}, {"exceeded", false}}}), (Blocks{1, 2}));
  EXPECT_EQ(Possible({{{"connection", false}}, {{"exceeded", false}}}), Blocks{});
}

TEST_F(FilterTest, IdsAreToldApartThoughTheirNgramsAreNot) {
  // Every hexadecimal 4-gram is in every block.
  std::string grams;
  for (int i = 0; i < 65536; ++i) {
    char text[8];
    snprintf(text, sizeof(text), "%04x-", i);
    grams += text;
  }
  Write({grams + " id=0123456789abcdef01 ", grams + " id=fedcba9876543210fe "});
  EXPECT_EQ(Possible("0123456789abcdef01"), Blocks{0});
  EXPECT_EQ(Possible("id=fedcba9876543210fe "), Blocks{1});
  EXPECT_EQ(Possible("FEDCBA9876543210FE", true), Blocks{1});
  EXPECT_EQ(Possible("00112233445566778899"), Blocks{}) << "longer than any token";
  EXPECT_EQ(Possible("0123456789abcdef"), (Blocks{0, 1})) << "may be part of a longer id";
}

TEST_F(FilterTest, FieldsWhoseLettersMayBeEscapedPruneNothing) {
  Write({R"({"id":"abcd1234"})", R"({"id":"\u0061bcd123\u0034"})", R"({"id":"none \u003c here"})"});
  EXPECT_EQ(Possible("abcd1234"), Blocks{0});
  EXPECT_EQ(Possible({{{"abcd1234", false, LiteralPlace::kField}}}), (Blocks{0, 1}));
  EXPECT_EQ(Possible({{{"abcd1234", false, LiteralPlace::kWholeField}}}), (Blocks{0, 1}));
  EXPECT_EQ(Possible({{{"nowhere", false, LiteralPlace::kField}}}), Blocks{1});
}

TEST_F(FilterTest, WholeFieldsAreWholeIds) {
  Write({"id=0123456789abcdef01 ", "id=0123456789abcdef", "0123-4567-89ab-cdef"});
  EXPECT_EQ(Possible({{{"0123456789abcdef", false, LiteralPlace::kField}}}), (Blocks{0, 1}));
  EXPECT_EQ(Possible({{{"0123456789abcdef", false, LiteralPlace::kWholeField}}}), Blocks{1});
}

TEST_F(FilterTest, RunesThatFoldToAsciiDoNotMisleadCaseInsensitiveLiterals) {
  Write(
      {"200 \xE2\x84\xAA"
       "elvin degree",
       "mi\xC5\xBF"
       "sing",
       "plain"});
  EXPECT_EQ(Possible("kelvin", true), Blocks{0});
  EXPECT_EQ(Possible("missing", true), (Blocks{0, 1, 2})) << "cut at s, too short to prune";
  EXPECT_EQ(Possible("plain", true), Blocks{2});
  EXPECT_EQ(Possible("plain\xC3\xA9lan", true), Blocks{2}) << "cut where the rune is not ASCII";
}

TEST_F(FilterTest, PairsOfMetadataAreFoundInTheirBlocksOnly) {
  ASSERT_OK(files_.CreateDirectories("/d"));
  ASSERT_OK_AND_ASSIGN(auto file, files_.NewWritableFile("/d/p"));
  PartWriter writer(std::move(file), CompressionEffort::kQuick);
  const std::vector<std::vector<LabelView>> metadata = {
      {{"id", "one"}, {"level", "info"}}, {{"id", "two"}, {"level", "info"}}, {}};
  int64_t time = 0;
  for (const std::vector<LabelView>& pairs : metadata) {
    ASSERT_OK(writer.Add({++time, std::string(kBlockRawBytes, '.'), pairs}));
  }
  ASSERT_OK(writer.EndStream(LabelSet::FromPairs({{"a", "b"}})));
  ASSERT_OK(writer.Finish({}).status());
  ASSERT_OK_AND_ASSIGN(part_, Part::Open(&files_, "/d/p", 1, &cache_));
  ASSERT_OK_AND_ASSIGN(const auto filter, part_->MetadataPairs());
  const auto blocks = [&](std::string_view name, std::string_view value) {
    Blocks result;
    for (uint32_t block = 0; block < filter->blocks(); ++block) {
      if (filter->MayContain(block, name, value)) result.push_back(block);
    }
    return result;
  };
  EXPECT_EQ(blocks("id", "one"), Blocks{0});
  EXPECT_EQ(blocks("id", "two"), Blocks{1});
  EXPECT_EQ(blocks("level", "info"), (Blocks{0, 1}));
  EXPECT_EQ(blocks("id", "info"), Blocks{});
  EXPECT_EQ(blocks("id", "three"), Blocks{});
}

TEST_F(FilterTest, NeverPrunesAMatch) {
  Random random(7);
  const auto random_text = [&](size_t size) {
    static constexpr std::string_view kAlphabet = "abcAB01 -.\xC3\xA9";
    std::string text;
    while (text.size() < size) text += kAlphabet[random.Below(kAlphabet.size())];
    return text;
  };
  std::vector<std::string> texts;
  for (int i = 0; i < 12; ++i) texts.push_back(random_text(30 + random.Below(300)));
  Write(texts);
  for (int round = 0; round < 3000; ++round) {
    const size_t from = random.Below(texts.size());
    const size_t begin = random.Below(texts[from].size());
    std::string needle = texts[from].substr(begin, 1 + random.Below(40));
    const bool fold = random.Below(2) == 0;
    if (fold) {
      for (char& c : needle) c = static_cast<char>(random.Below(2) ? std::toupper(c) : c);
      if (std::any_of(needle.begin(), needle.end(), [](char c) { return (c & 0x80) != 0; })) {
        continue;  // upper case of a cut rune means nothing
      }
    }
    const Blocks possible = Possible(needle, fold);
    EXPECT_TRUE(std::count(possible.begin(), possible.end(), from)) << needle;
  }
}

}  // namespace
}  // namespace skald::storage
