// Holds the server against exchanges recorded from a real Loki (tests/golden/record.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "storage/base/strings.h"
#include "tests/server/app_harness.h"

namespace skald {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// A recorded file: its first line, its headers, and what follows the empty line.
struct Recorded {
  std::string first;
  std::vector<std::string> headers;
  std::string body;
};

Recorded ReadRecorded(const fs::path& path) {
  const std::string text = ReadFile(path);
  Recorded recorded;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.empty()) break;
    if (recorded.first.empty()) {
      recorded.first = line;
    } else {
      recorded.headers.push_back(line);
    }
  }
  if (begin < text.size()) recorded.body = text.substr(begin);
  return recorded;
}

std::string RequestText(const Recorded& request) {
  std::string text = request.first + " HTTP/1.1\r\nHost: x\r\n";
  for (const std::string& header : request.headers) StrAppend(&text, header, "\r\n");
  StrAppend(&text, "Content-Length: ", request.body.size(), "\r\n\r\n", request.body);
  return text;
}

// The statistics with every number 0 and nothing true: their keys remain.
std::string WithoutNumbers(std::string_view stats) {
  std::string out;
  for (size_t i = 0; i < stats.size();) {
    const bool value = out.ends_with(':');
    const size_t end = stats.find_first_of(",}", i);
    if (value && stats[i] != '{') {
      out += '0';
      i = end;
    } else {
      out += stats[i++];
    }
  }
  return out;
}

// The body with the numbers of its statistics gone.
std::string Comparable(std::string body) {
  constexpr std::string_view kKey = "\"stats\":{";
  const size_t key = body.find(kKey);
  if (key == std::string::npos) return body;
  const size_t begin = key + kKey.size() - 1;
  size_t end = begin;
  int depth = 0;
  do {
    depth += body[end] == '{' ? 1 : body[end] == '}' ? -1 : 0;
    ++end;
  } while (depth > 0 && end < body.size());
  return body.substr(0, begin) + WithoutNumbers(body.substr(begin, end - begin)) + body.substr(end);
}

void CheckCase(const App& app, const fs::path& folder) {
  SCOPED_TRACE(folder.filename().string());
  const Recorded request = ReadRecorded(folder / "request.http");
  const Recorded expected = ReadRecorded(folder / "response.http");
  const std::string response = Ask(app, RequestText(request));
  EXPECT_EQ(StrCat(http::StatusOf(response)), expected.first);
  const std::string head = http::HeadOf(response) + "\r\n";
  for (const std::string& header : expected.headers) {
    if (header.starts_with("X-Recorded-From")) continue;
    EXPECT_NE(head.find(StrCat("\r\n", header, "\r\n")), std::string::npos)
        << header << " is not in\n"
        << head;
  }
  EXPECT_EQ(Comparable(http::BodyOf(response)), Comparable(expected.body));
}

TEST(GoldenTest, AnswersAsRecorded) {
  const TemporaryDirectory directory;
  const auto app = StartApp(TestConfig(directory));
  const fs::path golden = SKALD_GOLDEN_DIR;
  ASSERT_EQ(http::StatusOf(PushJson(*app, ReadFile(golden / "data.json"))), 204);
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(golden)) {
    if (entry.is_directory() && fs::exists(entry.path() / "request.http")) {
      folders.push_back(entry.path());
    }
  }
  std::sort(folders.begin(), folders.end());
  EXPECT_GT(folders.size(), 60U);
  for (const fs::path& folder : folders) CheckCase(*app, folder);
}

}  // namespace
}  // namespace skald
