#include "storage/select/source_rows.h"

#include <algorithm>

#include "storage/base/hash.h"
#include "storage/model/row.h"

namespace skald::storage {

SourceRows SourceRows::Within(int64_t first, int64_t last) const {
  const auto begin = std::lower_bound(times_.begin(), times_.end(), first);
  const auto end = std::upper_bound(begin, times_.end(), last);
  const auto skipped = static_cast<size_t>(begin - times_.begin());
  const auto count = static_cast<size_t>(end - begin);
  SourceRows within = *this;
  within.times_ = times_.subspan(skipped, count);
  within.first_row_ += static_cast<uint32_t>(skipped);
  within.first_id_ += skipped;
  if (!ids_.empty()) within.ids_ = ids_.subspan(skipped, count);
  within.contents_.clear();
  return within;
}

Status SourceRows::LoadContents(std::span<const uint32_t> indexes) {
  contents_begin_ = indexes.front();
  contents_.clear();
  contents_.resize(indexes.back() + size_t{1} - contents_begin_);
  std::vector<uint32_t> rows;
  for (const uint32_t i : indexes) rows.push_back(first_row_ + i);
  std::vector<std::string_view> lines(rows.size());
  ASSIGN_OR_RETURN(LineColumn * column, block_->Lines());
  RETURN_IF_ERROR(column->Materialise(rows, std::span(lines)));
  for (size_t k = 0; k < rows.size(); ++k) {
    contents_[indexes[k] - contents_begin_].line = lines[k];
  }

  const std::span<const std::string_view> names = block_->metadata_names();
  for (size_t c = 0; c < names.size(); ++c) {
    if (names[c] == kDetectedLevel) continue;
    ASSIGN_OR_RETURN(const StringColumn values, block_->Metadata(c));
    for (size_t k = 0; k < rows.size(); ++k) {
      const std::string_view value = values[rows[k]];
      if (IsAbsent(value)) continue;
      contents_[indexes[k] - contents_begin_].metadata.push_back({names[c], value});
    }
  }
  return absl::OkStatus();
}

bool SourceRows::Equal(const SourceRows& a, size_t i, const SourceRows& b, size_t k) {
  return a.content(i).line == b.content(k).line && a.content(i).metadata == b.content(k).metadata;
}

uint64_t SourceRows::HashOf(size_t i) const {
  uint64_t hash = Hash64(content(i).line);
  for (const LabelView& pair : content(i).metadata) {
    hash = Hash64(pair.value, Hash64(pair.name, hash));
  }
  return hash;
}

}  // namespace skald::storage
