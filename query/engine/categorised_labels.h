// The labels of a batch's rows, put together from streams, columns and error states.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "query/batch/batch.h"
#include "storage/model/labels.h"

namespace skald::query {

// A label of a row and where it came from.
struct CategorisedLabel {
  std::string_view name;
  std::string_view value;
  LabelCategory category;
};

// Threads: externally synchronised. Valid until the batch's columns change.
class CategorisedLabels {
 public:
  explicit CategorisedLabels(const Batch& batch);

  // Replaces `out` by the row's labels, sorted by name, each name once (parsed before metadata
  // before stream). Views live as long as the batch's.
  void Read(uint32_t row, std::vector<CategorisedLabel>* out) const;

 private:
  // The columns of one name; null where there is none.
  struct Source {
    std::string_view name;
    const LabelColumn* parsed = nullptr;
    const LabelColumn* metadata = nullptr;
    const LabelColumn* stream = nullptr;
  };
  void ReadSource(const Source& source, std::string_view stream_value, uint32_t row,
                  std::vector<CategorisedLabel>* out) const;

  const Batch& batch_;
  std::vector<Source> sources_;  // sorted by name
};

// The labels without their categories.
std::vector<LabelView> ToLabelViews(const std::vector<CategorisedLabel>& labels);

}  // namespace skald::query
