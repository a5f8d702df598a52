#include "query/stage/unpack.h"

#include <algorithm>

#include "query/stage/json_members.h"
#include "query/stage/json_text.h"

namespace skald::query {
namespace {

constexpr std::string_view kEntryKey = "_entry";
constexpr std::string_view kNotAnObject = "expecting json object(6), but it is not";

}  // namespace

Status Unpacker::Apply(Batch* batch) {
  return labels_.ForEachRow(batch, [this](std::string_view line) { Unpack(line); });
}

// A line with a mistake anywhere, or without an entry, stays as it is.
void Unpacker::Unpack(std::string_view line) {
  if (line.empty()) return;
  const std::string_view complaint = line[0] == '{' ? ReadMembers(line) : kNotAnObject;
  if (!complaint.empty()) {
    labels_.SetError(kJsonParserError, complaint);
    return;
  }
  if (IsAbsent(entry_)) return;
  labels_.batch()->lines[labels_.row()] = entry_;
  // The last of several equal keys counts.
  for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
    ParsedLabels::Target* target = labels_.Wanted(labels_.Child(labels_.root(), member->key));
    if (target == nullptr) continue;
    if (labels_.Set(target, member->value) == ParseNext::kDone) return;
  }
}

std::string_view Unpacker::ReadMembers(std::string_view line) {
  Arena* const arena = labels_.batch()->arena();
  members_.clear();
  entry_ = kAbsent;
  JsonMembers members(line, arena);
  while (members.Next()) {
    const JsonValue& value = members.value();
    if (value.kind != JsonValue::Kind::kString) continue;
    if (members.key() != kEntryKey) {
      members_.push_back({members.key(), JsonLabelValue(value.text, value.escaped, arena)});
      continue;
    }
    entry_ = value.text;
    if (!value.escaped) continue;
    const auto unescaped = UnescapeJson(value.text, arena);
    if (!unescaped) return kBadJsonEscape;
    entry_ = *unescaped;
  }
  return members.complaint();
}

}  // namespace skald::query
