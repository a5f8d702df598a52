// Filters change no answer: queries over many blocks that filters may skip, against the same rows
// in a memtable, which has none.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "re2/re2.h"
#include "storage/base/go_quote.h"
#include "storage/base/hash.h"
#include "storage/base/strings.h"
#include "tests/logql/stores.h"
#include "tests/support/random.h"

namespace skald::logql_test {
namespace {

using test_support::PlainRow;

constexpr size_t kBlocks = 9;
constexpr size_t kQueries = 1200;
// A line of so many bytes closes its block.
constexpr size_t kPadding = 1600 << 10;

// Letters that fold to each other in surprising ways, escapes, and bytes that are no text.
const std::vector<std::string> kPieces = {"a",      "b",      "K",      "k",
                                          "S",      "s",      "\u212a", "\u017f",
                                          "\u00e9", "\u00c9", "i",      "I",
                                          "0",      "1",      "deed",   "BEEF",
                                          "1a2b",   "\\",     "\\n",    "\\u006b",
                                          "\"",     "\n",     " ",      "=",
                                          "-",      "user",   "Token",  "x9y8z7w6v5u4",
                                          "X9Y8",   "\xff",   "\xc3",   std::string(1, '\0'),
                                          "\u0130"};

class PruningTest : public ::testing::Test {
 protected:
  PruningTest() : random_(11) {
    std::vector<PlainRow> rows;
    int64_t time = 0;
    for (size_t block = 0; block < kBlocks; ++block) {
      for (int i = 0; i < 4; ++i) {
        PlainRow row{
            StrCat("{app=\"", random_.Below(2), "\"}"), ++time, Text(3 + random_.Below(30)), {}};
        if (random_.OneIn(2)) row.metadata.emplace_back("id", Value());
        if (random_.OneIn(4)) row.metadata.emplace_back("trace", Value());
        lines_.push_back(row.line);
        rows.push_back(std::move(row));
      }
      for (const char* app : {"0", "1"}) {
        rows.push_back({StrCat("{app=\"", app, "\"}"), ++time, std::string(kPadding, '.'), {}});
      }
    }
    stores_.Add(rows);
  }

  std::string Text(uint64_t pieces) {
    std::string text;
    for (; pieces > 0; --pieces) text += random_.Pick(kPieces);
    return text;
  }
  std::string Value() { return StrCat("v", random_.Below(40)); }

  // A stretch of some line, perhaps in other letters.
  std::string Needle() {
    const std::string& line = random_.Pick(lines_);
    const size_t begin = random_.Below(line.size());
    std::string needle = line.substr(begin, 1 + random_.Below(24));
    if (random_.OneIn(6)) needle += random_.Pick(kPieces);
    return needle;
  }
  std::string OtherCase(const std::string& text) {
    static const std::vector<std::pair<std::string, std::string>> kFolds = {
        {"k", "\u212a"}, {"\u212a", "K"}, {"s", "\u017f"}, {"\u017f", "S"}, {"\u00e9", "\u00c9"},
        {"a", "A"},      {"b", "B"},      {"K", "k"},      {"BEEF", "beef"}};
    std::string result = text;
    for (const auto& [from, to] : kFolds) {
      const size_t at = result.find(from);
      if (at != std::string::npos && random_.OneIn(2)) result.replace(at, from.size(), to);
    }
    return result;
  }

  std::string Regex() {
    const std::string literal = RE2::QuoteMeta(Needle());
    switch (random_.Below(4)) {
      case 0:
        return StrCat("(?i)", RE2::QuoteMeta(OtherCase(Needle())));
      case 1:
        return StrCat(literal, ".*", RE2::QuoteMeta(Needle()));
      case 2:
        return StrCat("(", literal, "|", RE2::QuoteMeta(Needle()), ")");
      default:
        return StrCat("(?i)(", literal, ")?", RE2::QuoteMeta(OtherCase(Needle())));
    }
  }

  std::string Query() {
    std::string query =
        random_.Pick(std::vector<std::string>{"{app=\"0\"}", "{app=\"1\"}", "{app=~\".+\"}"});
    if (random_.OneIn(3)) return query + MetadataFilter();
    if (random_.OneIn(2)) {
      StrAppend(&query, " |= ", GoQuote(Needle()));
      if (random_.OneIn(3)) StrAppend(&query, " or ", GoQuote(Needle()));
    } else {
      StrAppend(&query, " |~ ", GoQuote(Regex()));
    }
    if (random_.OneIn(4)) StrAppend(&query, " != ", GoQuote(Needle()));
    if (random_.OneIn(6)) query += MetadataFilter();
    return query;
  }
  std::string MetadataFilter() {
    const std::string filter = StrCat(" | id=\"", Value(), "\"");
    switch (random_.Below(6)) {
      case 0:
        return StrCat(filter, " or trace=\"", Value(), "\"");
      case 1:
        return StrCat(filter, " and trace=\"", Value(), "\"");
      case 2:
        return StrCat(" | trace=~\"", Value(), "|", Value(), "\"");
      case 3:
        return StrCat(" | app=\"1\" or id=\"", Value(), "\"");
      case 4:
        return StrCat(" | label_format id=trace", filter);
      default:
        return filter;
    }
  }

  struct Answer {
    Status status;
    std::vector<std::string> entries;
    uint64_t skipped = 0;
  };
  Answer Run(Layout layout, const std::string& text) {
    query::QueryParams params;
    params.start = 0;
    params.end = 1'000'000;
    params.limit = 5000;
    const auto result = stores_.Get(layout).value()->Run(text, params);
    Answer answer{result.status(), {}, 0};
    if (!result.ok()) return answer;
    for (const query::LogStream& stream : result->log()->streams) {
      for (const query::LogEntry& entry : stream.entries) {
        answer.entries.push_back(
            StrCat(entry.timestamp, " ", LabelsToString(stream.labels), " ", Hash64(entry.line)));
      }
    }
    std::sort(answer.entries.begin(), answer.entries.end());
    answer.skipped = result->stats.scan.blocks_skipped;
    return answer;
  }

  Random random_;
  Stores stores_;
  std::vector<std::string> lines_;
};

TEST_F(PruningTest, SkippingBlocksChangesNoAnswer) {
  uint64_t skipped = 0;
  size_t answered = 0;
  for (size_t i = 0; i < kQueries; ++i) {
    const std::string query = Query();
    const Answer expected = Run(Layout::kMemtable, query);
    const Answer actual = Run(Layout::kParts, query);
    ASSERT_EQ(expected.status.code(), actual.status.code()) << query;
    ASSERT_EQ(expected.entries, actual.entries) << query;
    EXPECT_EQ(expected.skipped, 0u);
    skipped += actual.skipped;
    if (!actual.entries.empty()) ++answered;
  }
  EXPECT_GT(answered, kQueries / 4);
  EXPECT_GT(skipped, kQueries * kBlocks / 4) << "filters skip too little to be tested";
}

}  // namespace
}  // namespace skald::logql_test
