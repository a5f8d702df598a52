// How many bytes of log lines a server holds, by age and by the labels that decide their retention.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "tools/cli/loki_client.h"
#include "tools/cli/response.h"

namespace skald::cli {

// What streams with the same values of some labels hold.
struct AgedVolume {
  Labels labels;
  std::vector<double> bytes;  // [i]: of lines between i and i + 1 days old
};

struct Volumes {
  std::vector<AgedVolume> groups;
  double bytes = 0;
  double entries = 0;
};

// Asks for the volumes of the `days` before `now`, grouped by the labels `names`.
StatusOr<Volumes> FetchVolumes(const std::set<std::string>& names, int64_t now, int64_t days,
                               LokiClient* client);

// Bytes on disk for each byte of log lines, from an answer of /metrics of this server and the mean
// size of a line; 0 when it says nothing of that.
double DiskRatio(std::string_view metrics, const Volumes& volumes);

}  // namespace skald::cli
