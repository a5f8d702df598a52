// How long rows are kept: a period per tenant, other periods for some of its streams.
//
// Queries cut every stream at exactly now minus its period; files go later, when all their rows are
// past it (retention_sweeper.h).
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/model/labels.h"
#include "storage/model/matcher.h"
#include "storage/model/timestamp.h"

namespace skald::storage {

inline constexpr int64_t kNanosPerHour = int64_t{3600} * 1'000'000'000;

// Of the rules whose matchers a stream satisfies, that of the highest priority counts; of equal
// ones, that of the shortest period.
struct RetentionRule {
  std::vector<Matcher> matchers;
  int64_t priority = 0;
  int64_t period_nanos = 0;  // 0: for ever
};

// One tenant's periods.
struct TenantRetention {
  int64_t period_nanos = 7 * 24 * kNanosPerHour;  // 0: for ever
  std::vector<RetentionRule> streams;
};

// Streams that are kept equally long are of one class; from level 1 a part has streams of one class
// only, so that it expires as a whole. The number is the period in seconds, rounded up; 0: for
// ever. It follows from the period alone: it survives restarts, and the order of rules may change.
uint32_t RetentionClassOf(int64_t period_nanos);

struct RetentionPolicy {
  TenantRetention fallback;  // of tenants that are not named
  std::map<std::string, TenantRetention, std::less<>> tenants;
};

// What is stored in parts that hold nothing but expired rows.
struct ExpiredParts {
  uint64_t parts = 0;
  uint64_t bytes = 0;
  uint64_t rows = 0;
  // Times of the rows, both inclusive. Meaningful when there are parts.
  int64_t oldest = std::numeric_limits<int64_t>::max();
  int64_t newest = std::numeric_limits<int64_t>::min();
};

// One tenant's periods at one moment: where each stream is cut.
// Threads: immutable.
class RetentionCuts {
 public:
  // Nothing is cut.
  RetentionCuts() = default;
  RetentionCuts(const TenantRetention& retention, int64_t now_nanos);
  // `policy` may be null: nothing is cut.
  static RetentionCuts Of(const RetentionPolicy* policy, std::string_view tenant,
                          int64_t now_nanos);

  // A stream's rows before this are not shown.
  int64_t CutOf(const LabelSet& labels) const;
  // The class of a stream.
  uint32_t ClassOf(const LabelSet& labels) const;
  // As much of `range` as is shown of a stream.
  TimeRange Narrow(TimeRange range, const LabelSet& labels) const {
    return NarrowTo(range, CutOf(labels));
  }
  static TimeRange NarrowTo(TimeRange range, int64_t cut) {
    return range.Intersect({cut, range.end});
  }

  // The rules in order of precedence, and where each cuts the streams that no earlier one matches.
  struct Rule {
    std::vector<Matcher> matchers;
    int64_t priority;
    int64_t cut;
    uint32_t retention_class;
  };
  std::span<const Rule> rules() const { return rules_; }
  // Cuts all other streams.
  int64_t default_cut() const { return default_cut_; }
  // The class of all other streams.
  uint32_t default_class() const { return default_class_; }
  // The latest of all: a row at or after it is shown, whatever its stream.
  int64_t latest_cut() const;

 private:
  // The first rule that a stream satisfies; null: none.
  const Rule* RuleOf(const LabelSet& labels) const;

  std::vector<Rule> rules_;
  uint32_t default_class_ = 0;
  int64_t default_cut_ = std::numeric_limits<int64_t>::min();
};

}  // namespace skald::storage
