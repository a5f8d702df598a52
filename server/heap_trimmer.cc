#include "server/heap_trimmer.h"

#include <malloc.h>

#include "storage/base/process_stats.h"

namespace skald {
namespace {

constexpr std::chrono::seconds kPeriod{1};
// Below so many eighths of the limit freed heap is left to be used again.
constexpr uint64_t kQuietEighths = 3;
// Above so many it is given back every time, whatever the last time brought.
constexpr uint64_t kUrgentEighths = 6;
// A trim that brings less than this share of the limit is not worth its time.
constexpr uint64_t kWorthwhileShare = 32;
constexpr int kLooksAfterUseless = 15;

}  // namespace

bool TrimPolicy::IsDue(uint64_t resident) {
  if (resident > limit_ / 8 * kUrgentEighths) return true;
  if (looks_to_skip_ > 0) {
    --looks_to_skip_;
    return false;
  }
  return resident > limit_ / 8 * kQuietEighths;
}

void TrimPolicy::Trimmed(uint64_t before, uint64_t after) {
  if (after + limit_ / kWorthwhileShare > before) looks_to_skip_ = kLooksAfterUseless;
}

HeapTrimmer::HeapTrimmer(uint64_t memory_limit)
    : policy_(memory_limit), thread_([this] { Run(); }) {}

HeapTrimmer::~HeapTrimmer() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  wake_.NotifyAll();
  thread_.join();
}

void HeapTrimmer::Run() {
  while (WaitForNext()) {
    const uint64_t before = ReadResidentBytes();
    if (!policy_.IsDue(before)) continue;
    malloc_trim(0);
    policy_.Trimmed(before, ReadResidentBytes());
  }
}

bool HeapTrimmer::WaitForNext() {
  const auto next = std::chrono::steady_clock::now() + kPeriod;
  MutexLock lock(&mutex_);
  while (!stopping_ && std::chrono::steady_clock::now() < next) {
    wake_.WaitFor(&mutex_, next - std::chrono::steady_clock::now());
  }
  return !stopping_;
}

}  // namespace skald
