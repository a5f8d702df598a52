// Byte sizes as people write them: `10KB`, `1.5 MiB`, `1,000`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/status.h"

namespace skald {

// humanize.ParseBytes: a number (commas ignored, fractions allowed) and a unit in any letter case;
// KB is 1000, KiB and Ki are 1024, up to EB; the result is truncated. InvalidArgument with its
// text: `strconv.ParseFloat: parsing "": invalid syntax`, `unhandled size name: xb`, `too large:
// 99eb`.
StatusOr<uint64_t> ParseHumanizedBytes(std::string_view text);

// humanize.Bytes: decimal units, one digit after the point below ten: `512 B`, `1.5 kB`, `24 MB`.
std::string FormatHumanizedBytes(uint64_t bytes);

}  // namespace skald
