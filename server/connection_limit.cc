#include "server/connection_limit.h"

#include <sys/resource.h>

#include <algorithm>

#include "storage/base/descriptor_cache.h"
#include "storage/base/log.h"

namespace skald {
namespace {

constexpr uint32_t kMostUnlessConfigured = 10'000;
constexpr size_t kFewest = 16;
// The log, the manifest, what is being written, event loops, standard streams.
constexpr size_t kOtherDescriptors = 128;

}  // namespace

size_t FitConnections(uint32_t configured, size_t descriptors) {
  const size_t wanted = configured != 0 ? configured : kMostUnlessConfigured;
  const size_t others = DescriptorCache::MostOf(descriptors) + kOtherDescriptors;
  const size_t left = descriptors - std::min(descriptors, others);
  return std::min(wanted, std::max(left, kFewest));
}

size_t MaxConnections(uint32_t configured) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return configured != 0 ? configured : 1000;
  const size_t most = FitConnections(configured, files.rlim_cur);
  if (most < configured) {
    SKALD_LOG(kWarn, "server.http_listen_conn_limit is more than there are file descriptors for",
              {{"configured", configured}, {"used", most}, {"open_files_limit", files.rlim_cur}});
  } else if (configured == 0 && most < kMostUnlessConfigured) {
    SKALD_LOG(kInfo, "the limit of open files lowers that of connections",
              {{"used", most}, {"open_files_limit", files.rlim_cur}});
  }
  return most;
}

}  // namespace skald
