#include "server/api/tail_hub.h"

#include <pthread.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "storage/base/catching.h"
#include "storage/base/check.h"
#include "storage/base/log.h"
#include "storage/base/units.h"

namespace skald::api {
namespace {

constexpr auto kRound = std::chrono::milliseconds(500);
constexpr uint64_t kUrgentBytes = 4_MiB;  // or an eighth of the memory for what waits
constexpr size_t kMaxKnownStreams = 100'000;
// Of what a turn throws.
constexpr std::string_view kContext = "following queries";

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
  Tenant& tenant = tenants_.try_emplace(tail->tenant(), tail->tenant(), memory_).first->second;
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
  StringMap<Tenant>::node_type gone;  // freed once the lock is given back
  MutexLock lock(&mutex_);
  const auto tenant = tenants_.find(tail->tenant());
  if (tenant == tenants_.end()) return;
  if (std::erase(tenant->second.tails, tail) == 0) return;
  active_.Set(static_cast<double>(--tails_));
  ForgetWanted(&tenant->second);
  if (!tenant->second.tails.empty()) return;
  gone = tenants_.extract(tenant);
}

void TailHub::OnStored(std::string_view tenant, std::span<const StreamRows> rows) {
  if (tails_.load(std::memory_order_relaxed) == 0) return;
  MutexLock lock(&mutex_);
  const auto found = tenants_.find(tenant);
  if (found != tenants_.end()) Buffer(rows, &found->second);
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

void TailHub::Buffer(std::span<const StreamRows> rows, Tenant* tenant) {
  for (const StreamRows& stream : rows) {
    if (!IsWanted(*stream.stream, tenant)) continue;
    bytes_.Increment(static_cast<double>(LineBytesOf(stream)));
    tenant->arrivals.Add(stream);
  }
  if (tenant->arrivals.bytes() >= urgent_bytes_ && !urgent_) {
    urgent_ = true;
    changed_.NotifyAll();
  }
}

void TailHub::Run() {
  FairQueue turns(std::numeric_limits<size_t>::max());
  auto due = std::chrono::steady_clock::now() + kRound;
  while (true) {
    const bool idle = turns.size() == 0;
    if (!Await(idle ? due : std::chrono::steady_clock::time_point::min())) return;
    const auto now = std::chrono::steady_clock::now();
    const bool is_round = now >= due;
    if (is_round) due = now + kRound;
    const Status status = Catching(kContext, [&] {
      TakeArrivals(is_round, &turns);
      if (auto turn = turns.Pop()) (*turn)();
      return absl::OkStatus();
    });
    if (!status.ok()) SKALD_LOG(kError, "a turn failed", {{"err", Message(status)}});
  }
}

bool TailHub::Await(std::chrono::steady_clock::time_point due) {
  MutexLock lock(&mutex_);
  while (!stopping_ && !urgent_) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= due) break;
    if (tails_ == 0) {
      changed_.Wait(&mutex_);
    } else {
      changed_.WaitFor(&mutex_, due - now);
    }
  }
  return !stopping_;
}

void TailHub::TakeArrivals(bool all, FairQueue* turns) {
  MutexLock lock(&mutex_);
  if (!all && !urgent_) return;
  urgent_ = false;
  for (auto& [name, tenant] : tenants_) {
    const bool is_urgent = tenant.arrivals.bytes() >= urgent_bytes_;
    if (turns->HasJobsOf(name)) {
      urgent_ = urgent_ || is_urgent;
    } else if (all || is_urgent) {
      AddTurns(name, &tenant, turns);
    }
  }
}

void TailHub::AddTurns(const std::string& name, Tenant* tenant, FairQueue* turns) {
  const Status added = Catching(kContext, [&] { return TryAddTurns(name, tenant, turns); });
  if (added.ok()) return;
  // What had arrived is lost. Clients that are told so may ask for it.
  for (const std::shared_ptr<Tail>& tail : tenant->tails) tail->Fail(added);
}

Status TailHub::TryAddTurns(const std::string& name, Tenant* tenant, FairQueue* turns) {
  auto slices = tenant->arrivals.TakeSlices();
  if (slices.empty()) slices.push_back(nullptr);
  const auto dropped =
      std::make_shared<const std::vector<DroppedRow>>(tenant->arrivals.TakeDropped());
  for (const auto& slice : slices) {
    const bool is_last = slice == slices.back();
    for (const std::shared_ptr<Tail>& tail : tenant->tails) {
      SKALD_CHECK(turns->Push(name, [tail, slice, dropped, is_last] {
        tail->Deliver(slice == nullptr ? nullptr : &slice->rows,
                      is_last ? std::span(*dropped) : std::span<const DroppedRow>());
      }));
    }
  }
  return absl::OkStatus();
}

}  // namespace skald::api
