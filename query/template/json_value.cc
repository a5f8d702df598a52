#include "query/template/json_value.h"

#include <algorithm>
#include <string>
#include <vector>

#include "storage/base/ascii.h"
#include "storage/base/go_number.h"
#include "storage/base/json_escape.h"
#include "storage/base/utf8.h"

namespace skald::query {
namespace {

constexpr int kMaxDepth = 500;

class JsonParser {
 public:
  JsonParser(std::string_view text, Arena* arena) : text_(text), arena_(arena) {}

  Value Parse() {
    Value value;
    if (!ParseValue(0, &value)) return Value::Nil();
    SkipSpace();
    return at_ == text_.size() ? value : Value::Nil();
  }

 private:
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void SkipSpace() {
    while (at_ < text_.size() &&
           (Peek() == ' ' || Peek() == '\t' || Peek() == '\n' || Peek() == '\r')) {
      ++at_;
    }
  }

  bool Take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool TakeWord(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  // Each returns false on a syntax error.
  bool ParseValue(int depth, Value* value) {
    if (depth > kMaxDepth) return false;
    SkipSpace();
    switch (Peek()) {
      case '{':
        return ParseObject(depth, value);
      case '[':
        return ParseArray(depth, value);
      case '"': {
        std::string_view text;
        if (!ParseString(&text)) return false;
        *value = Value::String(text);
        return true;
      }
      case 't':
        *value = Value::Bool(true);
        return TakeWord("true");
      case 'f':
        *value = Value::Bool(false);
        return TakeWord("false");
      case 'n':
        *value = Value::Nil();
        return TakeWord("null");
      default:
        return ParseNumber(value);
    }
  }

  bool ParseArray(int depth, Value* value) {
    ++at_;
    std::vector<Value> items;
    SkipSpace();
    if (!Take(']')) {
      do {
        Value item;
        if (!ParseValue(depth + 1, &item)) return false;
        items.push_back(item.Boxed());
        SkipSpace();
      } while (Take(','));
      if (!Take(']')) return false;
    }
    const auto stored = arena_->NewArray<Value>(items.size());
    std::uninitialized_copy(items.begin(), items.end(), stored.begin());
    *value = Value::List(stored);
    return true;
  }

  bool ParseMember(int depth, MapEntry* entry) {
    SkipSpace();
    if (!ParseString(&entry->key)) return false;
    SkipSpace();
    Value value;
    if (!Take(':') || !ParseValue(depth + 1, &value)) return false;
    entry->value = value.Boxed();
    SkipSpace();
    return true;
  }

  bool ParseObject(int depth, Value* value) {
    ++at_;
    std::vector<MapEntry> entries;
    SkipSpace();
    if (!Take('}')) {
      do {
        if (!ParseMember(depth, &entries.emplace_back())) return false;
      } while (Take(','));
      if (!Take('}')) return false;
    }
    // Of equal keys the last stays: sorted stably, it is the last of its run.
    std::stable_sort(entries.begin(), entries.end(),
                     [](const MapEntry& a, const MapEntry& b) { return a.key < b.key; });
    const auto stored = arena_->NewArray<MapEntry>(entries.size());
    size_t count = 0;
    for (size_t i = 0; i < entries.size(); ++i) {
      if (i + 1 < entries.size() && entries[i + 1].key == entries[i].key) continue;
      new (&stored[count++]) MapEntry(entries[i]);
    }
    *value = Value::Map(stored.first(count));
    return true;
  }

  bool ParseNumber(Value* value) {
    const size_t begin = at_;
    Take('-');
    if (!Take('0') && !TakeDigits()) return false;
    if (Take('.') && !TakeDigits()) return false;
    if (Take('e') || Take('E')) {
      if (!Take('+')) Take('-');
      if (!TakeDigits()) return false;
    }
    double number = 0;
    const bool in_range = TryParseGoFloat(text_.substr(begin, at_ - begin), &number);
    *value = in_range ? Value::Float(number) : Value::Nil();
    return true;
  }

  bool TakeDigits() {
    const size_t begin = at_;
    while (IsDigit(Peek())) ++at_;
    return at_ > begin;
  }

  // A string without escapes and of valid UTF-8 is a view of the text.
  bool ParseString(std::string_view* out) {
    if (!Take('"')) return false;
    const size_t begin = at_;
    bool plain = true;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c < ' ') return false;
      if (c == '\\') ++at_;
      if (c == '\\' || c >= 0x80) plain = false;
    }
    if (at_ >= text_.size()) return false;
    *out = text_.substr(begin, at_ - begin);
    ++at_;
    return plain || Unescape(out);
  }

  bool Unescape(std::string_view* text) {
    buffer_.clear();
    std::string_view rest = *text;
    while (!rest.empty()) {
      if (rest[0] == '\\') {
        if (!TakeEscape(&rest)) return false;
        continue;
      }
      const DecodedRune decoded = DecodeRune(rest);
      AppendRune(&buffer_, decoded.rune);
      rest.remove_prefix(decoded.size);
    }
    *text = arena_->Copy(buffer_);
    return true;
  }

  bool TakeEscape(std::string_view* rest) {
    if (rest->size() < 2) return false;
    if ((*rest)[1] == 'u') return TakeUnicodeEscape(rest);
    const char meaning = SimpleJsonEscape((*rest)[1]);
    if (meaning == '\0') return false;
    buffer_.push_back(meaning);
    rest->remove_prefix(2);
    return true;
  }

  bool TakeUnicodeEscape(std::string_view* rest) {
    const int first = ReadUnicodeEscape(*rest);
    if (first < 0) return false;
    rest->remove_prefix(kUnicodeEscapeSize);
    auto rune = static_cast<char32_t>(first);
    const int second = IsHighSurrogate(first) ? ReadUnicodeEscape(*rest) : -1;
    if (IsLowSurrogate(second)) {
      rest->remove_prefix(kUnicodeEscapeSize);
      rune = CombineSurrogates(first, second);
    }
    AppendRune(&buffer_, rune);
    return true;
  }

  const std::string_view text_;
  Arena* const arena_;
  size_t at_ = 0;
  std::string buffer_;
};

}  // namespace

Value ParseJson(std::string_view text, Arena* arena) { return JsonParser(text, arena).Parse(); }

}  // namespace skald::query
