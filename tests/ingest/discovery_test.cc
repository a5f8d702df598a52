// Levels, service names and metadata names.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/checked_texts.h"
#include "ingest/level_detector.h"
#include "ingest/level_keyword_scan.h"
#include "ingest/limits.h"
#include "ingest/metadata_names.h"
#include "ingest/service_name.h"
#include "tests/ingest/recorded_levels.h"

namespace skald::ingest {
namespace {

using std::string_view_literals::operator""sv;
using Pairs = std::vector<std::pair<std::string, std::string>>;

LevelDetector DefaultDetector() { return {IngestLimits::DefaultLogLevelFields(), 2}; }

TEST(LevelTest, LinesAsRecorded) {
  const LevelDetector detector = DefaultDetector();
  for (const auto& [line, level] : kRecordedLevels)
    EXPECT_EQ(detector.Detect({}, {}, line), level) << line;
}

TEST(LevelTest, BoundariesOfKeywords) {
  const std::string_view before = "\t\n \"(=[{";
  const std::string_view after = "\t\n !\"(),:=[]{}";
  for (std::string_view word :
       {"err", "ERROR", "warn", "Warning", "info", "debug", "trace", "critical", "fatal"}) {
    for (int c = 0; c < 256; ++c) {
      const char byte = static_cast<char>(c);
      const std::string left = StrCat("y z", std::string(1, byte), word, " ");
      EXPECT_EQ(!ScanForLevelKeyword(left).empty(), before.find(byte) != std::string_view::npos)
          << left;
      const std::string right = StrCat(" ", word, std::string(1, byte), "q z");
      EXPECT_EQ(!ScanForLevelKeyword(right).empty(), after.find(byte) != std::string_view::npos)
          << right;
    }
  }
}

TEST(LevelTest, KeywordsAtEveryOffset) {
  for (size_t offset = 0; offset < 70; ++offset) {
    for (size_t tail = 0; tail < 20; ++tail) {
      std::string line = std::string(offset, 'x');
      if (offset > 0) line.back() = ' ';
      line += "warning" + (tail == 0 ? std::string() : " " + std::string(tail - 1, 'y'));
      EXPECT_EQ(ScanForLevelKeyword(line), "warn") << line;
    }
  }
}

// A scan without vector instructions or prefilters.
std::string_view NaiveScan(std::string_view line) {
  static constexpr LineLevel kWords[] = {
      {"trace", "trace"}, {"debug", "debug"},       {"info", "info"},
      {"warn", "warn"},   {"warning", "warn"},      {"err", "error"},
      {"error", "error"}, {"critical", "critical"}, {"fatal", "fatal"}};
  std::string lower(line);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  for (size_t at = 0; at < lower.size(); ++at) {
    if (at > 0 && " \t\n[({\"="sv.find(lower[at - 1]) == std::string_view::npos) continue;
    for (const auto& [word, level] : kWords) {
      if (lower.compare(at, word.size(), word) != 0) continue;
      const size_t end = at + word.size();
      if (end == lower.size() || " \t\n[](){}:,!\"="sv.find(lower[end]) != std::string_view::npos)
        return level;
    }
  }
  return {};
}

TEST(LevelTest, ScanAgreesWithNaiveScan) {
  std::mt19937 random(7);
  const std::vector<std::string> pieces = {
      "err",      "or", "ERR", "Error", "info",     "in",  "fo",    "warn", "ing",
      " ",        "\"", "=",   ":",     "de",       "bug", "trace", "t",    "fatal",
      "critical", "[",  "]",   "x",     "\xC3\xA9", "\n",  ".",     "("};
  for (int round = 0; round < 20000; ++round) {
    std::string line;
    const size_t count = random() % 24;
    for (size_t i = 0; i < count; ++i) line += pieces[random() % pieces.size()];
    EXPECT_EQ(ScanForLevelKeyword(line), NaiveScan(line)) << line;
  }
}

// Checks that the prefilters of LevelFields drop no line that has a level.
TEST(LevelTest, PrefiltersAgreeWithLongFieldLists) {
  std::vector<std::string> many = IngestLimits::DefaultLogLevelFields();
  // More distinct letters than the filters take: they let everything through.
  for (const char* extra : {"qz", "wx", "ab", "cd", "ef"}) many.push_back(extra);
  const LevelDetector filtered = DefaultDetector();
  const LevelDetector unfiltered(many, 2);
  std::mt19937 random(11);
  const std::vector<std::string> pieces = {
      "level", "lvl", "severity", "Level", "=",  "\"", ":", "{",         "}",    ",", "wrn",
      "dbg",   "inf", "x",        " ",     "\\", "[",  "]", "log.level", "null", "12"};
  for (int round = 0; round < 30000; ++round) {
    std::string line = round % 2 == 0 ? "{" : "";
    const size_t count = random() % 20;
    for (size_t i = 0; i < count; ++i) line += pieces[random() % pieces.size()];
    if (round % 2 == 0) line += "}";
    EXPECT_EQ(filtered.Detect({}, {}, line), unfiltered.Detect({}, {}, line)) << line;
  }
}

TEST(LevelTest, DepthOfJson) {
  const auto level = [](uint32_t depth, std::string_view line) {
    return LevelDetector(IngestLimits::DefaultLogLevelFields(), depth).Detect({}, {}, line);
  };
  constexpr std::string_view kLine = R"({"a":{"b":{"level":"wrn"}}})";
  EXPECT_EQ(level(2, kLine), "unknown");
  EXPECT_EQ(level(3, kLine), "warn");
  EXPECT_EQ(level(0, R"({"level":"wrn"})"), "unknown");
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += R"({"a":)";
  deep += R"({"level":"wrn"})" + std::string(100000, '}');
  EXPECT_EQ(level(1'000'000, deep), "warn");
  EXPECT_EQ(level(2, deep), "unknown");
}

TEST(LevelTest, MetadataAndLabels) {
  const LevelDetector detector = DefaultDetector();
  const auto of = [&](std::vector<LabelView> metadata, std::string_view stream = {},
                      std::string_view line = "x") {
    return detector.Detect(stream, metadata, line);
  };
  EXPECT_EQ(of({{"level", "Custom"}}), "Custom");
  EXPECT_EQ(of({{"level", "INFO"}}), "info");
  EXPECT_EQ(of({{"level", " wrn "}}), " wrn ");
  EXPECT_EQ(of({{"detected_level", "wrn"}, {"level", "error"}}, "fatal"), "warn");
  EXPECT_EQ(of({{"level", "error"}}, "info"), "info");
  EXPECT_EQ(of({{"LEVEL", "warn"}, {"level", "info"}}), "info");
  EXPECT_EQ(of({{"LVL", "info"}, {"lvl", "warn"}}), "warn");
  EXPECT_EQ(of({{"LeVel", "wrn"}}), "unknown");
  EXPECT_EQ(of({{"severity_number", "17"}}, {}, "level=debug"), "error");
  EXPECT_EQ(of({{"level", "unknown"}}, {}, "error"), "unknown");
  for (const auto& [number, level] :
       std::vector<std::pair<std::string_view, std::string_view>>{{"1", "trace"},
                                                                  {"5", "debug"},
                                                                  {"9", "info"},
                                                                  {"13", "warn"},
                                                                  {"17", "error"},
                                                                  {"21", "fatal"},
                                                                  {"24", "fatal"},
                                                                  {"25", "unknown"},
                                                                  {"0", "unknown"},
                                                                  {"-1", "trace"},
                                                                  {"x", "info"},
                                                                  {" 9", "info"},
                                                                  {"9.0", "info"}}) {
    EXPECT_EQ(of({{"severity_number", number}}), level) << number;
  }
  EXPECT_EQ(detector.OfLabels(LabelSet::FromPairs({{"level", "ERROR"}, {"severity", "info"}})),
            "error");
  EXPECT_EQ(detector.OfLabels(LabelSet::FromPairs({{"level", "Weird"}})), "Weird");
  EXPECT_EQ(detector.OfLabels(LabelSet::FromPairs({{"log_level", "info"}})), "");
}

TEST(ServiceNameTest, FirstCandidateThatIsThere) {
  const std::vector<std::string> candidates = IngestLimits::DefaultServiceNameLabels();
  EXPECT_EQ(DiscoverServiceName(Pairs{{"job", "j"}, {"app", "a"}}, candidates), "a");
  EXPECT_EQ(DiscoverServiceName(Pairs{{"job", "j"}, {"app", ""}}, candidates), "j");
  EXPECT_EQ(DiscoverServiceName(Pairs{}, candidates), "unknown_service");
  EXPECT_EQ(DiscoverServiceName(Pairs{{"x", "y"}}, candidates), "unknown_service");
  EXPECT_EQ(DiscoverServiceName(Pairs{{"service_name", "s"}, {"app", "a"}}, candidates),
            std::nullopt);
  EXPECT_EQ(DiscoverServiceName(Pairs{{"service_name", ""}, {"app", "a"}}, candidates), "a");
  EXPECT_EQ(DiscoverServiceName(Pairs{{"__aggregated_metric__", "s"}}, candidates), std::nullopt);
  EXPECT_EQ(DiscoverServiceName(Pairs{{"__pattern__", "s"}}, candidates), std::nullopt);
  EXPECT_EQ(DiscoverServiceName(Pairs{{"app", "a"}}, {}), std::nullopt);
}

TEST(MetadataNamesTest, Sanitizes) {
  const std::vector<std::pair<std::string, std::string>> cases = {{"a.b-c", "a_b_c"},
                                                                  {"0x", "key_0x"},
                                                                  {"__x__", "__x__"},
                                                                  {"_y", "_y"},
                                                                  {"a..b", "a_b"},
                                                                  {"k k", "k_k"},
                                                                  {"\xC3\xA9"
                                                                   "1",
                                                                   "_1"},
                                                                  {" lead", "_lead"},
                                                                  {"tr ", "tr_"},
                                                                  {"A__b", "A_b"},
                                                                  {"a_b", "a_b"},
                                                                  {"a\xFF"
                                                                   "b",
                                                                   "a_b"},
                                                                  {"__a", "_a"},
                                                                  {"a__", "a_"},
                                                                  {"__a.b__", "_a_b_"}};
  for (const auto& [name, clean] : cases) {
    EXPECT_EQ(SanitizeMetadataName(name).value(), clean) << name;
    EXPECT_EQ(IsMetadataName(name), name == clean) << name;
    EXPECT_TRUE(IsMetadataName(clean)) << clean;
  }
  for (const char* bad : {"\xC3\xA9", "_", "__", "...", "___", "____", "______"}) {
    const Status status = SanitizeMetadataName(bad).status();
    EXPECT_EQ(Message(status),
              StrCat("normalization for label name \"", bad, "\" resulted in invalid name \"_\""));
    EXPECT_FALSE(IsMetadataName(bad)) << bad;
  }
  EXPECT_EQ(Message(SanitizeMetadataName("").status()), "label name is empty");
}

Pairs Canonical(const std::vector<LabelView>& pairs) {
  Arena arena;
  MetadataCanonicalizer canonicalizer;
  Pairs result;
  for (const LabelView& pair : canonicalizer.Canonicalize(pairs, &arena)) {
    result.emplace_back(pair.name, pair.value);
  }
  return result;
}

TEST(MetadataNamesTest, Canonicalizes) {
  EXPECT_EQ(Canonical({{"a.b", "1"}, {"a_b", "2"}}), (Pairs{{"a_b", "1"}}));
  EXPECT_EQ(Canonical({{"a_b", "2"}, {"a.b", "1"}}), (Pairs{{"a_b", "1"}}));
  EXPECT_EQ(Canonical({{"a_b", "2"}, {"a_b", "1"}}), (Pairs{{"a_b", "1"}}));
  EXPECT_EQ(Canonical({{"a.b", "1"}, {"a_b", "2"}, {"a-b", "3"}}), (Pairs{{"a_b", "3"}}));
  EXPECT_EQ(Canonical({{"a_b", "1"}, {"a.b", ""}}), Pairs{});
  EXPECT_EQ(Canonical({{"z", "1"}, {"a", "2"}, {"m", ""}}), (Pairs{{"a", "2"}, {"z", "1"}}));
  EXPECT_EQ(Canonical({{"a", "\xFF\xFE\xE2\x82x"}}), (Pairs{{"a", "    x"}}));
}

TEST(MetadataNamesTest, CanonicalPairsAreNotCopied) {
  const std::vector<LabelView> pairs = {{"a", "1"}, {"b", "2"}};
  Arena arena;
  MetadataCanonicalizer canonicalizer;
  EXPECT_EQ(canonicalizer.Canonicalize(pairs, &arena).data(), pairs.data());
}

TEST(MetadataNamesTest, PairsOfTheEntryBeforeAreMadeCanonicalOnce) {
  const std::string shared(70'000, 'x');
  const std::string equal(70'000, 'x');
  const LabelView one = {"a", "1"};
  const std::vector<LabelView> first = {{"a.b", shared}, one};
  const std::vector<LabelView> same = {first[0], one};
  const std::vector<LabelView> elsewhere = {{"a.b", equal}, {"a", "1"}};
  Arena arena;
  MetadataCanonicalizer canonicalizer;
  const auto result = canonicalizer.Canonicalize(first, &arena);
  const LabelView* const place = result.data();
  EXPECT_EQ(canonicalizer.Canonicalize(same, &arena).data(), place);
  const auto copy = canonicalizer.Canonicalize(elsewhere, &arena);
  EXPECT_NE(copy.data(), place);
  EXPECT_TRUE(std::equal(copy.begin(), copy.end(), result.begin(), result.end()));
  const std::vector<LabelView> fewer = {first[0]};
  EXPECT_EQ(canonicalizer.Canonicalize(fewer, &arena).size(), 1u);
  canonicalizer.Reset();
  EXPECT_TRUE(canonicalizer.Canonicalize({}, &arena).empty());
}

TEST(CheckedTextsTest, LongTextsAreCheckedOnce) {
  const std::string good(CheckedTexts::kLong, 'g');
  const std::string bad(CheckedTexts::kLong, 'b');
  const std::string small = "g";
  int checks = 0;
  const auto check = [&](std::string_view text) {
    ++checks;
    return text.front() == 'g';
  };
  CheckedTexts texts;
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(texts.Passes(good, check));
    EXPECT_FALSE(texts.Passes(bad, check));
    EXPECT_TRUE(texts.Passes(std::string_view(good).substr(0, 5), check));
    EXPECT_TRUE(texts.Passes(small, check));
  }
  EXPECT_EQ(checks, 2 + 20);
  texts.Clear();
  EXPECT_TRUE(texts.Passes(good, check));
  EXPECT_EQ(checks, 3 + 20);
}

}  // namespace
}  // namespace skald::ingest
