#include "tools/cli/explanation.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"
#include "storage/base/byte_size.h"

namespace skald::cli {
namespace {

// Gives statistics of ingester and store together by their last names.
class Reading {
 public:
  explicit Reading(const Statistics& statistics) : statistics_(statistics) {}

  double At(const std::string& path) const {
    auto it = statistics_.find(path);
    return it == statistics_.end() ? 0 : it->second;
  }
  double Both(const std::string& path) const {
    return At("ingester.store." + path) + At("querier.store." + path);
  }

 private:
  const Statistics& statistics_;
};

std::string Bytes(double bytes) {
  return FormatHumanizedBytes(static_cast<uint64_t>(std::clamp(bytes, 0.0, 9e18)));
}

// `1 234 567`, as long numbers are hard to read.
std::string Count(double count) {
  std::string digits = StrCat(static_cast<int64_t>(std::clamp(count, 0.0, 9e18)));
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, " ");
  return digits;
}

std::string Seconds(double seconds) {
  return seconds < 1 ? absl::StrFormat("%.1f ms", seconds * 1e3)
                     : absl::StrFormat("%.2f s", seconds);
}

void AddRow(std::string_view name, std::string_view text, std::string* out) {
  absl::StrAppendFormat(out, "  %-9s %s\n", ToAbsl(name), ToAbsl(text));
}

}  // namespace

std::string Explanation(const Statistics& statistics) {
  const Reading reading(statistics);
  std::string out = "Explanation\n";
  AddRow("time",
         StrCat(Seconds(reading.At("summary.execTime")), " executing, ",
                Seconds(reading.At("summary.queueTime")), " waiting for its turn"),
         &out);
  double chunks = reading.Both("totalChunksRef");
  double opened = reading.Both("totalChunksDownloaded");
  std::string share;  // a block may be opened more than once
  if (opened < chunks) share = absl::StrFormat(" (%.0f %% skipped)", 100 - 100 * opened / chunks);
  AddRow("blocks", StrCat(Count(opened), " opened of ", Count(chunks), " selected", share), &out);
  AddRow("read",
         StrCat(Bytes(reading.Both("chunk.compressedBytes")), " from part files, ",
                Bytes(reading.Both("chunk.decompressedBytes")), " decompressed, ",
                Bytes(reading.Both("chunk.headChunkBytes")), " in memory"),
         &out);
  AddRow("lines",
         StrCat(Count(reading.At("summary.totalLinesProcessed")), " looked at, ",
                Count(reading.At("summary.totalPostFilterLines")), " passed the filters, ",
                Count(reading.At("summary.totalEntriesReturned")), " entries or samples returned"),
         &out);
  AddRow("rate",
         StrCat(Bytes(reading.At("summary.totalBytesProcessed")), " of lines and metadata, ",
                Bytes(reading.At("summary.bytesProcessedPerSecond")), " a second"),
         &out);
  if (double copies = reading.Both("chunk.totalDuplicates"); copies > 0) {
    AddRow("copies", StrCat(Count(copies), " lines stored twice were left out"), &out);
  }
  return out;
}

}  // namespace skald::cli
