// Label sets: what identifies a stream.
//
// A LabelSet is canonical: sorted by name, no name twice, no empty value. Its text form, which no
// other has, `{app="web", "k8s.pod"="a"}` (values, and names that are no identifiers, quoted as by
// Go's strconv.Quote) names the stream in messages, in the order of stored rows and in stream ids.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
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

// One block of memory holds the text form, in which names and values are found by offset; those
// that are quoted otherwise than as they are follow it. Copies share the block.
// Threads: immutable.
class LabelSet {
 public:
  LabelSet() = default;

  // Sorts by name and drops empty values. A name given twice: the later value stays.
  static LabelSet FromPairs(std::vector<std::pair<std::string, std::string>> pairs);
  // REQUIRES: sorted by name, no name twice, no empty value.
  static LabelSet FromSorted(std::span<const LabelView> labels);

  // Labels in name order; views live as long as this or a copy.
  size_t size() const { return block_ == nullptr ? 0 : header()->labels; }
  bool empty() const { return block_ == nullptr; }
  LabelView operator[](size_t i) const {
    const Place& place = places()[i];
    return {{bytes() + place.name, place.name_size}, {bytes() + place.value, place.value_size}};
  }
  // The value of a label, or an empty view when it is absent.
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const;

  // This set with a label set to `value` (removed when empty).
  LabelSet With(std::string_view name, std::string_view value) const;

  // The canonical text form; lives as long as this or a copy.
  std::string_view text() const;
  std::string ToString() const { return std::string(text()); }
  // Memory that the labels take, shared with copies.
  size_t memory() const { return block_ == nullptr ? 0 : header()->block_size; }

  bool operator==(const LabelSet& other) const;
  std::strong_ordering operator<=>(const LabelSet& other) const;

 private:
  // The block: Header, a Place per label, text, what the text does not hold as it is.
  struct Header {
    uint32_t labels;
    uint32_t text_size;
    uint32_t block_size;
  };
  // Offsets from the block's beginning.
  struct Place {
    uint32_t name;
    uint32_t name_size;
    uint32_t value;
    uint32_t value_size;
  };
  const char* bytes() const { return reinterpret_cast<const char*>(block_.get()); }
  const Header* header() const { return reinterpret_cast<const Header*>(bytes()); }
  const Place* places() const { return reinterpret_cast<const Place*>(bytes() + sizeof(Header)); }

  std::shared_ptr<const uint32_t[]> block_;  // null: no labels
};

// The text form of any name-ordered labels, as LabelSet::ToString.
std::string LabelsToString(std::span<const LabelView> labels);

// Appends `text` quoted as Go's strconv.Quote: \" \\ \a \b \f \n \r \t \v, \xHH for invalid UTF-8
// and other control bytes, \uHHHH or \UHHHHHHHH for unprintable runes.
void AppendQuoted(std::string* out, std::string_view text);

// The id of the stream with this canonical text.
StreamId StreamIdOf(std::string_view canonical_text);

}  // namespace skald
