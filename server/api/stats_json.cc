#include "server/api/stats_json.h"

#include <initializer_list>
#include <string_view>

namespace skald::api {
namespace {

using http::JsonWriter;

void WriteCount(std::string_view name, uint64_t value, JsonWriter* json) {
  json->Key(name);
  json->Unsigned(value);
}

void WriteZeros(std::initializer_list<std::string_view> names, JsonWriter* json) {
  for (const std::string_view name : names) WriteCount(name, 0, json);
}

void WriteSeconds(std::string_view name, int64_t nanos, JsonWriter* json) {
  json->Key(name);
  json->Double(static_cast<double>(nanos) / 1e9);
}

uint64_t PerSecond(uint64_t amount, int64_t nanos) {
  if (nanos <= 0) return 0;
  return static_cast<uint64_t>(static_cast<double>(amount) * 1e9 / static_cast<double>(nanos));
}

void WriteSummary(const query::QueryStats& stats, int64_t queue_nanos, JsonWriter* json) {
  const uint64_t bytes = stats.line_bytes_processed + stats.scan.metadata_bytes;
  json->Key("summary");
  json->BeginObject();
  WriteCount("bytesProcessedPerSecond", PerSecond(bytes, stats.exec_nanos), json);
  WriteCount("linesProcessedPerSecond", PerSecond(stats.rows_processed, stats.exec_nanos), json);
  WriteCount("totalBytesProcessed", bytes, json);
  WriteCount("totalLinesProcessed", stats.rows_processed, json);
  WriteSeconds("execTime", stats.exec_nanos, json);
  WriteSeconds("queueTime", queue_nanos, json);
  WriteCount("subqueries", stats.subqueries, json);
  WriteCount("totalEntriesReturned", stats.entries_returned, json);
  WriteZeros({"splits", "shards"}, json);
  WriteCount("totalPostFilterLines", stats.rows_matched, json);
  WriteCount("totalStructuredMetadataBytesProcessed", stats.scan.metadata_bytes, json);
  json->EndObject();
}

// The part of the work that Loki would do in its store or its ingester.
struct StoreStats {
  uint64_t chunks = 0;
  uint64_t chunks_read = 0;
  bool used_metadata = false;
  uint64_t head_bytes = 0;
  uint64_t head_lines = 0;
  uint64_t decompressed_bytes = 0;
  uint64_t decompressed_lines = 0;
  uint64_t compressed_bytes = 0;
  uint64_t duplicates = 0;
  uint64_t matched = 0;
  uint64_t metadata_bytes = 0;
};

void WriteStore(const StoreStats& store, JsonWriter* json) {
  json->Key("store");
  json->BeginObject();
  WriteCount("totalChunksRef", store.chunks, json);
  WriteCount("totalChunksDownloaded", store.chunks_read, json);
  WriteZeros({"chunksDownloadTime"}, json);
  json->Key("queryReferencedStructuredMetadata");
  json->Bool(store.used_metadata);
  json->Key("queryUsedV2Engine");
  json->Bool(false);
  json->Key("chunk");
  json->BeginObject();
  WriteCount("headChunkBytes", store.head_bytes, json);
  WriteCount("headChunkLines", store.head_lines, json);
  WriteCount("decompressedBytes", store.decompressed_bytes, json);
  WriteCount("decompressedLines", store.decompressed_lines, json);
  WriteCount("compressedBytes", store.compressed_bytes, json);
  WriteCount("totalDuplicates", store.duplicates, json);
  WriteCount("postFilterLines", store.matched, json);
  WriteZeros({"headChunkStructuredMetadataBytes"}, json);
  WriteCount("decompressedStructuredMetadataBytes", store.metadata_bytes, json);
  json->EndObject();
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

void WriteQuerier(const query::QueryStats& stats, JsonWriter* json) {
  StoreStats store;
  store.chunks = stats.units;
  store.chunks_read = stats.units_opened;
  store.used_metadata = stats.used_metadata;
  store.decompressed_bytes = stats.scan.decompressed_bytes;
  store.decompressed_lines = stats.scan.decompressed_rows;
  store.compressed_bytes = stats.scan.compressed_bytes;
  store.duplicates = stats.scan.duplicates;
  store.matched = stats.rows_matched;
  store.metadata_bytes = stats.scan.metadata_bytes;
  json->Key("querier");
  json->BeginObject();
  WriteStore(store, json);
  WriteSeconds("querierExecTime", stats.exec_nanos, json);
  json->EndObject();
}

void WriteIngester(const query::QueryStats& stats, JsonWriter* json) {
  StoreStats store;
  store.head_bytes = stats.scan.memtable_bytes;
  store.head_lines = stats.scan.memtable_rows;
  json->Key("ingester");
  json->BeginObject();
  WriteCount("totalReached", stats.scan.memtable_rows > 0 ? 1 : 0, json);
  WriteZeros({"totalChunksMatched", "totalBatches"}, json);
  WriteCount("totalLinesSent", stats.scan.memtable_rows, json);
  WriteStore(store, json);
  json->EndObject();
}

void WriteCaches(JsonWriter* json) {
  json->Key("cache");
  json->BeginObject();
  for (const std::string_view cache : {"chunk", "index", "result", "statsResult", "volumeResult",
                                       "seriesResult", "labelResult", "instantMetricResult"}) {
    json->Key(cache);
    json->BeginObject();
    WriteZeros({"entriesFound", "entriesRequested", "entriesStored", "bytesReceived", "bytesSent",
                "requests", "downloadTime", "queryLengthServed"},
               json);
    json->EndObject();
  }
  json->EndObject();
}

void WriteIndex(const query::QueryStats& stats, JsonWriter* json) {
  json->Key("index");
  json->BeginObject();
  WriteCount("totalChunks", stats.units, json);
  WriteCount("postFilterChunks", stats.units, json);
  WriteZeros({"shardsDuration"}, json);
  json->Key("usedBloomFilters");
  json->Bool(false);
  WriteCount("totalStreams", stats.streams, json);
  WriteZeros({"chunkRefsLookupTime", "bloomFilterTime"}, json);
  json->EndObject();
}

}  // namespace

void WriteStats(const query::QueryStats& stats, int64_t queue_nanos, JsonWriter* json) {
  json->BeginObject();
  WriteSummary(stats, queue_nanos, json);
  WriteQuerier(stats, json);
  WriteIngester(stats, json);
  WriteCaches(json);
  WriteIndex(stats, json);
  json->EndObject();
}

void WriteIndexStats(const query::IndexStats& stats, http::JsonWriter* json) {
  const std::pair<std::string_view, uint64_t> members[] = {{"streams", stats.streams},
                                                           {"chunks", stats.chunks},
                                                           {"bytes", stats.bytes},
                                                           {"entries", stats.entries}};
  json->BeginObject();
  for (const auto& [name, value] : members) {
    json->Key(name);
    json->Unsigned(value);
  }
  json->EndObject();
}

}  // namespace skald::api
