#include "server/api/tail.h"

#include <limits>
#include <utility>

#include "server/api/errors.h"
#include "storage/base/catching.h"
#include "storage/base/hash.h"
#include "storage/base/log.h"
#include "storage/base/stop.h"
#include "storage/base/strings.h"
#include "storage/model/matches_all.h"

namespace skald::api {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// So long after the beginning, rows that arrive are none that the backlog can have.
constexpr int64_t kBacklogOverlap = 5 * kSecond;
// How long one turn's query may take.
constexpr int64_t kTurnNanos = 5 * kSecond;
constexpr uint16_t kInternalError = 1011;
// With less memory than for so many entries a tail cannot go on.
constexpr size_t kFewestEntries = 16;

uint64_t Fingerprint(const TailEntry& entry) { return Hash64(entry.value, Hash64(*entry.stream)); }

}  // namespace

Tail::Tail(TailOptions options)
    : options_(std::move(options)), queue_(options_.format, options_.waiting_memory) {}

bool Tail::Wants(const Stream& stream) const {
  return MatchesAll(stream.labels, options_.query.log()->matchers);
}

void Tail::Begin(std::vector<TailEntry> backlog) {
  const int64_t now = options_.clock->MonotonicNanos();
  MutexLock lock(&mutex_);
  for (TailEntry& entry : backlog) {
    ++backlog_[Fingerprint(entry)];
    queue_.AddAlways(std::move(entry));
  }
  backlog_until_ = now + kBacklogOverlap;
  begun_ = true;
  queue_.RemoveHeld([&](const TailEntry& entry)
                        SKALD_REQUIRES(mutex_) { return WasInBacklog(entry); });
  queue_.Release(now);
  Wake();
}

void Tail::Deliver(storage::Reader* arrived, std::span<const DroppedRow> dropped) {
  constexpr std::string_view kContext = "following a query";
  Status status = Catching(kContext, [&] { return TryDeliver(arrived, dropped); });
  if (absl::IsInternal(status)) {
    SKALD_LOG(kWarn, "a tail drops what arrived",
              {{"tenant", options_.tenant}, {"err", Message(status)}});
    status = Catching(kContext, [&] { return Drop(arrived, dropped); });
  }
  if (!status.ok()) Fail(status);
}

Status Tail::TryDeliver(storage::Reader* arrived, std::span<const DroppedRow> dropped) {
  size_t room = 0;
  {
    MutexLock lock(&mutex_);
    if (ending_) return absl::OkStatus();
    room = queue_.room();
  }
  ChargedEntries found{MemoryCharge(options_.memory), {}};
  // What finds no room shall at least be named.
  if (arrived != nullptr) {
    ASSIGN_OR_RETURN(found, FindEntries(arrived, room + TailQueue::kMaxDropped));
  }

  const int64_t now = options_.clock->MonotonicNanos();
  MutexLock lock(&mutex_);
  for (TailEntry& entry : found.entries) {
    if (!WasInBacklog(entry)) queue_.Add(std::move(entry), now + options_.delay_nanos);
  }
  EndTurn(now, dropped);
  return absl::OkStatus();
}

// Looks at times and labels alone, which takes far less memory than a query.
Status Tail::Drop(storage::Reader* arrived, std::span<const DroppedRow> dropped) {
  MutexLock lock(&mutex_);
  if (ending_) return absl::OkStatus();
  if (arrived != nullptr) {
    const auto snapshot = arrived->GetSnapshot(options_.tenant);
    ASSIGN_OR_RETURN(const auto selection,
                     snapshot->Select(options_.query.log()->matchers, TimeRange(), nullptr));
    for (size_t unit = 0; unit < selection->units().size(); ++unit) {
      RETURN_IF_ERROR(DropUnit(*selection, unit));
    }
  }
  EndTurn(options_.clock->MonotonicNanos(), dropped);
  return absl::OkStatus();
}

