// A few rows apart from the engine, for queries to run on as they run on stored ones: what arrived
// in a short while, for those who follow it live.
//
// Queries see rows, order and duplicates exactly as they would in the engine. Nothing is durable.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "storage/model/row.h"
#include "storage/reader.h"

namespace skald::storage {

class Memtable;

// Threads: externally synchronised until it is handed to readers; thread-safe as a Reader, as long
// as no rows are added.
class RowBuffer final : public Reader {
 public:
  explicit RowBuffer(std::string_view tenant);
  ~RowBuffer() override;

  // Copies rows in, as later than all that are there.
  void Add(std::span<const StreamRows> rows);

  // Memory held.
  uint64_t bytes() const;
  bool empty() const;

  // The rows, whatever tenant is asked for. They live as long as the snapshot.
  std::shared_ptr<const Snapshot> GetSnapshot(std::string_view tenant) override;

 private:
  const std::string tenant_;
  std::shared_ptr<Memtable> rows_;
  uint64_t pushes_ = 0;
};

}  // namespace skald::storage
