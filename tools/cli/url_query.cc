#include "tools/cli/url_query.h"

namespace skald::cli {
namespace {

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

std::string Escape(std::string_view text, std::string_view also_plain, bool space_as_plus) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    if (IsUnreserved(c) || also_plain.find(c) != std::string_view::npos) {
      out += c;
    } else if (c == ' ' && space_as_plus) {
      out += '+';
    } else {
      auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

}  // namespace

std::string EncodeQuery(const UrlQuery& query) {
  std::string out;
  for (const auto& [name, value] : query) {
    if (!out.empty()) out += '&';
    out += Escape(name, "", true);
    out += '=';
    out += Escape(value, "", true);
  }
  return out;
}

std::string EscapePathSegment(std::string_view text) { return Escape(text, "$&+=:@", false); }

}  // namespace skald::cli
