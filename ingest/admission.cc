#include "ingest/admission.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace skald::ingest {
namespace {

constexpr uint32_t kMaxListedEntries = 10;

// `99B`, `1KB`, `3MB`: the largest unit that divides the size, 1024 to the next.
std::string ByteSizeText(uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KB", "MB", "GB", "TB", "PB", "EB"};
  size_t unit = 0;
  while (bytes != 0 && bytes % 1024 == 0 && unit + 1 < std::size(kUnits)) {
    bytes /= 1024;
    ++unit;
  }
  return StrCat(bytes, kUnits[unit]);
}

// Go's time.Time.String in UTC.
std::string GoTimeText(int64_t nanos) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%E*S +0000 UTC", absl::FromUnixNanos(nanos),
                          absl::UTCTimeZone());
}

std::string TenantRateText(const AdmissionRequest& request, const Usage& usage) {
  return StrCat("ingestion rate limit exceeded for user ", request.tenant,
                " (limit: ", static_cast<uint64_t>(request.settings.limits().ingestion_rate),
                " bytes/sec) while attempting to ingest '", usage.lines, "' lines totaling '",
                usage.bytes(),
                "' bytes, reduce log volume or contact your Loki administrator to see if the "
                "limit can be increased");
}

std::string StreamLimitText(const AdmissionRequest& request, const Stream& stream) {
  return StrCat("maximum active stream limit exceeded when trying to create stream ", stream.text,
                ", reduce the number of active streams (reduce labels or reduce label values), or "
                "contact your Loki administrator to see if the limit can be increased, user: '",
                request.tenant, "'");
}

uint64_t BytesOf(const PushBatch& batch, const PushEntry& entry) {
  uint64_t bytes = entry.line.size();
  for (const LabelView& pair : batch.MetadataOf(entry)) {
    bytes += pair.name.size() + pair.value.size();
  }
  return bytes;
}

// The list of entries that a stream's rate refused. REQUIRES: they are not yet marked refused.
std::string StreamRateText(const AdmissionRequest& request, size_t index, const Verdict& verdict) {
  const PushStream& pushed = request.batch.streams()[index];
  const Stream& stream = *request.streams[index]->stream;
  const std::string limit =
      ByteSizeText(static_cast<uint64_t>(request.settings.limits().per_stream_rate));
  std::string text;
  uint32_t listed = 0;
  for (uint32_t i = 0; i < pushed.entry_count && listed < kMaxListedEntries; ++i) {
    if (verdict.refused.Contains(pushed.entries_begin + i)) continue;
    const PushEntry& entry = request.batch.entries()[pushed.entries_begin + i];
    StrAppend(&text, "entry with timestamp ", GoTimeText(entry.timestamp),
              " ignored, reason: 'Per stream rate limit exceeded (limit: ", limit,
              "/sec) while attempting to ingest for stream '", stream.text, "' totaling ",
              ByteSizeText(BytesOf(request.batch, entry)),
              ", consider splitting a stream via additional labels or contact your Loki "
              "administrator to see if the limit can be increased',\n");
    ++listed;
  }
  StrAppend(&text, "user '", request.tenant, "', total ignored: ", verdict.streams[index].lines,
            " out of ", pushed.entry_count, " for stream: ", stream.text);
  return text;
}

Status CheckTenantRate(const AdmissionRequest& request, RateLimiter* limiter, Verdict* verdict) {
  const IngestLimits& limits = request.settings.limits();
  if (limits.ingestion_rate <= 0) return absl::OkStatus();
  const Usage usage = verdict->total;
  const double burst = std::max(limits.ingestion_burst, limits.ingestion_rate);
  if (limiter->AllowTenant(request.tenant, limits.ingestion_rate, burst, usage.bytes(),
                           request.monotonic_now)) {
    return absl::OkStatus();
  }
  for (size_t i = 0; i < request.streams.size(); ++i) {
    verdict->RefuseStream(request.batch, i, RefusalReason::kRateLimited);
  }
  return Exhausted(TenantRateText(request, usage));
}

// What is told of refused streams: the error of the last one of the push.
struct StreamRefusals {
  Status last_error;
  size_t last_stream = 0;

  void Add(size_t stream, Status error) {
    if (!last_error.ok() && stream < last_stream) return;
    last_error = std::move(error);
    last_stream = stream;
  }
};

void CheckStreamCount(const AdmissionRequest& request, RateLimiter* limiter, Verdict* verdict,
                      StreamRefusals* refusals) {
  for (size_t i = 0; i < request.streams.size(); ++i) {
    if (verdict->streams[i].lines == 0) continue;
    const uint32_t most = request.settings.classes()[request.streams[i]->stream_class].max_streams;
    const Stream& stream = *request.streams[i]->stream;
    if (most == 0 ||
        limiter->AllowActiveStream(request.tenant, stream.id, most, request.monotonic_now)) {
      continue;
    }
    verdict->RefuseStream(request.batch, i, RefusalReason::kStreamLimit);
    refusals->Add(i, Exhausted(StreamLimitText(request, stream)));
  }
}

void CheckStreamRates(const AdmissionRequest& request, RateLimiter* limiter, Verdict* verdict,
                      StreamRefusals* refusals) {
  const IngestLimits& limits = request.settings.limits();
  if (limits.per_stream_rate <= 0) return;
  std::vector<RateLimiter::Demand> asked;
  std::vector<size_t> stream_of;
  for (size_t i = 0; i < request.streams.size(); ++i) {
    if (verdict->streams[i].lines == 0) continue;
    asked.push_back({request.streams[i]->stream->id, verdict->streams[i].bytes()});
    stream_of.push_back(i);
  }
  const double burst = std::max(limits.per_stream_burst, limits.per_stream_rate);
  for (const size_t k : limiter->RefusedStreams(request.tenant, asked, limits.per_stream_rate,
                                                burst, request.monotonic_now)) {
    const size_t i = stream_of[k];
    refusals->Add(i, Exhausted(StreamRateText(request, i, *verdict)));
    verdict->RefuseStream(request.batch, i, RefusalReason::kStreamRateLimited);
  }
}

}  // namespace

Status Admit(const AdmissionRequest& request, RateLimiter* limiter, Verdict* verdict) {
  RETURN_IF_ERROR(CheckTenantRate(request, limiter, verdict));
  StreamRefusals refusals;
  if (request.settings.limits_streams()) CheckStreamCount(request, limiter, verdict, &refusals);
  CheckStreamRates(request, limiter, verdict, &refusals);
  return refusals.last_error;
}

}  // namespace skald::ingest
