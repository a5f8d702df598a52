// A row on its way into a part.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "storage/model/labels.h"

namespace skald::storage {

struct PartRow {
  int64_t time = 0;
  std::string_view line;
  // Structured metadata, discovery's included; names unique.
  std::span<const LabelView> metadata;
};

}  // namespace skald::storage
