// Writes label text from pairs, for formats that push labels as pairs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/model/labels.h"

namespace skald::ingest {

// Reused from stream to stream. Threads: externally synchronised.
class LabelTextWriter {
 public:
  void Clear() { labels_.clear(); }
  // Views must live until Write().
  void Add(std::string_view name, std::string_view value) { labels_.push_back({name, value}); }

  // `{a="b", c="d"}`, sorted by name; of a name given twice the last value. Names are written as
  // they are, as Loki does: what is no name is then mostly no label text. The view lives until the
  // next call.
  std::string_view Write();

 private:
  std::vector<LabelView> labels_;
  std::string text_;
};

}  // namespace skald::ingest
