#include "storage/model/shared_regexes.h"

namespace skald {

std::shared_ptr<const RE2> SharedRegexes::Find(const std::string& key) {
  auto regexes = regexes_.Lock();
  const auto found = regexes->find(key);
  return found == regexes->end() ? nullptr : found->second.lock();
}

void SharedRegexes::Add(const std::string& key, const std::shared_ptr<const RE2>& regex) {
  auto regexes = regexes_.Lock();
  absl::erase_if(*regexes, [](const auto& entry) { return entry.second.expired(); });
  (*regexes)[key] = regex;
}

}  // namespace skald
