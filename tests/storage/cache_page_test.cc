// The page cache: bounds, what stays and what leaves.
#include <gtest/gtest.h>

#include <string>

#include "storage/cache/page_cache.h"
#include "tests/support/random.h"

namespace skald::storage {
namespace {

std::shared_ptr<const std::string> Object(const std::string& text) {
  return std::make_shared<const std::string>(text);
}

TEST(PageCache, FindsWhatWasInserted) {
  PageCache cache(1 << 20);
  EXPECT_EQ(cache.Find<std::string>({1, 2}), nullptr);
  cache.Insert<std::string>({1, 2}, Object("page"), 4);
  cache.Insert<std::string>({1, 2, CacheKind::kSection}, Object("section"), 7);
  cache.Insert<std::string>({1, 2, CacheKind::kStream, 9}, Object("stream"), 7);
  ASSERT_NE(cache.Find<std::string>({1, 2}), nullptr);
  EXPECT_EQ(*cache.Find<std::string>({1, 2}), "page");
  EXPECT_EQ(*cache.Find<std::string>({1, 2, CacheKind::kSection}), "section");
  EXPECT_EQ(*cache.Find<std::string>({1, 2, CacheKind::kStream, 9}), "stream");
  EXPECT_EQ(cache.Find<std::string>({1, 2, CacheKind::kStream, 8}), nullptr);
  cache.Insert<std::string>({1, 2}, Object("another"), 7);
  EXPECT_EQ(*cache.Find<std::string>({1, 2}), "page") << "the first one stays";
  EXPECT_EQ(cache.stats().hits, 5u);
  EXPECT_EQ(cache.stats().misses, 2u);
}

TEST(PageCache, AnEntryIsReplaced) {
  PageCache cache(100'000);
  cache.Replace<std::string>({1, 0}, Object("first"), 100);
  const uint64_t bytes = cache.stats().bytes;
  EXPECT_EQ(*cache.Find<std::string>({1, 0}), "first");
  cache.Replace<std::string>({1, 0}, Object("second"), 150);
  EXPECT_EQ(*cache.Find<std::string>({1, 0}), "second");
  EXPECT_EQ(cache.stats().bytes, bytes + 50);
  cache.Replace<std::string>({1, 0}, Object("too big"), 90'000);
  EXPECT_EQ(cache.Find<std::string>({1, 0}), nullptr);
  EXPECT_EQ(cache.stats().bytes, 0u);
}

TEST(PageCache, ObjectsOutliveTheirPlace) {
  PageCache cache(100'000);
  cache.Insert<std::string>({1, 0}, Object("held"), 10);
  const auto held = cache.Find<std::string>({1, 0});
  cache.EraseFile(1);
  EXPECT_EQ(cache.Find<std::string>({1, 0}), nullptr);
  EXPECT_EQ(*held, "held");
}

TEST(PageCache, NeverExceedsItsCapacity) {
  Random random(1);
  constexpr uint64_t kCapacity = 100'000;
  PageCache cache(kCapacity);
  constexpr CacheKind kKinds[] = {CacheKind::kPage, CacheKind::kSection, CacheKind::kTimeSpans};
  for (int i = 0; i < 20'000; ++i) {
    const CacheKey key{random.Below(3), random.Below(500), kKinds[random.Below(3)]};
    if (random.OneIn(2)) {
      cache.Insert<std::string>(key, Object("x"), random.Below(kCapacity / 3));
    } else if (random.OneIn(3)) {
      cache.Replace<std::string>(key, Object("y"), random.Below(kCapacity / 3));
    } else {
      cache.Find<std::string>(key);
    }
    if (random.OneIn(1000)) cache.EraseFile(random.Below(3));
    ASSERT_LE(cache.stats().bytes, kCapacity);
  }
  for (uint64_t file = 0; file < 3; ++file) cache.EraseFile(file);
  EXPECT_EQ(cache.stats().bytes, 0u);
}

TEST(PageCache, SmallEntriesAreChargedForTheirPlace) {
  PageCache cache(100'000);
  for (uint64_t i = 0; i < 10'000; ++i) cache.Insert<std::string>({1, i}, Object(""), 0);
  uint64_t found = 0;
  for (uint64_t i = 0; i < 10'000; ++i) found += cache.Find<std::string>({1, i}) != nullptr;
  EXPECT_LT(found, 1000u);
  EXPECT_GT(found, 100u);
}

TEST(PageCache, AScanDoesNotDisplaceWhatIsUsedAgain) {
  PageCache cache(1'000'000);
  for (uint64_t i = 0; i < 50; ++i) cache.Insert<std::string>({1, i}, Object("hot"), 10'000);
  for (uint64_t i = 0; i < 50; ++i) EXPECT_NE(cache.Find<std::string>({1, i}), nullptr);
  for (uint64_t i = 0; i < 1000; ++i) cache.Insert<std::string>({2, i}, Object("scan"), 10'000);
  for (uint64_t i = 0; i < 50; ++i) EXPECT_NE(cache.Find<std::string>({1, i}), nullptr) << i;
}

TEST(PageCache, FindingsStayHoweverManyPagesAreReadAgainAndAgain) {
  PageCache cache(1'000'000);
  const CacheKind kinds[] = {CacheKind::kDuplicates, CacheKind::kTimeSpans,
                             CacheKind::kDeletedRows};
  for (const CacheKind kind : kinds) cache.Insert<std::string>({1, 2, kind}, Object("found"), 900);
  for (uint64_t i = 0; i < 1000; ++i) {
    cache.Insert<std::string>({2, i}, Object("page"), 10'000);
    EXPECT_NE(cache.Find<std::string>({2, i}), nullptr);
    cache.Insert<std::string>({2, i, CacheKind::kSection}, Object("section"), 10'000);
  }
  for (const CacheKind kind : kinds) EXPECT_NE(cache.Find<std::string>({1, 2, kind}), nullptr);
}

TEST(PageCache, FindingsLeavePlaceForPages) {
  PageCache cache(1'000'000);
  cache.Insert<std::string>({1, 0}, Object("page"), 200'000);
  for (uint64_t i = 0; i < 10'000; ++i) {
    cache.Insert<std::string>({2, i, CacheKind::kDuplicates}, Object("found"), 900);
  }
  EXPECT_NE((cache.Find<std::string>({1, 0})), nullptr);
  EXPECT_NE((cache.Find<std::string>({2, 9'999, CacheKind::kDuplicates})), nullptr);
  EXPECT_NE((cache.Find<std::string>({2, 9'900, CacheKind::kDuplicates})), nullptr);
  EXPECT_EQ((cache.Find<std::string>({2, 0, CacheKind::kDuplicates})), nullptr);
}

TEST(PageCache, WhatAFileHasInCommonWithAnotherGoesWithEither) {
  PageCache cache(100'000);
  cache.Insert<std::string>({3, 1, CacheKind::kDuplicates}, Object("of 3 and 1"), 10);
  cache.Insert<std::string>({3, 2, CacheKind::kDuplicates}, Object("of 3 and 2"), 10);
  cache.Insert<std::string>({4, 3, CacheKind::kDuplicates}, Object("of 4 and 3"), 10);
  cache.Insert<std::string>({4, 1, CacheKind::kTimeSpans}, Object("of a block"), 10);
  cache.EraseFile(1);
  EXPECT_EQ((cache.Find<std::string>({3, 1, CacheKind::kDuplicates})), nullptr);
  EXPECT_NE((cache.Find<std::string>({3, 2, CacheKind::kDuplicates})), nullptr);
  EXPECT_NE((cache.Find<std::string>({4, 1, CacheKind::kTimeSpans})), nullptr);
  cache.EraseFile(3);
  EXPECT_EQ((cache.Find<std::string>({3, 2, CacheKind::kDuplicates})), nullptr);
  EXPECT_EQ((cache.Find<std::string>({4, 3, CacheKind::kDuplicates})), nullptr);
  cache.EraseFile(4);
  EXPECT_EQ(cache.stats().bytes, 0u);
}

TEST(PageCache, WhatIsTooBigIsNotKept) {
  PageCache cache(100'000);
  cache.Insert<std::string>({1, 0}, Object("big"), 50'000);
  EXPECT_EQ(cache.Find<std::string>({1, 0}), nullptr);
  PageCache none(0);
  none.Insert<std::string>({1, 0}, Object(""), 0);
  EXPECT_EQ(none.Find<std::string>({1, 0}), nullptr);
}

}  // namespace
}  // namespace skald::storage
