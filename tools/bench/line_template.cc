#include "tools/bench/line_template.h"

#include <array>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "storage/base/strings.h"

namespace skald::bench {
namespace {

constexpr std::array<std::string_view, 48> kWords = {
    "request",  "accepted", "order",   "payment",  "customer", "session", "cache",     "lookup",
    "retrying", "upstream", "timeout", "closing",  "opened",   "stream",  "partition", "leader",
    "election", "snapshot", "written", "segment",  "replica",  "synced",  "behind",    "catalog",
    "updated",  "invoice",  "refund",  "declined", "expired",  "token",   "refreshed", "worker",
    "started",  "stopped",  "queue",   "drained",  "batch",    "flushed", "index",     "rebuilt",
    "checksum", "verified", "quota",   "exceeded", "fallback", "enabled", "feature",   "rollout"};

struct TimeFormat {
  std::string_view name;
  std::string_view format;
};
constexpr std::array<TimeFormat, 4> kTimeFormats = {{{"rfc3339", "%Y-%m-%d%ET%H:%M:%E6SZ"},
                                                     {"log4j", "%Y-%m-%d %H:%M:%E3S"},
                                                     {"clf", "%d/%b/%Y:%H:%M:%S +0000"},
                                                     {"syslog", "%b %e %H:%M:%S"}}};

std::string_view TakeWord(std::string_view* text) {
  const size_t end = std::min(text->find(' '), text->size());
  const std::string_view word = text->substr(0, end);
  text->remove_prefix(std::min(end + 1, text->size()));
  return word;
}

void AppendTime(std::string_view name, int64_t time, std::string* out) {
  if (name == "unix") return StrAppend(out, time / 1'000'000'000);
  if (name == "unixms") return StrAppend(out, time / 1'000'000);
  for (const TimeFormat& format : kTimeFormats) {
    if (format.name != name) continue;
    out->append(
        absl::FormatTime(ToAbsl(format.format), absl::FromUnixNanos(time), absl::UTCTimeZone()));
  }
}

bool IsTimeFormat(std::string_view name) {
  if (name == "unix" || name == "unixms") return true;
  for (const TimeFormat& format : kTimeFormats) {
    if (format.name == name) return true;
  }
  return false;
}

void AppendUuid(GeneratorRandom* random, std::string* out) {
  for (const int64_t digits : {8, 4, 4, 4, 12}) {
    if (digits != 8) out->push_back('-');
    random->AppendHex(digits, out);
  }
}

}  // namespace

StatusOr<LineTemplate> LineTemplate::Parse(std::string_view text) {
  LineTemplate result;
  std::string plain;
  const auto end_plain = [&] {
    if (!plain.empty()) result.pieces_.push_back({Kind::kText, std::exchange(plain, ""), 0, 0, {}});
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view two = text.substr(i, 2);
    if (two == "\\n" || two == "<<") {
      plain.push_back(two == "<<" ? '<' : '\n');
      ++i;
    } else if (text[i] != '<') {
      plain.push_back(text[i]);
    } else {
      const size_t end = text.find('>', i);
      if (end == std::string_view::npos) return InvalidArgument("a placeholder without its end");
      end_plain();
      ASSIGN_OR_RETURN(Piece piece, ParsePlaceholder(text.substr(i + 1, end - i - 1)));
      result.pieces_.push_back(std::move(piece));
      i = end;
    }
  }
  end_plain();
  return result;
}

StatusOr<LineTemplate::Piece> LineTemplate::ParsePlaceholder(std::string_view inside) {
  static constexpr std::array<std::pair<std::string_view, Kind>, 11> kKinds = {
      {{"time", Kind::kTime},
       {"int", Kind::kInt},
       {"skew", Kind::kSkew},
       {"float", Kind::kFloat},
       {"hex", Kind::kHex},
       {"uuid", Kind::kUuid},
       {"ip", Kind::kIp},
       {"trace", Kind::kTrace},
       {"pick", Kind::kPick},
       {"words", Kind::kWords},
       {"pod", Kind::kPod}}};
  const Status wrong = InvalidArgument(StrCat("unknown placeholder: ", inside));
  Piece piece;
  std::string_view rest = inside;
  const std::string_view name = TakeWord(&rest);
  for (const auto& [known, kind] : kKinds) {
    if (known == name) piece.kind = kind;
  }
  switch (piece.kind) {
    case Kind::kText:
      return wrong;
    case Kind::kTime:
      piece.text = std::string(rest);
      if (!IsTimeFormat(rest)) return wrong;
      break;
    case Kind::kHex:
      if (!absl::SimpleAtoi(ToAbsl(rest), &piece.low) || piece.low < 1) return wrong;
      break;
    case Kind::kInt:
    case Kind::kSkew:
    case Kind::kFloat:
    case Kind::kWords:
      if (!absl::SimpleAtoi(ToAbsl(TakeWord(&rest)), &piece.low) ||
          !absl::SimpleAtoi(ToAbsl(rest), &piece.high) || piece.low > piece.high) {
        return wrong;
      }
      break;
    case Kind::kPick:
      for (size_t begin = 0; begin <= rest.size();) {
        const size_t end = std::min(rest.find('|', begin), rest.size());
        piece.choices.emplace_back(rest.substr(begin, end - begin));
        begin = end + 1;
      }
      break;
    default:
      break;
  }
  return piece;
}

void LineTemplate::Render(const LineContext& context, std::string* out) const {
  for (const Piece& piece : pieces_) RenderPiece(piece, context, out);
}

void LineTemplate::RenderPiece(const Piece& piece, const LineContext& context, std::string* out) {
  GeneratorRandom& random = *context.random;
  switch (piece.kind) {
    case Kind::kText:
      out->append(piece.text);
      return;
    case Kind::kTime:
      return AppendTime(piece.text, context.time, out);
    case Kind::kInt:
      return StrAppend(out, random.Between(piece.low, piece.high));
    case Kind::kSkew:
      return StrAppend(out, random.Skewed(piece.low, piece.high));
    case Kind::kFloat:
      absl::StrAppendFormat(out, "%d.%03d", random.Skewed(piece.low, piece.high),
                            random.Below(1000));
      return;
    case Kind::kHex:
      return random.AppendHex(piece.low, out);
    case Kind::kUuid:
      return AppendUuid(&random, out);
    case Kind::kIp:
      return StrAppend(out, "10.", random.Below(8), ".", random.Below(256), ".",
                       random.Between(1, 254));
    case Kind::kTrace:
      out->append(context.trace);
      return;
    case Kind::kPick:
      out->append(piece.choices[random.Below(piece.choices.size())]);
      return;
    case Kind::kWords:
      for (int64_t n = random.Between(piece.low, piece.high); n > 0; --n) {
        out->append(kWords[random.Below(kWords.size())]);
        if (n > 1) out->push_back(' ');
      }
      return;
    case Kind::kPod:
      out->append(context.pod);
      return;
  }
}

}  // namespace skald::bench
