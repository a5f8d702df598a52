#include "tools/bench/push_connection.h"

#include <algorithm>

#include "storage/base/strings.h"

namespace skald::bench {
namespace {

constexpr int64_t kTooManyRequests = 429;
constexpr int64_t kUnavailable = 503;

size_t IgnoreReply(char*, size_t size, size_t count, void*) { return size * count; }

}  // namespace

bool AsksToRepeat(int64_t status) { return status == kTooManyRequests || status == kUnavailable; }

PushConnection::PushConnection(const PushTarget& target) : curl_(curl_easy_init()) {
  AddHeader(StrCat("Content-Type: ", ContentType(target.encoding)));
  if (const auto coding = ContentEncoding(target.encoding); !coding.empty()) {
    AddHeader(StrCat("Content-Encoding: ", coding));
  }
  if (!target.tenant.empty()) AddHeader(StrCat("X-Scope-OrgID: ", target.tenant));
  AddHeader("Expect:");
  curl_easy_setopt(curl_, CURLOPT_URL, target.url.c_str());
  curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers_);
  curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, IgnoreReply);
  curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
}

PushConnection::~PushConnection() {
  curl_slist_free_all(headers_);
  curl_easy_cleanup(curl_);
}

StatusOr<int64_t> PushConnection::Post(const std::string& body) {
  curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  const CURLcode code = curl_easy_perform(curl_);
  if (code != CURLE_OK) return absl::UnavailableError(curl_easy_strerror(code));
  long status = 0;
  curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

std::chrono::seconds PushConnection::RetryAfter() const {
  curl_off_t seconds = 0;
  curl_easy_getinfo(curl_, CURLINFO_RETRY_AFTER, &seconds);
  return std::chrono::seconds(std::max<curl_off_t>(1, seconds));
}

void PushConnection::AddHeader(const std::string& header) {
  headers_ = curl_slist_append(headers_, header.c_str());
}

}  // namespace skald::bench
