// Memtables: what is inserted is read back sorted and without duplicates, also while rows come in.
#include "storage/memtable/memtable.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "storage/base/units.h"
#include "storage/engine/flush.h"
#include "storage/memtable/insert_size.h"
#include "storage/memtable/memtable_block.h"
#include "storage/memtable/row_metadata.h"
#include "storage/memtable/sorted_rows.h"
#include "tests/storage/picked_metadata.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

struct OwnedRow {
  int64_t time = 0;
  std::string line;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::string level;

  // What makes two rows the same.
  auto Identity() const { return std::tie(time, line, metadata); }
};

TEST(PooledArenaTest, TakesChunksAndGivesThemBack) {
  const auto pool = std::make_shared<ChunkPool>();
  {
    PooledArena arena(pool);
    std::vector<char*> places;
    for (size_t i = 0; i < 8; ++i) {
      places.push_back(arena.Allocate(ChunkPool::kChunkBytes / 4, 8));
      EXPECT_EQ(reinterpret_cast<uintptr_t>(places.back()) % 8, 0u);
      std::fill_n(places.back(), ChunkPool::kChunkBytes / 4, static_cast<char>('a' + i));
    }
    std::fill_n(arena.Allocate(2 * ChunkPool::kChunkBytes), 2 * ChunkPool::kChunkBytes, 'y');
    for (size_t i = 0; i < places.size(); ++i) {
      EXPECT_EQ(*places[i], static_cast<char>('a' + i));
      EXPECT_EQ(places[i][ChunkPool::kChunkBytes / 4 - 1], static_cast<char>('a' + i));
    }
    EXPECT_GE(arena.used(), 4 * ChunkPool::kChunkBytes);
    EXPECT_LE(arena.used(), 5 * ChunkPool::kChunkBytes);
    EXPECT_EQ(pool->idle_bytes(), 0u);
  }
  EXPECT_EQ(pool->idle_bytes(), 2 * ChunkPool::kChunkBytes);
}

StreamPtr MakeStream(const std::string& name) {
  return std::make_shared<const Stream>(LabelSet::FromPairs({{"app", name}}));
}

using Views = std::vector<Row>;

// What `use` returns for views of the rows.
template <typename Use>
auto WithViews(const std::vector<OwnedRow>& rows, Use use) {
  std::vector<std::vector<LabelView>> metadata(rows.size());
  Views views;
  for (size_t i = 0; i < rows.size(); ++i) {
    for (const auto& [name, value] : rows[i].metadata) metadata[i].push_back({name, value});
    views.push_back({rows[i].time, rows[i].line, metadata[i], rows[i].level});
  }
  return use(views);
}

void Insert(Memtable* memtable, const StreamPtr& stream, const std::vector<OwnedRow>& rows,
            LogPosition position = {1, 1}) {
  WithViews(rows, [&](const Views& views) {
    const StreamRows batch{stream, views};
    memtable->Insert("tenant", position, {&batch, 1});
  });
}

OwnedRow RandomRow(Random* random) {
  OwnedRow row;
  row.time = random->Between(-5, random->OneIn(3) ? 5 : 500);
  row.line = random->Text(random->Below(3), "ab");
  if (random->OneIn(3)) row.metadata = {{"k", random->Text(random->Below(2), "xy")}};
  if (random->OneIn(5)) row.metadata.emplace_back("trace", std::to_string(random->Next()));
  if (random->OneIn(2)) row.level = random->OneIn(2) ? "info" : "warn";
  return row;
}

// Sorted by (time, arrival), first copies only.
std::vector<OwnedRow> Expected(std::vector<OwnedRow> rows) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const OwnedRow& a, const OwnedRow& b) { return a.time < b.time; });
  std::vector<OwnedRow> distinct;
  for (const OwnedRow& row : rows) {
    const bool seen = std::any_of(distinct.begin(), distinct.end(), [&](const OwnedRow& other) {
      return other.Identity() == row.Identity();
    });
    if (!seen) distinct.push_back(row);
  }
  return distinct;
}

