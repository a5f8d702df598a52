// Which merge is chosen, by how many parts of which level there are.
#include "storage/compact/merge_plan.h"
#include "tests/storage/part_file_fixture.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

struct Parts {
  size_t count;
  uint32_t level;
};

struct PlanCase {
  const char* name;
  std::vector<Parts> parts;  // in order of arrival
  size_t inputs;             // of the merge that is chosen; 0: none is
  uint32_t level = 0;        // of its output
};

class MergePlanTest : public PartFileFixture, public ::testing::WithParamInterface<PlanCase> {
 protected:
  // Adds a part with a row of the first day, later than those before.
  void Add(uint32_t level) {
    const int64_t time = 1000 + static_cast<int64_t>(parts_.size());
    PartProperties properties;
    properties.tenant = "t";
    properties.level = level;
    properties.day = level == 0 ? -1 : 0;
    properties.log_first = properties.log_last = {1, parts_.size() + 1};
    Write({{StreamLabels(0), {{time, "line", {}}}}}, properties);
    parts_.push_back(part_);
  }

  // What is chosen on that day.
  std::optional<MergePlan> Choose() {
    return ChooseMerge(parts_, {.now = 2000,
                                .force = false,
                                .barriers = {},
                                .memory = 1_GiB,
                                .has_rested = [](const Part&) { return false; },
                                .is_usable = [](const Part&) { return true; },
                                .class_of = [](const Part&) { return 0; }});
  }

  std::vector<std::shared_ptr<const Part>> parts_;
};

TEST_P(MergePlanTest, Chooses) {
  for (const Parts& parts : GetParam().parts) {
    for (size_t i = 0; i < parts.count; ++i) Add(parts.level);
  }
  const std::optional<MergePlan> plan = Choose();
  ASSERT_EQ(plan.has_value(), GetParam().inputs > 0);
  if (!plan.has_value()) return;
  EXPECT_EQ(plan->inputs.size(), GetParam().inputs);
  EXPECT_EQ(plan->level, GetParam().level);
}

INSTANTIATE_TEST_SUITE_P(
    Level, MergePlanTest,
    ::testing::Values(PlanCase{"FewOfEach", {{15, 1}, {47, 0}}, 0},
                      PlanCase{"FullRunOfLevel1", {{16, 1}, {3, 0}}, 16, 2},
                      PlanCase{"ManyOfLevel0", {{15, 1}, {48, 0}}, 16, 1},
                      PlanCase{"FullRunOfLevel1BeforeManyOfLevel0", {{16, 1}, {48, 0}}, 16, 2},
                      PlanCase{"FullRunOfLevel1WhileLevel0CanWait", {{16, 1}, {71, 0}}, 16, 2},
                      PlanCase{"TooManyOfLevel0BeforeAll", {{33, 1}, {72, 0}}, 16, 1},
                      PlanCase{"SmallPartsOfLevel2", {{4, 2}, {3, 1}, {3, 0}}, 4, 2},
                      PlanCase{"ManyOfLevel0BeforeSmallPartsOfLevel2", {{4, 2}, {48, 0}}, 16, 1}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace skald::storage
