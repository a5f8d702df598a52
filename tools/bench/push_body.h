// Bodies of pushes in the encodings that agents use.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/status.h"

namespace skald::bench {

enum class BodyEncoding : uint8_t { kProtobufSnappy, kJson, kJsonGzip };

// `protobuf`, `json`, `gzip`. InvalidArgument for anything else.
StatusOr<BodyEncoding> ParseBodyEncoding(std::string_view name);
std::string_view ContentType(BodyEncoding encoding);
// The Content-Encoding header; empty: none.
std::string_view ContentEncoding(BodyEncoding encoding);

struct BodyEntry {
  int64_t time = 0;
  std::string line;
  std::vector<std::pair<std::string, std::string>> metadata;
};
struct BodyStream {
  std::string labels;                                      // `{a="b", c="d"}`
  std::vector<std::pair<std::string, std::string>> pairs;  // the same
  std::vector<BodyEntry> entries;
};

std::string EncodeBody(const std::vector<BodyStream>& streams, BodyEncoding encoding);

}  // namespace skald::bench
