// UTF-8, substring search, and the order of strings.
#include <algorithm>
#include <numeric>

#include "absl/strings/ascii.h"
#include "storage/base/string_order.h"
#include "storage/base/strings.h"
#include "storage/base/substring_search.h"
#include "storage/base/utf8.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald {
namespace {

TEST(StringOrderTest, AgreesWithAStableSort) {
  Random random(5);
  for (int round = 0; round < 200; ++round) {
    const std::string shared = random.Text(random.Below(30));
    std::vector<std::string> texts(random.Below(100));
    for (std::string& text : texts) {
      text = shared.substr(0, shared.size() - std::min(shared.size(), random.Below(4)));
      text += random.Text(random.Below(12), std::string_view("ab\0\xff", 4));
    }
    const std::vector<std::string_view> keys(texts.begin(), texts.end());
    std::vector<uint32_t> expected(keys.size());
    std::iota(expected.begin(), expected.end(), 0);
    std::stable_sort(expected.begin(), expected.end(),
                     [&](uint32_t a, uint32_t b) { return keys[a] < keys[b]; });
    EXPECT_EQ(StringOrder(keys), expected);
  }
}

TEST(Utf8Test, RoundTripsEveryRune) {
  for (char32_t rune = 0; rune <= 0x10FFFF; ++rune) {
    std::string bytes;
    AppendRune(&bytes, rune);
    const DecodedRune decoded = DecodeRune(bytes);
    ASSERT_EQ(decoded.size, bytes.size());
    ASSERT_FALSE(decoded.invalid);
    ASSERT_EQ(decoded.rune, IsValidRune(rune) ? rune : kReplacementRune);
  }
}

TEST(Utf8Test, ShortensBetweenRunes) {
  EXPECT_EQ(Shortened("abc", 3), "abc");
  EXPECT_EQ(Shortened("abcd", 3), "abc...");
  EXPECT_EQ(Shortened("a\xC3\xA9z", 2), "a...");
  EXPECT_EQ(Shortened("a\xC3\xA9z", 3), "a\xC3\xA9...");
  EXPECT_EQ(Shortened("\xF0\x9F\x98\x80", 3), "...");
  EXPECT_EQ(Shortened("\x80\x80\x80\x80\x80\x80\x80", 5), "\x80\x80...");
  EXPECT_EQ(Shortened("abc", 0), "...");
}

TEST(Utf8Test, FindsTheFirstInvalidByte) {
  using std::string_view_literals::operator""sv;
  const std::pair<std::string_view, size_t> cases[] = {
      {"", 0},
      {"ascii", 5},
      {"\xC3\xA9", 2},
      {"a\xC3", 1},               // cut short
      {"a\x80"sv, 1},             // no lead byte
      {"\xC0\x80"sv, 0},          // overlong
      {"\xE0\x9F\xBF"sv, 0},      // overlong
      {"\xF0\x8F\xBF\xBF"sv, 0},  // overlong
      {"\xED\xA0\x80"sv, 0},      // surrogate
      {"\xF4\x90\x80\x80"sv, 0},  // past the last rune
      {"\xF5\x80\x80\x80"sv, 0},
      {"ok\xEF\xBF\xBD!\xFF"sv, 6},
  };
  for (const auto& [text, valid] : cases) {
    EXPECT_EQ(ValidUtf8Prefix(text), valid) << testing::PrintToString(text);
    EXPECT_EQ(IsValidUtf8(text), valid == text.size());
  }
}

std::string Lower(std::string text) {
  for (char& c : text) c = absl::ascii_tolower(static_cast<unsigned char>(c));
  return text;
}

void ExpectAgreement(const std::string& haystack, const std::string& needle, size_t from) {
  const size_t expected = std::string_view(haystack).find(needle, from);
  const size_t folded = Lower(haystack).find(Lower(needle), from);
  const SubstringSearcher exact(needle);
  const SubstringSearcher folding(needle, LetterCase::kIgnoreAscii);
  const std::string what = StrCat(haystack, " / ", needle, " / ", from);
  ASSERT_EQ(FindSubstring(haystack, needle, from), expected) << what;
  ASSERT_EQ(exact.Find(haystack, from), expected) << what;
  ASSERT_EQ(exact.FindPortably(haystack, from), expected) << what;
  ASSERT_EQ(folding.Find(haystack, from), folded) << what;
  ASSERT_EQ(folding.FindPortably(haystack, from), folded) << what;
}

TEST(SubstringSearchTest, AgreesWithFindOnEveryPlaceAndLength) {
  for (size_t size = 0; size < 80; ++size) {
    for (size_t length = 0; length <= std::min<size_t>(size, 20); ++length) {
      const std::string needle = Random(length).Text(length, "xyz");
      for (size_t at = 0; at + length <= size; at += 1 + at / 30) {
        std::string haystack(size, 'a');
        haystack.replace(at, length, needle);
        ExpectAgreement(haystack, needle, 0);
        ExpectAgreement(haystack, needle, at);
        ExpectAgreement(haystack, needle, at + 1);
      }
    }
  }
}

TEST(SubstringSearchTest, AgreesWithFindOnRandomText) {
  Random random(1);
  for (int round = 0; round < 20000; ++round) {
    const std::string_view alphabet =
        random.Pick(std::vector<std::string_view>{"a", "aB", "abAB", "@`[{", "kK\xE2\x84\xAA", ""});
    const std::string haystack = random.Text(random.Below(150), alphabet);
    const std::string needle = random.Text(random.Below(6), alphabet);
    ExpectAgreement(haystack, needle, random.Below(haystack.size() + 3));
  }
}

TEST(SubstringSearchTest, FoldsLettersOnly) {
  const SubstringSearcher searcher("A@k[", LetterCase::kIgnoreAscii);
  EXPECT_TRUE(searcher.Contains("..a@K[.."));
  EXPECT_FALSE(searcher.Contains("..a`k[.."));
  EXPECT_FALSE(searcher.Contains("..a@k{.."));
  EXPECT_EQ(searcher.needle(), "a@k[");
}

// Without the linear way out, each of these would take minutes.
TEST(SubstringSearchTest, IsNotQuadratic) {
  const std::string haystack(4 << 20, 'a');
  const std::string half(50000, 'a');
  for (const LetterCase letter_case : {LetterCase::kExact, LetterCase::kIgnoreAscii}) {
    for (const std::string& needle :
         {StrCat(half, "b", half), StrCat(half, "A", half), half + half}) {
      const bool found = needle == half + half ||
                         (letter_case == LetterCase::kIgnoreAscii && Lower(needle)[50000] == 'a');
      EXPECT_EQ(SubstringSearcher(needle, letter_case).Contains(haystack), found);
    }
  }
  std::string text = haystack;
  const std::string needle = half + "b" + half;
  text.replace(3 << 20, needle.size(), needle);
  EXPECT_EQ(FindSubstring(text, needle), size_t{3} << 20);
}

}  // namespace
}  // namespace skald
