#include "server/config/key_table.h"

#include "storage/base/strings.h"

namespace skald::config {
namespace {

StringMap<const Key*> IndexBy(std::string_view Key::*name) {
  StringMap<const Key*> index;
  for (const Key* key : AllKeys()) {
    if (!(key->*name).empty()) index.emplace(key->*name, key);
  }
  return index;
}

const Key* Find(const StringMap<const Key*>& index, std::string_view name) {
  const auto found = index.find(name);
  return found == index.end() ? nullptr : found->second;
}

}  // namespace

const std::vector<const Key*>& AllKeys() {
  static const std::vector<const Key*> keys = [] {
    std::vector<const Key*> all;
    for (const std::span<const Key> part : {ServerKeys(), ServiceKeys(), LimitsKeys()}) {
      for (const Key& key : part) all.push_back(&key);
    }
    return all;
  }();
  return keys;
}

const Key* FindKey(std::string_view path) {
  static const StringMap<const Key*> index = IndexBy(&Key::path);
  return Find(index, path);
}

const Key* FindFlag(std::string_view flag) {
  static const StringMap<const Key*> index = IndexBy(&Key::flag);
  return Find(index, flag);
}

bool IsSection(std::string_view path) {
  for (const Key* key : AllKeys()) {
    if (key->path.size() > path.size() && key->path.starts_with(path) &&
        key->path[path.size()] == '.') {
      return true;
    }
  }
  return false;
}

bool IsInTable(std::string_view path) {
  while (FindKey(path) == nullptr) {
    const size_t dot = path.rfind('.');
    if (dot == std::string_view::npos) return false;
    path = path.substr(0, dot);
  }
  return true;
}

}  // namespace skald::config
