// Rules that will not run are named.
#include "server/unserved_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/memory_file_system.h"
#include "tests/support/status_matchers.h"

namespace skald {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string logged;

// What the report says, without time and place.
std::string Report(const UnservedRules& rules) {
  logged.clear();
  SetLogSink([](LogLevel level, std::string_view line) {
    EXPECT_EQ(level, LogLevel::kError);
    logged = line;
  });
  ReportUnservedRules(rules);
  SetLogSink(nullptr);
  return logged;
}

class UnservedRulesTest : public testing::Test {
 protected:
  void Write(const std::string& path, std::string_view text) {
    ASSERT_OK(files_.CreateDirectories(path.substr(0, path.rfind('/'))));
    auto file = files_.NewWritableFile(path);
    ASSERT_OK(file.status());
    ASSERT_OK((*file)->Append(text));
  }
  MemoryFileSystem files_;
  config::Config config_;
};

TEST_F(UnservedRulesTest, NoRulerNoLine) {
  config_.without_effect = {"ingester.chunk_idle_period"};
  config_.rules_directory = "/absent";
  const UnservedRules found = FindUnservedRules(config_, &files_);
  EXPECT_FALSE(found.configured);
  EXPECT_THAT(found.groups, IsEmpty());
  EXPECT_EQ(Report(found), "");
}

TEST_F(UnservedRulesTest, RulerWithoutRulesIsSaid) {
  config_.without_effect = {"ruler.alertmanager_url"};
  EXPECT_THAT(Report(FindUnservedRules(config_, &files_)),
              testing::HasSubstr("looked_in=\"no local directory is configured\" "
                                 "will_not_run=\"none found\""));
}

TEST_F(UnservedRulesTest, NamesRulesOfEveryTenantAndFile) {
  config_.rules_directory = "/rules";
  config_.ruler_directory = "/rules";
  config_.ruler_storage_directory = "/more";
  Write("/rules/fake/b.yaml",
        "groups:\n- name: g1\n  rules:\n  - alert: Errors\n    expr: x\n  - record: a:b\n"
        "- name: g2\n  rules:\n  - {alert: Other}\n- name: empty\n");
  Write("/rules/fake/a.yaml", "not: rules\n");
  Write("/rules/fake/.hidden", "groups: []\n");
  Write("/rules/other/c.yaml", "groups: [{name: g, rules: [{alert: Third}]}]\n");
  Write("/rules/readme", "no tenant\n");
  Write("/more/t/d.yaml", "groups: [\n");
  const UnservedRules found = FindUnservedRules(config_, &files_);
  EXPECT_THAT(found.directories, ElementsAre("/rules", "/more"));
  EXPECT_THAT(found.groups,
              ElementsAre("fake/a.yaml", "fake/b.yaml/g1: Errors, a:b", "fake/b.yaml/g2: Other",
                          "fake/b.yaml/empty: ", "other/c.yaml/g: Third", "t/d.yaml"));
  EXPECT_EQ(found.rules, 4u);
  EXPECT_THAT(Report(found), testing::HasSubstr("rules=4 groups=6 looked_in=/rules,/more "));
  EXPECT_THAT(Report(found), testing::HasSubstr("fake/b.yaml/g1: Errors, a:b; fake/b.yaml/g2"));
}

TEST_F(UnservedRulesTest, ManyRulesMakeOneLineOfBoundedLength) {
  UnservedRules many;
  for (int i = 0; i < 1000; ++i) many.groups.push_back(std::string(100, 'x'));
  const std::string line = Report(many);
  EXPECT_LT(line.size(), 5000u);
  EXPECT_THAT(line, testing::HasSubstr(" groups more"));
}

}  // namespace
}  // namespace skald
