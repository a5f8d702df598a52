// Drives a storage engine without the ingest layer: pushes of plain rows, and everything read back
// through the public reader interface.
#pragma once

#include <compare>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/engine.h"

namespace skald::test_support {

// A row with everything it owns, as a test writes it and reads it back.
struct PlainRow {
  std::string labels;  // canonical text
  int64_t time = 0;
  std::string line;
  std::vector<std::pair<std::string, std::string>> metadata;  // by name

  auto operator<=>(const PlainRow&) const = default;
};

// Bodies that EncodeRows makes. Threads: externally synchronised.
class PlainRowDecoder : public storage::RecordDecoder {
 public:
  Status Decode(const storage::PushRecord& record,
                absl::FunctionRef<void(std::span<const StreamRows>)> sink) override;
};
std::string EncodeRows(const std::vector<PlainRow>& rows);

// Appends the rows as one push; when `durable`, waits and returns what the log said. Memory is
// charged to `budget`, if there is one, meanwhile.
Status Push(storage::Engine* engine, const std::string& tenant, const std::vector<PlainRow>& rows,
            bool durable = true, MemoryBudget* budget = nullptr);

// Every visible row of the streams that match, stream by stream in time order.
StatusOr<std::vector<PlainRow>> ReadRows(storage::Engine* engine, const std::string& tenant,
                                         const std::vector<Matcher>& matchers = {},
                                         TimeRange range = {});

// The parsed labels of a selector's text form.
LabelSet Labels(const std::string& text);

}  // namespace skald::test_support
