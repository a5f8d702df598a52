// A reader whose blocks hold their lines in another way than the engine's own: every distinct line
// once, scrambled, and of every other one also its fields, if it is a simple one. It keeps the scan
// interface honest: queries that look behind it would find nothing they could read.
#pragma once

#include <memory>
#include <string_view>

#include "storage/reader.h"

namespace skald::test_support {

// Threads: as Reader.
class OddReader : public storage::Reader {
 public:
  // `inner` must outlive this.
  explicit OddReader(storage::Reader* inner) : inner_(*inner) {}

  std::shared_ptr<const storage::Snapshot> GetSnapshot(std::string_view tenant) override;

 private:
  storage::Reader& inner_;
};

}  // namespace skald::test_support
