#include "server/http/target.h"

#include <algorithm>

#include "storage/base/ascii.h"
#include "storage/base/go_quote.h"
#include "storage/base/strings.h"

namespace skald::http {
namespace {

enum class PlusSign { kIsSpace, kIsItself };

// InvalidArgument with Go's text: `invalid URL escape "%zz"`.
StatusOr<std::string> Unescape(std::string_view text, PlusSign plus) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? HexValue(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexValue(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return InvalidArgument(StrCat("invalid URL escape ", GoQuote(text.substr(i, 3))));
      }
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus == PlusSign::kIsSpace) {
      out += ' ';
    } else {
      out += c;
    }
  }
  return out;
}

bool IsPathByte(char c) {
  const bool letter_or_digit =
      (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter_or_digit ||
         std::string_view("-_.~$&+,/:;=@!*'()").find(c) != std::string_view::npos;
}

}  // namespace

StatusOr<Target> ParseTarget(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    target.remove_prefix(scheme.size());
    const size_t end = target.find_first_of("/?");
    target = end == std::string_view::npos ? "/" : target.substr(end);
    break;
  }
  if (target != "*" && !target.starts_with('/') && !target.starts_with('?')) {
    return InvalidArgument("invalid URI for request");
  }
  Target parts;
  const size_t question = target.find('?');
  ASSIGN_OR_RETURN(parts.path, Unescape(target.substr(0, question), PlusSign::kIsItself));
  if (question != std::string_view::npos) parts.query = target.substr(question + 1);
  return parts;
}

std::string CleanPath(std::string_view path) {
  std::vector<std::string_view> segments;
  size_t begin = 0;
  while (begin <= path.size()) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view segment = path.substr(begin, end - begin);
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
    begin = end + 1;
  }
  std::string clean;
  for (const std::string_view segment : segments) StrAppend(&clean, "/", segment);
  if (clean.empty() || path.ends_with('/')) clean += '/';
  return clean;
}

std::string EncodePath(std::string_view path) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    if (IsPathByte(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return out;
}

Status Form::Add(std::string_view text) {
  Status status;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = std::min(text.find('&', begin), text.size());
    const std::string_view pair = text.substr(begin, end - begin);
    begin = end + 1;
    if (pair.empty()) continue;
    if (values_.size() == kMaxParameters) return InvalidArgument("too many parameters");
    if (pair.find(';') != std::string_view::npos) {
      status.Update(InvalidArgument("invalid semicolon separator in query"));
      continue;
    }
    const size_t equals = std::min(pair.find('='), pair.size());
    StatusOr<std::string> name = Unescape(pair.substr(0, equals), PlusSign::kIsSpace);
    StatusOr<std::string> value =
        Unescape(equals < pair.size() ? pair.substr(equals + 1) : "", PlusSign::kIsSpace);
    status.Update(name.status());
    status.Update(value.status());
    if (name.ok() && value.ok()) values_.emplace_back(*std::move(name), *std::move(value));
  }
  return status;
}

uint64_t Form::memory() const {
  uint64_t bytes = values_.capacity() * sizeof(values_[0]);
  for (const auto& [name, value] : values_) bytes += name.capacity() + value.capacity();
  return bytes;
}

std::string_view Form::Get(std::string_view name) const {
  for (const auto& [key, value] : values_) {
    if (key == name) return value;
  }
  return {};
}

bool Form::Has(std::string_view name) const { return !GetAll(name).empty(); }

std::vector<std::string_view> Form::GetAll(std::string_view name) const {
  std::vector<std::string_view> found;
  for (const auto& [key, value] : values_) {
    if (key == name) found.push_back(value);
  }
  return found;
}

}  // namespace skald::http