const MemStream* OnlyStream(const Memtable& memtable) {
  const MemStream* result = nullptr;
  const MemTenant* tenant = memtable.Find("tenant");
  tenant->streams().ForEach(1, [&](const MemStream* stream) { result = stream; });
  return result;
}

TEST(RowMetadata, RoundTrip) {
  Random random(1);
  for (int round = 0; round < 200; ++round) {
    const OwnedRow owned = RandomRow(&random);
    std::vector<LabelView> pairs;
    for (const auto& [name, value] : owned.metadata) pairs.push_back({name, value});
    const Row row{0, "", pairs, owned.level};
    std::string bytes;
    EncodeRowMetadata(row, &bytes);
    EXPECT_EQ(bytes.size(), RowMetadataSize(row));
    EXPECT_EQ(SplitRowMetadata(bytes).level, owned.level);
    std::vector<LabelView> decoded;
    DecodeRowMetadata(bytes, &decoded);
    if (!owned.level.empty()) pairs.push_back({kDetectedLevel, owned.level});
    EXPECT_EQ(decoded, pairs);
  }
}

// Rows of which many have the long metadata of the row before.
std::vector<OwnedRow> RowsWithLongMetadata(Random* random, uint64_t count) {
  std::vector<OwnedRow> rows;
  for (; count > 0; --count) {
    OwnedRow row = RandomRow(random);
    if (random->OneIn(2)) row.metadata = {{"long", std::string(random->Below(100), 'x')}};
    if (!rows.empty() && random->OneIn(2)) row.metadata = rows.back().metadata;
    if (!rows.empty() && random->OneIn(2)) row.level = rows.back().level;
    rows.push_back(std::move(row));
  }
  return rows;
}

TEST(InsertSize, IsWhatInsertTakes) {
  Random random(4);
  for (int round = 0; round < 40; ++round) {
    const std::vector<OwnedRow> rows = RowsWithLongMetadata(&random, 2000);
    Memtable memtable(1, 0);
    Insert(&memtable, MakeStream("a"), {rows.front()});
    const uint64_t before = memtable.bytes();
    const uint64_t size = WithViews(rows, [](const Views& views) {
      const StreamRows batch{nullptr, views};
      return InsertSize({&batch, 1});
    });
    Insert(&memtable, MakeStream("a"), rows);
    const uint64_t taken = memtable.bytes() - before;
    EXPECT_LT(size, taken + 16 * rows.size());
    EXPECT_GT(size + rows.size() * sizeof(MemRow), taken);
    uint32_t i = 0;
    OnlyStream(memtable)->rows().ForEach(2001, [&](const MemRow& row) {
      const OwnedRow& expected = i == 0 ? rows.front() : rows[i - 1];
      ++i;
      std::vector<LabelView> pairs;
      DecodeRowMetadata(row.metadata(), &pairs);
      ASSERT_EQ(pairs.size(), expected.metadata.size() + (expected.level.empty() ? 0 : 1));
      for (size_t pair = 0; pair < expected.metadata.size(); ++pair) {
        EXPECT_EQ(pairs[pair].value, expected.metadata[pair].second);
      }
      EXPECT_EQ(SplitRowMetadata(row.metadata()).level, expected.level);
      EXPECT_EQ(row.line(), expected.line);
    });
  }
}

