// ip("…"): one address, a CIDR block, or a range `from-to`, looked for in free text.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string_view>

#include "storage/base/status.h"

namespace skald::query {

// An address of either family; the families do not compare equal.
struct IpAddress {
  bool v6 = false;
  std::array<uint8_t, 16> bytes{};  // network order; IPv4 uses the first four
  auto operator<=>(const IpAddress&) const = default;
};

// Parses `1.2.3.4` or `2001:db8::1`; false for anything else.
bool ParseIpAddress(std::string_view text, IpAddress* address);

// Threads: immutable.
class IpPattern {
 public:
  // InvalidArgument `ip: invalid pattern: "x"`.
  static StatusOr<IpPattern> Parse(std::string_view pattern);

  bool Contains(const IpAddress& address) const { return first_ <= address && address <= last_; }

  // True if one of the addresses in `text` is contained. Runs of digits and dots, or of hex digits,
  // colons and dots, are taken as address candidates from left to right.
  bool OccursIn(std::string_view text) const;

 private:
  IpPattern(IpAddress first, IpAddress last) : first_(first), last_(last) {}

  IpAddress first_;
  IpAddress last_;
};

}  // namespace skald::query
