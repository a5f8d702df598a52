// Label sets: what identifies a stream.
//
// A LabelSet is canonical: sorted by name, no name twice, no empty value. Its text form
// `{app="web", env="prod"}` (values quoted as Go's strconv.Quote does) names the stream in
// messages, in the sort order of stored rows and in stream ids.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/status.h"
#include "storage/model/ids.h"

namespace skald {

// A borrowed name and value.
struct LabelView {
  std::string_view name;
  std::string_view value;
  auto operator<=>(const LabelView&) const = default;
};

// Threads: immutable; cheap to move, copies copy the bytes.
class LabelSet {
 public:
  LabelSet() = default;

  // Sorts by name and drops empty values. A name given twice: the later value stays.
  static LabelSet FromPairs(std::vector<std::pair<std::string, std::string>> pairs);

  // Labels in name order; views live as long as this.
  size_t size() const { return labels_.size(); }
  bool empty() const { return labels_.empty(); }
  LabelView operator[](size_t i) const { return {labels_[i].first, labels_[i].second}; }
  // The value of a label, or an empty view when it is absent.
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const;

  // This set with a label set to `value` (removed when empty).
  LabelSet With(std::string_view name, std::string_view value) const;

  // The canonical text form.
  std::string ToString() const;

  bool operator==(const LabelSet&) const = default;
  auto operator<=>(const LabelSet&) const = default;

 private:
  std::vector<std::pair<std::string, std::string>> labels_;
};

// The text form of any name-ordered labels, as LabelSet::ToString.
std::string LabelsToString(std::span<const LabelView> labels);

// Appends `text` quoted as Go's strconv.Quote: \" \\ \a \b \f \n \r \t \v, \xHH for invalid UTF-8
// and other control bytes, \uHHHH or \UHHHHHHHH for unprintable runes.
void AppendQuoted(std::string* out, std::string_view text);

// The id of the stream with this canonical text.
StreamId StreamIdOf(std::string_view canonical_text);

}  // namespace skald
