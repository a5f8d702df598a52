#include "server/config/expand_env.h"

#include <fnmatch.h>

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"

namespace skald::config {
namespace {

// Expressions within expressions.
constexpr int kMaxDepth = 16;

bool IsNameByte(char c) { return absl::ascii_isalnum(c) || c == '_'; }

bool MatchesPattern(const std::string& pattern, const std::string& text) {
  return fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

std::string CutPrefix(const std::string& value, const std::string& pattern, bool longest) {
  for (size_t i = 0; i <= value.size(); ++i) {
    const size_t size = longest ? value.size() - i : i;
    if (MatchesPattern(pattern, value.substr(0, size))) return value.substr(size);
  }
  return value;
}

std::string CutSuffix(const std::string& value, const std::string& pattern, bool longest) {
  for (size_t i = 0; i <= value.size(); ++i) {
    const size_t start = longest ? i : value.size() - i;
    if (MatchesPattern(pattern, value.substr(start))) return value.substr(0, start);
  }
  return value;
}

std::string Replace(std::string_view op, const std::string& value, const std::string& from,
                    const std::string& to) {
  if (from.empty()) return value;
  if (op == "//") return absl::StrReplaceAll(value, {{from, to}});
  const size_t at = op == "/#" ? (value.starts_with(from) ? 0 : std::string::npos)
                    : op == "/%"
                        ? (value.ends_with(from) ? value.size() - from.size() : std::string::npos)
                        : value.find(from);
  if (at == std::string::npos) return value;
  return StrCat(value.substr(0, at), to, value.substr(at + from.size()));
}

std::string ChangeCase(std::string_view op, std::string value) {
  const size_t size = op.size() == 2 ? value.size() : std::min<size_t>(value.size(), 1);
  for (size_t i = 0; i < size; ++i) {
    value[i] = op[0] == '^' ? absl::ascii_toupper(value[i]) : absl::ascii_tolower(value[i]);
  }
  return value;
}

// An offset or length that is no number changes nothing.
std::string Substring(const std::string& value, const std::vector<std::string>& arguments) {
  int64_t offset = 0;
  int64_t length = static_cast<int64_t>(value.size());
  if (!absl::SimpleAtoi(arguments[0], &offset) || offset < 0) return value;
  if (arguments.size() > 1 && !absl::SimpleAtoi(arguments[1], &length)) return value;
  if (offset >= static_cast<int64_t>(value.size()) || length < 0) return "";
  return value.substr(static_cast<size_t>(offset), static_cast<size_t>(length));
}

class Expander {
 public:
  Expander(std::string_view text, const Environment& environment)
      : text_(text), environment_(environment) {}

  StatusOr<std::string> Run() {
    std::string out;
    while (!text_.empty()) {
      const size_t dollar = std::min(text_.find('$'), text_.size());
      out.append(text_.substr(0, dollar));
      text_.remove_prefix(dollar);
      if (Take("${")) {
        RETURN_IF_ERROR(Expression(0, &out));
      } else if (Take("$$") || Take("$")) {
        out.push_back('$');
      }
    }
    return out;
  }

 private:
  // What follows `${`, up to and including its closing brace.
  Status Expression(int depth, std::string* out) {
    if (depth > kMaxDepth) return InvalidArgument("nested too deeply");
    const bool count = text_.size() > 1 && text_[0] == '#' && IsNameByte(text_[1]) && Take("#");
    const std::string name = TakeName();
    if (name.empty()) return InvalidArgument("unable to parse variable name");
    const std::string value = environment_(name).value_or("");
    const std::string_view op = TakeOperator();
    const bool two = op == ":" || op.starts_with("/");
    std::vector<std::string> arguments;
    if (!op.empty() && op[0] != '^' && op[0] != ',') {
      RETURN_IF_ERROR(Arguments(two ? op.substr(0, 1)[0] : '\0', depth, &arguments));
    }
    if (!Take("}")) return InvalidArgument("missing closing brace");
    if (count) {
      StrAppend(out, value.size());
      return absl::OkStatus();
    }
    return Apply(op, value, arguments, out);
  }

  // Text up to the closing brace, cut at `separator` (at most once; '\0': never).
  Status Arguments(char separator, int depth, std::vector<std::string>* arguments) {
    arguments->emplace_back();
    while (!text_.empty() && text_[0] != '}') {
      if (Take("${")) {
        RETURN_IF_ERROR(Expression(depth + 1, &arguments->back()));
      } else if (text_[0] == separator && arguments->size() == 1) {
        text_.remove_prefix(1);
        arguments->emplace_back();
      } else {
        arguments->back().push_back(text_[0]);
        text_.remove_prefix(1);
      }
    }
    return absl::OkStatus();
  }

  static Status Apply(std::string_view op, const std::string& value,
                      const std::vector<std::string>& arguments, std::string* out) {
    if (op.empty()) {
      out->append(value);
    } else if (op == ":-" || op == "=" || op == ":=") {
      out->append(value.empty() ? arguments[0] : value);
    } else if (op == ":") {
      out->append(Substring(value, arguments));
    } else if (op[0] == '^' || op[0] == ',') {
      out->append(ChangeCase(op, value));
    } else if (op[0] == '#') {
      out->append(CutPrefix(value, arguments[0], op == "##"));
    } else if (op[0] == '%') {
      out->append(CutSuffix(value, arguments[0], op == "%%"));
    } else if (arguments.size() < 2) {
      return InvalidArgument("bad substitution");
    } else {
      out->append(Replace(op, value, arguments[0], arguments[1]));
    }
    return absl::OkStatus();
  }

  std::string TakeName() {
    size_t size = 0;
    while (size < text_.size() && IsNameByte(text_[size])) ++size;
    std::string name(text_.substr(0, size));
    text_.remove_prefix(size);
    return name;
  }

  // Empty when none follows.
  std::string_view TakeOperator() {
    for (const std::string_view op : {":-", ":=", "=", ":", "^^", "^", ",,", ",", "//", "/#", "/%",
                                      "/", "##", "#", "%%", "%"}) {
      if (Take(op)) return op;
    }
    return {};
  }

  bool Take(std::string_view token) {
    if (!text_.starts_with(token)) return false;
    text_.remove_prefix(token.size());
    return true;
  }

  std::string_view text_;
  const Environment& environment_;
};

}  // namespace

StatusOr<std::string> ExpandEnvironment(std::string_view text, const Environment& environment) {
  return Expander(text, environment).Run();
}

}  // namespace skald::config
