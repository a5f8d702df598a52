// Keys of the process: who may ask, where it listens, where data lies, what it may use.
#include "server/config/key_field.h"
#include "server/config/key_table.h"

namespace skald::config {
namespace {

using enum ValueType;
using enum KeyStatus;

const Key kServerKeys[] = {
    {"target", "target", kString, kHonoured, SKALD_FIELD(target),
     "Comma-separated parts of Loki to run. Whatever is named, the whole server runs."},
    {"auth_enabled", "auth.enabled", kBool, kHonoured, SKALD_FIELD(auth_enabled),
     "Whether requests must name their tenant in `X-Scope-OrgID`; without it everyone is `fake`."},

    {"server.http_listen_address", "server.http-listen-address", kString, kHonoured,
     SKALD_FIELD(server.http_listen_address), "Address to listen on; empty: every address."},
    {"server.http_listen_port", "server.http-listen-port", kInt, kHonoured,
     SKALD_FIELD(server.http_listen_port), "Port to listen on; 0: any free one."},
    {"server.http_listen_conn_limit", "server.http-conn-limit", kLimit, kHonoured,
     SKALD_FIELD(server.http_listen_conn_limit),
     "Connections above this number wait until one of those is idle, which is ended for them; 0: "
     "as "
     "many as an eighth of the memory limit suffices for (12 KiB each, with TLS 80 KiB), at most "
     "10,000. Lowered to what half of "
     "the process's file descriptors, which are for parts, and 128 leave."},
    {"server.http_path_prefix", "server.path-prefix", kString, kHonoured,
     SKALD_FIELD(server.http_path_prefix), "Stands before every path, such as `/loki`."},
    {"server.http_server_read_timeout", "server.http-read-timeout", kGoDuration, kHonoured,
     SKALD_FIELD(server.http_server_read_timeout), "For a request's body, and for its head."},
    {"server.http_server_read_header_timeout", "server.http-read-header-timeout", kGoDuration,
     kHonoured, SKALD_FIELD(server.http_server_read_header_timeout),
     "For a request's head; 0: the read timeout."},
    {"server.http_server_write_timeout", "server.http-write-timeout", kGoDuration, kHonoured,
     SKALD_FIELD(server.http_server_write_timeout),
     "For each piece (64 KiB) of a response; all of it may take this long and a second for every "
     "16 KiB of its first MiB, then for every 256 KiB."},
    {"server.http_server_idle_timeout", "server.http-idle-timeout", kGoDuration, kHonoured,
     SKALD_FIELD(server.http_server_idle_timeout), "Between the requests of a connection."},
    {"server.graceful_shutdown_timeout", "server.graceful-shutdown-timeout", kGoDuration, kHonoured,
     SKALD_FIELD(server.graceful_shutdown_timeout),
     "How long requests in hand may take to finish when the server stops."},
    {"server.log_level", "log.level", kString, kHonoured, SKALD_FIELD(server.log_level),
     "The least severe lines of the process log: debug, info, warn or error."},
    {"server.log_format", "log.format", kString, kHonoured, SKALD_FIELD(server.log_format),
     "Of the process log: logfmt or json."},
    {"server.http_tls_config.cert_file", "server.http-tls-cert-path", kString, kHonoured,
     SKALD_FIELD(server.tls.cert_file),
     "File of the certificate chain, PEM. With it and a key the port speaks TLS alone."},
    {"server.http_tls_config.key_file", "server.http-tls-key-path", kString, kHonoured,
     SKALD_FIELD(server.tls.key_file),
     "File of the certificate's key, PEM. Both files are read again when they change."},
    {"server.http_tls_config.cert", "", kString, kHonoured, SKALD_FIELD(server.tls.cert),
     "The certificate chain itself, in place of a file."},
    {"server.http_tls_config.key", "", kString, kHonoured, SKALD_FIELD(server.tls.key),
     "The key itself, in place of a file.", true},
    {"server.http_tls_config.client_auth_type", "server.http-tls-client-auth", kString, kHonoured,
     SKALD_FIELD(server.tls.client_auth_type),
     "Who may connect: NoClientCert, RequestClientCert, RequireAnyClientCert, "
     "VerifyClientCertIfGiven or RequireAndVerifyClientCert; empty: NoClientCert."},
    {"server.http_tls_config.client_ca_file", "server.http-tls-ca-path", kString, kHonoured,
     SKALD_FIELD(server.tls.client_ca_file),
     "File of the authorities that clients' certificates are verified by, PEM."},
    {"server.http_tls_config.client_ca", "", kString, kHonoured, SKALD_FIELD(server.tls.client_ca),
     "The authorities themselves, in place of a file."},
    {"server.tls_min_version", "server.tls-min-version", kString, kHonoured,
     SKALD_FIELD(server.tls.min_version),
     "VersionTLS10, VersionTLS11, VersionTLS12 or VersionTLS13; empty: VersionTLS12."},
    {"server.tls_cipher_suites", "server.tls-cipher-suites", kString, kHonoured,
     SKALD_FIELD(server.tls.cipher_suites),
     "Comma-separated cipher suites up to TLS 1.2, by their standard names; empty: OpenSSL's."},
    {"server.proxy_protocol_enabled",
     "server.proxy-protocol-enabled",
     kBool,
     kRefused,
     {},
     "The PROXY protocol is not understood."},

    {"common.path_prefix", "common.path-prefix", kString, kHonoured, SKALD_FIELD(path_prefix),
     "Data lies in the folder `skald` below it."},
    {"common.storage.filesystem.chunks_directory", "common.storage.filesystem.chunk-directory",
     kString, kHonoured, SKALD_FIELD(chunks_directory),
     "Where Loki keeps chunks. Without `common.path_prefix` data lies in the folder `skald` "
     "beside it; nothing in it is touched."},
    {"common.storage.filesystem.rules_directory", "common.storage.filesystem.rules-directory",
     kString, kHonoured, SKALD_FIELD(rules_directory),
     "Where rule files lie, `<tenant>/<file>`. No rule is evaluated; the start names them."},
    {"storage_config.filesystem.directory", "local.chunk-directory", kString, kHonoured,
     SKALD_FIELD(filesystem_directory),
     "The same as `common.storage…chunks_directory`, and before it."},

    {"skald.data_dir", "skald.data-dir", kString, kHonoured, SKALD_FIELD(skald.data_dir),
     "Where everything is stored, whatever the keys above say; nothing outside it is written or "
     "removed."},
    {"skald.auth.file", "skald.auth-file", kString, kHonoured, SKALD_FIELD(auth.file),
     "File of the access list: who may ask for which tenants (docs/security.md). It is read again "
     "when it changes. Without one nobody is asked who they are."},
    {"skald.auth.variable", "skald.auth-variable", kString, kHonoured, SKALD_FIELD(auth.variable),
     "Environment variable that holds the access list, in place of a file."},
    {"skald.auth.unguarded_paths", "skald.auth-unguarded-paths", kStringList, kHonoured,
     SKALD_FIELD(auth.unguarded_paths),
     "Paths that are answered whoever asks, access list or not."},

    {"skald.memory_limit", "skald.memory-limit", kByteSize, kHonoured,
     SKALD_FIELD(skald.memory_limit),
     "Memory of the whole process; 0: chosen by the machine and its control group."},
    {"skald.memtable_size", "skald.memtable-size", kByteSize, kHonoured,
     SKALD_FIELD(skald.memtable_size),
     "A memtable of this size is written to disk; 0: a share of the memory limit."},
    {"skald.memtable_max_age", "skald.memtable-max-age", kGoDuration, kHonoured,
     SKALD_FIELD(skald.memtable_max_age), "So is one that is this old."},
    {"skald.page_cache_size", "skald.page-cache-size", kByteSize, kHonoured,
     SKALD_FIELD(skald.page_cache_size),
     "Decoded pages kept in memory; 0: a share of the memory limit."},
    {"skald.free_space_reserve", "skald.free-space-reserve", kByteSize, kHonoured,
     SKALD_FIELD(skald.free_space_reserve),
     "Pushes are refused while the disk has less free space; 0: 128 MiB."},
    {"skald.disk_limit", "skald.disk-limit", kByteSize, kHonoured, SKALD_FIELD(skald.disk_limit),
     "When part files take more than this, the oldest are removed, before their retention is over; "
     "the log comes on top. 0: no limit."},
    {"skald.network_threads", "skald.network-threads", kLimit, kHonoured,
     SKALD_FIELD(skald.network_threads),
     "Threads that serve connections; 0: chosen by the server."},
    {"skald.push_threads", "skald.push-threads", kLimit, kHonoured, SKALD_FIELD(skald.push_threads),
     "Threads that take pushes; 0: as many as processors."},
    {"skald.query_threads", "skald.query-threads", kLimit, kHonoured,
     SKALD_FIELD(skald.query_threads),
     "Threads that look through data for queries; 0: as many as processors."},
    {"skald.max_query_memory", "skald.max-query-memory", kByteSize, kHonoured,
     SKALD_FIELD(limits.query.max_query_memory), "What one query may hold in memory at once."},
};

}  // namespace

std::span<const Key> ServerKeys() { return kServerKeys; }

}  // namespace skald::config
