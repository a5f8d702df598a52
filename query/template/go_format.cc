#include "query/template/go_format.h"

#include <limits>

#include "query/template/go_printer.h"
#include "storage/base/ascii.h"
#include "storage/base/utf8.h"

namespace skald::query {
namespace {

// Go refuses widths and precisions past a million.
constexpr int64_t kMaxWidth = 1'000'000;

// One run over a format and its operands.
class Formatter {
 public:
  Formatter(std::string* out, std::string_view format, std::span<const Value> args, size_t limit)
      : out_(out), printer_(out, limit), format_(format), args_(args), limit_(limit) {}

  Status Run() {
    while (at_ < format_.size()) {
      const size_t percent = format_.find('%', at_);
      out_->append(format_.substr(at_, percent - at_));
      if (percent == std::string_view::npos) break;
      at_ = percent + 1;
      if (!PrintDirective()) break;
      if (out_->size() > limit_) return Exhausted("printf: the result is too long");
    }
    if (!reordered_ && next_ < args_.size()) PrintExtra();
    return absl::OkStatus();
  }

 private:
  // Prints what follows a percent sign; false if the format ended before its verb.
  bool PrintDirective() {
    printer_.flags = {};
    good_index_ = true;
    after_index_ = false;
    ParseFlags();
    ParseIndex();
    ParseWidth();
    ParsePrecision();
    if (!after_index_) ParseIndex();
    if (at_ >= format_.size()) {
      out_->append("%!(NOVERB)");
      return false;
    }
    const DecodedRune verb = DecodeRune(format_.substr(at_));
    at_ += verb.size;
    PrintVerb(verb.rune);
    return true;
  }

  void ParseFlags() {
    FormatFlags& flags = printer_.flags;
    for (; at_ < format_.size(); ++at_) {
      switch (format_[at_]) {
        case '#':
          flags.sharp = true;
          continue;
        case '0':
          flags.zero = true;
          continue;
        case '+':
          flags.plus = true;
          continue;
        case '-':
          flags.minus = true;
          continue;
        case ' ':
          flags.space = true;
          continue;
        default:
          return;
      }
    }
  }

  // Digits in [at, end): the number, or nullopt when there is none or it is too large.
  struct Number {
    bool present = false;
    int value = 0;
  };
  Number ParseNumber(size_t end) {
    int64_t value = 0;
    const size_t begin = at_;
    for (; at_ < end && IsDigit(format_[at_]); ++at_) {
      if (value > kMaxWidth) {
        at_ = end;
        return {};
      }
      value = value * 10 + (format_[at_] - '0');
    }
    return {at_ > begin, static_cast<int>(value)};
  }

  // `[3]`: the operand to take next.
  void ParseIndex() {
    after_index_ = false;
    if (at_ >= format_.size() || format_[at_] != '[') return;
    reordered_ = true;
    const size_t close = format_.find(']', at_);
    if (close == std::string_view::npos || format_.size() - at_ < 3) {
      ++at_;
      good_index_ = false;
      return;
    }
    ++at_;
    const Number number = ParseNumber(close);
    const bool parsed = number.present && at_ == close;
    at_ = close + 1;
    after_index_ = parsed;
    if (parsed && number.value >= 1 && static_cast<size_t>(number.value) <= args_.size()) {
      next_ = static_cast<size_t>(number.value) - 1;
    } else {
      good_index_ = false;
    }
  }

  // The operand that a `*` names.
  Number TakeNumber() {
    if (next_ >= args_.size()) return {};
    const Value& arg = args_[next_++];
    const bool integer = arg.is_signed_integer() || arg.kind() == ValueKind::kUint8;
    if (!integer || arg.as_int() > kMaxWidth || arg.as_int() < -kMaxWidth) return {};
    return {true, static_cast<int>(arg.as_int())};
  }

  void ParseWidth() {
    FormatFlags& flags = printer_.flags;
    if (at_ < format_.size() && format_[at_] == '*') {
      ++at_;
      const Number width = TakeNumber();
      if (!width.present) out_->append("%!(BADWIDTH)");
      flags.has_width = width.present;
      flags.width = width.value;
      if (flags.width < 0) {
        flags.width = -flags.width;
        flags.minus = true;
        flags.zero = false;
      }
      after_index_ = false;
      return;
    }
    const Number width = ParseNumber(format_.size());
    flags.has_width = width.present;
    flags.width = width.value;
    if (after_index_ && width.present) good_index_ = false;
  }

  void ParsePrecision() {
    if (at_ + 1 >= format_.size() || format_[at_] != '.') return;
    FormatFlags& flags = printer_.flags;
    ++at_;
    if (after_index_) good_index_ = false;
    ParseIndex();
    if (at_ < format_.size() && format_[at_] == '*') {
      ++at_;
      const Number precision = TakeNumber();
      flags.has_precision = precision.present && precision.value >= 0;
      flags.precision = flags.has_precision ? precision.value : 0;
      if (!flags.has_precision) out_->append("%!(BADPREC)");
      after_index_ = false;
      return;
    }
    flags.precision = ParseNumber(format_.size()).value;
    flags.has_precision = true;
  }

  void PrintVerb(char32_t verb) {
    if (verb == '%') {
      out_->push_back('%');
    } else if (!good_index_) {
      PrintProblem(verb, "BADINDEX");
    } else if (next_ >= args_.size()) {
      PrintProblem(verb, "MISSING");
    } else {
      if (verb == 'v' && printer_.flags.sharp) {
        printer_.flags.sharp = false;
        printer_.flags.go_syntax = true;
      }
      if (verb == 'v') printer_.flags.plus = false;
      printer_.Print(args_[next_++], verb);
    }
  }

  void PrintProblem(char32_t verb, std::string_view problem) {
    out_->append("%!");
    AppendRune(out_, verb);
    StrAppend(out_, "(", problem, ")");
  }

  void PrintExtra() {
    printer_.flags = {};
    out_->append("%!(EXTRA ");
    for (size_t i = next_; i < args_.size(); ++i) {
      if (i > next_) out_->append(", ");
      if (!args_[i].is_nil()) StrAppend(out_, TypeName(args_[i]), "=");
      printer_.Print(args_[i], 'v');
    }
    out_->push_back(')');
  }

  std::string* out_;
  GoPrinter printer_;
  const std::string_view format_;
  const std::span<const Value> args_;
  const size_t limit_;
  size_t at_ = 0;
  size_t next_ = 0;           // the operand to print next
  bool reordered_ = false;    // an index was used
  bool after_index_ = false;  // the last thing read was an index
  bool good_index_ = true;
};

}  // namespace

void AppendValue(std::string* out, const Value& value) {
  if (value.is_string()) {
    out->append(value.as_string());
    return;
  }
  GoPrinter(out, std::numeric_limits<size_t>::max()).Print(value, 'v');
}

void AppendPrint(std::string* out, std::span<const Value> args) {
  bool after_string = true;
  for (const Value& arg : args) {
    if (!after_string && !arg.is_string()) out->push_back(' ');
    AppendValue(out, arg);
    after_string = arg.is_string();
  }
}

void AppendPrintln(std::string* out, std::span<const Value> args) {
  for (size_t i = 0; i < args.size(); ++i) {
    if (i > 0) out->push_back(' ');
    AppendValue(out, args[i]);
  }
  out->push_back('\n');
}

Status AppendPrintf(std::string* out, std::string_view format, std::span<const Value> args,
                    size_t limit) {
  return Formatter(out, format, args, limit).Run();
}

}  // namespace skald::query
