#include "ingest/refused_entries.h"

#include "storage/base/coding.h"

namespace skald::ingest {

std::string EncodeRefused(const RowSet& refused) {
  std::string bytes;
  uint32_t done = 0;
  uint32_t at = refused.Next(0);
  while (at < refused.size()) {
    uint32_t end = at + 1;
    while (end < refused.size() && refused.Contains(end)) ++end;
    PutVarint32(&bytes, at - done);
    PutVarint32(&bytes, end - at);
    done = end;
    at = refused.Next(end);
  }
  return bytes;
}

StatusOr<RowSet> DecodeRefused(std::string_view bytes, uint32_t entry_count) {
  RowSet refused(entry_count);
  ByteReader reader(bytes);
  uint64_t at = 0;
  while (!reader.empty()) {
    uint32_t gap = 0;
    uint32_t length = 0;
    if (!reader.ReadVarint32(&gap) || !reader.ReadVarint32(&length) || length == 0 ||
        at + gap + length > entry_count) {
      return DataLoss("damaged list of refused entries");
    }
    refused.AddRange(static_cast<uint32_t>(at + gap), static_cast<uint32_t>(at + gap + length));
    at += uint64_t{gap} + length;
  }
  return refused;
}

}  // namespace skald::ingest
