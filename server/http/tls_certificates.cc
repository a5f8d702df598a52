#include "server/http/tls_certificates.h"

#include <openssl/ssl.h>
#include <sys/stat.h>

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>
#include <utility>

#include "storage/base/file_system.h"
#include "storage/base/log.h"
#include "storage/base/strings.h"

namespace skald::http {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

constexpr auto kLookEvery = std::chrono::seconds(1);
// The protocol that connections are offered, as ALPN writes it.
constexpr unsigned char kProtocols[] = "\x08http/1.1";

Status Failed(std::string_view what, const error_code& error) {
  return InvalidArgument(StrCat(what, ": ", error.message()));
}

// The text of a setting that is either in a file or given itself.
StatusOr<std::string> PemText(std::string_view what, const std::string& file,
                              const std::string& text) {
  if (!file.empty() && !text.empty()) {
    return InvalidArgument(StrCat("the TLS ", what, " is given twice, as a file and as a text"));
  }
  if (file.empty()) return text;
  auto read = ReadWholeFile(FileSystem::Posix(), file);
  if (!read.ok()) return InvalidArgument(StrCat("the TLS ", what, ": ", Message(read.status())));
  return read;
}

StatusOr<int> MinVersion(std::string_view name) {
  if (name == "VersionTLS10") return TLS1_VERSION;
  if (name == "VersionTLS11") return TLS1_1_VERSION;
  if (name.empty() || name == "VersionTLS12") return TLS1_2_VERSION;
  if (name == "VersionTLS13") return TLS1_3_VERSION;
  return InvalidArgument(StrCat("unknown TLS version: ", name));
}

enum class ClientAuth { kNone, kRequest, kRequireAny, kVerifyIfGiven, kRequireAndVerify };

StatusOr<ClientAuth> ParseClientAuth(std::string_view name) {
  if (name.empty() || name == "NoClientCert") return ClientAuth::kNone;
  if (name == "RequestClientCert") return ClientAuth::kRequest;
  if (name == "RequireAnyClientCert" || name == "RequireClientCert") return ClientAuth::kRequireAny;
  if (name == "VerifyClientCertIfGiven") return ClientAuth::kVerifyIfGiven;
  if (name == "RequireAndVerifyClientCert") return ClientAuth::kRequireAndVerify;
  return InvalidArgument(StrCat("invalid client_auth_type: ", name));
}

bool IsVerified(ClientAuth auth) {
  return auth == ClientAuth::kVerifyIfGiven || auth == ClientAuth::kRequireAndVerify;
}

Status SetClientAuth(const TlsOptions& options, ssl::context* context) {
  ASSIGN_OR_RETURN(const ClientAuth auth, ParseClientAuth(options.client_auth_type));
  ASSIGN_OR_RETURN(const std::string ca,
                   PemText("client CA", options.client_ca_file, options.client_ca));
  if (!ca.empty() && auth == ClientAuth::kNone) {
    return InvalidArgument("client CA's have been configured without a client_auth_type");
  }
  if (ca.empty() && IsVerified(auth)) {
    return InvalidArgument("client certificates are to be verified, but there is no client CA");
  }
  if (auth == ClientAuth::kNone) return absl::OkStatus();
  const bool required = auth == ClientAuth::kRequireAny || auth == ClientAuth::kRequireAndVerify;
  error_code error;
  context->set_verify_mode(
      ssl::verify_peer | (required ? ssl::verify_fail_if_no_peer_cert : ssl::verify_none), error);
  if (error) return Failed("client_auth_type", error);
  if (!IsVerified(auth)) {
    context->set_verify_callback([](bool, ssl::verify_context&) { return true; }, error);
  }
  if (!ca.empty()) context->add_certificate_authority(boost::asio::buffer(ca), error);
  return error ? Failed("client_ca", error) : absl::OkStatus();
}

// Go and the standards write TLS_RSA_WITH_AES_128_GCM_SHA256, OpenSSL has names of its own.
Status SetCipherSuites(std::string_view names, SSL_CTX* context) {
  std::string list;
  while (!names.empty()) {
    const size_t end = std::min(names.find(','), names.size());
    const std::string name(names.substr(0, end));
    names.remove_prefix(std::min(end + 1, names.size()));
    const char* known = OPENSSL_cipher_name(name.c_str());
    if (known == nullptr || std::string_view(known) == "(NONE)") {
      return InvalidArgument(StrCat("unknown TLS cipher suite: ", name));
    }
    StrAppend(&list, list.empty() ? "" : ":", known);
  }
  if (list.empty() || SSL_CTX_set_cipher_list(context, list.c_str()) == 1) return absl::OkStatus();
  return InvalidArgument(StrCat("no usable TLS cipher suite among ", list));
}

int ChooseProtocol(SSL*, const unsigned char** out, unsigned char* out_size,
                   const unsigned char* offered, unsigned int offered_size, void*) {
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, out_size, kProtocols, sizeof(kProtocols) - 1,
                                          offered, offered_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Status SetCertificate(const TlsOptions& options, ssl::context* context) {
  ASSIGN_OR_RETURN(const std::string chain,
                   PemText("certificate", options.cert_file, options.cert));
  ASSIGN_OR_RETURN(const std::string key, PemText("key", options.key_file, options.key));
  if (chain.empty()) return InvalidArgument("TLS has a key but no certificate");
  if (key.empty()) return InvalidArgument("TLS has a certificate but no key");
  error_code error;
  context->use_certificate_chain(boost::asio::buffer(chain), error);
  if (error) return Failed("the TLS certificate", error);
  context->use_private_key(boost::asio::buffer(key), ssl::context::pem, error);
  if (error) return Failed("the TLS key", error);
  if (SSL_CTX_check_private_key(context->native_handle()) == 1) return absl::OkStatus();
  return InvalidArgument("the TLS key is not the certificate's");
}

StatusOr<std::shared_ptr<ssl::context>> MakeContext(const TlsOptions& options) {
  static constexpr unsigned char kSessionId[] = "skald";
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* const native = context->native_handle();
  ASSIGN_OR_RETURN(const int min_version, MinVersion(options.min_version));
  // Old versions need what OpenSSL's default level forbids.
  if (min_version < TLS1_2_VERSION) SSL_CTX_set_security_level(native, 0);
  SSL_CTX_set_min_proto_version(native, min_version);
  SSL_CTX_set_options(
      native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_id_context(native, kSessionId, sizeof(kSessionId) - 1);
  SSL_CTX_set_alpn_select_cb(native, ChooseProtocol, nullptr);
  RETURN_IF_ERROR(SetCipherSuites(options.cipher_suites, native));
  RETURN_IF_ERROR(SetCertificate(options, context.get()));
  RETURN_IF_ERROR(SetClientAuth(options, context.get()));
  return context;
}

// Changes whenever one of the files does.
std::string FileVersions(const TlsOptions& options) {
  std::string versions;
  for (const std::string& file : {options.cert_file, options.key_file, options.client_ca_file}) {
    struct stat found {};
    if (file.empty() || stat(file.c_str(), &found) != 0) continue;
    StrAppend(&versions, found.st_ino, " ", found.st_size, " ", found.st_mtim.tv_sec, ".",
              found.st_mtim.tv_nsec, "\n");
  }
  return versions;
}

}  // namespace

StatusOr<std::unique_ptr<TlsCertificates>> TlsCertificates::Create(const TlsOptions& options) {
  std::unique_ptr<TlsCertificates> certificates(new TlsCertificates(options));
  certificates->file_versions_ = FileVersions(options);
  ASSIGN_OR_RETURN(certificates->context_, MakeContext(options));
  return certificates;
}

std::shared_ptr<ssl::context> TlsCertificates::Current() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_look_) return context_;
  next_look_ = now + kLookEvery;
  std::string versions = FileVersions(options_);
  if (versions == file_versions_) return context_;
  file_versions_ = std::move(versions);
  auto context = MakeContext(options_);
  if (context.ok()) {
    context_ = *std::move(context);
    SKALD_LOG(kInfo, "TLS certificates were read again", {{"file", options_.cert_file}});
  } else {
    SKALD_LOG(kError, "TLS certificates changed but cannot be used; the ones before stay",
              {{"err", Message(context.status())}});
  }
  return context_;
}

}  // namespace skald::http
