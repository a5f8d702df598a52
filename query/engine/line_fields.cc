#include "query/engine/line_fields.h"

#include <algorithm>
#include <utility>

#include "query/stage/json.h"
#include "query/stage/json_members.h"
#include "query/stage/json_text.h"
#include "query/stage/label_name.h"
#include "query/stage/logfmt.h"

namespace skald::query {
namespace {

class FieldFinder {
 public:
  FieldFinder(std::span<const LabelView> stream, Arena* arena) : stream_(stream), arena_(arena) {}

  // False if the object is malformed.
  bool FindJson(std::string_view text, const std::string& prefix, int depth) {
    if (depth > kMaxJsonDepth) return false;
    JsonMembers members(text, arena_);
    while (members.Next()) {
      const JsonValue& value = members.value();
      if (value.kind == JsonValue::Kind::kNull || value.kind == JsonValue::Kind::kArray) continue;
      std::string label = prefix;
      AppendLabelPart(members.key(), &label);
      path_.emplace_back(members.key());
      const bool well =
          value.kind != JsonValue::Kind::kObject || FindJson(value.text, label, depth + 1);
      if (value.kind != JsonValue::Kind::kObject && !label.empty()) {
        Add(std::move(label), JsonLabelValue(value.text, value.escaped, arena_));
      }
      path_.pop_back();
      if (!well) return false;
    }
    return members.complaint().empty();
  }

  void FindLogfmt(std::string_view line) {
    LogfmtScanner scanner(line);
    while (true) {
      const LogfmtScanner::Result result = scanner.Next();
      if (result == LogfmtScanner::Result::kEnd) return;
      if (result == LogfmtScanner::Result::kError) {
        scanner.SkipPair();
      } else if (!scanner.value().empty()) {
        std::string label;
        AppendLabelName(scanner.key(), &label);
        Add(std::move(label), LogfmtLabelValue(scanner, arena_));
      }
    }
  }

  std::vector<LineField> Take() { return std::exchange(fields_, {}); }

 private:
  void Add(std::string label, std::string_view value) {
    const bool conflict = std::any_of(stream_.begin(), stream_.end(),
                                      [&](const LabelView& l) { return l.name == label; });
    if (conflict) label += kExtractedSuffix;
    const bool known = std::any_of(fields_.begin(), fields_.end(),
                                   [&](const LineField& f) { return f.label == label; });
    if (!known) fields_.push_back({std::move(label), value, path_});
  }

  const std::span<const LabelView> stream_;
  Arena* const arena_;
  std::vector<std::string> path_;  // of the JSON member being read
  std::vector<LineField> fields_;
};

}  // namespace

LineFields FindLineFields(std::string_view line, std::span<const LabelView> stream, Arena* arena) {
  FieldFinder finder(stream, arena);
  if (finder.FindJson(line, std::string(), 0)) return {true, finder.Take()};
  finder.Take();
  finder.FindLogfmt(line);
  return {false, finder.Take()};
}

}  // namespace skald::query
