// A merge's walk over one part.
#include <gtest/gtest.h>

#include <limits>

#include "storage/base/units.h"
#include "storage/compact/part_cursor.h"
#include "storage/part/part_writer.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::testing::ElementsAre;

class NoPace : public Pace {
 public:
  Status BetweenBlocks() override { return absl::OkStatus(); }
};

class NoSieve : public RowSieve {
 public:
  int64_t CutOf(const LabelSet&) const override { return std::numeric_limits<int64_t>::min(); }
  uint32_t ClassOf(const LabelSet&) const override { return 0; }
  StatusOr<std::vector<uint32_t>> DroppedRows(const std::shared_ptr<const Part>&, size_t) override {
    return std::vector<uint32_t>();
  }
};

// The streams lie as a server sorted them that quoted no names.
TEST(PartCursorTest, StreamsComeInTheOrderOfTodaysTexts) {
  MemoryFileSystem files;
  PageCache cache{1_MiB};
  ASSERT_OK_AND_ASSIGN(auto file, files.NewWritableFile("/part"));
  PartWriter writer(std::move(file), CompressionEffort::kQuick);
  for (const char* name : {"_a", "a.b", "z"}) {
    for (int64_t time = 1; time <= 2; ++time) {
      ASSERT_OK(writer.Add({time, StrCat(name, " ", time), {}}));
    }
    ASSERT_OK(writer.EndStream(LabelSet::FromPairs({{name, "v"}, {"service_name", "s"}})));
  }
  ASSERT_OK(writer.Finish({}).status());
  ASSERT_OK_AND_ASSIGN(std::shared_ptr<const Part> part, Part::Open(&files, "/part", 1, &cache));
  NoPace pace;
  NoSieve sieve;
  ASSERT_OK_AND_ASSIGN(const auto cursor, PartCursor::Open(part, &pace, &sieve));
  std::vector<std::string> seen;
  ASSERT_OK(cursor->Start(1, 2));
  while (!cursor->at_end()) {
    seen.emplace_back(cursor->text());
    while (cursor->has_row()) {
      ASSERT_OK_AND_ASSIGN(const PartRow row, cursor->row());
      seen.emplace_back(row.line);
      ASSERT_OK(cursor->NextRow());
    }
    ASSERT_OK(cursor->NextStream());
  }
  EXPECT_THAT(seen, ElementsAre(R"({"a.b"="v", service_name="s"})", "a.b 1", "a.b 2",
                                R"({_a="v", service_name="s"})", "_a 1", "_a 2",
                                R"({service_name="s", z="v"})", "z 1", "z 2"));
}

}  // namespace
}  // namespace skald::storage