TEST(InsertSize, PiecesAreAllRowsInOrder) {
  Random random(5);
  for (int round = 0; round < 40; ++round) {
    const std::vector<OwnedRow> rows = RowsWithLongMetadata(&random, 200);
    WithViews(rows, [&](const Views& views) {
      const size_t cut = random.Below(200);
      const auto all = std::span<const Row>(views);
      const StreamPtr streams[] = {MakeStream("a"), MakeStream("b")};
      const StreamRows batches[] = {{streams[0], all.first(cut)}, {streams[1], all.subspan(cut)}};
      const uint64_t most = 100 + random.Below(2000);
      size_t next = 0;
      EXPECT_OK(ForEachPiece(batches, most, [&](std::span<const StreamRows> piece) -> Status {
        size_t rows_here = 0;
        for (const StreamRows& batch : piece) {
          for (const Row& row : batch.rows) {
            EXPECT_EQ(&row, &views[next]);
            EXPECT_EQ(batch.stream, streams[next < cut ? 0 : 1]);
            ++next;
            ++rows_here;
          }
        }
        EXPECT_GT(rows_here, 0u);
        EXPECT_TRUE(rows_here == 1 || InsertSize(piece) <= most);
        return absl::OkStatus();
      }));
      EXPECT_EQ(next, views.size());
    });
  }
}

TEST(SortedRows, DropsLaterCopiesAndKeepsOrder) {
  Random random(2);
  for (int round = 0; round < 40; ++round) {
    Memtable memtable(1, 0);
    const StreamPtr stream = MakeStream("a");
    std::vector<OwnedRow> rows;
    for (uint64_t n = 1 + random.Below(600); n > 0; --n) rows.push_back(RandomRow(&random));
    Insert(&memtable, stream, rows);
    const MemStream* mem = OnlyStream(memtable);
    const std::vector<OwnedRow> expected = Expected(rows);
    uint64_t duplicates = 0;
    const auto sorted = SortedRows(*mem, mem->rows().size(), std::nullopt, &duplicates);
    ASSERT_EQ(sorted.size(), expected.size());
    EXPECT_EQ(duplicates, rows.size() - expected.size());
    for (size_t i = 0; i < sorted.size(); ++i) {
      EXPECT_EQ(sorted[i].time, expected[i].time);
      EXPECT_EQ(sorted[i].line(), expected[i].line);
      EXPECT_EQ(SplitRowMetadata(sorted[i].metadata()).level, expected[i].level);
    }
    const TimeRange range{0, 3};
    const auto some = SortedRows(*mem, mem->rows().size(), range, nullptr);
    EXPECT_EQ(some.size(), static_cast<size_t>(std::count_if(
                               expected.begin(), expected.end(),
                               [&](const OwnedRow& row) { return range.Contains(row.time); })));
    const auto count = static_cast<uint32_t>(random.Below(rows.size() + 1));
    const auto prefix = SortedRows(*mem, count, std::nullopt, nullptr);
    EXPECT_EQ(prefix.size(), Expected({rows.begin(), rows.begin() + count}).size());
  }
}

TEST(SortedRows, ManyRowsOfOneTimeAreNotComparedPairwise) {
  Memtable memtable(1, 0);
  std::vector<OwnedRow> rows;
  for (int i = 0; i < 60'000; ++i) rows.push_back({7, std::to_string(i % 50'000), {}, ""});
  Insert(&memtable, MakeStream("a"), rows);
  uint64_t duplicates = 0;
  EXPECT_EQ(SortedRows(*OnlyStream(memtable), 60'000, std::nullopt, &duplicates).size(), 50'000u);
  EXPECT_EQ(duplicates, 10'000u);
}

TEST(SortedRows, TheLastNanosecondIsKeptWithoutARange) {
  Memtable memtable(1, 0);
  Insert(&memtable, MakeStream("a"), {{INT64_MAX, "last", {}, ""}, {INT64_MIN, "first", {}, ""}});
  const auto rows = SortedRows(*OnlyStream(memtable), 2, std::nullopt, nullptr);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].line(), "last");
}