Status Tail::DropUnit(const storage::Selection& selection, size_t unit) {
  ASSIGN_OR_RETURN(const auto block, selection.Open(unit, nullptr));
  ASSIGN_OR_RETURN(const auto times, block->Timestamps());
  for (const storage::StreamRun& run : block->runs()) {
    if (!queue_.can_drop()) break;
    const StreamText labels = DroppedLabels(selection.streams()[run.stream]->labels);
    for (uint32_t row = run.begin; row < run.end; ++row) queue_.Drop(times[row], labels);
  }
  return absl::OkStatus();
}

void Tail::NoteDropped(std::span<const DroppedRow> rows) {
  const Stream* stream = nullptr;
  StreamText labels;
  for (const DroppedRow& row : rows) {
    if (!queue_.can_drop()) break;
    if (!Wants(*row.stream)) continue;
    if (stream != row.stream.get()) labels = DroppedLabels(row.stream->labels);
    stream = row.stream.get();
    queue_.Drop(row.time, labels);
  }
}

void Tail::EndTurn(int64_t now, std::span<const DroppedRow> dropped) {
  NoteDropped(dropped);
  if (begun_) queue_.Release(now);
  if (now >= backlog_until_) backlog_ = {};
  if (now >= options_.deadline_nanos) End({kInternalError, "reached tail max duration limit"});
  if (queue_.has_message()) Wake();
}

// A slow client, or many lines at once, cost entries and not the tail.
StatusOr<ChargedEntries> Tail::FindEntries(storage::Reader* arrived, size_t limit) const {
  StatusOr<ChargedEntries> found = RunQuery(arrived, limit);
  while (absl::IsResourceExhausted(found.status()) && limit > kFewestEntries) {
    limit /= 4;
    found = RunQuery(arrived, limit);
  }
  return found;
}

StatusOr<ChargedEntries> Tail::RunQuery(storage::Reader* arrived, size_t limit) const {
  const StopToken stop(options_.clock, options_.clock->MonotonicNanos() + kTurnNanos);
  query::QueryParams params;
  params.tenant = options_.tenant;
  params.start = std::numeric_limits<int64_t>::min();
  params.end = std::numeric_limits<int64_t>::max();
  params.limit = static_cast<uint32_t>(limit);
  params.direction = query::Direction::kForward;
  params.categorize = options_.format.categorize;
  params.limits = options_.limits;
  // These are about what is stored.
  params.limits.max_query_length = 0;
  params.limits.max_query_lookback = 0;
  params.limits.max_query_bytes_read = 0;
  params.limits.max_querier_bytes_read = 0;
  params.limits.max_entries_limit_per_query = 0;
  params.stop = &stop;
  params.memory = options_.memory;
  const query::QueryEngine engine(arrived, nullptr, options_.clock);
  ASSIGN_OR_RETURN(const query::QueryResult result, engine.Run(options_.query, params));
  return TailEntries(*result.log(), options_.format, options_.memory);
}

bool Tail::WasInBacklog(const TailEntry& entry) {
  const auto found = backlog_.find(Fingerprint(entry));
  if (found == backlog_.end()) return false;
  if (--found->second == 0) backlog_.erase(found);
  return true;
}

void Tail::Fail(const Status& error) {
  MutexLock lock(&mutex_);
  End({kInternalError, GrpcText(error)});
}

void Tail::End(http::WebSocketClose close) {
  if (!ending_) ending_ = std::move(close);
  begun_ = true;
  Wake();
}

void Tail::Open(std::function<void()> wake) {
  MutexLock lock(&mutex_);
  wake_ = std::move(wake);
}

std::optional<std::string> Tail::NextMessage() {
  MutexLock lock(&mutex_);
  return begun_ ? queue_.NextMessage() : std::nullopt;
}

std::optional<http::WebSocketClose> Tail::Ending() {
  MutexLock lock(&mutex_);
  return ending_;
}

void Tail::Detach() {
  MutexLock lock(&mutex_);
  wake_ = nullptr;
  if (!ending_) ending_ = http::WebSocketClose();
}

void Tail::Wake() {
  if (wake_) wake_();
}

}  // namespace skald::api
