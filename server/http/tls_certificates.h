// The TLS settings of new connections, which follow the certificate's files.
//
// A file that was renewed is taken up by the next connection, at most a second late; connections
// that exist keep what they began with. Files that cannot be read, or do not fit together, are
// logged once per change, and the settings before stay in force.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "server/http/tls_options.h"
#include "storage/base/status.h"

namespace skald::http {

// Threads: owned by the listener's network thread, once it is created.
class TlsCertificates {
 public:
  // InvalidArgument when the settings cannot work: an unknown word, a certificate without a key, a
  // file that is not there.
  static StatusOr<std::unique_ptr<TlsCertificates>> Create(const TlsOptions& options);

  // The settings for a connection that begins now; never null.
  std::shared_ptr<boost::asio::ssl::context> Current();

 private:
  explicit TlsCertificates(const TlsOptions& options) : options_(options) {}

  const TlsOptions options_;
  std::shared_ptr<boost::asio::ssl::context> context_;
  std::string file_versions_;  // of the files that context_, or the last failure, came from
  std::chrono::steady_clock::time_point next_look_;
};

}  // namespace skald::http
