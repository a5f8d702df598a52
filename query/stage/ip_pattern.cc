#include "query/stage/ip_pattern.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "storage/base/ascii.h"
#include "storage/base/go_quote.h"

namespace skald::query {
namespace {

constexpr std::string_view kV4Bytes = "0123456789.";
constexpr std::string_view kV6Bytes = "0123456789abcdefABCDEF:.";

// `D.`, `DD.` or `DDD.`, the middle bytes being anything.
bool LooksLikeV4(std::string_view text) {
  return IsDigit(text[0]) && text.substr(1, 3).find('.') != std::string_view::npos;
}

// One to four hex digits and a colon, or `::` and a hex digit.
bool LooksLikeV6(std::string_view text) {
  if (text.starts_with("::")) return text.size() > 2 && IsHexDigit(text[2]);
  size_t digits = 0;
  while (digits < text.size() && digits < 4 && IsHexDigit(text[digits])) ++digits;
  return digits > 0 && digits < text.size() && text[digits] == ':';
}

size_t RunOf(std::string_view text, std::string_view bytes) {
  return std::min(text.find_first_not_of(bytes), text.size());
}

struct Bounds {
  IpAddress first;
  IpAddress last;
};

// The block of `text` = "address/bits".
std::optional<Bounds> ParseBlock(std::string_view text) {
  const size_t slash = text.find('/');
  Bounds bounds;
  if (!ParseIpAddress(text.substr(0, slash), &bounds.first)) return std::nullopt;
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  const unsigned size = bounds.first.v6 ? 128 : 32;
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size() || bits > size ||
      (digits.size() > 1 && digits[0] == '0')) {
    return std::nullopt;
  }
  bounds.last = bounds.first;
  for (unsigned bit = bits; bit < size; ++bit) {
    const uint8_t mask = static_cast<uint8_t>(0x80 >> (bit % 8));
    bounds.first.bytes[bit / 8] &= static_cast<uint8_t>(~mask);
    bounds.last.bytes[bit / 8] |= mask;
  }
  return bounds;
}

std::optional<Bounds> ParseBounds(std::string_view text) {
  if (text.find('/') != std::string_view::npos) return ParseBlock(text);
  const size_t dash = text.find('-');
  Bounds bounds;
  if (!ParseIpAddress(text.substr(0, dash), &bounds.first)) return std::nullopt;
  bounds.last = bounds.first;
  if (dash == std::string_view::npos) return bounds;
  if (!ParseIpAddress(text.substr(dash + 1), &bounds.last)) return std::nullopt;
  if (bounds.first.v6 != bounds.last.v6 || bounds.last < bounds.first) return std::nullopt;
  return bounds;
}

}  // namespace

bool ParseIpAddress(std::string_view text, IpAddress* address) {
  char buffer[INET6_ADDRSTRLEN + 1];
  if (text.size() >= sizeof(buffer) || text.find('\0') != std::string_view::npos) return false;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  *address = IpAddress{};
  address->v6 = text.find(':') != std::string_view::npos;
  return inet_pton(address->v6 ? AF_INET6 : AF_INET, buffer, address->bytes.data()) == 1;
}

StatusOr<IpPattern> IpPattern::Parse(std::string_view pattern) {
  const std::optional<Bounds> bounds = ParseBounds(pattern);
  if (!bounds) return InvalidArgument(StrCat("ip: invalid pattern: ", GoQuote(pattern)));
  return IpPattern(bounds->first, bounds->last);
}

bool IpPattern::OccursIn(std::string_view text) const {
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    std::string_view run;
    if (LooksLikeV4(rest)) {
      run = rest.substr(0, RunOf(rest, kV4Bytes));
    } else if (LooksLikeV6(rest)) {
      run = rest.substr(0, RunOf(rest, kV6Bytes));
    } else {
      continue;
    }
    IpAddress address;
    if (ParseIpAddress(run, &address) && Contains(address)) return true;
    i += run.size();
  }
  return false;
}

}  // namespace skald::query
