#include "ingest/distributor.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

#include "ingest/admission.h"
#include "ingest/charged_growth.h"
#include "ingest/push_batch.h"
#include "ingest/push_decoder.h"
#include "ingest/refused_entries.h"
#include "ingest/row_builder.h"
#include "storage/base/compression.h"

namespace skald::ingest {
namespace {

constexpr size_t kMaxIdleWorkspaces = 64;
// Smaller bodies are logged as they are.
constexpr size_t kMinCompressedBody = 512;
// Label texts up to this size are parsed without asking for memory, and so many bytes of them are
// resolved before what they came to is charged.
constexpr size_t kSmallText = 4_KiB;
constexpr size_t kTextsAtOnce = 64_KiB;

Status NoStreams() {
  return WithHttpStatus(
      InvalidArgument("error at least one valid stream is required for ingestion"), 422);
}

Status TooLarge(const Status& cause) {
  return WithHttpStatus(Annotate(cause, "push too large"), 413);
}

// The reply to a push that is blocked; status 200 means to drop it silently. `policy` is what is
// blocked, if not the tenant.
Status Blocked(std::string_view tenant, std::string_view policy, int64_t until, int code) {
  if (code == 200) return absl::OkStatus();
  return WithHttpStatus(
      InvalidArgument(StrCat("ingestion blocked for user '", tenant, "'", policy, " until '",
                             FormatSeconds(until), "' with status code '", code, "'")),
      code);
}

// Puts the texts of the next streams, at least one, into `texts`; returns how many.
size_t TakeTexts(std::span<const PushStream> streams, std::span<std::string_view> texts) {
  size_t taken = 0;
  size_t bytes = 0;
  while (taken < std::min(streams.size(), texts.size()) && bytes < kTextsAtOnce) {
    texts[taken] = streams[taken].labels;
    bytes += texts[taken++].size();
  }
  return taken;
}

// Has `memory` hold what parsing a text of that size takes, of which `charged` is held.
Status ChargeParsing(uint64_t text_size, Reservation* memory, uint64_t* charged) {
  const uint64_t needed = text_size * kParsingBytesPerByte;
  if (needed <= *charged) return absl::OkStatus();
  RETURN_IF_ERROR(memory->Grow(needed - *charged));
  *charged = needed;
  return absl::OkStatus();
}

// Labels take far more room resolved than written. The error is the first parse error, if any.
Status ChargeResolved(std::span<const std::shared_ptr<const ResolvedStream>> resolved,
                      Reservation* memory) {
  size_t bytes = 0;
  for (size_t i = 0; i < resolved.size(); ++i) {
    RETURN_IF_ERROR(resolved[i]->parse_error);
    if (i == 0 || resolved[i - 1] != resolved[i]) bytes += resolved[i]->SizeEstimate();
  }
  return memory->Grow(bytes);
}

}  // namespace

// The buffers of one push.
struct Distributor::Workspace {
  PushDecoder decoder;
  PushBatch batch;
  ResolvedStreams streams;
  Verdict verdict;
  RowBuilder rows;
  ZstdCompressor compressor{CompressionEffort::kQuick};
  std::string compressed;

  void Clear() {
    decoder.Shrink();
    batch.Reset(nullptr);
    rows.Shrink();
    verdict.Shrink();
    ClearOrFree(&streams);
    ClearOrFree(&compressed);
  }
};

// Lends a workspace for a scope.
class Distributor::WorkspaceLease {
 public:
  explicit WorkspaceLease(Distributor* owner) : owner_(owner) {
    MutexLock lock(&owner_->mutex_);
    if (owner_->idle_.empty()) return;
    workspace_ = std::move(owner_->idle_.back());
    owner_->idle_.pop_back();
  }
  ~WorkspaceLease() {
    if (workspace_ == nullptr) return;
    workspace_->Clear();
    MutexLock lock(&owner_->mutex_);
    if (owner_->idle_.size() < kMaxIdleWorkspaces) owner_->idle_.push_back(std::move(workspace_));
  }
  WorkspaceLease(const WorkspaceLease&) = delete;
  WorkspaceLease& operator=(const WorkspaceLease&) = delete;

  Workspace* get() {
    if (workspace_ == nullptr) workspace_ = std::make_unique<Workspace>();
    return workspace_.get();
  }

