// Holds a checked push against the tenant's rate and stream-count limits.
#pragma once

#include <cstdint>
#include <string_view>

#include "ingest/rate_limiter.h"
#include "ingest/settings.h"
#include "ingest/validator.h"
#include "storage/base/status.h"

namespace skald::ingest {

struct AdmissionRequest {
  std::string_view tenant;
  const PushBatch& batch;
  const ResolvedStreams& streams;
  const IngestSettings& settings;
  int64_t monotonic_now;
};

// OK, or ResourceExhausted with Loki's text: everything is refused when the tenant's rate is
// exceeded; otherwise the streams that are over a limit are, and the text is that of the last one.
// `verdict` is brought up to date either way.
Status Admit(const AdmissionRequest& request, RateLimiter* limiter, Verdict* verdict);

}  // namespace skald::ingest
