// What a server needs to speak TLS, in the notation of Loki's configuration.
#pragma once

#include <string>

namespace skald::http {

struct TlsOptions {
  // The certificate chain and its key as PEM: the files, or the texts themselves. The files are
  // read again when they change.
  std::string cert_file;
  std::string key_file;
  std::string cert;
  std::string key;
  // Who may connect: NoClientCert, RequestClientCert, RequireAnyClientCert,
  // VerifyClientCertIfGiven or RequireAndVerifyClientCert; empty is NoClientCert.
  std::string client_auth_type;
  std::string client_ca_file;
  std::string client_ca;
  // VersionTLS10 … VersionTLS13; empty is VersionTLS12.
  std::string min_version;
  // Names as the standards write them, comma-separated; those of TLS 1.3 are not chosen by it.
  // Empty leaves the choice to OpenSSL.
  std::string cipher_suites;

  // Whether the server speaks TLS at all.
  bool enabled() const {
    return !cert_file.empty() || !key_file.empty() || !cert.empty() || !key.empty();
  }
};

}  // namespace skald::http
