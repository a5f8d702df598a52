#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tools/cli/import_state.h"
#include "tools/cli/series_request.h"

namespace skald::cli {
namespace {

TEST(CoveringSelectors, ExcludeEachOtherAndMatchAll) {
  EXPECT_EQ(CoveringSelectors({{{"app", "a"}}, {{"app", "b"}, {"env", "x"}}, {{"job", "c"}}}),
            (std::vector<std::string>{"{app=~\".+\"}", "{job=~\".+\", app=\"\"}"}));
  EXPECT_TRUE(CoveringSelectors({}).empty());
  EXPECT_TRUE(CoveringSelectors({{}}).empty());
}

TEST(ImportState, IsReadAsItWasWritten) {
  std::string path = testing::TempDir() + "import_state_test.json";
  std::filesystem::remove(path);
  auto none = ReadImportState(path);
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->has_value());

  ImportState state{{"http://a", "http://b (tenant t)", "{app=\"w\"}", {1767571200000000001, 5}},
                    1767571200000000003,
                    7,
                    9};
  ASSERT_TRUE(WriteImportState(path, state).ok());
  auto read = ReadImportState(path);
  ASSERT_TRUE(read.ok() && read->has_value());
  EXPECT_EQ((*read)->task.target, state.task.target);
  EXPECT_EQ((*read)->task.selector, state.task.selector);
  EXPECT_EQ((*read)->task.span.start, state.task.span.start);
  EXPECT_EQ((*read)->done_until, state.done_until);
  EXPECT_EQ((*read)->bytes, 9);

  std::ofstream(path) << "[]";
  EXPECT_FALSE(ReadImportState(path).ok());
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace skald::cli
