// Numbers, durations and byte sizes as they begin a token.
#pragma once

#include <cstdint>
#include <string_view>

#include "storage/base/status.h"

namespace skald::query {

// The size of the Go number literal at the front of `text`, which must begin with a digit or with
// a point and a digit. Errors carry text/scanner's message: "exponent has no digits".
StatusOr<size_t> ScanNumber(std::string_view text);

// A duration or byte size at the front of a text.
struct ScannedUnit {
  size_t size = 0;  // 0: there is none
  uint64_t value = 0;
};

// A duration with a unit, Prometheus' notation first, then Go's. The whole run of characters that
// durations are made of must be one. A leading '-' is taken too, and then only Go's notation.
ScannedUnit ScanDuration(std::string_view text);

// A byte size with a unit: in any letter case if nothing is glued to it, else as far as Loki's
// characters of byte sizes go (`5KBx` is a size and a name).
ScannedUnit ScanBytes(std::string_view text);

// The value of a number that labels are compared with: what Go's ParseFloat takes, and whole
// numbers with the prefixes 0x, 0o and 0b, for which Loki has 0. Errors carry ParseFloat's text.
StatusOr<double> FilterNumber(std::string_view literal);

}  // namespace skald::query
