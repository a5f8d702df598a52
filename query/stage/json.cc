#include "query/stage/json.h"

#include "query/stage/json_members.h"
#include "query/stage/json_text.h"

namespace skald::query {

Status JsonParser::Apply(Batch* batch) {
  return labels_.ForEachRow(batch, [this](std::string_view line) {
    done_ = false;
    const std::string_view complaint = ParseObject(line, labels_.root(), 0);
    if (!complaint.empty()) labels_.SetError(kJsonParserError, complaint);
  });
}

// Members are set as they are read, so those before a mistake stay.
std::string_view JsonParser::ParseObject(std::string_view text, ParsedLabels::Key* prefix,
                                         int depth) {
  if (depth > kMaxJsonDepth) return kBadJsonObject;
  JsonMembers members(text, labels_.batch()->arena());
  while (!done_ && labels_.may_go_on() && members.Next()) {
    const JsonValue& value = members.value();
    if (value.kind == JsonValue::Kind::kNull || value.kind == JsonValue::Kind::kArray) continue;
    ParsedLabels::Key* key = labels_.Child(prefix, members.key());
    if (value.kind == JsonValue::Kind::kObject) {
      const std::string_view complaint = ParseObject(value.text, key, depth + 1);
      if (!complaint.empty()) return complaint;
    } else if (!key->blank || depth > 0) {
      // A blank key names nothing; below another blank key it names the label without a name.
      SetScalar(key, value);
    }
  }
  return members.complaint();
}

void JsonParser::SetScalar(ParsedLabels::Key* key, const JsonValue& value) {
  ParsedLabels::Target* target = labels_.Wanted(key);
  if (target == nullptr) return;
  const std::string_view text = JsonLabelValue(value.text, value.escaped, labels_.batch()->arena());
  done_ = labels_.Set(target, text) == ParseNext::kDone;
}

}  // namespace skald::query
