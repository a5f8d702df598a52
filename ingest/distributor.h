// A push from headers and body to stored rows: the one thing of ingest that request handlers call.
//
// Decodes, resolves streams, validates, holds against limits, and appends what was accepted, in one
// log record. What was refused is told in the status; that some rows were stored shows in the
// position, and then the reply must wait until that is durable, whatever the status.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "ingest/body_format.h"
#include "ingest/push_observer.h"
#include "ingest/rate_limiter.h"
#include "ingest/refusal.h"
#include "ingest/settings.h"
#include "ingest/stream_cache.h"
#include "ingest/validator.h"
#include "storage/base/clock.h"
#include "storage/base/memory_budget.h"
#include "storage/base/mutex.h"
#include "storage/base/status.h"
#include "storage/base/units.h"
#include "storage/model/ids.h"
#include "storage/writer.h"

namespace skald::ingest {

struct PushRequest {
  std::string_view tenant;
  PushPath path = PushPath::kLoki;
  std::string_view content_type;
  std::string_view content_encoding;
  std::string_view body;     // as received
  int64_t receive_time = 0;  // wall nanoseconds
};

struct PushResult {
  // OK: 204. Otherwise Loki's text; the HTTP status is that of the code (InvalidArgument 400,
  // ResourceExhausted 429, Unavailable 503) unless HttpStatusOf gives another (413, 422, 260).
  Status status;
  // Set if and only if at least one row was stored: the reply must wait for it.
  std::optional<LogPosition> position;
  Usage stored;
  // What was stored and what refused, by class of stream, and the settings that name the classes.
  // Empty and null when the push was not judged.
  std::vector<ClassTally> classes;
  std::shared_ptr<const IngestSettings> settings;
  LineSizes line_sizes{};         // of the stored lines
  int64_t newest = kNoTimestamp;  // of the stored entries
};

struct DistributorOptions {
  storage::Writer* writer = nullptr;
  LimitsProvider* limits = nullptr;
  PushObserver* observer = nullptr;  // optional
  Clock* clock = Clock::Real();
  MemoryBudget* memory = nullptr;  // charged for bodies and batches; null: unbounded
  uint64_t max_decompressed_size = 5000_MiB;
  size_t stream_cache_bytes = 32_MiB;
  size_t rate_limiter_bytes = 16_MiB;  // for streams whose rates are limited, roughly
};

// Threads: thread-safe; a push runs on the caller's thread. What the options point to must outlive
// this.
class Distributor {
 public:
  explicit Distributor(const DistributorOptions& options);
  ~Distributor();

  PushResult Push(const PushRequest& request);

 private:
  struct Workspace;
  class WorkspaceLease;

  Status Decode(const PushRequest& request, BodyFormat format, const IngestSettings& settings,
                Reservation* memory, Workspace* workspace);
  // Validates and holds against limits; the error says what was refused.
  Status Judge(const PushRequest& request, const IngestSettings& settings, Workspace* workspace);
  // True if the push was refused memory that it would not get even if it were the only one.
  bool NeverFits(const PushRequest& request, const Reservation& memory) const;
  // Refuses what the tenant or a policy may not push for now; the error is the reply to it.
  Status RefuseBlocked(const PushRequest& request, const IngestSettings& settings,
                       Workspace* workspace);
  Status ResolveStreams(std::string_view tenant, const IngestSettings& settings,
                        Reservation* memory, Workspace* workspace);
  Status Store(const PushRequest& request, BodyFormat format, const IngestSettings& settings,
               Reservation* memory, Workspace* workspace, PushResult* result);

  const DistributorOptions options_;
  StreamCache streams_;
  RateLimiter limiter_;
  Mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> idle_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::ingest
