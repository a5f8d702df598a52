// Searching whole line pages finds what testing every line finds.
#include <algorithm>

#include "tests/storage/part_file_fixture.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

class PartMatchTest : public PartFileFixture {};

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

TEST_F(PartMatchTest, MatchAgreesWithTestingEveryLine) {
  Random random(24);
  for (int round = 0; round < 20; ++round) {
    Write(RandomStreams(&random));
    const auto block = OpenBlock(0);
    ASSERT_OK_AND_ASSIGN(const std::vector<PartTestRow> rows, RowsOf(block.get()));
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

TEST_F(PartMatchTest, AHitAcrossLinesDoesNotHideALaterOneInTheLine) {
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

}  // namespace
}  // namespace skald::storage
