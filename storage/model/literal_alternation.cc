#include "storage/model/literal_alternation.h"

#include "storage/base/utf8.h"

namespace skald {
namespace {

constexpr std::string_view kMeta = "\\.+*?()|[]{}^$";

bool IsEscapedPunctuation(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u > ' ' && u < 0x7F && !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
         !(c >= 'a' && c <= 'z') && c != '_';
}

std::string_view WithoutOneGroup(std::string_view regex) {
  for (const std::string_view open : {std::string_view("(?:"), std::string_view("(")}) {
    if (regex.starts_with(open) && regex.ends_with(")")) {
      return regex.substr(open.size(), regex.size() - open.size() - 1);
    }
  }
  return regex;
}

}  // namespace

std::optional<std::vector<std::string>> LiteralAlternation(std::string_view regex) {
  if (!IsValidUtf8(regex)) return std::nullopt;
  regex = WithoutOneGroup(regex);
  std::vector<std::string> literals(1);
  for (size_t i = 0; i < regex.size(); ++i) {
    const char c = regex[i];
    if (c == '|') {
      literals.emplace_back();
    } else if (c == '\\') {
      ++i;
      if (i == regex.size() || !IsEscapedPunctuation(regex[i])) return std::nullopt;
      literals.back().push_back(regex[i]);
    } else if (kMeta.find(c) != std::string_view::npos) {
      return std::nullopt;
    } else {
      literals.back().push_back(c);
    }
  }
  return literals;
}

}  // namespace skald
