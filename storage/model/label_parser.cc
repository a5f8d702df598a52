#include "storage/model/label_parser.h"

#include <algorithm>

#include "storage/base/go_quote.h"
#include "storage/base/utf8.h"
#include "storage/model/label_lexer.h"

namespace skald {
namespace {

using Kind = LabelToken::Kind;
using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kMetricName = "__name__";
// Bytes of an identifier that an error shows.
constexpr size_t kShownIdentifier = 4096;

// "line:column" of a byte, both from 1.
std::string PositionText(std::string_view text, size_t position) {
  if (text.empty()) return "unknown position";
  const std::string_view before = text.substr(0, position);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t last_break = before.rfind('\n');
  const size_t column = last_break == std::string_view::npos ? position + 1 : position - last_break;
  return StrCat(line, ":", column);
}

// Go-quoted text, cut to ten runes when it is longer than ten bytes.
std::string QuotedStart(std::string_view text) {
  if (text.size() <= 10) return GoQuote(text);
  size_t end = 0;
  for (int runes = 0; runes < 10 && end < text.size(); ++runes) {
    end += DecodeRune(text.substr(end)).size;
  }
  return StrCat(GoQuote(text.substr(0, end)), "...");
}

// What "unexpected …" says of a token.
std::string Describe(const LabelToken& token) {
  switch (token.kind) {
    case Kind::kEnd:
      return "end of input";
    case Kind::kIdentifier:
      return StrCat("identifier ", GoQuote(Shortened(token.text, kShownIdentifier)));
    case Kind::kMetricIdentifier:
      return StrCat("metric identifier ", GoQuote(Shortened(token.text, kShownIdentifier)));
    case Kind::kString:
      return StrCat("string ", QuotedStart(token.text));
    case Kind::kNumber:
      return StrCat("number ", QuotedStart(token.text));
    case Kind::kOperator:
      return StrCat("<op:", token.text, ">");
    default:
      return GoQuote(token.text);
  }
}

// metric = [name] ["{" [label {"," label} [","]] "}"]
// label  = (identifier | string) "=" string | string
class LabelTextParser {
 public:
  explicit LabelTextParser(std::string_view text) : text_(text), lexer_(text) {}

  StatusOr<Pairs> Parse() {
    Pairs pairs;
    Advance();
    std::string metric;
    if (token_.kind == Kind::kIdentifier || token_.kind == Kind::kMetricIdentifier) {
      metric = std::string(token_.text);
      Advance();
    }
    if (token_.Is('{')) {
      Advance();
      RETURN_IF_ERROR(ParseLabels(&pairs));
    }
    if (token_.kind != Kind::kEnd) return Unexpected("");
    if (!metric.empty()) {
      std::erase_if(pairs, [](const auto& pair) { return pair.first == kMetricName; });
      pairs.emplace(pairs.begin(), kMetricName, std::move(metric));
    }
    return pairs;
  }

 private:
  void Advance() { token_ = lexer_.Next(); }

  // Parses what follows "{", past the "}".
  Status ParseLabels(Pairs* pairs) {
    while (!token_.Is('}')) {
      RETURN_IF_ERROR(ParseLabel(pairs));
      if (token_.Is(',')) {
        Advance();
      } else if (!token_.Is('}')) {
        return Unexpected(" in label set, expected \",\" or \"}\"");
      }
    }
    Advance();
    return absl::OkStatus();
  }

  Status ParseLabel(Pairs* pairs) {
    const bool quoted = token_.kind == Kind::kString;
    if (!quoted && token_.kind != Kind::kIdentifier) {
      return Unexpected(" in label set, expected identifier or \"}\"");
    }
    std::string name = quoted ? std::move(token_.value) : std::string(token_.text);
    Advance();
    if (!token_.Is('=')) {
      if (!quoted) return Unexpected(" in label set, expected \"=\"");
      pairs->emplace_back(kMetricName, std::move(name));
      return absl::OkStatus();
    }
    Advance();
    if (token_.kind != Kind::kString) return Unexpected(" in label set, expected string");
    pairs->emplace_back(std::move(name), std::move(token_.value));
    Advance();
    return absl::OkStatus();
  }

  // The error about the current token; the lexer's own error if that is what it is.
  Status Unexpected(std::string_view where) const {
    const std::string what =
        token_.kind == Kind::kError ? token_.value : StrCat("unexpected ", Describe(token_), where);
    return InvalidArgument(StrCat(PositionText(text_, token_.begin), ": parse error: ", what));
  }

  const std::string_view text_;
  LabelLexer lexer_;
  LabelToken token_;
};

}  // namespace

StatusOr<Pairs> ParseLabelText(std::string_view text) { return LabelTextParser(text).Parse(); }

}  // namespace skald
