#include "storage/part/lengths_codec.h"

#include <array>
#include <limits>

#include "storage/base/coding.h"
#include "storage/part/part_format.h"

namespace skald::storage {
namespace {
constexpr uint64_t kMaxLength = std::numeric_limits<uint32_t>::max();
}  // namespace

void EncodeLengths(std::span<const uint32_t> lengths, std::span<const uint32_t> counts,
                   std::string* out) {
  std::string sums;
  PackedGroupsBuilder packed;
  std::array<uint64_t, kGroupRows> values;
  size_t row = 0;
  for (const uint32_t count : counts) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; ++i) {
      values[i] = lengths[row + i];
      sum += values[i];
    }
    PutVarint64(&sums, sum);
    packed.Add(std::span(values.data(), count));
    row += count;
  }
  PutVarint64(out, sums.size());
  out->append(sums);
  packed.Finish(out);
}

StatusOr<LengthsPage> LengthsPage::Parse(std::string_view bytes, std::span<const uint32_t> counts) {
  const Status damaged = DataLoss("damaged lengths page");
  LengthsPage page;
  ByteReader reader(bytes);
  uint64_t sum_bytes = 0;
  if (!reader.ReadVarint64(&sum_bytes) || sum_bytes > reader.remaining()) return damaged;
  ByteReader sums(reader.rest().substr(0, sum_bytes));
  page.totals_.reserve(counts.size() + 1);
  page.totals_.push_back(0);
  for (const uint32_t count : counts) {
    uint64_t sum = 0;
    if (!sums.ReadVarint64(&sum) || sum > count * kMaxLength) return damaged;
    page.totals_.push_back(page.totals_.back() + sum);
  }
  if (!sums.empty()) return damaged;
  ASSIGN_OR_RETURN(page.lengths_, PackedGroups::Parse(reader.rest().substr(sum_bytes), counts));
  return page;
}

Status LengthsPage::DecodeStarts(std::span<uint64_t> starts) const {
  std::array<uint64_t, kGroupRows> lengths;
  uint64_t offset = 0;
  size_t row = 0;
  for (size_t group = 0; group < lengths_.groups(); ++group) {
    Decode(group, lengths.data());
    for (uint32_t i = 0; i < lengths_.count(group); ++i) {
      if (lengths[i] > kMaxLength) return DataLoss("a line length is out of range");
      starts[row++] = offset;
      offset += lengths[i];
    }
    if (offset != totals_[group + 1]) return DataLoss("line lengths and their sums disagree");
  }
  starts[row] = offset;
  return absl::OkStatus();
}

size_t LengthsPage::charge() const {
  return sizeof(*this) + totals_.capacity() * sizeof(totals_[0]) + lengths_.charge();
}

}  // namespace skald::storage
