#include "ingest/body_buffer.h"

#include <algorithm>
#include <cstring>

#include "storage/base/units.h"

namespace skald::ingest {
namespace {
constexpr size_t kKeptBytes = 4_MiB;
}  // namespace

Status BodyTooLarge(uint64_t limit) {
  return WithHttpStatus(
      Exhausted(StrCat("request body too large: decompressed size exceeds the limit of ", limit,
                       " bytes")),
      413);
}

void BodyBuffer::Reset(Reservation* memory, uint64_t limit) {
  memory_ = memory;
  limit_ = limit;
  size_ = 0;
  if (capacity_ > kKeptBytes) {
    bytes_.reset();
    capacity_ = 0;
  }
}

Status BodyBuffer::Reserve(uint64_t capacity) {
  if (capacity > limit_) return BodyTooLarge(limit_);
  if (bytes_ != nullptr && capacity <= capacity_) return absl::OkStatus();
  RETURN_IF_ERROR(memory_->Grow(capacity - capacity_));
  char* const held = bytes_.release();
  char* const moved = static_cast<char*>(std::realloc(held, capacity + kBodyPadding));
  bytes_.reset(moved != nullptr ? moved : held);
  if (moved == nullptr) return Exhausted("out of memory for a request body");
  capacity_ = capacity;
  return absl::OkStatus();
}

Status BodyBuffer::GrowBy(uint64_t more) {
  if (more > limit_ - size_) return BodyTooLarge(limit_);
  const uint64_t wanted = std::max<uint64_t>({size_ + more, uint64_t{capacity_} * 2, 16_KiB});
  return Reserve(std::min(wanted, limit_));
}

Status BodyBuffer::Append(std::string_view bytes) {
  if (bytes.size() > room() || bytes_ == nullptr) RETURN_IF_ERROR(GrowBy(bytes.size()));
  if (!bytes.empty()) std::memcpy(end(), bytes.data(), bytes.size());
  size_ += bytes.size();
  return absl::OkStatus();
}

std::string_view BodyBuffer::Padded() {
  if (bytes_ == nullptr) return {};
  std::memset(end(), 0, kBodyPadding);
  return view();
}

}  // namespace skald::ingest
