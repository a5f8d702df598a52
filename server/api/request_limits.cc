#include "server/api/request_limits.h"

#include <simdjson.h>

#include <chrono>
#include <string>
#include <utility>

#include "storage/base/ascii.h"
#include "storage/base/byte_size.h"
#include "storage/base/duration.h"

namespace skald::api {
namespace {

using query::QueryLimits;
using simdjson::dom::element;

constexpr size_t kMaxBytes = 16 << 10;

// Each reads a value into a setting; false when it is of the wrong type.
using Reader = bool (*)(element value, TenantQuerySettings* settings);

bool ReadDuration(element value, std::chrono::nanoseconds* to) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return false;
  const auto duration = ParsePrometheusDuration(text);
  if (!duration.ok()) return false;
  *to = *duration;
  return true;
}

template <int64_t QueryLimits::*limit>
bool ReadDurationLimit(element value, TenantQuerySettings* settings) {
  std::chrono::nanoseconds duration{};
  if (!ReadDuration(value, &duration)) return false;
  settings->limits.*limit = duration.count();
  return true;
}

template <uint32_t QueryLimits::*limit>
bool ReadCount(element value, TenantQuerySettings* settings) {
  int64_t count = 0;
  if (value.get(count) != simdjson::SUCCESS || count > UINT32_MAX) return false;
  settings->limits.*limit = count < 0 ? 0 : static_cast<uint32_t>(count);
  return true;
}

bool ReadTimeout(element value, TenantQuerySettings* settings) {
  return ReadDuration(value, &settings->timeout);
}

bool ReadBytes(element value, TenantQuerySettings* settings) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return false;
  const auto bytes = ParseHumanizedBytes(text);
  if (!bytes.ok()) return false;
  settings->limits.max_query_bytes_read = *bytes;
  return true;
}

bool ReadLabels(element value, TenantQuerySettings* settings) {
  simdjson::dom::array names;
  if (value.get(names) != simdjson::SUCCESS) return false;
  for (const element name : names) {
    std::string_view text;
    if (name.get(text) != simdjson::SUCCESS) return false;
    settings->limits.required_labels.emplace_back(text);
  }
  return true;
}

constexpr std::pair<std::string_view, Reader> kReaders[] = {
    {"maxQueryLength", ReadDurationLimit<&QueryLimits::max_query_length>},
    {"maxQueryInterval", ReadDurationLimit<&QueryLimits::max_query_range>},
    {"maxQueryLookback", ReadDurationLimit<&QueryLimits::max_query_lookback>},
    {"maxEntriesLimitPerQuery", ReadCount<&QueryLimits::max_entries_limit_per_query>},
    {"maxQueryTime", ReadTimeout},
    {"maxQueryBytesRead", ReadBytes},
    {"requiredLabels", ReadLabels},
    {"minimumLabelsNumber", ReadCount<&QueryLimits::minimum_labels_number>},
};

Reader ReaderOf(std::string_view name) {
  for (const auto& [known, reader] : kReaders) {
    if (EqualsIgnoreCase(name, known)) return reader;
  }
  return nullptr;
}

TenantQuerySettings Unlimited() {
  TenantQuerySettings settings;
  QueryLimits& limits = settings.limits;
  limits.max_query_length = 0;
  limits.max_entries_limit_per_query = 0;
  limits.max_query_series = 0;
  limits.max_streams_matchers_per_query = 0;
  limits.volume_max_series = 0;
  limits.max_query_memory = 0;
  settings.timeout = std::chrono::nanoseconds(0);
  settings.max_concurrent_tail_requests = 0;
  return settings;
}

}  // namespace

std::optional<TenantQuerySettings> ParseRequestLimits(std::string_view json) {
  if (json.size() > kMaxBytes) return std::nullopt;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  const simdjson::padded_string padded(json);
  if (parser.parse(padded).get(object) != simdjson::SUCCESS) return std::nullopt;
  TenantQuerySettings settings = Unlimited();
  for (const auto& [name, value] : object) {
    if (value.is_null()) continue;
    const Reader reader = ReaderOf(name);
    if (reader != nullptr && !reader(value, &settings)) return std::nullopt;
  }
  return settings;
}

}  // namespace skald::api
