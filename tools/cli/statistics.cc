#include "tools/cli/statistics.h"

#include <cmath>
#include <span>

#include "storage/base/byte_size.h"
#include "storage/base/duration.h"

namespace skald::cli {
namespace {

constexpr size_t kValueColumn = 48;
constexpr size_t kTab = 8;

enum class Unit { kCount, kBytes, kNanoseconds, kSeconds, kFlag };

struct Row {
  std::string_view name;
  std::string_view path;
  Unit unit = Unit::kCount;
};

constexpr Row kIngester[] = {
    {"Ingester.TotalReached", "ingester.totalReached"},
    {"Ingester.TotalChunksMatched", "ingester.totalChunksMatched"},
    {"Ingester.TotalBatches", "ingester.totalBatches"},
    {"Ingester.TotalLinesSent", "ingester.totalLinesSent"},
    {"Ingester.RecvWaitTime", "ingester.recvWaitTime", Unit::kNanoseconds}};

// Rows of a store; names follow `Ingester.` or `Querier.`, paths the place of the store.
constexpr Row kStore[] = {{"TotalChunksRef", "totalChunksRef"},
                          {"TotalChunksDownloaded", "totalChunksDownloaded"},
                          {"ChunksDownloadTime", "chunksDownloadTime", Unit::kNanoseconds},
                          {"ChunkRefsFetchTime", "chunkRefsFetchTime", Unit::kNanoseconds},
                          {"HeadChunkBytes", "chunk.headChunkBytes", Unit::kBytes},
                          {"HeadChunkLines", "chunk.headChunkLines"},
                          {"DecompressedBytes", "chunk.decompressedBytes", Unit::kBytes},
                          {"DecompressedLines", "chunk.decompressedLines"},
                          {"PostFilterLInes", "chunk.postFilterLines"},
                          {"CompressedBytes", "chunk.compressedBytes", Unit::kBytes},
                          {"TotalDuplicates", "chunk.totalDuplicates"}};

constexpr Row kQuerier[] = {
    {"Querier.QueryReferencedStructuredMetadata", "querier.store.queryReferencedStructuredMetadata",
     Unit::kFlag},
    {"Querier.QueryUsedV2Engine", "querier.store.queryUsedV2Engine", Unit::kFlag}};

constexpr Row kCache[] = {{"Requests", "requests"},
                          {"EntriesRequested", "entriesRequested"},
                          {"EntriesFound", "entriesFound"},
                          {"EntriesStored", "entriesStored"},
                          {"BytesSent", "bytesSent", Unit::kBytes},
                          {"BytesReceived", "bytesReceived", Unit::kBytes}};
constexpr Row kCacheTime[] = {{"DownloadTime", "downloadTime", Unit::kNanoseconds}};

constexpr Row kSummary[] = {
    {"Summary.BytesProcessedPerSecond", "summary.bytesProcessedPerSecond", Unit::kBytes},
    {"Summary.LinesProcessedPerSecond", "summary.linesProcessedPerSecond"},
    {"Summary.TotalBytesProcessed", "summary.totalBytesProcessed", Unit::kBytes},
    {"Summary.TotalLinesProcessed", "summary.totalLinesProcessed"},
    {"Summary.PostFilterLines", "summary.totalPostFilterLines"},
    {"Summary.ExecTime", "summary.execTime", Unit::kSeconds},
    {"Summary.QueueTime", "summary.queueTime", Unit::kSeconds}};

std::string ValueText(double value, Unit unit) {
  if (!(std::fabs(value) < 9e18)) value = 0;
  switch (unit) {
    case Unit::kCount:
      return StrCat(static_cast<int64_t>(value));
    case Unit::kBytes:
      return FormatHumanizedBytes(static_cast<uint64_t>(std::fmax(value, 0)));
    case Unit::kNanoseconds:
      return FormatGoDuration(std::chrono::nanoseconds(static_cast<int64_t>(value)));
    case Unit::kSeconds:
      if (!(std::fabs(value) < 9e9)) return "0s";
      return FormatGoDuration(std::chrono::nanoseconds(std::llround(value * 1e9)));
    case Unit::kFlag:
      return value != 0 ? "true" : "false";
  }
  return "";
}

class Table {
 public:
  explicit Table(const Statistics& statistics) : statistics_(statistics) {}

  void Add(std::span<const Row> rows, std::string_view name_prefix = "",
           std::string_view path_prefix = "") {
    for (const Row& row : rows) {
      std::string cell = StrCat(name_prefix, row.name, " ");
      auto it = statistics_.find(StrCat(path_prefix, row.path));
      size_t width = cell.size();
      do {
        cell += '\t';
        width = width / kTab * kTab + kTab;
      } while (width < kValueColumn);
      StrAppend(&text_, cell, " ", ValueText(it == statistics_.end() ? 0 : it->second, row.unit),
                "\n");
    }
  }

  const std::string& text() const { return text_; }

 private:
  const Statistics& statistics_;
  std::string text_;
};

void AddCaches(Table* table) {
  table->Add(kCache, "Cache.Chunk.", "cache.chunk.");
  table->Add(kCacheTime, "Cache.Chunk.", "cache.chunk.");
  table->Add(kCache, "Cache.Index.", "cache.index.");
  table->Add(kCacheTime, "Cache.Index.", "cache.index.");
  table->Add(kCache, "Cache.StatsResult.", "cache.statsResult.");
  table->Add(kCache, "Cache.VolumeResult.", "cache.volumeResult.");
  table->Add(kCache, "Cache.SeriesResult.", "cache.seriesResult.");
  table->Add(kCache, "Cache.LabelResult.", "cache.labelResult.");
  table->Add(kCacheTime, "Cache.Result.", "cache.result.");
  table->Add(kCache, "Cache.Result.", "cache.result.");
  table->Add(kCache, "Cache.InstantMetricResult.", "cache.instantMetricResult.");
  table->Add(kCacheTime, "Cache.InstantMetricResult.", "cache.instantMetricResult.");
}

}  // namespace

std::string StatisticsTable(const Statistics& statistics) {
  Table table(statistics);
  table.Add(kIngester);
  table.Add(kStore, "Ingester.", "ingester.store.");
  table.Add(kStore, "Querier.", "querier.store.");
  table.Add(kQuerier);
  AddCaches(&table);
  table.Add(kSummary);
  return table.text();
}

}  // namespace skald::cli
