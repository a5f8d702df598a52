#include "tests/support/reference_parsers.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/model/go_regex.h"

namespace skald::test_support {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

// Reads a well-formed object without escapes and blanks from the front of `text`.
void ReadObject(const std::string& prefix, std::string_view* text, Fields* fields) {
  const auto take_until = [text](std::string_view ends) {
    const size_t end = text->find_first_of(ends);
    const std::string_view taken = text->substr(0, end);
    text->remove_prefix(end);
    return std::string(taken);
  };
  text->remove_prefix(1);  // {
  while (!text->starts_with('}')) {
    text->remove_prefix(1);  // the key's quote
    const std::string name = prefix + take_until("\"");
    text->remove_prefix(2);  // quote and colon
    if (text->starts_with('{')) {
      ReadObject(name + "_", text, fields);
    } else if (text->starts_with('"')) {
      text->remove_prefix(1);
      fields->emplace_back(name, take_until("\""));
      text->remove_prefix(1);
    } else if (text->starts_with('[')) {
      take_until("]");
      text->remove_prefix(1);
    } else {
      const std::string scalar = take_until(",}");
      if (scalar != "null") fields->emplace_back(name, scalar);
    }
    if (text->starts_with(',')) text->remove_prefix(1);
  }
  text->remove_prefix(1);
}

const std::string* Find(const Fields& fields, const std::string& name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return &value;
  }
  return nullptr;
}

// `a.b` as the flattened name `a_b`.
std::string Flattened(std::string path) {
  for (char& c : path) {
    if (c == '.') c = '_';
  }
  return path;
}

// A name made of letters, digits and underscores that does not begin with a digit.
std::string Sanitized(std::string_view name) {
  std::string out;
  if (name[0] >= '0' && name[0] <= '9') out += '_';
  for (const char c : name) {
    const bool valid = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out += valid ? c : '_';
  }
  return out;
}

// Control characters, too, lie between pairs.
bool IsBlank(char c) { return static_cast<unsigned char>(c) <= ' '; }

// Pairs in order; values may be quoted. What has a quote in its key is skipped.
Fields SplitLogfmt(std::string_view line) {
  Fields pairs;
  while (!line.empty()) {
    size_t end = 0;
    bool quoted = false;
    for (; end < line.size() && (quoted || !IsBlank(line[end])); ++end) quoted ^= line[end] == '"';
    const std::string_view token = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    const std::string_view name = token.substr(0, token.find('='));
    if (name.empty() || name.find('"') != std::string_view::npos) continue;
    std::string_view value = token.substr(std::min(name.size() + 1, token.size()));
    if (value.starts_with('"')) value = value.substr(1, value.size() - 2);
    pairs.emplace_back(Sanitized(name), value);
  }
  return pairs;
}

}  // namespace

void ReadJson(const query::JsonStage& stage, ReferenceRow* row) {
  const bool is_object = row->line.starts_with('{');
  if (stage.extractions.empty()) {
    if (!is_object) {
      row->SetError("JSONParserErr", "Value looks like object, but can't find closing '}' symbol");
      return;
    }
    Fields fields;
    std::string_view text = row->line;
    ReadObject("", &text, &fields);
    for (const auto& [name, value] : fields) row->SetFirst(name, value);
    return;
  }
  if (row->line.empty()) return;
  if (!is_object) {
    row->SetError("JSONParserErr", "");
    return;
  }
  Fields fields;
  std::string_view text = row->line;
  ReadObject("", &text, &fields);
  for (const query::Extraction& extraction : stage.extractions) {
    const std::string* value = Find(fields, Flattened(extraction.expression));
    const std::string name = row->NameFor(extraction.name);
    if (value != nullptr) {
      row->parsed[name] = *value;
    } else if (name == extraction.name) {
      row->parsed[name] = "";
    }
  }
}

void ReadPacked(ReferenceRow* row) {
  if (row->line.empty()) return;
  if (!row->line.starts_with('{')) {
    row->SetError("JSONParserErr", "expecting json object(6), but it is not");
    return;
  }
  Fields fields;
  std::string_view text = row->line;
  ReadObject("", &text, &fields);
  const std::string* found = Find(fields, "_entry");
  if (found == nullptr) return;
  for (const auto& [name, value] : fields) {
    if (name != "_entry") row->SetFirst(name, value);
  }
  row->line = *found;
}

void ReadLogfmt(const query::LogfmtStage& stage, ReferenceRow* row) {
  // The only lines with mistakes are those of JSON.
  if (stage.strict && row->line.starts_with('{')) {
    row->SetError("LogfmtParserErr", "logfmt syntax error at pos 2 : unexpected '\"'");
    return;
  }
  const Fields pairs = SplitLogfmt(row->line);
  if (stage.extractions.empty()) {
    for (const auto& [name, value] : pairs) {
      if (!value.empty() || stage.keep_empty) row->SetFirst(name, value);
    }
    return;
  }
  for (const query::Extraction& extraction : stage.extractions) {
    const std::string name = row->NameFor(extraction.name);
    if (name == extraction.name) row->parsed[name] = "";
    for (const auto& [key, value] : pairs) {
      if (key == extraction.expression && (!value.empty() || stage.keep_empty)) {
        row->parsed[name] = value;
      }
    }
  }
}

void ReadRegexp(const query::RegexpStage& stage, ReferenceRow* row) {
  const auto regex = *CompileGoRegex(stage.pattern);
  std::vector<re2::StringPiece> groups(static_cast<size_t>(regex->NumberOfCapturingGroups()) + 1);
  if (!regex->Match(row->line, 0, row->line.size(), RE2::UNANCHORED, groups.data(),
                    static_cast<int>(groups.size()))) {
    return;
  }
  for (const auto& [number, name] : regex->CapturingGroupNames()) {
    row->SetFirst(name, std::string(groups[static_cast<size_t>(number)]));
  }
}

void ReadPattern(const query::PatternStage& stage, ReferenceRow* row) {
  std::string_view pattern = stage.pattern;
  std::string_view line = row->line;
  const std::string_view first = pattern.substr(0, pattern.find('<'));
  if (line.empty() || !line.starts_with(first)) return;
  pattern.remove_prefix(first.size());
  line.remove_prefix(first.size());
  while (pattern.starts_with('<')) {
    const size_t close = pattern.find('>');
    const std::string name(pattern.substr(1, close - 1));
    pattern.remove_prefix(close + 1);
    const std::string_view literal = pattern.substr(0, pattern.find('<'));
    pattern.remove_prefix(literal.size());
    const size_t end = literal.empty() ? std::string_view::npos : line.find(literal);
    if (name != "_") row->SetFirst(name, std::string(line.substr(0, end)));
    if (end == std::string_view::npos) return;
    line.remove_prefix(end + literal.size());
  }
}

}  // namespace skald::test_support
