// Writes label text from pairs, for formats that push labels as pairs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ingest/charged_growth.h"
#include "storage/base/memory_budget.h"
#include "storage/base/status.h"
#include "storage/model/labels.h"

namespace skald::ingest {

// Reused from stream to stream. Threads: externally synchronised.
class LabelTextWriter {
 public:
  // What it holds is charged to `memory`, which must outlive it.
  explicit LabelTextWriter(Reservation* memory) : memory_(memory) {}

  void Clear() { labels_.clear(); }
  // Views must live until Write().
  Status Add(std::string_view name, std::string_view value) {
    return AppendCharged({name, value}, memory_, &labels_);
  }

  // `{a="b", c="d"}`, sorted by name; of a name given twice the last value. Names are written as
  // they are, as Loki does: what is no name is then mostly no label text. The view lives until the
  // next call.
  StatusOr<std::string_view> Write();

 private:
  Reservation* const memory_;
  std::vector<LabelView> labels_;
  std::string text_;
};

}  // namespace skald::ingest
