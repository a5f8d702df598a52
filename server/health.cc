#include "server/health.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <string_view>

#include "storage/base/strings.h"

namespace skald {
namespace {

constexpr std::string_view kScheme = "http://";
constexpr auto kTimeout = std::chrono::seconds(5);

}  // namespace

Status CheckHealth(const std::string& url) {
  std::string_view rest = url;
  if (!rest.starts_with(kScheme)) return InvalidArgument(StrCat("not an http URL: ", url));
  rest.remove_prefix(kScheme.size());
  const size_t slash = std::min(rest.find('/'), rest.size());
  const std::string_view authority = rest.substr(0, slash);
  const size_t colon = std::min(authority.rfind(':'), authority.size());
  const std::string host(authority.substr(0, colon));
  const std::string port(colon < authority.size() ? authority.substr(colon + 1) : "80");

  boost::asio::ip::tcp::iostream stream;
  stream.expires_after(kTimeout);
  stream.connect(host, port);
  stream << "GET " << (slash < rest.size() ? rest.substr(slash) : "/")
         << " HTTP/1.0\r\nHost: " << authority << "\r\n\r\n";
  stream.flush();
  std::string version;
  int status = 0;
  stream >> version >> status;
  if (status == 200) return absl::OkStatus();
  if (status != 0) return Unavailable(StrCat(url, " answered ", status));
  return Unavailable(StrCat(url, ": ", stream.error().message()));
}

}  // namespace skald
