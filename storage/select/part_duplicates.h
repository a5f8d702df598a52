// What is known of the rows that a part has in common with an earlier one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "storage/select/duplicates.h"

namespace skald::storage {

// By streams, which become known as queries ask for them. Threads: immutable once filled.
class PartDuplicates {
 public:
  // Adds the next stream, by its ordinal in the later part. REQUIRES: ordinals ascend.
  void Append(uint32_t ordinal, std::span<const DuplicateRun> copies);

  // The copies of a stream; nullopt: not known.
  std::optional<std::span<const DuplicateRun>> Find(uint32_t ordinal) const;

  // What either knows.
  static std::shared_ptr<const PartDuplicates> Merge(const PartDuplicates& a,
                                                     const PartDuplicates& b);

  bool empty() const { return streams_.empty(); }
  // Bytes of memory held.
  uint64_t charge() const;

 private:
  struct StreamCopies {
    uint32_t ordinal;
    uint32_t end;  // in copies_; they begin where those of the stream before end
  };
  std::span<const DuplicateRun> CopiesOf(size_t index) const;

  std::vector<StreamCopies> streams_;
  std::vector<DuplicateRun> copies_;
};

}  // namespace skald::storage
