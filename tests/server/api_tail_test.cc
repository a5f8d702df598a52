// What waits for the client of a tail, and how it is written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/api/tail_queue.h"
#include "storage/base/strings.h"

namespace skald::api {
namespace {

StreamText Text(std::string_view json = R"({"app":"x"})") {
  return std::make_shared<const std::string>(json);
}

TailEntry Entry(int64_t time, std::string_view line, StreamText stream = Text()) {
  return {time, std::move(stream), StrCat(R"([")", time, R"(",")", line, R"("])")};
}

TEST(TailMessageTest, EveryEntryIsAStream) {
  const TailEntry entries[] = {Entry(1, "a"), Entry(2, "b")};
  EXPECT_EQ(TailMessage(entries, {}, {}),
            R"({"streams":[{"stream":{"app":"x"},"values":[["1","a"]]},)"
            R"({"stream":{"app":"x"},"values":[["2","b"]]}]})");
}

TEST(TailMessageTest, DroppedEntriesThenFlags) {
  const DroppedEntry dropped[] = {{7, Text()}};
  TailFormat format;
  format.encoding_flags = "categorize-labels,other";
  EXPECT_EQ(TailMessage({}, dropped, format),
            R"({"streams":[],"dropped_entries":[{"timestamp":"7","labels":{"app":"x"}}],)"
            R"("encodingFlags":["categorize-labels","other"]})");
}

TEST(TailMessageTest, TheLegacyForm) {
  TailFormat format;
  format.legacy = true;
  const TailEntry entries[] = {
      {1, Text(R"("{app=\"x\"}")"), R"({"ts":"1970-01-01T00:00:00.000000001Z","line":"a"})"}};
  EXPECT_EQ(TailMessage(entries, {}, format),
            R"({"streams":[{"labels":"{app=\"x\"}","entries":[)"
            R"({"ts":"1970-01-01T00:00:00.000000001Z","line":"a"}]}],"dropped_entries":null})"
            "\n");
}

// Two streams, one with two entries.
query::LogResult ResultOf(const std::string& line, std::span<const LabelView> a,
                          std::span<const LabelView> b) {
  query::LogResult result;
  result.streams.push_back({a, {{1, line, nullptr}, {3, line, nullptr}}});
  result.streams.push_back({b, {{2, line, nullptr}}});
  return result;
}

TEST(TailEntriesTest, ShareTheirStreamsTextInOrderOfTime) {
  const LabelView a[] = {{"app", "a"}};
  const LabelView b[] = {{"app", "b"}};
  const auto found = TailEntries(ResultOf("line", a, b), {}, nullptr);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->entries.size(), 3u);
  EXPECT_EQ(found->entries[1].time, 2);
  EXPECT_EQ(*found->entries[1].stream, R"({"app":"b"})");
  EXPECT_EQ(found->entries[1].value, R"(["2","line"])");
  EXPECT_EQ(found->entries[0].stream, found->entries[2].stream);
}

TEST(TailEntriesTest, AreChargedAsTheyAreMade) {
  const LabelView a[] = {{"app", "a"}};
  const LabelView b[] = {{"app", "b"}};
  const std::string line(100'000, '\x01');  // six bytes each as JSON
  {
    MemoryBudget memory("query", 10 << 20);
    const auto found = TailEntries(ResultOf(line, a, b), {}, &memory);
    ASSERT_TRUE(found.ok());
    EXPECT_GE(memory.used(), 3 * 6 * line.size());
  }
  MemoryBudget memory("query", 1 << 20);
  EXPECT_TRUE(absl::IsResourceExhausted(TailEntries(ResultOf(line, a, b), {}, &memory).status()));
  EXPECT_TRUE(memory.refused());
  EXPECT_EQ(memory.used(), 0u);
}

TEST(TailQueueTest, ReleasesInOrderOfTime) {
  TailQueue queue({}, nullptr);
  queue.Add(Entry(5, "late"), 10);
  queue.Add(Entry(3, "early"), 11);
  queue.Add(Entry(1, "held"), 20);
  EXPECT_EQ(queue.NextMessage(), std::nullopt);
  queue.Release(15);
  const TailEntry expected[] = {Entry(3, "early"), Entry(5, "late")};
  EXPECT_EQ(queue.NextMessage(), TailMessage(expected, {}, {}));
  EXPECT_EQ(queue.NextMessage(), std::nullopt);
}

TEST(TailQueueTest, MessagesAreBounded) {
  TailQueue queue({}, nullptr);
  for (int i = 0; i < 150; ++i) queue.AddAlways(Entry(i, "x"));
  std::vector<TailEntry> first;
  for (int i = 0; i < 100; ++i) first.push_back(Entry(i, "x"));
  EXPECT_EQ(queue.NextMessage(), TailMessage(first, {}, {}));
  EXPECT_TRUE(queue.has_message());
}

TEST(TailQueueTest, MessagesAreBoundedInBytes) {
  TailQueue queue({}, nullptr);
  const std::string line(TailQueue::kMessageBytes / 2, 'x');
  const TailEntry entries[] = {Entry(1, line), Entry(2, line), Entry(3, line + line)};
  for (const TailEntry& entry : entries) queue.AddAlways(entry);
  for (const TailEntry& entry : entries) {
    EXPECT_EQ(queue.NextMessage(), TailMessage({&entry, 1}, {}, {}));
  }
}

TEST(TailQueueTest, TellsOfWhatItDropped) {
  MemoryBudget memory("test", 100 << 20);
  TailQueue queue({}, &memory);
  const std::string line(TailQueue::kMaxBytes / 2 + 1, 'x');
  queue.Add(Entry(1, line), 0);
  queue.Add(Entry(2, line), 0);
  EXPECT_EQ(queue.room(), 0);
  queue.Add(Entry(3, "y"), 0);
  queue.Release(0);
  const TailEntry kept[] = {Entry(1, line), Entry(2, line)};
  const DroppedEntry dropped[] = {{3, Text()}};
  EXPECT_EQ(queue.NextMessage(), TailMessage({&kept[0], 1}, dropped, {}));
  EXPECT_EQ(queue.NextMessage(), TailMessage({&kept[1], 1}, {}, {}));
  EXPECT_EQ(queue.NextMessage(), std::nullopt);
  EXPECT_EQ(memory.used(), 0);
}

TEST(TailQueueTest, DropsWhatMemoryRefuses) {
  MemoryBudget memory("test", 500);
  TailQueue queue({}, &memory);
  queue.Add(Entry(1, "fits"), 0);
  queue.Add(Entry(2, std::string(500, 'x')), 0);
  queue.Release(0);
  const TailEntry kept[] = {Entry(1, "fits")};
  const DroppedEntry dropped[] = {{2, Text()}};
  EXPECT_EQ(queue.NextMessage(), TailMessage(kept, dropped, {}));
}

TEST(TailQueueTest, TellsOfABacklogThatMemoryRefuses) {
  MemoryBudget memory("test", 500);
  TailQueue queue({}, &memory);
  queue.AddAlways(Entry(1, std::string(500, 'x')));
  queue.AddAlways(Entry(2, "fits"));
  const TailEntry kept[] = {Entry(2, "fits")};
  const DroppedEntry dropped[] = {{1, Text()}};
  EXPECT_EQ(queue.NextMessage(), TailMessage(kept, dropped, {}));
}

TEST(TailQueueTest, DroppedEntriesAreCharged) {
  const StreamText large = Text(StrCat("\"", std::string(40'000, 'x'), "\""));
  MemoryBudget memory("test", 100'000);
  TailQueue queue({}, &memory);
  queue.Drop(1, large);
  EXPECT_GT(memory.used(), large->size());
  for (int i = 2; i <= 10; ++i) queue.Drop(i, Text(*large));
  EXPECT_LE(memory.used(), memory.limit()) << "most of them are forgotten";
  std::string all;
  while (const auto message = queue.NextMessage()) all += *message;
  EXPECT_THAT(all, testing::HasSubstr(R"("timestamp":"1")"));
  EXPECT_THAT(all, testing::Not(testing::HasSubstr(R"("timestamp":"10")")));
  EXPECT_EQ(memory.used(), 0);
}

TEST(TailQueueTest, MessagesOfDroppedEntriesAreBounded) {
  TailQueue queue({}, nullptr);
  const StreamText large = Text(StrCat("\"", std::string(40'000, 'x'), "\""));
  for (int i = 0; i < 100; ++i) queue.Drop(i, large);
  EXPECT_FALSE(queue.can_drop());
  size_t bytes = 0;
  while (const auto message = queue.NextMessage()) bytes += message->size();
  EXPECT_GT(bytes, large->size());
  EXPECT_LT(bytes, TailQueue::kMaxDroppedBytes + 2 * large->size());
}

TEST(TailQueueTest, SharedLabelsAreChargedOnce) {
  const StreamText large = Text(StrCat("\"", std::string(40'000, 'x'), "\""));
  MemoryBudget memory("test", 10 << 20);
  TailQueue queue({}, &memory);
  for (int i = 0; i < 10; ++i) queue.Add(Entry(i, "y", large), 0);
  for (int i = 0; i < 5; ++i) queue.Drop(i, large);
  EXPECT_LT(memory.used(), 2 * large->size());
  queue.RemoveHeld([](const TailEntry&) { return true; });
  EXPECT_GT(memory.used(), large->size()) << "those that were dropped still have them";
}

TEST(TailQueueTest, TheMessageInHandIsCharged) {
  const StreamText large = Text(StrCat("\"", std::string(40'000, 'x'), "\""));
  MemoryBudget memory("test", 10 << 20);
  TailQueue queue({}, &memory);
  for (int i = 0; i < 10; ++i) queue.Add(Entry(i, "y", large), 0);
  queue.Release(0);
  const auto message = queue.NextMessage();
  EXPECT_GE(memory.used(), message->size()) << "with the labels once more for every entry";
  EXPECT_EQ(queue.NextMessage(), std::nullopt);
  EXPECT_EQ(memory.used(), 0);
}

TEST(TailQueueTest, HeldEntriesCanBeTakenBack) {
  MemoryBudget memory("test", 1 << 20);
  TailQueue queue({}, &memory);
  queue.Add(Entry(1, "a"), 0);
  queue.Add(Entry(2, "b"), 0);
  queue.RemoveHeld([](const TailEntry& entry) { return entry.time == 1; });
  queue.Release(0);
  const TailEntry kept[] = {Entry(2, "b")};
  EXPECT_EQ(queue.NextMessage(), TailMessage(kept, {}, {}));
  EXPECT_EQ(queue.NextMessage(), std::nullopt);
  EXPECT_EQ(memory.used(), 0);
}

}  // namespace
}  // namespace skald::api
