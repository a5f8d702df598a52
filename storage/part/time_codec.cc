#include "storage/part/time_codec.h"

#include <array>
#include <limits>

#include "storage/base/coding.h"
#include "storage/part/part_format.h"

namespace skald::storage {
namespace {

constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

int64_t ScaleFactor(int power) {
  return power == 9 ? 1'000'000'000 : power == 6 ? 1'000'000 : power == 3 ? 1'000 : 1;
}

int CommonScale(std::span<const int64_t> times) {
  int power = 9;
  for (const int64_t time : times) {
    while (power > 0 && time % ScaleFactor(power) != 0) power -= 3;
    if (power == 0) break;
  }
  return power;
}

}  // namespace

void EncodeTimes(std::span<const int64_t> times, std::span<const uint32_t> counts,
                 std::string* out) {
  const int power = CommonScale(times);
  const int64_t scale = ScaleFactor(power);
  std::string bases;
  PackedGroupsBuilder differences;
  std::array<uint64_t, kGroupRows> values;
  uint64_t previous_base = 0;
  size_t row = 0;
  for (const uint32_t count : counts) {
    const auto base = static_cast<uint64_t>(times[row] / scale);
    PutVarint64(&bases, ZigzagEncode(static_cast<int64_t>(base - previous_base)));
    previous_base = base;
    for (uint32_t i = 1; i < count; ++i) {
      const uint64_t difference =
          static_cast<uint64_t>(times[row + i]) - static_cast<uint64_t>(times[row + i - 1]);
      values[i - 1] = difference / static_cast<uint64_t>(scale);
    }
    if (count > 1) differences.Add(std::span(values.data(), count - 1));
    row += count;
  }
  out->push_back(static_cast<char>(power));
  PutVarint64(out, bases.size());
  out->append(bases);
  differences.Finish(out);
}

StatusOr<TimesPage> TimesPage::Parse(std::string_view bytes, std::span<const uint32_t> counts) {
  const Status damaged = DataLoss("damaged times page");
  TimesPage page;
  ByteReader reader(bytes);
  uint8_t power = 0;
  uint64_t base_bytes = 0;
  if (!reader.ReadByte(&power) || power > 9 || power % 3 != 0 ||
      !reader.ReadVarint64(&base_bytes) || base_bytes > reader.remaining()) {
    return damaged;
  }
  page.scale_ = ScaleFactor(power);
  ByteReader bases(reader.rest().substr(0, base_bytes));
  std::vector<uint32_t> packed_counts;
  uint64_t base = 0;
  for (const uint32_t count : counts) {
    uint64_t step = 0;
    if (!bases.ReadVarint64(&step)) return damaged;
    base += static_cast<uint64_t>(ZigzagDecode(step));
    page.bases_.push_back(static_cast<int64_t>(base * static_cast<uint64_t>(page.scale_)));
    page.packed_index_.push_back(count > 1 ? static_cast<uint32_t>(packed_counts.size()) : kNone);
    if (count > 1) packed_counts.push_back(count - 1);
  }
  if (!bases.empty()) return damaged;
  ASSIGN_OR_RETURN(page.differences_,
                   PackedGroups::Parse(reader.rest().substr(base_bytes), packed_counts));
  return page;
}

void TimesPage::Decode(size_t group, int64_t* out) const {
  out[0] = bases_[group];
  const uint32_t packed = packed_index_[group];
  if (packed == kNone) return;
  std::array<uint64_t, kGroupRows> steps;
  differences_.Decode(packed, steps.data());
  auto time = static_cast<uint64_t>(bases_[group]);
  const uint32_t count = differences_.count(packed);
  for (uint32_t i = 0; i < count; ++i) {
    time += steps[i] * static_cast<uint64_t>(scale_);
    out[i + 1] = static_cast<int64_t>(time);
  }
}

size_t TimesPage::charge() const {
  return sizeof(*this) + bases_.capacity() * sizeof(bases_[0]) +
         packed_index_.capacity() * sizeof(packed_index_[0]) + differences_.charge();
}

TimesCursor::TimesCursor(const TimesPage& page, size_t group)
    : base_(static_cast<uint64_t>(page.bases_[group])), scale_(static_cast<uint64_t>(page.scale_)) {
  const uint32_t packed = page.packed_index_[group];
  if (packed == kNone) return;
  steps_ = page.differences_.Read(packed);
  steps_left_ = page.differences_.count(packed);
}

uint32_t TimesCursor::Find(int64_t edge) {
  if (edge <= static_cast<int64_t>(base_)) return 0;
  const uint64_t distance = (static_cast<uint64_t>(edge) - base_ - 1) / scale_ + 1;
  const uint32_t added = steps_.AddUntil(distance, steps_left_, &distance_);
  index_ += added;
  steps_left_ -= added;
  return distance_ < distance ? index_ + 1 : index_;
}

}  // namespace skald::storage
