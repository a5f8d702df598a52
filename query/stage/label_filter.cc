#include "query/stage/label_filter.h"

#include <array>
#include <utility>

namespace skald::query {
namespace {

// What a step takes for a row, as bytes of a line do.
constexpr uint64_t kStepWork = 16;

// Judges one test for the rows of a batch. Values that are the same bytes in memory (stream labels,
// constants, dictionary entries) are judged once.
class BoundTest {
 public:
  BoundTest(const LabelTest& test, Batch* batch)
      : test_(&test), batch_(batch), reader_(*batch, test.name()) {
    // Only string conditions see the error, and none sees its details.
    hidden_ = test.name() == kErrorDetailsLabel ||
              (test.name() == kErrorLabel && (test.may_fail() || test.passes_errors()));
  }

  bool Holds(uint32_t row) {
    if (test_->passes_errors() && !IsAbsent(batch_->error(row))) return true;
    const std::string_view value = hidden_ ? kAbsent : reader_(row);
    switch (Judge(value)) {
      case Verdict::kDrop:
        return false;
      case Verdict::kKeep:
        return true;
      case Verdict::kFailed:
        break;
    }
    if (IsAbsent(batch_->error(row))) {
      batch_->SetError(row, kLabelFilterError);
      batch_->SetErrorDetails(row, batch_->arena()->Copy(test_->FailureOf(value)));
    }
    return true;
  }

 private:
  struct Judged {
    const char* data = nullptr;
    size_t size = SIZE_MAX;
    Verdict verdict = Verdict::kDrop;
  };

  Verdict Judge(std::string_view value) {
    const auto address = reinterpret_cast<uintptr_t>(value.data());
    Judged& slot = judged_[(address ^ (address >> 6)) % judged_.size()];
    if (slot.data != value.data() || slot.size != value.size()) {
      slot = {value.data(), value.size(), test_->Judge(value)};
    }
    return slot.verdict;
  }

  const LabelTest* test_;
  Batch* batch_;
  LabelReader reader_;
  bool hidden_ = false;
  std::array<Judged, 64> judged_;
};

}  // namespace

Status LabelFilter::AddTest(const LabelCondition& condition) {
  if (const auto* text = std::get_if<StringCondition>(&condition.node)) {
    ASSIGN_OR_RETURN(LabelTest test, LabelTest::Compile(*text));
    tests_.push_back(std::move(test));
  } else if (const auto* ip = std::get_if<IpCondition>(&condition.node)) {
    ASSIGN_OR_RETURN(LabelTest test, LabelTest::Compile(*ip));
    tests_.push_back(std::move(test));
  } else if (const auto* number = std::get_if<NumberCondition>(&condition.node)) {
    tests_.push_back(LabelTest::Of(*number));
  } else if (const auto* duration = std::get_if<DurationCondition>(&condition.node)) {
    tests_.push_back(LabelTest::Of(*duration));
  } else {
    tests_.push_back(LabelTest::Of(std::get<BytesCondition>(condition.node)));
  }
  steps_.push_back({Step::Kind::kTest, tests_.size() - 1});
  return absl::OkStatus();
}

StatusOr<std::unique_ptr<LabelFilter>> LabelFilter::Create(const LabelCondition& condition) {
  std::unique_ptr<LabelFilter> filter(new LabelFilter());
  // Conditions nest as deep as a query is long, so the walk keeps its own stack.
  struct Visit {
    const LabelCondition* condition;
    enum { kEnter, kBetween, kLeave } moment = kEnter;
    size_t or_step = 0;
  };
  std::vector<Visit> stack = {{&condition}};
  while (!stack.empty()) {
    Visit& visit = stack.back();
    const auto* boolean = std::get_if<BooleanCondition>(&visit.condition->node);
    if (boolean == nullptr) {
      RETURN_IF_ERROR(filter->AddTest(*visit.condition));
      stack.pop_back();
    } else if (visit.moment == Visit::kEnter) {
      visit.moment = Visit::kBetween;
      stack.push_back({boolean->left.get()});
    } else if (visit.moment == Visit::kBetween) {
      visit.moment = Visit::kLeave;
      visit.or_step = filter->steps_.size();
      if (boolean->is_or) filter->steps_.push_back({Step::Kind::kOrStart});
      stack.push_back({boolean->right.get()});
    } else {
      if (boolean->is_or) {
        filter->steps_[visit.or_step].index = filter->steps_.size();
      } else {
        filter->steps_.push_back({Step::Kind::kAnd});
      }
      stack.pop_back();
    }
  }
  return filter;
}

Status LabelFilter::Apply(Batch* batch) {
  std::vector<BoundTest> tests;
  tests.reserve(tests_.size());
  for (const LabelTest& test : tests_) tests.emplace_back(test, batch);
  if (tests.size() == 1) {
    return batch->KeepRows([&](uint32_t row) { return tests[0].Holds(row); });
  }
  std::vector<char> stack;
  return batch->KeepRows([&](uint32_t row) {
    stack.clear();
    batch->CountWork(steps_.size() * kStepWork);
    for (size_t i = 0; i < steps_.size();) {
      const Step& step = steps_[i++];
      switch (step.kind) {
        case Step::Kind::kTest:
          stack.push_back(tests[step.index].Holds(row));
          break;
        case Step::Kind::kAnd: {
          const char right = stack.back();
          stack.pop_back();
          stack.back() = stack.back() && right;
          break;
        }
        case Step::Kind::kOrStart:
          if (stack.back()) {
            i = step.index;
          } else {
            stack.pop_back();
          }
          break;
      }
    }
    return stack.back() != 0;
  });
}

}  // namespace skald::query
