// The label index of a part: which streams have which label values.
//
// Names and each name's values are sorted; a value's posting is the set of ordinals of the streams
// that have it. Values are numbered through all names in order; the stream table (stream_table.h)
// refers to them by that number.
//
//   varint  names
//   per name: varint-prefixed name, varint values, and per value
//     varint  bytes shared with the value before (0 for a name's first)
//     varint-prefixed rest of the value
//     varint  streams in the posting
//     its ordinals as ascending runs, until there are so many:
//       varint  2 * (ordinals left out since the run before) + (1 if the run is longer than 1)
//       if it is: varint (length - 2)
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/arena.h"
#include "storage/base/coding.h"
#include "storage/base/status.h"
#include "storage/base/strings.h"
#include "storage/model/labels.h"
#include "storage/model/matcher.h"
#include "storage/part/ordinal_set.h"

namespace skald::storage {

// Threads: externally synchronised.
class LabelIndexBuilder {
 public:
  // Adds the next stream (ordinals count from 0). Appends to `refs` a provisional number per label.
  void AddStream(const LabelSet& labels, std::vector<uint32_t>* refs);
  // Appends the section to `out`. Returns, per provisional number, the value's final number.
  std::vector<uint32_t> Finish(std::string* out);

 private:
  // Most values of a part with many streams belong to one stream: a value costs no allocation. A
  // text may stand in several values, of which those after the first have the later streams.
  struct Value {
    std::string_view text;  // in texts_
    uint32_t provisional;
    uint32_t streams;     // in the posting
    uint32_t first_link;  // in links_
    uint32_t last_link;
  };
  struct Link {
    uint32_t stream;
    uint32_t next;
  };
  struct Name {
    std::string text;
    std::vector<Value> values;
    // By hash of the text: one more than the index of the value found or added last. What has
    // fallen out is added again: looking through all would be a cache miss for every stream.
    std::vector<uint32_t> recent;
    uint32_t last = 0;  // the value found last: neighbouring streams share most
  };
  // The name of the i-th label of a stream.
  Name* FindOrAddName(size_t i, std::string_view text);
  Value* FindOrAddValue(Name* name, std::string_view text);
  void AddToPosting(Value* value);
  // Appends a name with its values; gives these final numbers from `first` on, returns how many.
  uint32_t PutName(const Name& name, uint32_t first, std::vector<uint32_t>* final_number,
                   std::string* out) const;
  // Appends the posting of several values of one text.
  void PutPosting(const Name& name, std::span<const uint32_t> values, std::string* out) const;

  StringMap<std::unique_ptr<Name>> names_;
  std::vector<Name*> layout_;  // the names of the stream added last, with its i-th label
  Arena texts_;
  std::vector<Link> links_;
  uint32_t streams_ = 0;
  uint32_t next_provisional_ = 0;
};

// Threads: immutable. Owns its bytes.
class LabelIndex {
 public:
  // `streams` is the number of streams of the part.
  static StatusOr<std::unique_ptr<LabelIndex>> Parse(std::string bytes, uint32_t streams);

  // The ordinals of streams that satisfy every matcher.
  OrdinalSet Match(std::span<const Matcher> matchers) const;

  // Streams of the part.
  uint32_t streams() const { return streams_; }
  size_t names() const { return names_.size(); }
  std::string_view name(size_t i) const { return names_[i].name; }
  // Sorted values of a label, empty when there is no such label.
  std::span<const std::string_view> ValuesOf(std::string_view name) const;
  // The streams that have names()[i], or a given value of it.
  OrdinalSet StreamsWithName(size_t name) const;
  OrdinalSet StreamsWithValue(std::string_view name, size_t value) const;

  // The label behind a value's number.
  LabelView Label(uint32_t value) const {
    return {names_[name_of_value_[value]].name, values_[value]};
  }
  size_t values() const { return values_.size(); }

  // Bytes of memory held.
  size_t charge() const;

 private:
  struct Name {
    std::string_view name;
    uint32_t first_value;
    uint32_t values;
  };
  struct Posting {
    uint32_t streams;
    std::string_view bytes;
  };
  LabelIndex() = default;
  Status ParseName(ByteReader* reader);
  const Name* Find(std::string_view name) const;
  void AddPosting(uint32_t value, OrdinalSet* to) const;
  OrdinalSet MatchOne(const Matcher& matcher) const;
  OrdinalSet MatchingValues(const Name& name, const Matcher& matcher) const;

  std::string bytes_;
  Arena arena_;
  uint32_t streams_ = 0;
  std::vector<Name> names_;
  std::vector<std::string_view> values_;
  std::vector<uint32_t> name_of_value_;
  std::vector<Posting> postings_;
};

}  // namespace skald::storage
