#include "server/api/stats_json.h"

#include <string_view>

namespace skald::api {
namespace {

constexpr double kNanosPerSecond = 1e9;

void WriteNumber(std::string_view key, uint64_t value, http::JsonWriter* json) {
  json->Key(key);
  json->Unsigned(value);
}

// Keys that mean something only to Loki's own machinery.
void WriteZeros(std::initializer_list<std::string_view> keys, http::JsonWriter* json) {
  for (const std::string_view key : keys) WriteNumber(key, 0, json);
}

uint64_t PerSecond(uint64_t count, int64_t nanos) {
  if (nanos <= 0) return 0;
  return static_cast<uint64_t>(static_cast<double>(count) * kNanosPerSecond /
                               static_cast<double>(nanos));
}

uint64_t TotalBytes(const query::QueryStats& stats) {
  return stats.scan.memtable_bytes + stats.scan.decompressed_bytes + stats.scan.metadata_bytes;
}

void WriteSummary(const query::QueryStats& stats, http::JsonWriter* json) {
  json->Key("summary");
  json->BeginObject();
  WriteNumber("bytesProcessedPerSecond", PerSecond(TotalBytes(stats), stats.exec_nanos), json);
  WriteNumber("linesProcessedPerSecond", PerSecond(stats.rows_processed, stats.exec_nanos), json);
  WriteNumber("totalBytesProcessed", TotalBytes(stats), json);
  WriteNumber("totalLinesProcessed", stats.rows_processed, json);
  json->Key("execTime");
  json->Double(static_cast<double>(stats.exec_nanos) / kNanosPerSecond);
  json->Key("queueTime");
  json->Double(0);
  WriteNumber("subqueries", stats.subqueries, json);
  WriteNumber("totalEntriesReturned", stats.entries_returned, json);
  WriteNumber("splits", 0, json);
  WriteNumber("shards", 0, json);
  WriteNumber("totalPostFilterLines", stats.rows_matched, json);
  WriteNumber("totalStructuredMetadataBytesProcessed", stats.scan.metadata_bytes, json);
  json->EndObject();
}

void WriteChunk(const query::QueryStats& stats, bool memtable, http::JsonWriter* json) {
  const storage::ScanStats& scan = stats.scan;
  json->Key("chunk");
  json->BeginObject();
  WriteNumber("headChunkBytes", memtable ? scan.memtable_bytes : 0, json);
  WriteNumber("headChunkLines", memtable ? scan.memtable_rows : 0, json);
  WriteNumber("decompressedBytes", memtable ? 0 : scan.decompressed_bytes, json);
  WriteNumber("decompressedLines", memtable ? 0 : scan.decompressed_rows, json);
  WriteNumber("compressedBytes", memtable ? 0 : scan.compressed_bytes, json);
  WriteNumber("totalDuplicates", memtable ? 0 : scan.duplicates, json);
  WriteNumber("postFilterLines", memtable ? 0 : stats.rows_matched, json);
  WriteNumber("headChunkStructuredMetadataBytes", 0, json);
  WriteNumber("decompressedStructuredMetadataBytes", memtable ? 0 : scan.metadata_bytes, json);
  json->EndObject();
}

// What was read from the memtable stands under `ingester`, what was read from parts under
// `querier`, as Loki has its two kinds of storage.
void WriteStore(const query::QueryStats& stats, bool memtable, http::JsonWriter* json) {
  json->Key("store");
  json->BeginObject();
  WriteNumber("totalChunksRef", memtable ? 0 : stats.units + stats.scan.blocks_skipped, json);
  WriteNumber("totalChunksDownloaded", memtable ? 0 : stats.scan.blocks_read, json);
  WriteNumber("chunksDownloadTime", 0, json);
  json->Key("queryReferencedStructuredMetadata");
  json->Bool(stats.used_metadata);
  json->Key("queryUsedV2Engine");
  json->Bool(false);
  WriteChunk(stats, memtable, json);
  WriteZeros({"chunkRefsFetchTime", "congestionControlLatency", "pipelineWrapperFilteredLines"},
             json);
  json->Key("dataobj");
  json->BeginObject();
  WriteZeros({"prePredicateDecompressedRows", "prePredicateDecompressedBytes",
              "prePredicateDecompressedStructuredMetadataBytes", "postPredicateRows",
              "postPredicateDecompressedBytes", "postPredicateStructuredMetadataBytes",
              "postFilterRows", "pagesScanned", "pagesDownloaded", "pagesDownloadedBytes",
              "pageBatches", "totalRowsAvailable", "totalPageDownloadTime"},
             json);
  json->EndObject();
  json->EndObject();
}

void WriteCaches(http::JsonWriter* json) {
  json->Key("cache");
  json->BeginObject();
  for (const std::string_view kind : {"chunk", "index", "result", "statsResult", "volumeResult",
                                      "seriesResult", "labelResult", "instantMetricResult"}) {
    json->Key(kind);
    json->BeginObject();
    WriteZeros({"entriesFound", "entriesRequested", "entriesStored", "bytesReceived", "bytesSent",
                "requests", "downloadTime", "queryLengthServed"},
               json);
    json->EndObject();
  }
  json->EndObject();
}

void WriteIndex(const query::QueryStats& stats, http::JsonWriter* json) {
  json->Key("index");
  json->BeginObject();
  WriteNumber("totalChunks", stats.units + stats.scan.blocks_skipped, json);
  WriteNumber("postFilterChunks", stats.units_opened, json);
  WriteNumber("shardsDuration", 0, json);
  json->Key("usedBloomFilters");
  json->Bool(false);
  WriteNumber("totalStreams", stats.streams, json);
  WriteZeros({"chunkRefsLookupTime", "bloomFilterTime"}, json);
  json->EndObject();
}

}  // namespace

void WriteStats(const query::QueryStats& stats, http::JsonWriter* json) {
  json->BeginObject();
  WriteSummary(stats, json);
  json->Key("querier");
  json->BeginObject();
  WriteStore(stats, false, json);
  json->Key("querierExecTime");
  json->Double(0);
  json->EndObject();
  json->Key("ingester");
  json->BeginObject();
  WriteNumber("totalReached", 1, json);
  WriteNumber("totalChunksMatched", stats.scan.memtable_rows > 0 ? 1 : 0, json);
  WriteNumber("totalBatches", 0, json);
  WriteNumber("totalLinesSent", stats.scan.memtable_rows, json);
  WriteStore(stats, true, json);
  json->EndObject();
  WriteCaches(json);
  WriteIndex(stats, json);
  json->EndObject();
}

}  // namespace skald::api
