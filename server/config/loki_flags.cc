// Flags of Loki's command line.
#include "server/config/loki_names.h"

namespace skald::config {
namespace {

constexpr std::string_view kLokiFlags = R"names(
@lifecycler{ID addr interface port}
@aimd{backoff-factor start upper-bound}
@sse{kms-encryption-context kms-key-id type}
@retry{strategy strategy{limited{limit}}}
@strategy{aimd@aimd}
@bos{access-key bucket endpoint secret-key}
@embedded_cache{enabled? max-size-items max-size-mb ttl}
@backoff{backoff-max-period backoff-min-period backoff-retries}
@multi{mirror-enabled? mirror-timeout primary secondary}
@distributor{excluded-zones replication-factor zone-awareness-enabled?}
@oss{access-key-id access-key-secret bucketname endpoint}
@bos2{access-key-id bucket-name endpoint secret-access-key}
@background{write-back-buffer write-back-concurrency write-back-size-limit}
@gcs{bucket-name chunk-buffer-size max-retries service-account}
@http{ca-file idle-conn-timeout insecure-skip-verify? response-header-timeout timeout}
@2{@backoff basic-auth{password username}}
@scale{enabled? in-cooldown max-capacity min-capacity out-cooldown role-arn target-value}
@oss2{access-key-id bucketname conn-timeout-sec endpoint read-write-timeout-sec secret-access-key}
@read_throughput{scale@scale}
@consul{acl-token cas-retry-delay client-timeout consistent-reads? hostname watch-burst-size
  watch-rate-limit}
@inactive_read_throughput{scale-last-n scale@scale}
@tail_tls_config{tls-ca-path tls-cert-path tls-cipher-suites tls-insecure-skip-verify?
  tls-key-path tls-min-version tls-server-name}
@http2{idle-conn-timeout insecure-skip-verify? response-header-timeout tls-ca-path tls-cert-path
  tls-key-path tls-server-name}
@azure{account-key account-name chunk-delimiter connection-string container-name endpoint-suffix
  max-retries user-assigned-id}
@gcs2{bucketname chunk-buffer-size enable-http2? enable-opencensus? enable-retries? endpoint
  request-timeout service-account}
@congestion_control{enabled? hedge{strategy} retry@retry strategy strategy@strategy}
@redis{db endpoint expiration idle-timeout master-name max-connection-age password pool-size
  route-randomly? timeout tls-enabled? tls-insecure-skip-verify? username}
@etcd{dial-timeout endpoints max-retries password tls-ca-path tls-cert-path tls-cipher-suites
  tls-enabled? tls-insecure-skip-verify? tls-key-path tls-min-version tls-server-name username}
@cos{access-key-id api-key auth-endpoint buckets cr-token-file-path endpoint force-path-style?
  http{idle-conn-timeout response-header-timeout} max-backoff max-retries min-backoff region
  secret-access-key service-instance-id trusted-profile-id trusted-profile-name}
@swift{auth-url auth-version connect-timeout container-name domain-id domain-name http{tls-ca-path
  } internal? max-retries password project-domain-id project-domain-name project-id project-name
  region-name request-timeout user-domain-id user-domain-name user-id username}
@memcached{addresses batchsize circuit-breaker-consecutive-failures circuit-breaker-interval
  circuit-breaker-timeout consistent-hash? expiration hostname max-idle-conns max-item-size
  parallelism service timeout tls-ca-path tls-cert-path tls-cipher-suites tls-enabled?
  tls-insecure-skip-verify? tls-key-path tls-min-version tls-server-name update-interval}
@s3{access-key-id buckets chunk-delimiter disable-dualstack? endpoint force-path-style? http@http
  insecure? max-backoff max-retries min-backoff region secret-access-key session-token
  signature-version sse@sse storage-class url}
@azure2{account-key account-name active-directory-endpoint chunk-delimiter client-id client-secret
  connection-string container-name download-buffer-count download-buffer-size endpoint-suffix
  environment max-retries max-retry-delay min-retry-delay request-timeout tenant-id
  upload-buffer-size use-federated-token? use-managed-identity? use-service-principal?
  user-assigned-id}
@grpc{backoff-max-period backoff-min-period backoff-on-ratelimits? backoff-retries
  cluster-validation{label} connect-backoff-base-delay connect-backoff-max-delay connect-timeout
  grpc-client-rate-limit grpc-client-rate-limit-burst grpc-compression grpc-max-recv-msg-size
  grpc-max-send-msg-size initial-connection-window-size initial-stream-window-size tls-ca-path
  tls-cert-path tls-cipher-suites tls-enabled? tls-insecure-skip-verify? tls-key-path
  tls-min-version tls-server-name}
@client{backoff-max-period backoff-min-period backoff-on-ratelimits? backoff-retries
  cluster-validation{label} connect-backoff-base-delay connect-backoff-max-delay connect-timeout
  grpc-client-rate-limit grpc-client-rate-limit-burst grpc-compression grpc-max-recv-msg-size
  grpc-max-send-msg-size healthcheck-timeout initial-connection-window-size
  initial-stream-window-size timeout tls-ca-path tls-cert-path tls-cipher-suites tls-enabled?
  tls-insecure-skip-verify? tls-key-path tls-min-version tls-server-name}
@partition_ring{consul@consul delete-inactive-partition-after etcd@etcd min-partition-owners-count
  min-partition-owners-duration multi@multi prefix shuffle-shard-cache-size store}
@index_gateway_client{grpc@grpc log-gateway-requests? server-address time-based-sharding-buckets}
@s32{access-key-id bucket-lookup-type bucket-name dualstack-enabled? endpoint
  expect-continue-timeout http@http2 insecure? list-objects-version max-connections-per-host
  max-idle-connections max-idle-connections-per-host max-retries native-aws-auth-enabled?
  part-size region secret-access-key send-content-md5? session-token sse@sse storage-class
  sts-endpoint tls-handshake-timeout trace{enabled?}}
@swift2{application-credential-id application-credential-name application-credential-secret
  auth-url auth-version connect-timeout container-name domain-id domain-name
  expect-continue-timeout http@http2 max-connections-per-host max-idle-connections
  max-idle-connections-per-host max-retries password project-domain-id project-domain-name
  project-id project-name region-name request-timeout tls-handshake-timeout user-domain-id
  user-domain-name user-id username}
@ring{consul@consul etcd@etcd heartbeat-period heartbeat-timeout instance-addr
  instance-availability-zone instance-enable-ipv6? instance-id instance-interface-names
  instance-port multi@multi num-tokens prefix replication-factor store tokens-file-path
  zone-awareness-enabled?}
@chunk_table{enable-ondemand-throughput-mode? inactive-enable-ondemand-throughput-mode?
  inactive-read-throughput inactive-read-throughput@inactive_read_throughput
  inactive-write-throughput inactive-write-throughput@inactive_read_throughput read-throughput
  read-throughput@read_throughput write-throughput write-throughput@read_throughput}
@metas_cache{background@background default-validity embedded-cache@embedded_cache
  memcached@memcached redis@redis}
@index_stats_results_cache{background@background compression default-validity
  embedded-cache@embedded_cache memcached@memcached redis@redis}
@object_store{azure@azure bos@bos filesystem{dir} gcs@gcs oss@oss s3@s32 storage-prefix
  swift@swift2}
auth{enabled?}
azure@azure2
bigtable{backoff-max-period backoff-min-period backoff-on-ratelimits? backoff-retries
  cluster-validation{label} connect-backoff-base-delay connect-backoff-max-delay connect-timeout
  grpc-client-rate-limit grpc-client-rate-limit-burst grpc-compression grpc-max-recv-msg-size
  grpc-max-send-msg-size initial-connection-window-size initial-stream-window-size instance
  project table-cache{enabled? expiration} tls-ca-path tls-cert-path tls-cipher-suites
  tls-enabled? tls-insecure-skip-verify? tls-key-path tls-min-version tls-server-name}
bloom-build{block-encoding builder-response-timeout builder{backoff@backoff grpc@grpc
  planner-address
  working-directory} enable? enabled? max-block-size max-bloom-size max-builders planner{interval
  max-table-offset min-table-offset queue{clean-tasks-directory? max-tasks-per-tenant
  store-tasks-on-disk? tasks-disk-directory} retention{enabled? max-lookback-days}}
  planning-strategy prefetch-blocks? split-keyspace-by split-target-series-chunk-size
  task-max-retries}
bloom-gateway-client{addresses grpc@grpc pool{check-interval}}
bloom-gateway{block-query-concurrency enable-filtering? enabled? fetch-blocks-async?
  max-outstanding-per-tenant num-multiplex-tasks worker-concurrency}
bloom{blocks-cache{hard-limit soft-limit ttl} cache-list-ops? download-parallelism
  max-query-page-size memory-management{alloc-type mem-pool-buckets} metas-cache@metas_cache
  metas-lru-cache@embedded_cache shipper{working-directory}}
boltdb{dir shipper{active-index-directory build-per-tenant-index? cache-location cache-ttl
  index-gateway-client@index_gateway_client query-ready-num-days resync-interval}}
bos@bos2
cassandra{addresses auth? ca-path connect-timeout consistency convict-hosts-on-failure?
  custom-authenticator disable-initial-host-lookup? host-selection-policy host-verification?
  keyspace max-retries num-connections password password-file port query-concurrency
  reconnent-interval replication-factor retry-max-backoff retry-min-backoff ssl? table-options
  timeout tls-cert-path tls-key-path username}
common{compactor-address compactor-grpc-address path-prefix scratch-path storage{azure@azure2
  bos@bos2 congestion-control@congestion_control cos@cos filesystem{chunk-directory
  rules-directory} gcs@gcs2 hedge-max-per-second hedge-requests-at hedge-requests-up-to
  object-store@object_store oss@oss2 ring@ring s3@s3 swift@swift}}
compactor{allow-deletes apply-retention-interval client{tls-ca-path tls-cert-path
  tls-cipher-suites tls-enabled? tls-insecure-skip-verify? tls-key-path tls-min-version
  tls-server-name} compaction-interval delete-batch-size delete-max-interval
  delete-request-cancel-period delete-request-store delete-request-store{backup-db-type db-type
  key-prefix} deletion-marker-object-store-prefix deletion-mode grpc-client@grpc
  horizontal-scaling-mode jobs{deletion{chunk-processing-concurrency
  deletion-manifest-store-prefix max-retries timeout}} max-compaction-parallelism
  retention-backoff-config@backoff retention-delete-delay retention-delete-worker-count
  retention-enabled? retention-table-timeout ring@ring run-once? skip-latest-n-tables
  tables-to-compact upload-parallelism worker{num-sub-workers} working-directory}
config{ballast-bytes expand-env? file}
consul@consul cos@cos
dataobj-consumer{availability-zone buffer-size consul@consul dataobj-sort-order
  distributor@distributor enable-inet6? etcd@etcd final-sleep heartbeat-period heartbeat-timeout
  idle-flush-timeout join-after lifecycler@lifecycler max-builder-age max-page-rows
  min-ready-duration multi@multi num-tokens observe-period partition-ring@partition_ring prefix
  readiness-check-ring-health? ring{heartbeat-timeout} section-stripe-merge-limit sha-prefix-size
  store target-builder-memory-limit target-page-size target-section-size tokens-file-path topic
  unregister-on-shutdown?}
dataobj-index-builder{buffer-size events-per-index flush-interval max-idle-time max-page-rows
  section-stripe-merge-limit target-builder-memory-limit target-page-size target-section-size}
dataobj-metastore{index-storage-prefix partition-ratio}
dataobj-storage-bucket-prefix
dataobj{enabled?}
distributor{client-cleanup-period dataobj-tee{debug-metrics-enabled? enabled? max-buffered-bytes
  per-partition-rate-bytes rate-batch-window topic} excluded-zones health-check-ingesters?
  ingest-limits-dry-run-enabled? ingest-limits-enabled? ingester-writes-enabled?
  ingestion-burst-size-mb ingestion-rate-limit-mb ingestion-rate-limit-strategy
  kafka-writes-enabled? max-decompressed-size max-line-size max-line-size-truncate?
  max-line-size-truncate-identifier max-recv-msg-size otlp{
  default_resource_attributes_as_index_labels} push-worker-count rate-store{debug?
  ingester-request-timeout max-request-parallelism stream-rate-update-interval} remote-timeout
  replication-factor ring{consul@consul etcd@etcd heartbeat-period heartbeat-timeout instance-addr
  instance-enable-ipv6? instance-id instance-interface-names instance-port multi@multi prefix
  store} write-failures-logging{add-insights-label? rate} zone-awareness-enabled?}
dynamodb{api-limit chunk-gang-size chunk{get-max-parallelism} kms-key-id max-backoff max-retries
  min-backoff throttle-limit url}
etcd@etcd
experimental{querier{recent-metadata-query-window split-recent-metadata-queries-by-interval}}
frontend{background@background compression default-validity downstream-url
  embedded-cache@embedded_cache encoding graceful-shutdown-timeout grpc-client-config@grpc
  index-stats-results-cache@index_stats_results_cache instance-addr instance-enable-ipv6?
  instance-interface-names instance-port instant-metric-results-cache@index_stats_results_cache
  label-results-cache@index_stats_results_cache log-queries-longer-than log-query-request-headers
  max-body-size max-cache-freshness max-metadata-cache-freshness max-querier-bytes-read
  max-queriers-per-tenant max-query-bytes-read max-query-capacity max-stats-cache-freshness
  memcached@memcached min-sharding-lookback query-stats-enabled? redis@redis scheduler-address
  scheduler-dns-lookup-period scheduler-worker-concurrency
  series-results-cache@index_stats_results_cache support-parquet-encoding? tail-proxy-url
  tail-tls-config@tail_tls_config volume-results-cache@index_stats_results_cache}
gcs@gcs2
grpc-store{server-address}
index-gateway{max-capacity mode ring{consul@consul etcd@etcd heartbeat-period heartbeat-timeout
  instance-addr instance-availability-zone instance-enable-ipv6? instance-id
  instance-interface-names instance-port multi@multi num-tokens prefix store tokens-file-path
  zone-awareness-enabled?} shard-size}
ingest-limits-frontend-client{backoff-max-period backoff-min-period backoff-on-ratelimits?
  backoff-retries client-cleanup-period cluster-validation{label} connect-backoff-base-delay
  connect-backoff-max-delay connect-timeout grpc-client-rate-limit grpc-client-rate-limit-burst
  grpc-compression grpc-max-recv-msg-size grpc-max-send-msg-size health-check-ingest-limits?
  initial-connection-window-size initial-stream-window-size remote-timeout tls-ca-path
  tls-cert-path tls-cipher-suites tls-enabled? tls-insecure-skip-verify? tls-key-path
  tls-min-version tls-server-name}
ingest-limits-frontend{accepted-streams-cache-enabled? accepted-streams-cache-ttl
  accepted-streams-cache-ttl-jitter assigned-partitions-cache-enabled?
  assigned-partitions-cache-ttl availability-zone client-cleanup-period consul@consul
  distributor@distributor enable-inet6? etcd@etcd final-sleep health-check-ingest-limits?
  heartbeat-period heartbeat-timeout join-after lifecycler@lifecycler limits-client@grpc
  min-ready-duration multi@multi num-partitions num-tokens observe-period prefix
  readiness-check-ring-health? remote-timeout ring{heartbeat-timeout} store tokens-file-path
  unregister-on-shutdown?}
ingest-limits{active-window availability-zone bucket-size consul@consul consumer-group
  distributor@distributor enable-inet6? enabled? etcd@etcd eviction-interval final-sleep
  heartbeat-period heartbeat-timeout join-after lifecycler@lifecycler min-ready-duration
  multi@multi num-partitions num-tokens observe-period prefix rate-window
  readiness-check-ring-health? ring{heartbeat-timeout} store tokens-file-path topic
  unregister-on-shutdown?}
ingester{autoforget-unhealthy? availability-zone checkpoint-duration chunk-encoding
  chunk-target-size chunks-block-size chunks-idle-period chunks-retain-period client@client
  concurrent-flushes delegate-stream-limits-enabled? enable-inet6? final-sleep flush-check-period
  flush-on-shutdown? flush-op-backoff-max-period flush-op-backoff-min-period
  flush-op-backoff-retries flush-op-timeout heartbeat-period heartbeat-timeout index-shards
  join-after kafka-ingestion-enabled? lifecycler@lifecycler max-chunk-age
  max-global-streams-per-user max-ignored-stream-errors max-streams-per-user min-ready-duration
  num-tokens observe-period owned-streams-check-interval partition-ring@partition_ring
  per-stream-rate-limit per-stream-rate-limit-burst query-store-max-look-back-period
  readiness-check-ring-health? shutdown-marker-path sync-min-utilization sync-period tailer{
  max-dropped-streams} tokens-file-path unordered-writes? unregister-on-shutdown?
  use-owned-stream-count? wal-dir wal-disk-full-threshold wal-enabled? wal-replay-memory-ceiling}
internal-server{enable? graceful-shutdown-timeout http-conn-limit http-idle-timeout
  http-listen-address http-listen-network http-listen-port http-read-timeout http-tls-ca-path
  http-tls-cert-path http-tls-cipher-suites http-tls-client-auth http-tls-key-path
  http-tls-min-version http-write-timeout}
kafka{auto-create-topic-default-partitions auto-create-topic-enabled? consumer-group
  consumer-group-offset-commit-interval dial-timeout enable-kafka-histograms?
  last-produced-offset-retry-timeout max-consumer-lag-at-startup max-consumer-workers
  producer-max-buffered-bytes producer-max-record-size-bytes reader{address client-id}
  sasl-password sasl-username topic tracing-enabled? write-timeout writer{address client-id}}
legacy-read-mode?
limits{aggregation-enabled? block-ingestion-status-code block-ingestion-until
  debug-engine-streams? debug-engine-tasks? enable-multi-variant-queries?
  ingestion-partition-tenant-shard-size max-scan-task-parallelism
  max-structured-metadata-entries-count max-structured-metadata-size
  pattern-ingester-tokenizable-json-fields pattern-ingester-tokenizable-json-fields-append
  pattern-ingester-tokenizable-json-fields-delete pattern-persistence-enabled?
  pattern-persistence-granularity pattern-rate-threshold per-user-override-config
  per-user-override-period simulated-push-latency tenant-limits-allow-publish
  tsdb-sharding-strategy volume-enabled? volume-max-series}
list-targets?
local{chunk-directory}
log-config-reverse-order?
log{format level}
memberlist{abort-if-fast-join-fails? abort-if-fast-join-fails-min-nodes abort-if-join-fails?
  acquire-writer-timeout advertise-addr advertise-port bind-addr bind-port
  broadcast-timeout-for-local-updates-on-shutdown cluster-label
  cluster-label-verification-disabled? compression-enabled? dead-node-reclaim-time gossip-interval
  gossip-nodes gossip-to-dead-nodes-time join leave-timeout left-ingesters-timeout
  max-concurrent-writes max-join-backoff max-join-retries message-history-buffer-bytes
  min-join-backoff nodename notify-interval obsolete-entries-timeout packet-dial-timeout
  packet-write-timeout pullpush-interval randomize-node-name? rejoin-interval rejoin-seed-nodes
  retransmit-factor stream-timeout tls-ca-path tls-cert-path tls-cipher-suites tls-enabled?
  tls-insecure-skip-verify? tls-key-path tls-min-version tls-server-name transport-debug?
  watch-prefix-buffer-size zone-aware-routing{enabled? instance-availability-zone role}}
metrics-namespace
metrics{ignore-throttle-below queue-length-query read-error-query read-usage-query scale-up-factor
  target-queue-length url usage-query write-throttle-query}
multi@multi object-store@object_store
operation-config{filter-push-request-streams-ips limited-log-push-errors? log-duplicate-metrics?
  log-duplicate-stream-info? log-hash-of-labels? log-push-request? log-push-request-streams?
  log-service-name-discovery? log-stream-creation?}
oss@oss2
pattern-ingester{availability-zone client-cleanup-period client@client concurrent-flushes
  connection-timeout consul@consul distributor@distributor enable-inet6? enabled? etcd@etcd
  final-sleep flush-check-period health-check-ingesters? heartbeat-period heartbeat-timeout
  join-after lifecycler@lifecycler max-allowed-line-length max-chunk-age max-clusters
  max-eviction-ratio metric-aggregation{@2 downsample-period loki-address push-period timeout tls?
  } min-ready-duration multi@multi num-tokens observe-period pattern-persistence{@2 batch-size
  loki-address push-period timeout tls?} prefix readiness-check-ring-health? remote-timeout
  retain-for ring{heartbeat-timeout} sample-interval store tee{batch-flush-interval batch-size
  flush-queue-size flush-worker-count stop-flush-timeout} tokens-file-path unregister-on-shutdown?
  volume-threshold}
print-config-stderr?
profiling{block-profile-rate cpu-profile-rate mutex-profile-fraction}
querier{align-querier-with-step? cache-index-stats-results? cache-instant-metric-results?
  cache-label-results? cache-results? cache-series-results? cache-volume-results?
  compress-http-responses? dns-lookup-period engine-results-cache-time-bucket-interval engine{
  max-count-min-sketch-heap-size max-lookback-period} extra-query-delay frontend-address
  frontend-client@grpc frontend-grpc-client@grpc id instant-metric-query-split-align?
  max-concurrent max-concurrent-tail-requests max-outstanding-requests-per-tenant
  max-query-lookback max-query-parallelism max-query-range max-query-series
  max-retries-per-request max-streams-matcher-per-query multi-tenant-queries-enabled?
  parallelise-shardable-queries? per-request-limits-enabled? query-ingester-only?
  query-ingesters-within query-partition-ingesters? query-store-only? query-timeout
  scheduler-address scheduler-grpc-client@grpc shard-aggregations
  split-ingester-queries-by-interval split-instant-metric-queries-by-interval
  split-metadata-queries-by-interval split-queries-by-interval tail-max-duration
  tsdb-max-bytes-per-shard tsdb-max-query-parallelism tsdb-precompute-chunks?}
query-engine{align-queries-with-step? batch-size distributed? downstream-address enable?
  enable-delete-req-filtering? enable-engine-router? enforce-max-query-series-limit?
  enforce-retention-period? instance-interface-names merge-prefetch-count prefetch-bytes
  range-reads{coalesce-size max-parallelism max-range-size min-range-size}
  results-cache@index_stats_results_cache scheduler-lookup-address scheduler-lookup-interval
  storage-lag storage-retention-days storage-start-date worker-threads}
query-frontend{querier-forget-delay}
query-scheduler{grpc-client-config@grpc max-outstanding-requests-per-tenant
  max-queue-hierarchy-levels querier-forget-delay ring@ring use-scheduler-ring?}
replication-factor
reporting{enabled? proxy-url tls-config@tail_tls_config usage-stats-url}
ring{heartbeat-timeout prefix store}
ruler-storage{azure@azure backend bos@bos filesystem{dir} gcs@gcs local{directory} oss@oss s3@s32
  storage-prefix swift@swift2}
ruler{alertmanager-client{basic-auth-password basic-auth-username credentials credentials-file
  tls-ca-path tls-cert-path tls-cipher-suites tls-insecure-skip-verify? tls-key-path
  tls-min-version tls-server-name type} alertmanager-discovery? alertmanager-refresh-interval
  alertmanager-url alertmanager-use-v2? client-timeout client@grpc datasource-uid
  disable-rule-group-label? disabled-tenants enable-api? enable-sharding? enable-wal-replay?
  enabled-tenants evaluation-interval evaluation{max-jitter mode query-frontend{address
  tls-ca-path tls-cert-path tls-cipher-suites tls-enabled? tls-insecure-skip-verify? tls-key-path
  tls-min-version tls-server-name}} external{url} flush-period for-grace-period
  for-outage-tolerance group-timeout max-rule-groups-per-tenant max-rules-per-rule-group
  notification-queue-capacity notification-timeout num-workers poll-interval query-stats-enabled?
  remote-write{add-org-id-header? config-refresh-period enabled?} resend-delay ring{consul@consul
  etcd@etcd heartbeat-period heartbeat-timeout instance-addr instance-enable-ipv6? instance-id
  instance-interface-names instance-port multi@multi num-tokens prefix store} rule-path
  search-pending-for sharding-algo sharding-strategy storage{azure@azure2 bos@bos2 cos@cos
  gcs@gcs2 local{directory} oss@oss2 s3@s3 swift@swift type} tenant-shard-size wal-cleaner{min-age
  period} wal{dir max-age min-age truncate-frequency}}
runtime-config{file reload-period}
s3@s3 schema-config-file
server{cluster-validation{additional-labels grpc{enabled? soft-validation?} http{enabled?
  excluded-paths excluded-user-agents soft-validation?} label} create-new-traces?
  graceful-shutdown-timeout grpc-collect-max-streams-by-conn? grpc-conn-limit grpc-listen-address
  grpc-listen-network grpc-listen-port grpc-max-concurrent-streams grpc-max-recv-msg-size-bytes
  grpc-max-send-msg-size-bytes grpc-tls-ca-path grpc-tls-cert-path grpc-tls-client-auth
  grpc-tls-key-path grpc{keepalive{max-connection-age max-connection-age-grace max-connection-idle
  min-time-between-pings ping-without-stream-allowed? time timeout} num-workers
  recv-buffer-pools-enabled? stats-tracking-enabled?} http-conn-limit http-idle-timeout
  http-listen-address http-listen-network http-listen-port
  http-log-closed-connections-without-response-enabled? http-read-header-timeout http-read-timeout
  http-tls-ca-path http-tls-cert-path http-tls-client-auth http-tls-key-path http-write-timeout
  log-request-at-info-level-enabled? log-request-headers? log-request-headers-exclude-list
  log-source-ips-enabled? log-source-ips-full? log-source-ips-header log-source-ips-regex
  path-prefix proxy-protocol-enabled? register-instrumentation?
  report-grpc-codes-in-instrumentation-label-enabled? throughput{latency-cutoff unit}
  tls-cipher-suites tls-min-version trace-request-headers? trace-request-headers-exclude-list}
shard-streams{desired-rate enabled? logging-enabled? time-sharding-enabled?
  time-sharding-ignore-recent}
shutdown-delay
store{cache-lookups-older-than cardinality-limit chunks-cache-l2{background@background
  default-validity embedded-cache@embedded_cache handoff memcached@memcached redis@redis}
  chunks-cache{background@background cache-stubs? default-validity embedded-cache@embedded_cache
  memcached@memcached redis@redis} congestion-control@congestion_control
  disable-broad-index-queries? hedge-max-per-second hedge-requests-at hedge-requests-up-to
  index-cache-read@metas_cache index-cache-validity index-cache-write@metas_cache
  max-chunk-batch-size max-parallel-get-chunk max-query-length object-prefix query-chunk-limit
  query-ready-index-num-days retention skip-query-writeback-older-than}
swift@swift
table-manager{chunk-table@chunk_table index-table@chunk_table periodic-table{grace-period}
  poll-interval retention-deletes-enabled? retention-period throughput-updates-disabled?}
target
tracing{enabled?}
tsdb{shipper{active-index-directory cache-location cache-ttl
  index-gateway-client@index_gateway_client query-ready-num-days resync-interval}}
ui{debug? enabled? goldfish{cell-a-namespace cell-b-namespace enable? grafana-url
  logs-datasource-uid max-connections max-idle-time results-backend results@object_store storage{
  cloudsql{database host port user} rds{database endpoint user} type} traces-datasource-uid}
  ring@ring}
use-thanos-objstore?
validation{allow-structured-metadata? create-grace-period discover-log-levels?
  discover-service-name enforced-labels increment-duplicate-timestamps? log-level-fields
  log-level-from-json-max-depth max-entries-limit max-label-names-per-series max-length-label-name
  max-length-label-value reject-old-samples? reject-old-samples{max-age}}
verify-config? version?
)names";

}  // namespace

const NameTree& LokiFlags() {
  static const NameTree names(kLokiFlags);
  return names;
}

}  // namespace skald::config
