// Lines cut into words, and the patterns that they follow.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "query/engine/line_words.h"
#include "query/engine/pattern_miner.h"
#include "query/engine/patterns.h"
#include "storage/base/memory_budget.h"
#include "storage/base/strings.h"
#include "storage/base/units.h"
#include "storage/row_buffer.h"
#include "tests/support/status_matchers.h"

namespace skald::query {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing::SizeIs;

// The words, with `+` behind those that have a digit.
std::vector<std::string> WordsOf(std::string_view line) {
  LineWords cut;
  CutLine(line, &cut);
  std::vector<std::string> words;
  for (const LineWord& word : cut.words)
    words.push_back(StrCat(word.text, word.has_digit ? "+" : ""));
  return words;
}

uint64_t ShapeOf(std::string_view line) {
  LineWords cut;
  CutLine(line, &cut);
  return cut.shape;
}

std::vector<std::pair<std::string, uint64_t>> Sorted(const PatternMiner& miner) {
  std::vector<std::pair<std::string, uint64_t>> found;
  for (const MinedPattern& pattern : miner.Patterns())
    found.emplace_back(pattern.text, pattern.total);
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::pair<std::string, uint64_t>> Mine(const std::vector<std::string>& lines) {
  PatternMiner miner;
  for (const std::string& line : lines) miner.Add(line, 0, 1);
  return Sorted(miner);
}

TEST(LineWordsTest, AreCutAtPunctuation) {
  EXPECT_THAT(WordsOf(R"(level=info msg="a b" took=3ms)"),
              ElementsAre("level", "info", "msg", "a", "b", "took", "3ms+"));
  EXPECT_THAT(WordsOf(R"({"k":"v","n":5})"), ElementsAre("k", "v", "n", "5+"));
  EXPECT_THAT(WordsOf("12:30:00 host:80 note: x"),
              ElementsAre("12:30:00+", "host:80+", "note", "x"));
  EXPECT_THAT(WordsOf(""), ElementsAre());
  EXPECT_THAT(WordsOf("  "), ElementsAre());
}

TEST(LineWordsTest, ShapeIsGapsAndKeys) {
  EXPECT_EQ(ShapeOf("a b=c"), ShapeOf("x b=z"));
  EXPECT_NE(ShapeOf("a b=c"), ShapeOf("a x=c"));   // another key
  EXPECT_NE(ShapeOf("a b c"), ShapeOf("a  b c"));  // another gap
  EXPECT_NE(ShapeOf("a b"), ShapeOf("a b c"));
  EXPECT_EQ(ShapeOf(R"({"k":"v"})"), ShapeOf(R"({"k":"w"})"));
  EXPECT_NE(ShapeOf(R"({"k":"v"})"), ShapeOf(R"({"j":"v"})"));
}

TEST(LineWordsTest, LongLinesAreCutShort) {
  std::string line;
  for (int i = 0; i < 500; ++i) line += "word ";
  LineWords cut;
  CutLine(line, &cut);
  EXPECT_TRUE(cut.cut);
  EXPECT_THAT(cut.words, SizeIs(kMaxLineWords));
  CutLine(std::string(100'000, 'x'), &cut);
  EXPECT_TRUE(cut.cut);
  EXPECT_THAT(cut.words, SizeIs(0));
}

TEST(PatternMinerTest, WhatDiffersIsWild) {
  EXPECT_THAT(Mine({"user bob logged in", "user ann logged in", "user eve logged in"}),
              ElementsAre(Pair("user <_> logged in", 3)));
  EXPECT_THAT(Mine({"level=info msg=done took=3ms", "level=info msg=done took=17ms"}),
              ElementsAre(Pair("level=info msg=done took=<_>", 2)));
  EXPECT_THAT(Mine({R"({"id":1,"op":"get","user":"a"})", R"({"id":2,"op":"get","user":"b"})",
                    R"({"id":3,"op":"get","user":"b"})"}),
              ElementsAre(Pair(R"({"id":1,"op":"get","user":"a"})", 1),
                          Pair(R"({"id":<_>,"op":"get","user":"b"})", 2)));
}

TEST(PatternMinerTest, DifferentMessagesStayApart) {
  EXPECT_THAT(Mine({"level=info msg=started", "level=info msg=stopped", "level=info msg=started"}),
              ElementsAre(Pair("level=info msg=started", 2), Pair("level=info msg=stopped", 1)));
  EXPECT_THAT(Mine({"disk is full", "no route to host"}),
              ElementsAre(Pair("disk is full", 1), Pair("no route to host", 1)));
}

TEST(PatternMinerTest, NumbersAloneAreOnePattern) {
  std::vector<std::string> lines;
  for (int i = 0; i < 1000; ++i) lines.push_back(StrCat(i, " ", i * 7));
  EXPECT_THAT(Mine(lines), ElementsAre(Pair("<_> <_>", 1000)));
}

TEST(PatternMinerTest, CountsBySteps) {
  PatternMiner miner;
  miner.Add("x 1", 20, 1);
  miner.Add("x 2", 10, 3);
  miner.Add("x 3", 20, 1);
  const std::vector<MinedPattern> patterns = miner.Patterns();
  ASSERT_THAT(patterns, SizeIs(1));
  EXPECT_THAT(patterns[0].counts, ElementsAre(Pair(10, 3), Pair(20, 2)));
  EXPECT_EQ(patterns[0].total, 5);
}

TEST(PatternMinerTest, MergesAsIfLinesHadComeToOne) {
  PatternMiner a;
  PatternMiner b;
  a.Add("user bob logged in", 0, 1);
  a.Add("user ann logged in", 0, 1);
  b.Add("user eve logged in", 0, 1);
  b.Add("job 7 failed", 0, 1);
  a.Merge(b);
  EXPECT_THAT(Sorted(a), ElementsAre(Pair("job 7 failed", 1), Pair("user <_> logged in", 3)));
}

TEST(PatternMinerTest, ForgetsRatherThanGrows) {
  PatternMiner miner;
  for (int i = 0; i < 5000; ++i) {
    // Words without digits that have nothing in common, in lines of many shapes.
    const std::string word(1 + static_cast<size_t>(i % 97), static_cast<char>('a' + i % 26));
    miner.Add(StrCat(word, std::string(1 + static_cast<size_t>(i) / 97, ' '), word, "end"), 0, 1);
  }
  EXPECT_THAT(miner.Patterns(), SizeIs(testing::Le(PatternMiner::kMaxPatterns)));
}

// A line of many words, of a shape that no other number has.
std::string LongLineOf(int number) {
  std::string line = StrCat("key", number, "=x");
  for (int i = 0; i < 70; ++i) StrAppend(&line, " word", i);
  return line;
}

TEST(PatternMinerTest, TellsWhatItTakes) {
  PatternMiner miner;
  for (int i = 0; i < 100; ++i) miner.Add(LongLineOf(i), 0, 1);
  const uint64_t hundred = miner.memory();
  EXPECT_GT(hundred, 100u * 70 * (sizeof(std::string) * 2));
  for (int i = 0; i < 100; ++i) miner.Add(LongLineOf(i), 0, 1);
  EXPECT_EQ(miner.memory(), hundred);
  miner.Add(LongLineOf(0), 1, 1);
  EXPECT_GT(miner.memory(), hundred);
  for (int i = 0; i < 2000; ++i) miner.Add(LongLineOf(i), 0, 1);
  EXPECT_LT(miner.memory(), hundred * PatternMiner::kMaxPatterns / 100 * 11 / 10);
}

TEST(PatternsTest, TakeFromTheBudget) {
  storage::RowBuffer rows("t");
  const auto stream = std::make_shared<const Stream>(LabelSet::FromPairs({{"app", "web"}}));
  for (int i = 0; i < 300; ++i) {
    const std::string line = LongLineOf(i);
    const std::vector<Row> row = {{i, line, {}, {}}};
    const StreamRows added{stream, row};
    rows.Add({&added, 1});
  }
  PatternParams params;
  params.range = {0, 1000};
  params.step = 1000;
  const auto snapshot = rows.GetSnapshot("t");
  for (const uint64_t limit : {1_MiB, 64_MiB}) {
    MemoryBudget budget("patterns", limit);
    params.memory = &budget;
    const auto patterns = FindPatterns(*snapshot, params);
    EXPECT_EQ(patterns.ok(), limit == 64_MiB) << patterns.status();
    EXPECT_EQ(budget.used(), 0u);
  }
}

}  // namespace
}  // namespace skald::query
