#include "tools/cli/command_line.h"

#include <utility>

#include "tools/cli/flag_makers.h"
#include "tools/cli/own_commands.h"

namespace skald::cli {
namespace {

Flag OutputFlag(PrintOptions* print) {
  auto set = [print](std::string_view text) -> Status {
    std::string name;
    RETURN_IF_ERROR(SetChoice(&name, {"default", "raw", "jsonl"})(text));
    print->mode = name == "raw"     ? OutputMode::kRaw
                  : name == "jsonl" ? OutputMode::kJsonLines
                                    : OutputMode::kDefault;
    return absl::OkStatus();
  };
  Flag flag = Value("output", "default", "How entries are shown: default, raw, jsonl.", set);
  flag.choices = {"default", "raw", "jsonl"};
  return WithLetter(std::move(flag), 'o');
}

void AddGeneralFlags(Options* o, std::vector<Flag>* flags) {
  std::string* ignored = &o->ignored;
  flags->push_back(
      WithLetter(Switch("quiet", "Say nothing about the query itself.", &o->quiet), 'q'));
  flags->push_back(Choice("log.level", "Log level: error, warning, info, debug.",
                          {"error", "warning", "info", "debug"}, ignored));
  flags->push_back(Switch("stats", "Show the statistics of each query.", &o->stats));
  flags->push_back(Switch("explain",
                          "Tell what of the data each query had to read, and how long it took.",
                          &o->explain));
  flags->push_back(
      Switch("chart", "Draw metric results rather than print them as JSON.", &o->chart));
  flags->push_back(OutputFlag(&o->print));
  flags->push_back(WithLetter(Choice("timezone", "Time zone of timestamps: Local, UTC.",
                                     {"Local", "UTC"}, &o->print.timezone),
                              'z'));
  flags->push_back(Choice("output-timestamp-format",
                          "Form of timestamps: rfc3339, rfc3339nano, rfc822z, rfc1123z, "
                          "stampmicro, stampmilli, stampnano, unixdate.",
                          {"rfc3339", "rfc3339nano", "rfc822z", "rfc1123z", "stampmicro",
                           "stampmilli", "stampnano", "unixdate"},
                          &o->print.timestamp_format));
  flags->push_back(Value("cpuprofile", "", "Accepted and ignored.", SetText(ignored)));
  flags->push_back(Value("memprofile", "", "Accepted and ignored.", SetText(ignored)));
  flags->push_back(Switch("stdin", "Query the lines of standard input.", &o->from_stdin));
}

void AddIdentityFlags(ConnectionOptions* c, std::vector<Flag>* flags) {
  auto add = [flags](Flag flag, std::string env) {
    flags->push_back(From(std::move(flag), std::move(env)));
  };
  add(Value("addr", c->address, "Address of the server.", SetText(&c->address)), "LOKI_ADDR");
  add(Value("username", "", "User of HTTP basic authentication.", SetText(&c->username)),
      "LOKI_USERNAME");
  add(Value("password", "", "Password of HTTP basic authentication.", SetText(&c->password)),
      "LOKI_PASSWORD");
  add(Value("ca-cert", "", "File of the certificate authority.", SetText(&c->ca_cert)),
      "LOKI_CA_CERT_PATH");
  add(Switch("tls-skip-verify", "Do not verify the server's certificate.", &c->tls_skip_verify),
      "LOKI_TLS_SKIP_VERIFY");
  add(Value("cert", "", "File of the client's certificate.", SetText(&c->client_cert)),
      "LOKI_CLIENT_CERT_PATH");
  add(Value("key", "", "File of the client's key.", SetText(&c->client_key)),
      "LOKI_CLIENT_KEY_PATH");
  add(Value("org-id", "", "Tenant, sent as X-Scope-OrgID.", SetText(&c->org_id)), "LOKI_ORG_ID");
  add(Value("query-tags", "", "Tags for the server's log, sent as X-Query-Tags.",
            SetText(&c->query_tags)),
      "LOKI_QUERY_TAGS");
  add(Switch("nocache", "Ask the server not to answer from its caches.", &c->no_cache),
      "LOKI_NO_CACHE");
  add(Value("bearer-token", "", "Token to authenticate with.", SetText(&c->bearer_token)),
      "LOKI_BEARER_TOKEN");
  add(Value("bearer-token-file", "", "File that holds the token.", SetText(&c->bearer_token_file)),
      "LOKI_BEARER_TOKEN_FILE");
}

void AddTransferFlags(ConnectionOptions* c, std::vector<Flag>* flags) {
  auto add = [flags](Flag flag, std::string env) {
    flags->push_back(From(std::move(flag), std::move(env)));
  };
  add(Value("retries", "0", "How often a failed request is repeated.", SetInteger(&c->retries)),
      "LOKI_CLIENT_RETRIES");
  add(Value("min-backoff", "0", "Least seconds between attempts.", SetSeconds(&c->min_backoff)),
      "LOKI_CLIENT_MIN_BACKOFF");
  add(Value("max-backoff", "0", "Most seconds between attempts.", SetSeconds(&c->max_backoff)),
      "LOKI_CLIENT_MAX_BACKOFF");
  add(Value("auth-header", c->auth_header, "Header that carries the credentials.",
            SetText(&c->auth_header)),
      "LOKI_AUTH_HEADER");
  add(Value("proxy-url", "", "HTTP or HTTPS proxy.", SetText(&c->proxy_url)),
      "LOKI_HTTP_PROXY_URL");
  add(Switch("compress", "Ask for compressed answers.", &c->compress), "LOKI_HTTP_COMPRESSION");
  add(Switch("envproxy", "Take the proxy from HTTP_PROXY and its like.", &c->env_proxy),
      "LOKI_ENV_PROXY");
  flags->push_back(Repeated("header", "A header to send, `Name: value`.", &c->headers));
}

void AddEntryFlags(Options* o, std::vector<Flag>* flags) {
  PrintOptions* p = &o->print;
  flags->push_back(Switch("forward", "Oldest entries first.", &o->forward));
  flags->push_back(Switch("no-labels", "Do not show labels.", &p->no_labels));
  flags->push_back(Repeated("exclude-label", "A label not to show.", &p->exclude_labels));
  flags->push_back(Repeated("include-label", "Show only this label.", &p->include_labels));
  flags->push_back(Switch("include-common-labels", "Show labels that all entries share as well.",
                          &p->include_common_labels));
  flags->push_back(
      Value("labels-length", "0", "Least width of the labels.", SetInteger(&p->labels_length)));
  flags->push_back(Value("store-config", "", "Not supported.", SetText(&o->store_config)));
  flags->push_back(Switch("remote-schema", "Not supported.", &o->remote_schema));
  flags->push_back(Value("schema-store", "", "Not supported.", SetText(&o->store_config)));
  flags->push_back(Switch("colored-output", "Colour each stream differently.", &p->colored));
}

Flag LimitFlag(Options* o, std::string default_text, std::string help) {
  return Value("limit", std::move(default_text), std::move(help),
               [o](std::string_view text) { return SetInteger(&o->limit.emplace())(text); });
}

Flag StepFlag(Options* o, std::string default_text) {
  return Value("step", std::move(default_text), "Distance of the points of a metric query.",
               [o](std::string_view text) { return SetDuration(&o->step.emplace())(text); });
}

Argument QueryArgument(Options* o, std::string help) {
  return {"query", true, std::move(help), SetText(&o->query)};
}

void AddParallelFlags(ParallelOptions* p, std::vector<Flag>* flags) {
  flags->push_back(Value("parallel-duration", "1h", "Length of the jobs of a parallel download.",
                         SetDuration(&p->duration)));
  flags->push_back(Value("parallel-max-workers", "1",
                         "Jobs at a time; from 2 on the limit does not count.",
                         SetInteger(&p->max_workers)));
  flags->push_back(Value("part-path-prefix", "",
                         "Write each job's entries to <prefix>_<start>_<end>.part.",
                         SetText(&p->part_path_prefix)));
  flags->push_back(Switch("overwrite-completed-parts", "Download complete parts again.",
                          &p->overwrite_completed_parts));
  flags->push_back(
      Switch("merge-parts", "Print the parts in order and remove them.", &p->merge_parts));
  flags->push_back(Switch("keep-parts", "Do not remove merged parts.", &p->keep_parts));
}

Command QueryCommand(Options* o) {
  Command c{"query", "Run a LogQL query over a range of time.", {}, {}};
  c.flags.push_back(LimitFlag(o, "30", "Most entries to print; 0 for all."));
  AddRangeFlags(&o->range, "1h", &c.flags);
  c.flags.push_back(StepFlag(o, ""));
  c.flags.push_back(
      Value("interval", "", "Least distance of the entries of a log query.",
            [o](std::string_view text) { return SetDuration(&o->interval.emplace())(text); }));
  c.flags.push_back(Value("batch", "1000", "Entries to fetch at a time.", SetInteger(&o->batch)));
  AddParallelFlags(&o->parallel, &c.flags);
  AddEntryFlags(o, &c.flags);
  c.flags.push_back(WithLetter(Switch("tail", "Show entries as they come.", &o->tail), 't'));
  c.flags.push_back(WithLetter(Switch("follow", "The same as --tail.", &o->tail), 'f'));
  c.flags.push_back(Value("delay-for", "0", "Seconds to wait for late entries when tailing.",
                          SetInteger(&o->delay_for)));
  c.arguments.push_back(QueryArgument(o, "such as '{app=\"web\"} |= \"error\"'"));
  return c;
}

Command InstantQueryCommand(Options* o) {
  Command c{"instant-query", "Run a LogQL query at one point of time.", {}, {}};
  c.flags.push_back(LimitFlag(o, "30", "Most entries to print; 0 for all."));
  c.flags.push_back(Value("now", "", "The time (RFC 3339).", SetText(&o->now)));
  AddEntryFlags(o, &c.flags);
  c.arguments.push_back(QueryArgument(o, "such as 'rate({app=\"web\"}[5m])'"));
  return c;
}

Command LabelsCommand(Options* o) {
  Command c{"labels", "List label names, or the values of one label.", {}, {}};
  AddRangeFlags(&o->range, "1h", &c.flags);
  c.arguments.push_back({"label", false, "Name of a label.", SetText(&o->name)});
  return c;
}

Command SeriesCommand(Options* o) {
  Command c{"series", "List the streams that match a selector.", {}, {}};
  AddRangeFlags(&o->range, "1h", &c.flags);
  c.flags.push_back(
      Switch("analyze-labels", "Count the values of each label instead.", &o->analyze_labels));
  c.arguments.push_back({"matcher", true, "such as '{app=\"web\"}'", SetText(&o->query)});
  return c;
}

Command StatsCommand(Options* o) {
  Command c{"stats", "Show how much the matching streams hold.", {}, {}};
  AddRangeFlags(&o->range, "1h", &c.flags);
  c.arguments.push_back(QueryArgument(o, "such as '{app=\"web\"}'"));
  return c;
}

Command VolumeCommand(Options* o, bool over_time) {
  Command c{over_time ? "volume_range" : "volume",
            over_time ? "Show the bytes of streams, step by step." : "Show the bytes of streams.",
            {},
            {}};
  AddRangeFlags(&o->range, "1h", &c.flags);
  c.flags.push_back(LimitFlag(o, "30", "Most series to show."));
  c.flags.push_back(Repeated("targetLabels", "A label to sum up by.", &o->target_labels));
  c.flags.push_back(
      Switch("aggregateByLabels", "Sum up by label name alone.", &o->aggregate_by_labels));
  if (over_time) c.flags.push_back(StepFlag(o, "1h"));
  c.arguments.push_back(QueryArgument(o, "such as '{app=\"web\"}'"));
  return c;
}

Command DetectedFieldsCommand(Options* o) {
  Command c{"detected-fields", "Show the fields of matching lines, or the values of one.", {}, {}};
  c.flags.push_back(LimitFlag(o, "100", "Most fields or values to show."));
  c.flags.push_back(
      Value("line-limit", "1000", "Most lines to look at.", SetInteger(&o->line_limit)));
  AddRangeFlags(&o->range, "1h", &c.flags);
  c.flags.push_back(StepFlag(o, "10s"));
  c.arguments.push_back(QueryArgument(o, "such as '{app=\"web\"}'"));
  c.arguments.push_back({"field", false, "Name of a field.", SetText(&o->name)});
  return c;
}

void AddDeleteCommands(Options* o, std::vector<Command>* commands) {
  Command create{"delete create", "Ask for entries to be deleted.", {}, {}};
  AddRangeFlags(&o->range, "1h", &create.flags);
  create.flags.push_back(Value("max-interval", "", "Longest interval of one piece of the work.",
                               SetText(&o->max_interval)));
  create.arguments.push_back(QueryArgument(o, "which entries, such as '{app=\"web\"}'"));
  commands->push_back(std::move(create));
  commands->push_back({"delete list", "List the requests to delete.", {}, {}});
  Command cancel{"delete cancel", "Withdraw a request to delete.", {}, {}};
  cancel.flags.push_back(Value("request-id", "", "Which request.", SetText(&o->request_id)));
  cancel.flags.back().required = true;
  cancel.flags.push_back(Switch("force", "Even one that is partly done.", &o->force));
  commands->push_back(std::move(cancel));
}

}  // namespace

Grammar MakeGrammar(Options* options) {
  Grammar grammar;
  AddGeneralFlags(options, &grammar.flags);
  AddIdentityFlags(&options->connection, &grammar.flags);
  AddTransferFlags(&options->connection, &grammar.flags);
  grammar.commands.push_back(QueryCommand(options));
  grammar.commands.push_back(InstantQueryCommand(options));
  grammar.commands.push_back(LabelsCommand(options));
  grammar.commands.push_back(SeriesCommand(options));
  grammar.commands.push_back(
      {"fmt", "Read a query from standard input and print it formatted.", {}, {}});
  grammar.commands.push_back(StatsCommand(options));
  grammar.commands.push_back(VolumeCommand(options, false));
  grammar.commands.push_back(VolumeCommand(options, true));
  grammar.commands.push_back(DetectedFieldsCommand(options));
  AddDeleteCommands(options, &grammar.commands);
  AddOwnCommands(options, &grammar.commands);
  return grammar;
}

}  // namespace skald::cli
