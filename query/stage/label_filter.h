// `| status >= 500 and level="error"`: keeps the rows whose labels satisfy a condition (logql.md
// 7).
#pragma once

#include <memory>
#include <vector>

#include "query/stage/label_test.h"
#include "query/stage/pipeline.h"

namespace skald::query {

// Threads: externally synchronised.
class LabelFilter : public Operator {
 public:
  // InvalidArgument with the cause of the stage error.
  static StatusOr<std::unique_ptr<LabelFilter>> Create(const LabelCondition& condition);

  Status Apply(Batch* batch) override;

  // The condition, if it is a single one and not a combination; else null.
  const LabelTest* single() const { return tests_.size() == 1 ? &tests_[0] : nullptr; }
  // The labels that the condition reads.
  const std::vector<LabelTest>& tests() const { return tests_; }

 private:
  // The condition in evaluation order, on a stack of truth values.
  struct Step {
    enum class Kind {
      kTest,     // push tests_[index]
      kAnd,      // replace the two on top by their conjunction
      kOrStart,  // the left side is on top: jump to `index` if it is true, else pop it
    };
    Kind kind;
    size_t index = 0;
  };

  LabelFilter() = default;
  Status AddTest(const LabelCondition& condition);

  std::vector<LabelTest> tests_;
  std::vector<Step> steps_;
};

}  // namespace skald::query