TEST(SortedRows, SlicesHaveEachRowOnce) {
  Random random(9);
  for (int round = 0; round < 50; ++round) {
    Memtable memtable(1, 0);
    std::vector<OwnedRow> rows;
    const uint64_t times = 1 + random.Below(2000);
    for (uint64_t n = 1 + random.Below(3000); n > 0; --n) {
      rows.push_back({static_cast<int64_t>(random.Below(times)), "", {}, ""});
    }
    Insert(&memtable, MakeStream("a"), rows);
    const MemStream& stream = *OnlyStream(memtable);
    const auto count = static_cast<uint32_t>(rows.size());
    const TimeRange range{random.Between(-10, 900), random.Between(900, 3000)};
    const size_t slices = 1 + random.Below(12);
    const std::vector<TimeRange> cut = EqualSlices(stream, count, range, slices);
    ASSERT_LE(cut.size(), slices);
    ASSERT_EQ(cut.back().end, range.end);
    for (size_t i = 0; i < cut.size(); ++i) {
      EXPECT_FALSE(cut[i].empty());
      EXPECT_EQ(cut[i].begin, i == 0 ? range.begin : cut[i - 1].end);
    }
  }
}

TEST(Memtable, CountsAndPositions) {
  Memtable memtable(3, 5);
  EXPECT_TRUE(memtable.empty());
  EXPECT_EQ(memtable.Find("tenant"), nullptr);
  const StreamRows nothing{MakeStream("a"), {}};
  memtable.Insert("tenant", {1, 1}, {&nothing, 1});
  EXPECT_EQ(memtable.Find("tenant"), nullptr) << "a push without rows leaves no tenant";
  Insert(&memtable, MakeStream("a"), {{1, "xx", {}, ""}}, {1, 2});
  Insert(&memtable, MakeStream("b"), {{2, "y", {}, ""}, {3, "z", {}, ""}}, {1, 9});
  EXPECT_EQ(memtable.rows(), 3u);
  EXPECT_EQ(memtable.streams(), 2u);
  EXPECT_GT(memtable.bytes(), 0u);
  EXPECT_EQ(memtable.Tenants(), std::vector<TenantId>{"tenant"});
  EXPECT_EQ(memtable.first_position(), (LogPosition{1, 2}));
  EXPECT_EQ(memtable.last_position(), (LogPosition{1, 9}));
}

// Memory runs out at every step of an Insert, in turn.
TEST(Memtable, WhatMemoryRanOutForIsWhollyThereOrNotAtAll) {
  uint64_t failures = 0;
  for (size_t left = 2048; left < 6144; left += 16) {
    const auto pool = std::make_shared<ChunkPool>(2);
    char* const only_other = pool->Take();
    Memtable memtable(1, 0, pool);
    const std::vector<OwnedRow> rows(20, {1, "line", {{"k", "some metadata of the row"}}, ""});
    // So many streams that the list of them has to grow for the next one.
    for (int i = 0; i < 16; ++i) Insert(&memtable, MakeStream(StrCat(i)), {{1, "x", {}, ""}});
    const std::string filler(ChunkPool::kChunkBytes - left, 'x');
    try {
      Insert(&memtable, MakeStream("0"), {{2, filler, {}, ""}}, {1, 1});
      Insert(&memtable, MakeStream("a"), rows, {1, 2});
    } catch (const std::bad_alloc&) {
      ++failures;
    }
    pool->Give(only_other);
    Insert(&memtable, MakeStream("a"), {{2, "after", {}, ""}}, {1, 3});
    uint64_t shown = 0;
    bool after_is_shown = false;
    const MemTenant* const tenant = memtable.Find("tenant");
    tenant->streams().ForEach(tenant->streams().size(), [&](const MemStream* stream) {
      stream->rows().ForEach(stream->rows().size(), [&](const MemRow& row) {
        ++shown;
        after_is_shown |= row.line() == "after";
      });
    });
    EXPECT_TRUE(after_is_shown);
    EXPECT_EQ(memtable.rows(), shown);
    EXPECT_EQ(memtable.Tenants(), std::vector<TenantId>{"tenant"});
    EXPECT_EQ(tenant->last_position(), (LogPosition{1, 3}));
  }
  EXPECT_GT(failures, 100u);
}

