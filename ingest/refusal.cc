#include "ingest/refusal.h"

#include <utility>

#include "absl/time/time.h"
#include "ingest/push_batch.h"
#include "storage/base/strings.h"
#include "storage/base/units.h"
#include "storage/base/utf8.h"

namespace skald::ingest {
namespace {

// Messages kept, and errors after which no more messages are made to be compared with them.
constexpr size_t kMaxKinds = 100;
constexpr uint64_t kMaxMessages = 10'000;
// Bytes of a message that are kept, and of all but the last.
constexpr size_t kLongestMessage = 64_KiB;
constexpr size_t kMaxText = 1_MiB;

constexpr std::string_view kLabels[kRefusalReasons] = {
    "greater_than_max_sample_age",
    "too_far_in_future",
    "line_too_long",
    "missing_labels",
    "max_label_names_per_series",
    "label_name_too_long",
    "label_value_too_long",
    "duplicate_label_names",
    "disallowed_structured_metadata",
    "structured_metadata_too_large",
    "structured_metadata_too_many",
    "invalid_structured_metadata_name",
    "missing_enforced_labels",
    "blocked_ingestion",
    "blocked_ingestion_policy",
    "rate_limited",
    "stream_limit",
    "per_stream_rate_limit",
};

}  // namespace

std::string_view ReasonLabel(RefusalReason reason) { return kLabels[static_cast<size_t>(reason)]; }

void RefusalSummary::Add(absl::FunctionRef<std::string()> message) {
  if (++total_ > kMaxMessages) {
    ++uncounted_;
    return;
  }
  std::string text = message();
  if (text.size() > kLongestMessage) text = Shortened(text, kLongestMessage);
  if (const auto known = index_.find(text); known != index_.end()) {
    ++known->second->count;
  } else if (kinds_.size() == kMaxKinds || text_size_ >= kMaxText) {
    ++uncounted_;
  } else {
    text_size_ += text.size();
    const auto& kind = kinds_.emplace_back(std::make_unique<Kind>(Kind{std::move(text), 1}));
    index_.emplace(kind->message, kind.get());
  }
}

std::string RefusalSummary::ToString() const {
  if (total_ == 1) return kinds_.front()->message;
  std::string text;
  for (const auto& kind : kinds_) {
    StrAppend(&text, text.empty() ? "" : "; ", kind->count, " errors like: ", kind->message);
  }
  if (uncounted_ > 0) StrAppend(&text, "; ", uncounted_, " more errors");
  return text;
}

std::string FormatSeconds(int64_t nanos) {
  if (nanos == kNoTimestamp) return "0001-01-01T00:00:00Z";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixNanos(nanos), absl::UTCTimeZone());
}

}  // namespace skald::ingest
