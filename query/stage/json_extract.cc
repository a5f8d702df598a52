#include "query/stage/json_extract.h"

#include <utility>

#include "query/stage/json.h"
#include "query/stage/json_text.h"
#include "query/syntax/json_path.h"

namespace skald::query {

const JsonExtractor::Node* JsonExtractor::Node::Field(std::string_view name) const {
  const auto found = fields.find(name);
  return found == fields.end() ? nullptr : found->second.get();
}

const JsonExtractor::Node* JsonExtractor::Node::Element(size_t index) const {
  const auto found = elements.find(index);
  return found == elements.end() ? nullptr : found->second.get();
}

StatusOr<std::unique_ptr<JsonExtractor>> JsonExtractor::Create(
    const std::vector<Extraction>& extractions, ParserHints hints) {
  std::unique_ptr<JsonExtractor> extractor(new JsonExtractor(std::move(hints)));
  for (const Extraction& extraction : extractions) {
    ASSIGN_OR_RETURN(const std::vector<JsonPathStep> path, ParseJsonPath(extraction.expression));
    extractor->keys_.push_back(extractor->labels_.Named(extraction.name));
    // Deeper documents are not read (kMaxJsonDepth), so that a longer path finds nothing.
    if (path.size() > kMaxJsonDepth) continue;
    Node* node = &extractor->root_;
    for (const JsonPathStep& step : path) {
      const auto* name = std::get_if<std::string>(&step);
      std::unique_ptr<Node>& next =
          name != nullptr ? node->fields[*name] : node->elements[std::get<size_t>(step)];
      if (next == nullptr) next = std::make_unique<Node>();
      node = next.get();
    }
    node->targets.push_back(extractor->keys_.size() - 1);
  }
  return extractor;
}

Status JsonExtractor::Apply(Batch* batch) {
  return labels_.ForEachRow(batch, [this](std::string_view line) { Parse(line); });
}

void JsonExtractor::Parse(std::string_view line) {
  if (line.empty()) return;
  if (line[0] != '{' && line[0] != '[' && line[0] != '"') {
    labels_.SetError(kJsonParserError, kAbsent);
    return;
  }
  found_.assign(keys_.size(), 0);
  missing_ = keys_.size();
  size_t pos = 0;
  while (ReadDocument(line, &pos)) {
  }
  for (ParsedLabels::Key* key : keys_) {
    const bool is_set = !HasNoValue(labels_.ValueOf(labels_.Place(key)));
    if (!is_set && !labels_.HasLabel(key)) labels_.Set(key->plain, PresentEmpty());
  }
}

bool JsonExtractor::ReadDocument(std::string_view text, size_t* pos) {
  *pos = FindAnyByte<'{', '[', '"'>(text, *pos);
  if (*pos == std::string_view::npos) return false;
  if (text[*pos] == '{') return ReadObject(text, &++*pos, root_);
  if (text[*pos] == '[') return ReadArray(text, pos, root_);
  bool escaped = false;
  const size_t end = FindJsonStringEnd(text, *pos + 1, &escaped);
  if (end == std::string_view::npos) return false;
  *pos = SkipJsonSpace(text, end + 1);
  if (*pos == text.size() || text[*pos] != ':') return true;
  labels_.SetError(kJsonParserError, kBadJson);
  return false;
}

// Reads the members of an object, `*pos` being behind its brace. Anything that is not a member is
// passed over.
bool JsonExtractor::ReadObject(std::string_view text, size_t* pos, const Node& node) {
  while (true) {
    *pos = FindAnyByte<'"', '{', '}', '[', ']'>(text, *pos);
    if (*pos == std::string_view::npos) return false;
    if (text[*pos] == '}' || text[*pos] == ']') {
      ++*pos;
      return true;
    }
    if (text[*pos] != '"') {
      *pos = FindJsonBlockEnd(text, *pos);
      if (*pos == std::string_view::npos) return false;
      continue;
    }
    bool escaped = false;
    const size_t start = *pos + 1;
    const size_t end = FindJsonStringEnd(text, start, &escaped);
    if (end == std::string_view::npos) return false;
    *pos = SkipJsonSpace(text, end + 1);
    if (*pos == text.size()) return false;
    if (text[*pos] != ':') continue;
    std::string_view name = text.substr(start, end - start);
    if (escaped) {
      const auto unescaped = UnescapeJson(name, labels_.batch()->arena());
      if (!unescaped) return false;
      name = *unescaped;
    }
    ++*pos;
    if (!ReadMember(text, pos, node.Field(name))) return false;
  }
}

// Reads a member's value; `node` is what is asked of it, null if nothing. A string is left to the
// caller, for whom it is a key if a colon follows.
bool JsonExtractor::ReadMember(std::string_view text, size_t* pos, const Node* node) {
  if (node != nullptr && !node->targets.empty()) {
    JsonValue value;
    const std::string_view complaint = ReadJsonValue(text, *pos, &value);
    Take(*node, value, complaint);
    if (missing_ == 0) return false;
  }
  *pos = SkipJsonSpace(text, *pos);
  if (*pos == text.size()) return false;
  switch (text[*pos]) {
    case '{':
      if (node != nullptr && !node->fields.empty()) return ReadObject(text, &++*pos, *node);
      *pos = FindJsonBlockEnd(text, *pos);
      return *pos != std::string_view::npos;
    case '[':
      if (node != nullptr && !node->elements.empty()) return ReadArray(text, pos, *node);
      *pos = FindJsonBlockEnd(text, *pos);
      return *pos != std::string_view::npos;
    default:
      return true;
  }
}

// Reads the array at `*pos`; a malformed one up to the mistake.
bool JsonExtractor::ReadArray(std::string_view text, size_t* pos, const Node& node) {
  if (!node.elements.empty()) ReadElements(text, *pos, node);
  *pos = FindJsonBlockEnd(text, *pos);
  return *pos != std::string_view::npos;
}

void JsonExtractor::ReadElements(std::string_view text, size_t pos, const Node& node) {
  for (size_t index = 0; pos < text.size() && text[pos] != ']'; ++index) {
    JsonValue value;
    if (!ReadJsonValue(text, pos + 1, &value).empty()) return;
    if (const Node* element = node.Element(index)) {
      Take(*element, value, {});
      size_t inside = 0;
      if (value.kind == JsonValue::Kind::kObject) {
        ReadObject(value.text, &++inside, *element);
      } else if (value.kind == JsonValue::Kind::kArray) {
        ReadArray(value.text, &inside, *element);
      }
    }
    pos = SkipJsonSpace(text, value.end);
    if (pos < text.size() && text[pos] != ',' && text[pos] != ']') return;
  }
}

// The first of several equal keys counts.
void JsonExtractor::Take(const Node& node, const JsonValue& value, std::string_view complaint) {
  for (const size_t target : node.targets) {
    if (found_[target]) continue;
    found_[target] = 1;
    --missing_;
    if (!complaint.empty()) {
      labels_.SetError(kJsonParserError, complaint);
    } else {
      labels_.Set(labels_.Place(keys_[target]), LabelValue(value));
    }
  }
}

std::string_view JsonExtractor::LabelValue(const JsonValue& value) {
  switch (value.kind) {
    case JsonValue::Kind::kNull:
      return PresentEmpty();
    case JsonValue::Kind::kString:
      return JsonLabelValue(value.text, value.escaped, labels_.batch()->arena());
    case JsonValue::Kind::kObject:
      return value.text;
    default:
      // Upstream takes the text of all others for a string's.
      return JsonLabelValue(value.text, value.text.find('\\') != std::string_view::npos,
                            labels_.batch()->arena());
  }
}

}  // namespace skald::query
