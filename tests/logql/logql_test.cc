// One test case per script of scripts/, and one for the examples of docs/logql.md. With --update
// the scripts' expectations are rewritten as the engine answers, for review.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/logql/runner.h"

namespace skald::logql_test {
namespace {

bool update_scripts = false;

std::vector<std::string> ReadLines(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(std::move(line));
  return lines;
}

void WriteLines(const std::string& path, const std::vector<std::string>& lines) {
  std::ofstream file(path);
  for (const std::string& line : lines) file << line << "\n";
}

// In a document only the blocks fenced as `logql` are script; all else becomes comment, and
// comes back when the script is written.
constexpr std::string_view kProse = "#prose ";
std::vector<std::string> HideProse(const std::vector<std::string>& document) {
  std::vector<std::string> script;
  bool in_block = false;
  for (const std::string& line : document) {
    const bool ends = in_block && line.starts_with("```");
    if (ends) in_block = false;
    script.push_back(in_block ? line : std::string(kProse) + line);
    if (!ends && line == "```logql") in_block = true;
  }
  return script;
}
std::vector<std::string> ShowProse(std::vector<std::string> script) {
  for (std::string& line : script) {
    if (line.starts_with(kProse)) line.erase(0, kProse.size());
  }
  return script;
}

class ScriptTest : public testing::Test {
 public:
  explicit ScriptTest(std::string path) : path_(std::move(path)) {}

  void TestBody() override {
    const bool is_document = path_.ends_with(".md");
    std::vector<std::string> lines = ReadLines(path_);
    ASSERT_FALSE(lines.empty()) << path_;
    if (is_document) lines = HideProse(lines);
    const ScriptResult result = ScriptRunner().Run(lines);
    if (!result.skipped.empty()) GTEST_SKIP() << result.skipped;
    if (update_scripts) {
      WriteLines(path_, is_document ? ShowProse(result.updated) : result.updated);
    }
    for (const Mismatch& mismatch : result.mismatches) {
      ADD_FAILURE_AT(path_.c_str(), static_cast<int>(mismatch.line)) << mismatch.text;
    }
  }

 private:
  const std::string path_;
};

void Register(const std::filesystem::path& path) {
  testing::RegisterTest("LogQL", path.stem().c_str(), nullptr, nullptr, path.c_str(), 1,
                        [path]() -> testing::Test* { return new ScriptTest(path.string()); });
}

void RegisterAll() {
  const std::filesystem::path root = SKALD_SOURCE_DIR;
  std::vector<std::filesystem::path> scripts;
  for (const auto& entry : std::filesystem::directory_iterator(root / "tests/logql/scripts")) {
    if (entry.path().extension() == ".test") scripts.push_back(entry.path());
  }
  std::sort(scripts.begin(), scripts.end());
  for (const std::filesystem::path& script : scripts) Register(script);
  Register(root / "docs/logql.md");
}

}  // namespace
}  // namespace skald::logql_test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--update") skald::logql_test::update_scripts = true;
  }
  skald::logql_test::RegisterAll();
  return RUN_ALL_TESTS();
}
