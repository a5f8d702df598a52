#include "storage/model/regex_allowance.h"

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
  current->left_ -= instructions;
  if (current->left_ >= 0) return absl::OkStatus();
  return InvalidArgument("error parsing regexp: the query's expressions are too large together");
}

}  // namespace skald