TEST(Memtable, ATenantThatGotNoRowsIsNoSourceOfAPart) {
  Memtable full(1, 0);
  Insert(&full, MakeStream("a"), {{1, "x", {}, ""}}, {1, 2});
  Memtable failed(2, 0, std::make_shared<ChunkPool>(0));
  EXPECT_THROW(Insert(&failed, MakeStream("a"), {{2, "y", {}, ""}}, {1, 3}), std::bad_alloc);
  MemoryFileSystem files;
  PageCache cache(1_MiB);
  CatalogState state;
  state.next_file = 1;
  state.next_tenant = 1;
  const auto flushed = FlushToParts(&files, "/data", {{&full, &failed}, {"tenant"}}, state, &cache);
  ASSERT_OK(flushed);
  ASSERT_EQ(flushed->parts.size(), 1u);
  EXPECT_EQ(flushed->edit.parts_added[0].first, (LogPosition{1, 2}));
  EXPECT_EQ(flushed->edit.parts_added[0].last, (LogPosition{1, 2}));
}

// A matcher that has only the exact test.
class HasB : public LineMatcher {
 public:
  bool Matches(std::string_view line) const override {
    return line.find('b') != std::string_view::npos;
  }
  const RequiredLiterals& required() const override { return required_; }

 private:
  const RequiredLiterals required_;
};

TEST(MemtableBlock, AgreesWithItsRows) {
  Random random(3);
  for (int round = 0; round < 30; ++round) {
    auto memtable = std::make_shared<Memtable>(1, 0);
    std::vector<OwnedRow> rows;
    for (uint64_t n = 1 + random.Below(400); n > 0; --n) rows.push_back(RandomRow(&random));
    Insert(memtable.get(), MakeStream("a"), rows);
    rows = Expected(rows);
    const auto count = static_cast<uint32_t>(rows.size());
    const MemStream* mem = OnlyStream(*memtable);
    MemtableBlock block(SortedRows(*mem, mem->rows().size(), std::nullopt, nullptr),
                        {{0, 0, count}}, memtable);
    memtable.reset();  // the block keeps it

    RowSet selected;
    const TimeRange range{1, 100};
    ASSERT_OK(block.SelectRows(range, &selected));
    ASSERT_OK_AND_ASSIGN(LineColumn * lines, block.Lines());
    ASSERT_OK(lines->Match(HasB(), false, &selected));
    std::vector<uint32_t> lengths(count);
    ASSERT_OK(lines->Lengths(lengths));
    for (uint32_t i = 0; i < count; ++i) {
      EXPECT_EQ(lengths[i], rows[i].line.size());
      EXPECT_EQ(selected.Contains(i),
                range.Contains(rows[i].time) && rows[i].line.find('b') != std::string::npos);
    }
    std::vector<std::map<std::string, std::string>> metadata(count);
    const auto names = block.metadata_names();
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
    for (size_t n = 0; n < names.size(); ++n) {
      ASSERT_OK_AND_ASSIGN(const StringColumn column, block.Metadata(n));
      for (uint32_t i = 0; i < count; ++i) {
        if (!IsAbsent(column[i])) metadata[i].emplace(names[n], column[i]);
      }
    }
    ExpectPicksLikeMetadata(&block, &random);
    for (uint32_t i = 0; i < count; ++i) {
      std::map<std::string, std::string> expected(rows[i].metadata.begin(), rows[i].metadata.end());
      if (!rows[i].level.empty()) expected.emplace(kDetectedLevel, rows[i].level);
      EXPECT_EQ(metadata[i], expected);
    }
    const std::vector<int64_t> edges = {INT64_MIN, 0, 2, 2, 77, INT64_MAX};
    std::vector<Rank> ranks(edges.size());
    ASSERT_OK(block.RanksAt(block.runs()[0], edges, ranks));
    for (size_t e = 0; e < edges.size(); ++e) {
      uint64_t expected_rows = 0;
      uint64_t expected_bytes = 0;
      for (const OwnedRow& row : rows) {
        if (row.time >= edges[e]) continue;
        ++expected_rows;
        expected_bytes += row.line.size();
      }
      EXPECT_EQ(ranks[e].rows, expected_rows);
      EXPECT_EQ(ranks[e].line_bytes, expected_bytes);
    }
  }
}

