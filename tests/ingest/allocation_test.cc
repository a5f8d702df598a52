// A push must not allocate per entry, nor more than it charges to its budget.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "ingest/rate_limiter.h"
#include "tests/ingest/push_fixture.h"

namespace {
std::atomic<uint64_t> allocations{0};
std::atomic<uint64_t> held{0};  // bytes
std::atomic<uint64_t> most_held{0};

void* Count(void* memory) {
  ++allocations;
  const uint64_t now = held += malloc_usable_size(memory);
  most_held = std::max<uint64_t>(most_held, now);
  return memory;
}

void Free(void* memory) {
  held -= malloc_usable_size(memory);
  std::free(memory);
}
}  // namespace

// gcc does not see that these belong together.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void* operator new(size_t size) {
  if (void* memory = std::malloc(size)) return Count(memory);
  std::abort();
}
void* operator new(size_t size, const std::nothrow_t&) noexcept { return Count(std::malloc(size)); }
void operator delete(void* memory) noexcept { Free(memory); }
void operator delete(void* memory, size_t) noexcept { Free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { Free(memory); }

namespace skald::ingest {
namespace {

// Takes every push and keeps nothing.
class NullWriter : public storage::Writer {
 public:
  StatusOr<LogPosition> Append(const storage::PushRecord&, std::span<const StreamRows>,
                               Reservation*) override {
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

// So many streams of one byte each ask a limiter at a time, after streams that `seed` sets apart.
void AskForStreams(RateLimiter* limiter, uint64_t seed, uint64_t count, int64_t now) {
  for (uint64_t i = 0; i < count; ++i) {
    const RateLimiter::Demand demand{{seed, i}, 1};
    EXPECT_TRUE(limiter->RefusedStreams("t", std::span(&demand, 1), 10, 10, now).empty());
  }
}

TEST(AllocationTest, IdleRatesAreForgottenAndFreed) {
  constexpr int64_t kSecond = 1'000'000'000;
  constexpr size_t kStreams = 100'000;
  const uint64_t before = held;
  RateLimiter limiter(kStreams);
  AskForStreams(&limiter, 1, 2 * kStreams, kSecond);
  EXPECT_LT(held - before, 3 * kStreams * RateLimiter::kBytesPerStream / 2);
  AskForStreams(&limiter, 2, 1, 120 * kSecond);
  EXPECT_LT(held - before, 10'000u);
  // Few enough to fit are forgotten, too.
  AskForStreams(&limiter, 3, kStreams / 4, 240 * kSecond);
  EXPECT_GT(held - before, kStreams);
  AskForStreams(&limiter, 4, 1, 360 * kSecond);
  EXPECT_LT(held - before, 10'000u);
}

// What a hostile push came to.
struct Outcome {
  int code;
  size_t message_size;
  uint64_t most_held;  // bytes beyond those held before
};

constexpr uint64_t kBudget = 64 << 20;
// What is not charged: small texts, the reply, the allocator's rounding.
constexpr uint64_t kUncharged = 4 << 20;

// Pushes a body to a distributor with kBudget.
Outcome PushHostile(PushPath path, std::string_view type, std::string_view body,
                    const IngestLimits& limits = {}) {
  MemoryBudget budget("bodies", kBudget);
  PushHarness harness(limits, &budget);
  const uint64_t before = held;
  most_held = before;
  const PushResult result = harness.Push(path, type, "", body);
  return {HttpCode(result.status), Message(result.status).size(), most_held - before};
}

// Bytes that malloc has given out.
uint64_t Allocated() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// What is kept of one is not charged to anybody.
TEST(AllocationTest, LargePushesLeaveLittleBehind) {
  NullWriter writer;
  FakeLimits limits;
  DistributorOptions options;
  options.writer = &writer;
  options.limits = &limits;
  options.stream_cache_bytes = 1 << 20;
  Distributor distributor(options);
  constexpr size_t kSize = 12'000'000;
  std::string streams;
  for (int i = 0; i < 100'000; ++i) {
    streams += ProtobufStream(StrCat("{a=\"", i, "\"}"), {{kNow, "", {}}, {0, "", {}}});
  }
  const std::string line = std::string(kSize, 'x') + "\xff";
  const std::string json =
      StrCat("{\"streams\":[{\"stream\":{\"a\":\"b\"},\"values\":[[\"1\",\"", line, "\"]]}]}");
  const std::string otlp_json =
      StrCat("{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":{\"stringValue\":\"",
             line, "\"}}]}]}]}");
  struct Body {
    PushPath path;
    std::string_view type;
    std::string_view encoding;
    std::string bytes;
  };
  const Body bodies[] = {
      {PushPath::kLoki, "x", "gzip", Gzip(Snappy(ProtobufStream("{a=\"b\"}", {{0, line, {}}})))},
      {PushPath::kLoki, "x", "", Snappy(streams)},
      {PushPath::kLoki, "application/json", "gzip", Gzip(json)},
      {PushPath::kOtlp, "application/json", "gzip", Gzip(otlp_json)},
  };
  distributor.Push({"t", PushPath::kLoki, "x", "", Snappy(ProtobufStream("{}", {})), kNow});
  const uint64_t before = Allocated();
  for (const Body& body : bodies) {
    SCOPED_TRACE(body.type);
    const PushResult result =
        distributor.Push({"t", body.path, body.type, body.encoding, body.bytes, kNow});
    EXPECT_EQ(HttpCode(result.status), 400);
    EXPECT_LT(Allocated(), before + (8 << 20));
  }
}

std::string Repeat(std::string_view text, size_t size) {
  std::string result;
  while (result.size() < size) result += text;
  return result;
}

TEST(AllocationTest, LongLabelTextIsNotParsed) {
  constexpr size_t kSize = 40'000'000;
  const std::string texts[] = {
      StrCat("{", Repeat("\"\",", kSize), "}"),
      StrCat("{a=\"", Repeat("\x01", kSize), "\"}"),
      StrCat("foo ", Repeat("b", kSize)),
      StrCat("{a=\"b\"} ", Repeat("5", kSize), "s"),
  };
  IngestLimits generous;
  generous.max_label_value_length = 100'000'000;
  for (const std::string& text : texts) {
    SCOPED_TRACE(text.substr(0, 10));
    const std::string body = Snappy(ProtobufStream(text, {{kNow, "x", {}}}));
    const Outcome refused = PushHostile(PushPath::kLoki, "x", body);
    EXPECT_EQ(refused.code, 400);
    EXPECT_LT(refused.message_size, 10'000u);
    EXPECT_LT(refused.most_held, kUncharged);
    // What the limits would allow is charged before it is parsed.
    const Outcome charged = PushHostile(PushPath::kLoki, "x", body, generous);
    EXPECT_EQ(charged.code, 413);
    EXPECT_LT(charged.most_held, kUncharged);
  }
}

TEST(AllocationTest, LabelTextWithinTheLimitsStaysCharged) {
  // Hundreds of texts, each of nothing but labels, or of one value that swells when quoted.
  for (const std::string& text :
       {StrCat("{", Repeat("\"\",", 200'000), "}"), StrCat("{", Repeat("\"a\",", 200'000), "}"),
        StrCat("{a=\"", Repeat("\x01", 200'000), "\"}"), StrCat("foo ", Repeat("b", 200'000))}) {
    std::string message;
    for (int i = 0; i < 200; ++i) {
      message +=
          ProtobufStream(StrCat(text, std::string(static_cast<size_t>(i), ' ')), {{kNow, "x", {}}});
    }
    const Outcome outcome = PushHostile(PushPath::kLoki, "x", Snappy(message));
    EXPECT_LT(outcome.most_held, kBudget);
    EXPECT_LT(outcome.message_size, 2u << 20);
  }
}

// An OTLP push of one record with these fields, and a resource.
std::string OtlpPush(std::string_view record, std::string_view resource = {}) {
  return BytesField(1, BytesField(2, BytesField(2, record)) + BytesField(1, resource));
}

TEST(AllocationTest, WhatOtlpValuesSwellToIsCharged) {
  constexpr size_t kSize = 20'000'000;
  const std::string attribute = BytesField(1, "a");
  const std::string control(kSize, '\x01');
  const std::string map = BytesField(6, Repeat(std::string_view("\x0a\0", 2), kSize));
  const std::string bodies[] = {
      OtlpPush(BytesField(5, map)),
      OtlpPush(BytesField(5, BytesField(5, BytesField(1, BytesField(1, control))))),
      OtlpPush(BytesField(5, BytesField(7, Repeat("b", 3 * kSize)))),
      OtlpPush(Repeat(BytesField(6, attribute), kSize)),
      OtlpPush({}, Repeat(BytesField(1, attribute), kSize)),
      OtlpPush(BytesField(6, BytesField(1, Repeat("a.", 2 * kSize)))),
      OtlpPush(BytesField(
          6, BytesField(1, std::string(kSize, 'n')) +
                 BytesField(2, BytesField(6, Repeat(BytesField(1, BytesField(1, {})), 400))))),
  };
  for (const std::string& body : bodies) {
    SCOPED_TRACE(&body - bodies);
    const Outcome outcome = PushHostile(PushPath::kOtlp, "application/x-protobuf", body);
    EXPECT_EQ(outcome.code, 413);
    EXPECT_LT(outcome.most_held, kBudget + kUncharged);
  }
}

TEST(AllocationTest, WhatJsonLabelsSwellToIsCharged) {
  const auto body = [](std::string_view labels) {
    return StrCat("{\"streams\":[{\"stream\":{", labels, "},\"values\":[]}]}");
  };
  constexpr size_t kSize = 8'000'000;
  const std::string bodies[] = {
      body(StrCat(Repeat("\"\":1,", kSize), "\"a\":1")),
      body(StrCat("\"a\":\"", std::string(kSize, '\x7f'), "\"")),
  };
  for (const std::string& json : bodies) {
    const Outcome outcome = PushHostile(PushPath::kLoki, "application/json", json);
    EXPECT_EQ(outcome.code, 413);
    EXPECT_LT(outcome.most_held, kBudget);
  }
}

}  // namespace
}  // namespace skald::ingest
