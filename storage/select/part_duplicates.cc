#include "storage/select/part_duplicates.h"

#include <algorithm>

namespace skald::storage {

void PartDuplicates::Append(uint32_t ordinal, std::span<const DuplicateRun> copies) {
  copies_.insert(copies_.end(), copies.begin(), copies.end());
  streams_.push_back({ordinal, static_cast<uint32_t>(copies_.size())});
}

std::span<const DuplicateRun> PartDuplicates::CopiesOf(size_t index) const {
  const uint32_t begin = index == 0 ? 0 : streams_[index - 1].end;
  return std::span(copies_).subspan(begin, streams_[index].end - begin);
}

std::optional<std::span<const DuplicateRun>> PartDuplicates::Find(uint32_t ordinal) const {
  const auto found = std::lower_bound(
      streams_.begin(), streams_.end(), ordinal,
      [](const StreamCopies& stream, uint32_t wanted) { return stream.ordinal < wanted; });
  if (found == streams_.end() || found->ordinal != ordinal) return std::nullopt;
  return CopiesOf(static_cast<size_t>(found - streams_.begin()));
}

std::shared_ptr<const PartDuplicates> PartDuplicates::Merge(const PartDuplicates& a,
                                                            const PartDuplicates& b) {
  auto merged = std::make_shared<PartDuplicates>();
  merged->streams_.reserve(a.streams_.size() + b.streams_.size());
  merged->copies_.reserve(a.copies_.size() + b.copies_.size());
  size_t i = 0;
  size_t k = 0;
  while (i < a.streams_.size() || k < b.streams_.size()) {
    const bool a_is_next = k == b.streams_.size() ||
                           (i < a.streams_.size() && a.streams_[i].ordinal < b.streams_[k].ordinal);
    if (a_is_next) {
      merged->Append(a.streams_[i].ordinal, a.CopiesOf(i));
      ++i;
      continue;
    }
    const uint32_t ordinal = b.streams_[k].ordinal;
    merged->Append(ordinal, b.CopiesOf(k));
    ++k;
    if (i < a.streams_.size() && a.streams_[i].ordinal == ordinal) ++i;
  }
  return merged;
}

uint64_t PartDuplicates::charge() const {
  return sizeof(PartDuplicates) + streams_.capacity() * sizeof(StreamCopies) +
         copies_.capacity() * sizeof(DuplicateRun);
}

}  // namespace skald::storage
