#include "storage/model/regex_allowance.h"

#include <algorithm>

namespace skald {
namespace {

thread_local RegexAllowance* current = nullptr;

}  // namespace

RegexAllowance::RegexAllowance() {
  if (current == nullptr) current = this;
}

RegexAllowance::~RegexAllowance() {
  if (current == this) current = nullptr;
}

Status RegexAllowance::Take(int instructions) {
  if (current == nullptr) return absl::OkStatus();
  current->left_ -= std::max(instructions, kLeastRegexInstructions);
  if (current->left_ >= 0) return absl::OkStatus();
  return InvalidArgument("error parsing regexp: the query's expressions are too large together");
}

int64_t RegexAllowance::TakeBytes() {
  if (current == nullptr) return kMaxProgramBytes;
  const int64_t bytes = std::clamp(current->bytes_left_ / 4, kLeastProgramBytes, kMaxProgramBytes);
  current->bytes_left_ = std::max<int64_t>(0, current->bytes_left_ - bytes);
  return bytes;
}

}  // namespace skald
