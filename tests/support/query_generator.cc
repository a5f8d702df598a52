#include "tests/support/query_generator.h"

#include <algorithm>
#include <initializer_list>

#include "storage/base/strings.h"

namespace skald::test_support {
namespace {

const std::vector<std::string> kLevels = {"info", "warn", "error", "debug"};
const std::vector<std::string> kMethods = {"GET", "POST", "PUT"};
const std::vector<std::string> kTook = {"5ms", "250ms", "1s", "1.5s", "2m", "slow"};
const std::vector<std::string> kSizes = {"10", "1KB", "1KiB", "2.5MB", "big"};
// Names that occur as stream labels, metadata, parsed labels, or not at all.
const std::vector<std::string> kNames = {"app",
                                         "env",
                                         "level",
                                         "status",
                                         "method",
                                         "took",
                                         "size",
                                         "trace",
                                         "pod",
                                         "http_code",
                                         "none",
                                         "env_extracted",
                                         "detected_level",
                                         "detected_level_extracted",
                                         "ip"};

// StrCat of what is drawn: the pieces of a braced list are evaluated in the order they are written,
// arguments of a function in any.
std::string InOrder(std::initializer_list<absl::AlphaNum> pieces) {
  std::string text;
  for (const absl::AlphaNum& piece : pieces) StrAppend(&text, piece);
  return text;
}

std::string Address(Random* random) {
  return InOrder({"10.", random->Below(2), ".0.", random->Below(6)});
}

// Without blanks, so that it holds nothing for logfmt.
std::string PackedLine(Random* random) {
  return InOrder({"{\"pod\":\"p", random->Below(3), "\",\"_entry\":\"level=", random->Pick(kLevels),
                  ";GET;404\",\"zone\":\"z\"}"});
}

std::string JsonLine(Random* random) {
  if (random->OneIn(8)) return PackedLine(random);
  std::string line =
      InOrder({"{\"level\":\"", random->Pick(kLevels),
               "\",\"status\":", random->Pick(std::vector<int>{200, 201, 404, 500})});
  if (random->OneIn(2)) {
    line += InOrder({",\"http\":{\"code\":", random->Below(5), ",\"method\":\"",
                     random->Pick(kMethods), "\"}"});
  }
  if (random->OneIn(2)) StrAppend(&line, ",\"took\":\"", random->Pick(kTook), "\"");
  if (random->OneIn(3)) StrAppend(&line, ",\"env\":\"inner\"");
  if (random->OneIn(3)) StrAppend(&line, ",\"empty\":\"\",\"null\":null,\"list\":[1,2]");
  if (random->OneIn(3)) StrAppend(&line, ",\"size\":\"", random->Pick(kSizes), "\"");
  return line + "}";
}

std::string LogfmtLine(Random* random) {
  std::string line = InOrder({"level=", random->Pick(kLevels), " status=", 200 + random->Below(4)});
  if (random->OneIn(2)) StrAppend(&line, " method=", random->Pick(kMethods));
  if (random->OneIn(2)) StrAppend(&line, " took=", random->Pick(kTook));
  if (random->OneIn(3)) StrAppend(&line, " size=", random->Pick(kSizes), " flag empty=");
  if (random->OneIn(3)) StrAppend(&line, " ip=", Address(random));
  if (random->OneIn(3)) StrAppend(&line, " msg=\"two words\" pod=inner");
  return line;
}

std::string TextLine(Random* random) {
  std::string line = InOrder({random->Pick(kMethods), " /path/", random->Below(4),
                              " level=", random->Pick(kLevels), " ", random->Pick(kTook)});
  if (random->OneIn(4)) StrAppend(&line, " from ", Address(random), ".");
  return random->OneIn(6) ? StrCat("\x1b[31m", line, "\x1b[0m") : line;
}

PlainRow MakeRow(Random* random) {
  static const std::vector<std::string> kStreams = {
      R"({app="json", env="dev"})",  R"({app="json", env="prod", pod="p1"})",
      R"({app="fmt", env="dev"})",   R"({app="fmt", env="prod"})",
      R"({app="text", env="prod"})", R"({app="text", detected_level="info", env="dev"})"};
  PlainRow row;
  row.labels = random->Pick(kStreams);
  const bool odd = random->OneIn(8);
  if (row.labels.find("json") != std::string::npos && !odd) {
    row.line = JsonLine(random);
  } else if (row.labels.find("fmt") != std::string::npos && !odd) {
    row.line = LogfmtLine(random);
  } else {
    row.line = TextLine(random);
  }
  if (random->OneIn(3)) row.metadata.emplace_back("detected_level", random->Pick(kLevels));
  if (random->OneIn(6)) row.metadata.emplace_back("env", "meta");
  if (random->OneIn(3)) row.metadata.emplace_back("trace", StrCat("t", random->Below(4)));
  return row;
}

}  // namespace

std::vector<PlainRow> GenerateRows(Random* random, size_t count) {
  std::vector<PlainRow> rows;
  const int64_t step = kGeneratedSpan / static_cast<int64_t>(count);
  for (size_t i = 0; i < count; ++i) {
    PlainRow row = MakeRow(random);
    row.time = static_cast<int64_t>(i) * step + random->Between(0, step - 1);
    rows.push_back(row);
    if (random->OneIn(6)) rows.push_back(row);
  }
  return rows;
}

std::string QueryGenerator::Selector() {
  return Pick({R"({app="json"})", R"({app="json"})", R"({app="fmt"})", R"({app="fmt"})",
               R"({env="prod"})", R"({app=~".+"})", R"({app=~"json|text", env!="dev"})",
               R"({app="fmt", pod=""})", R"({env=~"p.*"})", R"({app="none"})"});
}

std::string QueryGenerator::LineFilter() {
  if (Maybe(5)) {
    return Pick({" |> \"<_>level=<_>\"", " |> \"GET <_>\"", " !> \"<_>info<_>\"",
                 " |> \"<_> level=warn <_>s\"", " |> \"<_>two words\" or \"<_>slow\""});
  }
  if (Maybe(6)) {
    return Pick({" |= ip(\"10.0.0.0/16\")", " != ip(\"10.1.0.0/24\")", " |= ip(\"10.0.0.3\")",
                 " |= \"404\" or ip(\"10.0.0.0/30\")"});
  }
  const std::string op = Pick({"|=", "!=", "|~", "!~"});
  const std::vector<std::string> texts = {"level", "info", "GET", "404", "two", "nothing"};
  std::string filter = StrCat(" ", op, " \"", Pick(texts), "\"");
  if (Maybe(3)) StrAppend(&filter, " or \"", Pick(texts), "\"");
  if (Maybe(6)) filter = Pick({" |~ \"(?i)get|POST\"", " |~ \"status.{2}20\"", " !~ \"^\\\\{\""});
  return filter;
}

// Extractions stand alone: behind another parser, and under names that are taken, they follow rules
// that tests/logql states case by case.
std::string QueryGenerator::Parsers() {
  if (Maybe(5)) {
    return Pick({R"( | json st="status", code="http.code", nope="nope")",
                 R"( | json code="http.code", took)",
                 R"( | logfmt lvl="level", code="status", none)"});
  }
  std::string stages = Parser();
  if (Maybe(6)) stages += Parser();
  return stages;
}

std::string QueryGenerator::Parser() {
  return Pick({" | json", " | json", " | logfmt", " | logfmt", " | logfmt --keep-empty",
               " | logfmt --strict", " | unpack", " | unpack | logfmt",
               R"( | regexp `level\W+(?P<level>\w+)`)",
               R"( | regexp `(?P<method>[A-Z]+) (?P<path>/\S*)?`)",
               R"( | pattern "<method> /path/<n> <_>")", R"( | pattern "level=<level> <rest>")"});
}

std::string QueryGenerator::Condition() {
  const std::string compare = Pick({"=", "!=", ">", ">=", "<", "<=", "=="});
  switch (random_->Below(7)) {
    case 6:
      return InOrder({"ip", Pick({"=", "!="}), "ip(\"", Pick({"10.0.0.0/16", "10.1.0.4"}), "\")"});
    case 0:
      return InOrder({Pick({"status", "http_code", "code"}), compare, Pick({"200", "404", "2"})});
    case 1:
      return StrCat("took", compare, Pick({"250ms", "1s", "1m30s"}));
    case 2:
      return StrCat("size", compare, Pick({"1KB", "1KiB", "3MB"}));
    case 3:
      return InOrder({Pick(kNames), Pick({"=~", "!~"}), "\"",
                      Pick({"info|warn", "in.*", ".*rod", "200|201", "err.r", "", ".+", "p1|meta"}),
                      "\""});
    default:
      return InOrder({Pick(kNames), Pick({"=", "!="}), "\"",
                      Pick({"info", "prod", "200", "GET", "", "t1", "meta"}), "\""});
  }
}

std::string QueryGenerator::LabelFilter() {
  switch (random_->Below(6)) {
    case 0:
      return InOrder({" | ", Condition(), " and ", Condition()});
    case 1:
      return InOrder({" | ", Condition(), " or ", Condition()});
    case 2:
      return InOrder({" | (", Condition(), " or ", Condition(), ") and ", Condition()});
    case 3:
      return InOrder({" | ", Condition(), ", ", Condition()});
    default:
      return StrCat(" | ", Condition());
  }
}

std::string QueryGenerator::Format() {
  switch (random_->Below(6)) {
    case 5:
      return " | decolorize";
    case 0:
      return InOrder({" | line_format \"{{.", Pick(kNames), Maybe() ? " | ToUpper" : "",
                      "}} and {{.", Pick(kNames), "}}\""});
    case 1:
      return StrCat(" | label_format new=", Pick(kNames));
    case 2:
      return StrCat(" | label_format made=\"<{{.", Pick(kNames), "}}>\", again=\"{{.made}}\"");
    case 3:
      return Maybe() ? InOrder({" | drop ", Pick(kNames), ", ", Pick(kNames)})
                     : InOrder({" | drop ", Pick(kNames), Pick({"=", "!="}), "\"info\""});
    default:
      return Maybe()
                 ? InOrder({" | keep app, ", Pick(kNames), ", ", Pick(kNames), ", took, status"})
                 : StrCat(" | keep ", Pick(kNames), "=~\".*\", level");
  }
}

std::string QueryGenerator::Pipeline(bool metric) {
  std::string stages;
  if (Maybe(5)) stages += LineFilter();
  // Rows that no stage looks at are counted by shorter ways.
  if (metric && Maybe(5)) return stages + Pick({"", " | drop __error__"});
  if (Maybe(8)) stages += LabelFilter();
  if (!Maybe(3)) {
    stages += Parsers();
    if (Maybe(3)) stages += LabelFilter();
  }
  if (Maybe(3)) stages += Format();
  if (Maybe(8)) stages += LabelFilter();
  // Behind drop and keep, `!=` would belong to their last label.
  if (Maybe(6)) stages += Pick({" |= \"level\"", " |~ \"GET|info\"", " |> \"<_>info<_>\""});
  if (metric) stages += " | __error__=\"\"";
  return stages;
}

std::string QueryGenerator::LogQuery() { return InOrder({Selector(), Pipeline(/*metric=*/false)}); }

std::string QueryGenerator::Names() {
  std::string names = Pick(kNames);
  if (Maybe()) StrAppend(&names, ", ", Pick(kNames));
  return Maybe(8) ? "" : names;
}

std::string QueryGenerator::Grouping() {
  return InOrder({Pick({"by", "by", "without"}), " (", Names(), ")"});
}

std::string QueryGenerator::RangeAggregation() {
  std::string window = Pick({"[10s]", "[30s]", "[1m]", "[2m]"});
  if (Maybe(4)) window += Pick({" offset 20s", " offset -15s"});
  const std::string log = InOrder({Selector(), Pipeline(/*metric=*/true)});
  if (Maybe()) {
    return StrCat(
        Pick({"count_over_time", "rate", "bytes_over_time", "bytes_rate", "absent_over_time"}), "(",
        log, " ", window, ")");
  }
  const std::string unwrap = InOrder(
      {" | unwrap ",
       Pick({"status", "http_code", "duration(took)", "bytes(size)", "duration_seconds(took)"}),
       " | __error__=\"\"", Maybe(4) ? LabelFilter() + " | __error__=\"\"" : ""});
  const std::string inner = StrCat(log, unwrap, " ", window, ")");
  if (Maybe(4)) {
    return StrCat(Pick({"rate(", "sum_over_time(", "rate_counter("}), inner);
  }
  const std::string function =
      Pick({"avg_over_time(", "min_over_time(", "max_over_time(", "stddev_over_time(",
            "stdvar_over_time(", "quantile_over_time(0.3, ", "quantile_over_time(0.99, ",
            "first_over_time(", "last_over_time("});
  return InOrder({function, inner, Maybe() ? " " + Grouping() : ""});
}

std::string QueryGenerator::Binary(int depth) {
  const std::string left = MetricQuery(depth - 1);
  if (Maybe(3)) {
    const std::string op =
        Pick({"+", "-", "*", "/", "%", "^", ">", "<", "== bool", ">= bool", "!="});
    return Maybe() ? StrCat("(", left, ") ", op, " 2") : StrCat("3 ", op, " (", left, ")");
  }
  const bool sets = Maybe(3);
  std::string op =
      sets ? Pick({"and", "or", "unless"}) : Pick({"+", "-", "*", "/", ">", "<=", "> bool", "!="});
  if (Maybe()) {
    op += InOrder({Maybe() ? " on (" : " ignoring (", Names(), ")"});
    if (!sets && Maybe(3)) op += Pick({" group_left ()", " group_right ()", " group_left (env)"});
  }
  return StrCat("(", left, ") ", op, " (", MetricQuery(depth - 1), ")");
}

std::string QueryGenerator::TopMetricQuery(int depth) {
  const std::string inner = MetricQuery(depth);
  if (!Maybe(6)) return inner;
  const std::string k = Pick({"(1, ", "(2, ", "(5, "});
  switch (random_->Below(4)) {
    case 0:
      return StrCat(Pick({"sort(", "sort_desc("}), inner, ")");
    case 1:
      return StrCat("approx_topk", k, inner, ")");
    default:
      return InOrder({Pick({"topk", "bottomk"}), Maybe() ? "" : " " + Grouping(), k, inner, ")"});
  }
}

std::string QueryGenerator::MetricQuery(int depth) {
  if (depth <= 0) return RangeAggregation();
  switch (random_->Below(7)) {
    case 0:
      return Binary(depth);
    case 1:
      return InOrder({"label_replace(", MetricQuery(depth - 1), ", \"lr\", \"<$1>\", \"",
                      Pick(kNames), "\", \"", Pick({"(.*)", "(p).*", "(.)nfo", ""}), "\")"});
    case 2:
      return RangeAggregation();
    case 3:
      return Maybe(4) ? "vector(2)" : RangeAggregation();
    default:
      return InOrder({Pick({"sum", "avg", "count", "max", "min", "stddev", "stdvar", "sum"}), " ",
                      Maybe(4) ? "" : Grouping(), "(", MetricQuery(depth - 1), ")"});
  }
}

}  // namespace skald::test_support
