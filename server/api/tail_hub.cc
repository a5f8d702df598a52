#include "server/api/tail_hub.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "storage/base/units.h"

namespace skald::api {
namespace {

constexpr auto kRound = std::chrono::milliseconds(500);
constexpr uint64_t kUrgentBytes = 4_MiB;      // or an eighth of the memory for what waits
constexpr uint64_t kMaxBufferBytes = 16_MiB;  // of one tenant
constexpr size_t kMaxKnownStreams = 100'000;
// What a row takes in a buffer beside its bytes.
constexpr uint64_t kRowOverhead = 48;

uint64_t BytesOf(const StreamRows& stream) {
  uint64_t bytes = 0;
  for (const Row& row : stream.rows) {
    bytes += kRowOverhead + row.line.size();
    for (const LabelView& pair : row.metadata) bytes += pair.name.size() + pair.value.size();
  }
  return bytes;
}

uint64_t LineBytesOf(const StreamRows& stream) {
  uint64_t bytes = 0;
  for (const Row& row : stream.rows) bytes += row.line.size();
  return bytes;
}

}  // namespace

TailHub::TailHub(MemoryBudget* memory, MetricsRegistry* metrics)
    : memory_(memory),
      urgent_bytes_(memory == nullptr ? kUrgentBytes
                                      : std::min<uint64_t>(kUrgentBytes, memory->limit() / 8)),
      active_(metrics->GetGauge("loki_querier_tail_active", "Number of active tailers.")),
      active_streams_(metrics->GetGauge("loki_querier_tail_active_streams",
                                        "Streams with new lines that some tail follows.")),
      bytes_(metrics->GetCounter("loki_querier_tail_bytes_total",
                                 "Bytes of new lines in streams that some tail follows.")),
      thread_([this] { Run(); }) {
  pthread_setname_np(thread_.native_handle(), "skald-tail");
}

TailHub::~TailHub() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

Status TailHub::Add(std::shared_ptr<Tail> tail, uint32_t most) {
  MutexLock lock(&mutex_);
  Tenant& tenant = tenants_[tail->tenant()];
  if (most != 0 && tenant.tails.size() >= most) {
    return WithHttpStatus(
        Exhausted(StrCat("max concurrent tail requests limit exceeded, count > limit (",
                         tenant.tails.size() + 1, " > ", most, ")")),
        400);
  }
  tenant.tails.push_back(std::move(tail));
  ForgetWanted(&tenant);
  active_.Set(static_cast<double>(++tails_));
  changed_.NotifyAll();
  return absl::OkStatus();
}

void TailHub::Remove(const std::shared_ptr<Tail>& tail) {
  Tenant gone;  // freed once the lock is given back
  MutexLock lock(&mutex_);
  const auto tenant = tenants_.find(tail->tenant());
  if (tenant == tenants_.end()) return;
  if (std::erase(tenant->second.tails, tail) == 0) return;
  active_.Set(static_cast<double>(--tails_));
  ForgetWanted(&tenant->second);
  if (!tenant->second.tails.empty()) return;
  gone = std::move(tenant->second);
  tenants_.erase(tenant);
}

void TailHub::OnStored(std::string_view tenant, std::span<const StreamRows> rows) {
  if (tails_.load(std::memory_order_relaxed) == 0) return;
  MutexLock lock(&mutex_);
  const auto found = tenants_.find(tenant);
  if (found != tenants_.end()) Buffer(tenant, rows, &found->second);
}

bool TailHub::IsWanted(const Stream& stream, Tenant* tenant) {
  if (tenant->wanted.size() >= kMaxKnownStreams) ForgetWanted(tenant);
  const auto [known, added] = tenant->wanted.try_emplace(stream.id, false);
  if (added) {
    known->second = std::any_of(tenant->tails.begin(), tenant->tails.end(),
                                [&](const auto& tail) { return tail->Wants(stream); });
    if (known->second) active_streams_.Add(1);
  }
  return known->second;
}

void TailHub::ForgetWanted(Tenant* tenant) {
  const auto wanted = std::count_if(tenant->wanted.begin(), tenant->wanted.end(),
                                    [](const auto& stream) { return stream.second; });
  active_streams_.Add(-static_cast<double>(wanted));
  tenant->wanted.clear();
}

void TailHub::Buffer(std::string_view name, std::span<const StreamRows> rows, Tenant* tenant) {
  Arrivals& arrivals = tenant->arrivals;
  for (const StreamRows& stream : rows) {
    if (!IsWanted(*stream.stream, tenant)) continue;
    bytes_.Increment(static_cast<double>(LineBytesOf(stream)));
    if (arrivals.buffer == nullptr) {
      arrivals.buffer = std::make_unique<storage::RowBuffer>(name);
      arrivals.memory = Reservation(memory_);
    }
    const bool full = arrivals.buffer->bytes() >= kMaxBufferBytes;
    if (full || !arrivals.memory.Grow(BytesOf(stream)).ok()) {
      for (const Row& row : stream.rows) {
        if (arrivals.dropped.size() >= TailQueue::kMaxDropped) break;
        arrivals.dropped.push_back({row.timestamp, stream.stream});
      }
      continue;
    }
    arrivals.buffer->Add({&stream, 1});
  }
  if (arrivals.buffer != nullptr && arrivals.buffer->bytes() >= urgent_bytes_ && !urgent_) {
    urgent_ = true;
    changed_.NotifyAll();
  }
}

void TailHub::Run() {
  while (AwaitRound()) {
    for (Work& work : TakeWork()) {
      for (const std::shared_ptr<Tail>& tail : work.tails) {
        tail->Deliver(work.arrivals.buffer.get(), work.arrivals.dropped);
      }
    }
  }
}

bool TailHub::AwaitRound() {
  const auto due = std::chrono::steady_clock::now() + kRound;
  MutexLock lock(&mutex_);
  while (!stopping_ && !urgent_) {
    const auto left = due - std::chrono::steady_clock::now();
    if (tails_ == 0) {
      changed_.Wait(&mutex_);
    } else if (left <= left.zero()) {
      break;
    } else {
      changed_.WaitFor(&mutex_, left);
    }
  }
  urgent_ = false;
  return !stopping_;
}

std::vector<TailHub::Work> TailHub::TakeWork() {
  MutexLock lock(&mutex_);
  std::vector<Work> work;
  work.reserve(tenants_.size());
  for (auto& [name, tenant] : tenants_) {
    work.push_back({tenant.tails, std::exchange(tenant.arrivals, Arrivals())});
  }
  return work;
}

}  // namespace skald::api
