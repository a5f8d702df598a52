#include "storage/part/level_ranks.h"

#include <algorithm>
#include <array>

#include "storage/base/coding.h"
#include "storage/part/part_format.h"
#include "storage/reader.h"

namespace skald::storage {

void EncodeLevels(std::span<const uint32_t> codes, uint32_t values, const RowGroups& groups,
                  std::string* out) {
  const auto full =
      static_cast<size_t>(std::count(groups.counts.begin(), groups.counts.end(), kGroupRows));
  if (full == 0) return;
  out->push_back(static_cast<char>(values));
  const size_t start = out->size();
  out->resize(start + full * values, '\0');
  size_t at = start;
  for (size_t g = 0; g < groups.counts.size(); ++g) {
    if (groups.counts[g] != kGroupRows) continue;
    for (const uint32_t code : codes.subspan(groups.first[g], kGroupRows)) {
      if (code > 0) ++(*out)[at + (code - 1) * full];
    }
    ++at;
  }
}

LevelRanks LevelRanks::OfConstant(std::string_view value) {
  LevelRanks ranks;
  ranks.values_.push_back(value);
  return ranks;
}

StatusOr<LevelRanks> LevelRanks::Parse(const PackedDictionary& dictionary, std::string_view page,
                                       const RowGroups& groups) {
  LevelRanks ranks;
  ranks.values_.assign(dictionary.values.begin(), dictionary.values.end());
  ranks.dictionary_ = dictionary;
  ranks.groups_ = &groups;
  const size_t values = ranks.values_.size() - 1;
  const auto full =
      static_cast<size_t>(std::count(groups.counts.begin(), groups.counts.end(), kGroupRows));
  if (values > kMaxRankedLevels || page.size() != 1 + full * values ||
      static_cast<uint8_t>(page[0]) != values) {
    return DataLoss("damaged levels page");
  }
  ranks.before_.reserve((groups.counts.size() + 1) * ranks.values_.size());
  std::array<uint64_t, kMaxRankedLevels + 1> sums{};
  const std::span<uint64_t> counts = std::span(sums).first(ranks.values_.size());
  const auto append = [&] {
    ranks.before_.insert(ranks.before_.end(), counts.begin(), counts.end());
  };
  append();
  size_t next_full = 1;
  for (size_t g = 0; g < groups.counts.size(); ++g) {
    if (groups.counts[g] == kGroupRows) {
      uint64_t present = 0;
      for (size_t v = 0; v < values; ++v) {
        const auto count = static_cast<uint8_t>(page[next_full + v * full]);
        counts[v + 1] += count;
        present += count;
      }
      if (present > kGroupRows) return DataLoss("damaged levels page");
      counts[0] += kGroupRows - present;
      ++next_full;
    } else {
      ranks.AddRows(groups.first[g], groups.first[g] + groups.counts[g], counts);
    }
    append();
  }
  return ranks;
}

void LevelRanks::AddRows(uint32_t begin, uint32_t end, std::span<uint64_t> counts) const {
  for (uint32_t row = begin; row < end; ++row) ++counts[ValueOf(row)];
}

size_t LevelRanks::ValueOf(uint32_t row) const {
  if (groups_ == nullptr) return 0;
  return std::min<size_t>(dictionary_.code(row), values_.size() - 1);
}

void LevelRanks::CountBefore(uint32_t row, std::span<uint64_t> out) const {
  if (groups_ == nullptr) {
    out[0] = row;
    return;
  }
  const size_t group = row == groups_->rows ? groups_->counts.size() : groups_->GroupOf(row);
  const uint32_t* const before = before_.data() + group * values_.size();
  std::copy(before, before + values_.size(), out.begin());
  if (row < groups_->rows) AddRows(groups_->first[group], row, out);
}

}  // namespace skald::storage
