// Why entries and streams are refused, and the one message that a push's reply makes of it all.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "storage/base/status.h"

namespace skald::ingest {

enum class RefusalReason : uint8_t {
  kTooOld,
  kTooNew,
  kLineTooLong,
  kMissingLabels,
  kTooManyLabels,
  kLabelNameTooLong,
  kLabelValueTooLong,
  kDuplicateLabels,
  kMetadataDisallowed,
  kMetadataTooLarge,
  kMetadataTooMany,
  kMetadataNameInvalid,
  kMissingEnforcedLabels,
  kBlocked,
  kPolicyBlocked,
  kRateLimited,
  kStreamLimit,
  kStreamRateLimited,
};
inline constexpr size_t kRefusalReasons = 18;

// The value of the `reason` label of Loki's discard metrics, such as `line_too_long`.
std::string_view ReasonLabel(RefusalReason reason);

// What was refused, per reason.
struct Discarded {
  uint64_t lines = 0;
  uint64_t bytes = 0;
};
using DiscardedByReason = std::array<Discarded, kRefusalReasons>;

// Collects the messages of one push. Equal messages are counted; the text of a million different
// ones, or of long ones, stays short. Threads: externally synchronised.
class RefusalSummary {
 public:
  RefusalSummary() = default;
  RefusalSummary(RefusalSummary&&) noexcept = default;
  RefusalSummary& operator=(RefusalSummary&&) noexcept = default;

  // Counts one error. `message` is called unless enough different messages have been seen.
  void Add(absl::FunctionRef<std::string()> message);

  bool empty() const { return total_ == 0; }

  // A lone error's message, or `2 errors like: A; 1 errors like: B`.
  std::string ToString() const;

 private:
  struct Kind {
    std::string message;
    uint64_t count;
  };
  std::vector<std::unique_ptr<Kind>> kinds_;  // in the order first seen
  absl::flat_hash_map<std::string_view, Kind*> index_;
  size_t text_size_ = 0;  // of the messages
  uint64_t total_ = 0;
  uint64_t uncounted_ = 0;
};

// `2026-11-21T03:42:06Z`; a missing time is the year 1.
std::string FormatSeconds(int64_t nanos);

}  // namespace skald::ingest
