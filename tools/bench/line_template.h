// Templates of log lines: text with placeholders that are filled in anew for every line.
//
//   <time FORMAT>       the line's time: rfc3339, log4j, clf, syslog, unix, unixms
//   <int LOW HIGH>      a whole number, all alike likely
//   <skew LOW HIGH>     a whole number, small ones likelier: durations and sizes
//   <float LOW HIGH>    with three decimals
//   <hex N>             N random hexadecimal digits
//   <uuid> <ip>         random ones
//   <trace>             32 hexadecimal digits, the same for a few lines in a row
//   <pick A|B|C>        one of these; one that is given twice is twice as likely
//   <words LOW HIGH>    so many words
//   <pod>               the stream's pod
//
// `<<` is one `<`, and `\n` a line feed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "tools/bench/generator_random.h"

namespace skald::bench {

// What a line is made for. Threads: externally synchronised.
struct LineContext {
  GeneratorRandom* random = nullptr;
  int64_t time = 0;  // ns since the epoch
  std::string_view pod;
  std::string_view trace;
};

// Threads: immutable.
class LineTemplate {
 public:
  // InvalidArgument: an unknown or unfinished placeholder.
  static StatusOr<LineTemplate> Parse(std::string_view text);

  // Appends a line.
  void Render(const LineContext& context, std::string* out) const;

 private:
  enum class Kind {
    kText,
    kTime,
    kInt,
    kSkew,
    kFloat,
    kHex,
    kUuid,
    kIp,
    kTrace,
    kPick,
    kWords,
    kPod,
  };
  struct Piece {
    Kind kind = Kind::kText;
    std::string text;  // the text itself, or the time's format
    int64_t low = 0;
    int64_t high = 0;
    std::vector<std::string> choices;
  };

  static StatusOr<Piece> ParsePlaceholder(std::string_view inside);
  static void RenderPiece(const Piece& piece, const LineContext& context, std::string* out);

  std::vector<Piece> pieces_;
};

}  // namespace skald::bench
