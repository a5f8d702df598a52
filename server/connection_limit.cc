#include "server/connection_limit.h"

#include <sys/resource.h>

#include <algorithm>

#include "storage/base/descriptor_cache.h"
#include "storage/base/log.h"
#include "storage/base/units.h"

namespace skald {
namespace {

constexpr uint64_t kMostUnlessConfigured = 10'000;
constexpr uint64_t kFewest = 16;
// The log, the manifest, what is being written, event loops, standard streams.
constexpr size_t kOtherDescriptors = 128;
// An idle connection was measured to take 8 to 9 KB, with TLS 73 KB; one that has sent a part of a
// long head twice that, or a quarter more.
constexpr uint64_t kPlainMemory = 12_KiB;
constexpr uint64_t kTlsMemory = 80_KiB;

}  // namespace

size_t ConnectionsByMemory(uint64_t memory_limit, bool tls) {
  const uint64_t most = memory_limit / 8 / (tls ? kTlsMemory : kPlainMemory);
  return std::clamp(most, kFewest, kMostUnlessConfigured);
}

size_t FitConnections(size_t wanted, size_t descriptors) {
  const size_t others = DescriptorCache::MostOf(descriptors) + kOtherDescriptors;
  const size_t left = descriptors - std::min(descriptors, others);
  return std::min<size_t>(wanted, std::max<size_t>(left, kFewest));
}

size_t MaxConnections(uint32_t configured, uint64_t memory_limit, bool tls) {
  const size_t wanted = configured != 0 ? configured : ConnectionsByMemory(memory_limit, tls);
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
    return configured != 0 ? wanted : std::min<size_t>(wanted, 1000);
  }
  const size_t most = FitConnections(wanted, files.rlim_cur);
  if (most < configured) {
    SKALD_LOG(kWarn, "server.http_listen_conn_limit is more than there are file descriptors for",
              {{"configured", configured}, {"used", most}, {"open_files_limit", files.rlim_cur}});
  } else if (most < wanted) {
    SKALD_LOG(kInfo, "the limit of open files lowers that of connections",
              {{"used", most}, {"open_files_limit", files.rlim_cur}});
  } else if (configured == 0 && most < kMostUnlessConfigured) {
    SKALD_LOG(kInfo, "the memory limit lowers that of connections",
              {{"used", most}, {"memory_limit", memory_limit}});
  }
  return most;
}

}  // namespace skald
