#include "query/engine/blocked_queries.h"

#include <algorithm>
#include <memory>

#include "storage/model/go_regex.h"

namespace skald::query {
namespace {

uint32_t Fnv1Hash(std::string_view text) {
  uint32_t hash = 0x811C9DC5;
  for (const char c : text) hash = (hash * 0x01000193) ^ static_cast<unsigned char>(c);
  return hash;
}

bool MatchesPattern(std::string_view text, const BlockedQuery& blocked) {
  if (blocked.pattern.empty() || blocked.pattern == text) return true;
  if (!blocked.regex) return false;
  const StatusOr<std::shared_ptr<const RE2>> regex = CompileGoRegex(blocked.pattern);
  return regex.ok() && RE2::PartialMatch(ToRe2(text), **regex);
}

bool Blocks(const BlockedQuery& blocked, std::string_view text, std::string_view type) {
  const std::vector<std::string>& types = blocked.types;
  return (types.empty() || std::find(types.begin(), types.end(), type) != types.end()) &&
         (blocked.hash == 0 || blocked.hash == Fnv1Hash(text)) && MatchesPattern(text, blocked);
}

}  // namespace

Status CheckNotBlocked(std::string_view text, std::string_view type,
                       std::span<const BlockedQuery> blocked) {
  const bool any = std::any_of(blocked.begin(), blocked.end(),
                               [&](const BlockedQuery& one) { return Blocks(one, text, type); });
  return any ? InvalidArgument("query blocked by policy") : absl::OkStatus();
}

}  // namespace skald::query
