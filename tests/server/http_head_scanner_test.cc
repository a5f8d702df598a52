// Heads in one piece and in many, whole and broken.
#include <gtest/gtest.h>

#include <string>

#include "server/http/head_scanner.h"
#include "storage/base/strings.h"

namespace skald::http {
namespace {

using State = HeadScanner::State;
constexpr size_t kMaxLines = 5;

// The state after all of `text` came at once, which must be that after it came byte by byte.
State ScanAll(std::string_view text) {
  HeadScanner whole(kMaxLines);
  HeadScanner pieces(kMaxLines);
  const State state = whole.Scan(text);
  State last = State::kMore;
  for (size_t size = 0; size <= text.size(); ++size) last = pieces.Scan(text.substr(0, size));
  EXPECT_EQ(last, state) << text;
  return state;
}

TEST(HeadScannerTest, FindsTheEnd) {
  constexpr std::string_view kHead = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  HeadScanner scanner(kMaxLines);
  EXPECT_EQ(scanner.Scan(kHead.substr(0, kHead.size() - 1)), State::kMore);
  EXPECT_EQ(scanner.Scan(StrCat(kHead, "body\n", std::string(1, '\0'))), State::kDone);
  EXPECT_EQ(scanner.size(), kHead.size());
  EXPECT_EQ(scanner.lines(), 2U);
}

TEST(HeadScannerTest, TakesTabsAndForeignLettersWithinALine) {
  EXPECT_EQ(ScanAll("GET / HTTP/1.1\r\nA:\tb\xc3\xa4\r\n\r\n"), State::kDone);
}

TEST(HeadScannerTest, RefusesWhatMayBeReadInTwoWays) {
  for (const std::string_view text :
       {"GET / HTTP/1.1\nHost: x\n\n", "GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n", "GET / HTTP/1.1\r\nA: b\r\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", "GET / HTTP/1.1\r\nA: b\r\n\tc\r\n\r\n",
        "GET / HTTP/1.1\r\nA: \x01\r\n\r\n", "GET / HTTP/1.1\r\nA: \x7f\r\n\r\n",
        " GET / HTTP/1.1\r\n\r\n", "\r\n", "\n"}) {
    EXPECT_EQ(ScanAll(text), State::kMalformed) << text;
  }
  using namespace std::string_view_literals;
  EXPECT_EQ(ScanAll("GET / HTTP/1.1\r\nA: \0\r\n\r\n"sv), State::kMalformed);
}

TEST(HeadScannerTest, BoundsTheNumberOfLines) {
  EXPECT_EQ(ScanAll("1\r\n2\r\n3\r\n4\r\n5\r\n\r\n"), State::kDone);
  EXPECT_EQ(ScanAll("1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n\r\n"), State::kTooLarge);
}

TEST(HeadScannerTest, BoundsTheLengthOfFields) {
  const std::string most = "A: " + std::string(HeadScanner::kMaxFieldBytes - 3, 'x');
  EXPECT_EQ(ScanAll("GET /" + most + most + " HTTP/1.1\r\n" + most + "\r\n\r\n"), State::kDone);
  EXPECT_EQ(ScanAll("GET / HTTP/1.1\r\n" + most + "x\r\n\r\n"), State::kTooLarge);
}

}  // namespace
}  // namespace skald::http
