#include "storage/part/packed_groups.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "storage/base/check.h"
#include "storage/base/coding.h"
#include "storage/part/part_format.h"

namespace skald::storage {
namespace {

constexpr uint32_t kStride = 8;

uint64_t LowBits(int width) { return width >= 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1; }

size_t PackedSize(size_t count, int width) { return (count * static_cast<size_t>(width) + 7) / 8; }

// The width for which packed bits plus exceptions are smallest. `lengths[b]` counts values of b
// significant bits.
int BestWidth(const std::array<uint32_t, 65>& lengths, size_t count) {
  int longest = 64;
  while (longest > 0 && lengths[static_cast<size_t>(longest)] == 0) --longest;
  size_t best_cost = PackedSize(count, longest);
  int best = longest;
  size_t exceptions = 0;
  for (int width = longest - 1; width >= 0; --width) {
    exceptions += lengths[static_cast<size_t>(width) + 1];
    if (exceptions > 255) break;
    const size_t high_bytes = static_cast<size_t>(longest - width + 6) / 7;
    const size_t cost = PackedSize(count, width) + exceptions * (1 + high_bytes);
    if (cost < best_cost) {
      best_cost = cost;
      best = width;
    }
  }
  return best;
}

void PackBits(std::span<const uint64_t> values, uint64_t minimum, int width, std::string* out) {
  if (width == 0) return;
  const uint64_t mask = LowBits(width);
  const size_t end = out->size() + PackedSize(values.size(), width);
  out->resize(end + 8);  // room for whole words
  char* to = out->data() + end - PackedSize(values.size(), width);
  uint64_t pending = 0;
  int bits = 0;
  for (const uint64_t value : values) {
    const uint64_t low = (value - minimum) & mask;
    pending |= low << bits;
    bits += width;
    if (bits < 64) continue;
    StoreFixed(to, pending);
    to += 8;
    bits -= 64;
    pending = bits == 0 ? 0 : low >> (width - bits);
  }
  StoreFixed(to, pending);
  out->resize(end);
}

uint64_t LoadUpTo8(const char* data, size_t available) {
  uint64_t word = 0;
  std::memcpy(&word, data, std::min<size_t>(available, 8));
  return word;
}

// The value of `width` bits at a bit offset; reads only data[0..size).
uint64_t UnpackValue(const char* data, size_t size, size_t bit, int width) {
  const size_t byte = bit >> 3;
  const int shift = static_cast<int>(bit & 7);
  uint64_t value = LoadUpTo8(data + byte, size - byte) >> shift;
  if (shift + width > 64) value |= LoadUpTo8(data + byte + 8, size - byte - 8) << (64 - shift);
  return value & LowBits(width);
}

// Unpacks `count` values of `width` bits; reads only data[0..size).
void UnpackBits(const char* data, size_t size, size_t count, int width, uint64_t* out) {
  const uint64_t mask = LowBits(width);
  const auto step = static_cast<size_t>(width);
  size_t bit = 0;
  size_t i = 0;
  if (width <= 56) {
    for (; i < count && (bit >> 3) + 8 <= size; ++i, bit += step) {
      uint64_t word;
      std::memcpy(&word, data + (bit >> 3), 8);
      out[i] = (word >> (bit & 7)) & mask;
    }
  }
  for (; i < count; ++i, bit += step) out[i] = UnpackValue(data, size, bit, width);
}

}  // namespace

void PackedGroupsBuilder::Add(std::span<const uint64_t> values) {
  SKALD_DCHECK(!values.empty() && values.size() <= kGroupRows);
  const uint64_t minimum = *std::min_element(values.begin(), values.end());
  std::array<uint32_t, 65> lengths{};
  for (const uint64_t value : values) ++lengths[std::bit_width(value - minimum)];
  const int width = BestWidth(lengths, values.size());

  PutVarint64(&headers_, minimum);
  headers_.push_back(static_cast<char>(width));
  const size_t count_at = headers_.size();
  headers_.push_back(0);
  for (size_t i = 0; i < values.size() && width < 64; ++i) {
    const uint64_t high = (values[i] - minimum) >> width;
    if (high == 0) continue;
    ++headers_[count_at];
    headers_.push_back(static_cast<char>(i));
    PutVarint64(&headers_, high);
  }
  PackBits(values, minimum, width, &packed_);
}

void PackedGroupsBuilder::Finish(std::string* out) {
  PutVarint64(out, headers_.size());
  out->append(headers_);
  out->append(packed_);
  headers_.clear();
  packed_.clear();
}

StatusOr<PackedGroups> PackedGroups::Parse(std::string_view bytes,
                                           std::span<const uint32_t> counts) {
  const Status damaged = DataLoss("damaged integer groups");
  PackedGroups result;
  ByteReader reader(bytes);
  uint64_t header_bytes = 0;
  if (!reader.ReadVarint64(&header_bytes) || header_bytes > reader.remaining()) return damaged;
  std::string_view rest = reader.rest();
  result.headers_ = rest.substr(0, header_bytes);
  result.packed_ = rest.substr(header_bytes);

  ByteReader headers(result.headers_);
  result.groups_.reserve(counts.size());
  uint64_t packed_offset = 0;
  for (const uint32_t count : counts) {
    Group group{};
    group.count = count;
    group.packed_offset = packed_offset;
    if (!headers.ReadVarint64(&group.minimum) || !headers.ReadByte(&group.width) ||
        !headers.ReadByte(&group.exceptions) || group.width > 64 ||
        (group.width == 64 && group.exceptions > 0)) {
      return damaged;
    }
    group.exceptions_offset = static_cast<uint32_t>(header_bytes - headers.remaining());
    uint32_t next = 0;  // an exception's index is at least this
    for (int e = 0; e < group.exceptions; ++e) {
      uint8_t index = 0;
      uint64_t high = 0;
      if (!headers.ReadByte(&index) || !headers.ReadVarint64(&high) || index < next ||
          index >= count) {
        return damaged;
      }
      next = index + 1u;
    }
    packed_offset += PackedSize(count, group.width);
    if (packed_offset > result.packed_.size()) return damaged;
    result.groups_.push_back(group);
  }
  if (!headers.empty() || packed_offset != result.packed_.size()) return damaged;
  return result;
}

void PackedGroups::Decode(size_t index, uint64_t* out) const {
  const Group& group = groups_[index];
  UnpackBits(packed_.data() + group.packed_offset, packed_.size() - group.packed_offset,
             group.count, group.width, out);
  ByteReader exceptions(headers_.substr(group.exceptions_offset));
  for (int e = 0; e < group.exceptions; ++e) {
    uint8_t at = 0;
    uint64_t high = 0;
    if (exceptions.ReadByte(&at) && exceptions.ReadVarint64(&high)) out[at] |= high << group.width;
  }
  if (group.minimum == 0) return;
  for (uint32_t i = 0; i < group.count; ++i) out[i] += group.minimum;
}

PackedGroupReader PackedGroups::Read(size_t index) const {
  const Group& group = groups_[index];
  return PackedGroupReader(packed_.substr(group.packed_offset),
                           headers_.substr(group.exceptions_offset), group.minimum, group.width,
                           group.exceptions);
}

PackedGroupReader::PackedGroupReader(std::string_view packed, std::string_view exceptions,
                                     uint64_t minimum, int width, int exception_count)
    : packed_(packed), minimum_(minimum), mask_(LowBits(width)), width_(width) {
  exceptions_.bytes = ByteReader(exceptions);
  exceptions_.left = exception_count;
  exceptions_.ReadNext();
}

void PackedGroupReader::Exceptions::ReadNext() {
  uint8_t at = 0;
  const bool is_read = left > 0 && bytes.ReadByte(&at) && bytes.ReadVarint64(&high);
  index = is_read ? at : kNone;
  --left;
}

uint64_t PackedGroupReader::Next() {
  uint64_t value =
      HasWords(1) ? LowAt(bit_) : UnpackValue(packed_.data(), packed_.size(), bit_, width_);
  if (index_ == exceptions_.index) {
    value |= exceptions_.high << width_;
    exceptions_.ReadNext();
  }
  Skip(1);
  return value + minimum_;
}

bool PackedGroupReader::AddStride(uint64_t target, uint64_t* sum) {
  uint64_t added = kStride * minimum_;
  for (size_t k = 0; k < kStride; ++k) added += LowAt(bit_ + k * static_cast<size_t>(width_));
  if (exceptions_.index >= index_ + kStride) {
    if (added >= target - *sum) return false;
  } else {
    Exceptions ahead = exceptions_;
    for (; ahead.index < index_ + kStride; ahead.ReadNext()) added += ahead.high << width_;
    if (added >= target - *sum) return false;
    exceptions_ = ahead;
  }
  *sum += added;
  Skip(kStride);
  return true;
}

uint32_t PackedGroupReader::AddSome(uint64_t target, uint32_t count, uint64_t* sum) {
  std::array<uint64_t, kStride> values;
  for (size_t k = 0; k < kStride; ++k) {
    values[k] = LowAt(bit_ + k * static_cast<size_t>(width_)) + minimum_;
  }
  for (Exceptions ahead = exceptions_; ahead.index < index_ + kStride; ahead.ReadNext()) {
    values[ahead.index - index_] += ahead.high << width_;
  }
  // Without branches: where the target lies cannot be foreseen.
  uint64_t total = *sum;
  uint32_t added = 0;
  for (uint32_t k = 0; k < kStride; ++k) {
    const bool is_added = (total < target) & (k < count);
    total += is_added ? values[k] : 0;
    added += is_added ? 1 : 0;
  }
  *sum = total;
  Skip(added);
  while (exceptions_.index < index_) exceptions_.ReadNext();
  return added;
}

uint32_t PackedGroupReader::AddUntil(uint64_t target, uint32_t count, uint64_t* sum) {
  uint32_t added = 0;
  while (added < count && *sum < target) {
    if (!HasWords(kStride)) {
      *sum += Next();
      ++added;
    } else if (count - added >= kStride && AddStride(target, sum)) {
      added += kStride;
    } else {
      added += AddSome(target, count - added, sum);
    }
  }
  return added;
}

}  // namespace skald::storage
