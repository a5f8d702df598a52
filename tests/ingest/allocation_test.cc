// A push must not allocate per entry.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "tests/ingest/push_fixture.h"

namespace {
std::atomic<uint64_t> allocations{0};
}  // namespace

// gcc does not see that these belong together.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace skald::ingest {
namespace {

// Takes every push and keeps nothing.
class NullWriter : public storage::Writer {
 public:
  StatusOr<LogPosition> Append(const storage::PushRecord&, std::span<const StreamRows>) override {
    return LogPosition{1, 1};
  }
  void WhenDurable(LogPosition, absl::AnyInvocable<void(Status)>) override {}
};

TEST(AllocationTest, NoneForEachEntry) {
  NullWriter writer;
  FakeLimits limits;
  DistributorOptions options;
  options.writer = &writer;
  options.limits = &limits;
  Distributor distributor(options);
  const std::vector<TestEntry> entries(
      2000, {kNow, "level=info x=y", {{"a", "1"}, {"z.z", "2"}, {"b", "\xff"}}});
  const std::string protobuf = Snappy(ProtobufStream("{app=\"a\"}", entries));
  const std::string json = Gzip(JsonPush({{"app", "a"}}, entries));
  const auto push = [&](std::string_view type, std::string_view encoding, std::string_view body) {
    const uint64_t before = allocations;
    EXPECT_TRUE(distributor.Push({"t", PushPath::kLoki, type, encoding, body, kNow}).status.ok());
    return allocations - before;
  };
  // The first push of each kind fills caches and buffers.
  push("x", "", protobuf);
  push("application/json", "gzip", json);
  EXPECT_LT(push("x", "", protobuf), 100u);
  EXPECT_LT(push("application/json", "gzip", json), 100u);
}

}  // namespace
}  // namespace skald::ingest