 private:
  Distributor* const owner_;
  std::unique_ptr<Workspace> workspace_;
};

Distributor::Distributor(const DistributorOptions& options)
    : options_(options),
      streams_(options.stream_cache_bytes),
      limiter_(options.rate_limiter_bytes / RateLimiter::kBytesPerStream) {
  idle_.reserve(kMaxIdleWorkspaces);  // a lease must not fail to give one back
}
Distributor::~Distributor() = default;

PushResult Distributor::Push(const PushRequest& request) {
  PushResult result;
  const StatusOr<BodyFormat> format =
      BodyFormat::FromHeaders(request.path, request.content_type, request.content_encoding);
  if (!format.ok()) {
    result.status = format.status();
    return result;
  }
  const std::shared_ptr<const IngestSettings> settings =
      options_.limits->SettingsOf(request.tenant);
  Reservation memory(options_.memory);
  WorkspaceLease lease(this);
  Workspace* const workspace = lease.get();

  result.status = Decode(request, *format, *settings, &memory, workspace);
  if (!result.status.ok()) {
    if (NeverFits(request, memory)) result.status = TooLarge(result.status);
    return result;
  }
  result.status = Judge(request, *settings, workspace);
  result.classes = workspace->verdict.Tallies();
  result.settings = settings;
  if (workspace->verdict.total.lines == 0) return result;
  const Status stored = Store(request, *format, *settings, &memory, workspace, &result);
  if (!stored.ok()) result.status = NeverFits(request, memory) ? TooLarge(stored) : stored;
  return result;
}

// The body itself is charged to the budget, too.
bool Distributor::NeverFits(const PushRequest& request, const Reservation& memory) const {
  return options_.memory != nullptr && memory.refused() > 0 &&
         memory.refused() + request.body.size() > options_.memory->limit();
}

Status Distributor::Judge(const PushRequest& request, const IngestSettings& settings,
                          Workspace* workspace) {
  Verdict& verdict = workspace->verdict;
  verdict.Reset(workspace->batch, workspace->streams, settings);
  RefuseStreams(workspace->batch, workspace->streams, &verdict);
  const Status blocked = RefuseBlocked(request, settings, workspace);
  CheckEntries(workspace->batch, workspace->streams, settings, request.receive_time, &verdict);
  RETURN_IF_ERROR(Admit({request.tenant, workspace->batch, workspace->streams, settings,
                         options_.clock->MonotonicNanos()},
                        &limiter_, &verdict));
  return verdict.errors.empty() ? blocked : InvalidArgument(verdict.errors.ToString());
}

Status Distributor::RefuseBlocked(const PushRequest& request, const IngestSettings& settings,
                                  Workspace* workspace) {
  const IngestLimits& limits = settings.limits();
  const int code = limits.block_ingestion_status_code;
  if (limits.block_ingestion_until > request.receive_time) {
    for (size_t i = 0; i < workspace->streams.size(); ++i) {
      workspace->verdict.RefuseStream(workspace->batch, i, RefusalReason::kBlocked);
    }
    return Blocked(request.tenant, "", limits.block_ingestion_until, code);
  }
  const ClassLimits* const blocked = RefuseBlockedClasses(
      workspace->batch, workspace->streams, settings, request.receive_time, &workspace->verdict);
  if (blocked == nullptr) return absl::OkStatus();
  return Blocked(request.tenant, StrCat(" (policy: '", blocked->stream_class.policy, "')"),
                 blocked->blocked_until, code);
}

Status Distributor::Decode(const PushRequest& request, BodyFormat format,
                           const IngestSettings& settings, Reservation* memory,
                           Workspace* workspace) {
  RETURN_IF_ERROR(workspace->decoder.Decode({format, request.body, request.receive_time},
                                            settings.otlp_mapping(), options_.max_decompressed_size,
                                            memory, &workspace->batch));
  if (workspace->batch.streams().empty()) return NoStreams();
  return ResolveStreams(request.tenant, settings, memory, workspace);
}

Status Distributor::ResolveStreams(std::string_view tenant, const IngestSettings& settings,
                                   Reservation* memory, Workspace* workspace) {
  workspace->streams.clear();
  const size_t count = workspace->batch.streams().size();
  RETURN_IF_ERROR(memory->Grow(count * (sizeof(workspace->streams[0]) + sizeof(Usage))));
  workspace->streams.resize(count);
  const uint64_t longest = LongestLabelText(settings.limits());
  uint64_t parsing = 0;  // charged for the longest text to be parsed
  std::array<std::string_view, StreamCache::kMaxAtOnce> texts;
  for (size_t begin = 0, here = 0; begin < count; begin += here) {
    here = TakeTexts(workspace->batch.streams().subspan(begin), texts);
    const auto resolved = std::span(workspace->streams).subspan(begin, here);
    for (size_t i = 0; i < here; ++i) {
      if (texts[i].size() > longest) {
        resolved[i] = RefuseLongText(texts[i], settings);
      } else if (texts[i].size() > kSmallText) {
        RETURN_IF_ERROR(ChargeParsing(texts[i].size(), memory, &parsing));
      }
    }
    streams_.Resolve(std::span(texts).first(here), tenant, settings, resolved);
    RETURN_IF_ERROR(ChargeResolved(resolved, memory));
  }
  return absl::OkStatus();
}

Status Distributor::Store(const PushRequest& request, BodyFormat format,
                          const IngestSettings& settings, Reservation* memory, Workspace* workspace,
                          PushResult* result) {
  const Verdict& verdict = workspace->verdict;
  ASSIGN_OR_RETURN(const std::span<const StreamRows> rows,
                   workspace->rows.Build(workspace->batch, workspace->streams, verdict.refused,
                                         settings, memory));
  std::string_view body = request.body;
  // A Loki protobuf push is in a snappy block already.
  if (format.encoding == ContentEncoding::kIdentity && format.message != PushMessage::kProtobuf &&
      body.size() >= kMinCompressedBody) {
    RETURN_IF_ERROR(memory->Grow(body.size()));
    RETURN_IF_ERROR(workspace->compressor.CompressText(body, &workspace->compressed));
    if (workspace->compressed.size() < body.size() - body.size() / 8) {
      body = workspace->compressed;
      format.encoding = ContentEncoding::kZstd;
    }
  }
  const std::string rejections = EncodeRefused(verdict.refused);
  storage::PushRecord record;
  record.tenant = request.tenant;
  record.receive_time = request.receive_time;
  record.body_format = format.ToByte();
  record.settings = settings.serialized();
  record.rejections = rejections;
  record.body = body;
  ASSIGN_OR_RETURN(result->position, options_.writer->Append(record, rows, memory));
  result->stored = verdict.total;
  result->line_sizes = verdict.line_sizes;
  result->newest = verdict.newest;
  if (options_.observer != nullptr) options_.observer->OnStored(request.tenant, rows);
  return absl::OkStatus();
}

}  // namespace skald::ingest