TEST(MemtableBlock, ManyNamesThatFewRowsHave) {
  Memtable memtable(1, 0);
  std::vector<OwnedRow> rows;
  for (int i = 0; i < 20'000; ++i) {
    rows.push_back({i, "", {{"name" + std::to_string(i), "v"}}, ""});
  }
  Insert(&memtable, MakeStream("a"), rows);
  MemtableBlock block(SortedRows(*OnlyStream(memtable), 20'000, std::nullopt, nullptr),
                      {{0, 0, 20'000}}, nullptr);
  ASSERT_EQ(block.metadata_names().size(), 20'000u);
  ASSERT_OK_AND_ASSIGN(const StringColumn column, block.Metadata(0));
  EXPECT_EQ(column[0], "v");
  EXPECT_TRUE(IsAbsent(column[1]));
}

TEST(MemtableBlock, MetadataOfAFewRowsTakesLittle) {
  Memtable memtable(1, 0);
  std::vector<OwnedRow> rows;
  for (int i = 0; i < 4000; ++i) {
    rows.push_back({i, "", {{"name" + std::to_string(i), "v"}}, ""});
  }
  Insert(&memtable, MakeStream("a"), rows);
  MemtableBlock block(SortedRows(*OnlyStream(memtable), 4000, std::nullopt, nullptr),
                      {{0, 0, 4000}}, nullptr);
  const std::vector<uint32_t> few = {7, 3000};
  Arena arena;
  size_t present = 0;
  for (size_t n = 0; n < block.metadata_names().size(); ++n) {
    ASSERT_OK_AND_ASSIGN(const StringColumn column, block.MetadataOf(n, few, &arena));
    present += !IsAbsent(column);
  }
  EXPECT_EQ(present, few.size());
  EXPECT_LE(arena.capacity(), 64_KiB);
  EXPECT_GT(block.metadata_memory(), 0u);
  EXPECT_LE(block.metadata_memory(), 2_MiB);
}

// One thread inserts, others read; every row that was published is whole.
TEST(Memtable, ReadersSeeWholeRows) {
  Memtable memtable(1, 0);
  std::vector<StreamPtr> streams;
  for (int i = 0; i < 20; ++i) streams.push_back(MakeStream(std::to_string(i)));
  std::atomic<bool> done{false};
  const auto read = [&] {
    uint64_t seen = 0;
    while (true) {
      const bool last = done.load();
      seen = 0;
      if (const MemTenant* tenant = memtable.Find("tenant"); tenant != nullptr) {
        tenant->streams().ForEach(tenant->streams().size(), [&](const MemStream* stream) {
          const uint32_t count = stream->rows().size();
          const int64_t min_time = stream->min_time();
          const int64_t max_time = stream->max_time();
          stream->rows().ForEach(count, [&](const MemRow& row) {
            EXPECT_EQ(row.line(), std::to_string(row.time));
            EXPECT_LE(min_time, row.time);
            EXPECT_GE(max_time, row.time);
            ++seen;
          });
        });
      }
      EXPECT_LE(seen, 20'000u);
      if (last) break;
    }
    EXPECT_EQ(seen, 20'000u);
  };
  std::thread first(read);
  std::thread second(read);
  Random random(4);
  for (uint64_t i = 0; i < 4000; ++i) {
    std::vector<OwnedRow> rows;
    for (int k = 0; k < 5; ++k) {
      const auto time = static_cast<int64_t>(random.Below(100'000));
      rows.push_back({time, std::to_string(time), {}, ""});
    }
    Insert(&memtable, streams[i % streams.size()], rows, {1, i});
  }
  done.store(true);
  first.join();
  second.join();
}

}  // namespace
}  // namespace skald::storage
