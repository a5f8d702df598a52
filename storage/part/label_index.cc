#include "storage/part/label_index.h"

#include <algorithm>
#include <utility>

#include "storage/base/check.h"
#include "storage/base/hash.h"
#include "storage/base/string_order.h"

namespace skald::storage {
namespace {

Status Damaged() { return DataLoss("damaged label index"); }

// The places of recent values per name, at least and at most.
constexpr size_t kMinRecent = 16;
constexpr size_t kMaxRecent = 1 << 16;

// Writes the ordinals of a posting as runs.
class RunWriter {
 public:
  explicit RunWriter(std::string* out) : out_(out) {}

  // REQUIRES: stream is greater than any before.
  void Add(uint32_t stream) {
    if (stream != end_ || begin_ == end_) {
      Finish();
      begin_ = stream;
    }
    end_ = stream + 1;
  }
  void Finish() {
    if (begin_ == end_) return;
    const uint32_t length = end_ - begin_;
    PutVarint64(out_, (uint64_t{begin_ - done_} << 1) | (length > 1 ? 1 : 0));
    if (length > 1) PutVarint64(out_, length - 2);
    done_ = begin_ = end_;
  }

 private:
  std::string* const out_;
  uint32_t begin_ = 0;  // of the open run
  uint32_t end_ = 0;
  uint32_t done_ = 0;  // the end of the run before
};

// Takes a posting of `count` ordinals below `streams` off the reader and calls run(begin, end) for
// its runs. False if it is damaged.
template <typename Run>
bool ReadPosting(ByteReader* reader, uint64_t count, uint64_t streams, Run run) {
  uint64_t next = 0;
  while (count > 0) {
    uint64_t gap = 0;
    uint64_t more = 0;
    if (!reader->ReadVarint64(&gap)) return false;
    if ((gap & 1) != 0) {
      if (!reader->ReadVarint64(&more) || more > streams) return false;
      ++more;
    }
    if ((gap >> 1) > streams) return false;
    const uint64_t begin = next + (gap >> 1);
    next = begin + 1 + more;
    if (next > streams || more + 1 > count) return false;
    run(begin, next);
    count -= more + 1;
  }
  return true;
}

size_t SharedPrefix(std::string_view a, std::string_view b) {
  const size_t limit = std::min(a.size(), b.size());
  size_t i = 0;
  while (i < limit && a[i] == b[i]) ++i;
  return i;
}

}  // namespace

void LabelIndexBuilder::AddStream(const LabelSet& labels, std::vector<uint32_t>* refs) {
  layout_.resize(std::max(layout_.size(), labels.size()), nullptr);
  for (size_t i = 0; i < labels.size(); ++i) {
    const LabelView label = labels[i];
    Value* const value = FindOrAddValue(FindOrAddName(i, label.name), label.value);
    AddToPosting(value);
    refs->push_back(value->provisional);
  }
  ++streams_;
}

LabelIndexBuilder::Name* LabelIndexBuilder::FindOrAddName(size_t i, std::string_view text) {
  if (layout_[i] != nullptr && layout_[i]->text == text) return layout_[i];
  auto entry = names_.find(text);
  if (entry == names_.end()) {
    entry = names_.emplace(std::string(text), std::make_unique<Name>()).first;
    entry->second->text = entry->first;
  }
  layout_[i] = entry->second.get();
  return layout_[i];
}

LabelIndexBuilder::Value* LabelIndexBuilder::FindOrAddValue(Name* name, std::string_view text) {
  std::vector<Value>& values = name->values;
  if (name->last < values.size() && values[name->last].text == text) return &values[name->last];
  if (name->recent.size() < std::min(std::max(values.size(), kMinRecent), kMaxRecent)) {
    name->recent.assign(std::max(2 * name->recent.size(), kMinRecent), 0);
  }
  uint32_t& recent = name->recent[Hash64(text) & (name->recent.size() - 1)];
  if (recent == 0 || values[recent - 1].text != text) {
    values.push_back({texts_.Copy(text), next_provisional_++, 0, 0, 0});
    recent = static_cast<uint32_t>(values.size());
  }
  name->last = recent - 1;
  return &values[name->last];
}

void LabelIndexBuilder::AddToPosting(Value* value) {
  const auto link = static_cast<uint32_t>(links_.size());
  links_.push_back({streams_, 0});
  if (value->streams == 0) {
    value->first_link = link;
  } else {
    links_[value->last_link].next = link;
  }
  value->last_link = link;
  ++value->streams;
}

void LabelIndexBuilder::PutPosting(const Name& name, std::span<const uint32_t> values,
                                   std::string* out) const {
  uint64_t streams = 0;
  for (const uint32_t i : values) streams += name.values[i].streams;
  PutVarint64(out, streams);
  RunWriter runs(out);
  for (const uint32_t i : values) {
    uint32_t link = name.values[i].first_link;
    for (uint32_t left = name.values[i].streams; left > 0; --left) {
      runs.Add(links_[link].stream);
      link = links_[link].next;
    }
  }
  runs.Finish();
}

uint32_t LabelIndexBuilder::PutName(const Name& name, uint32_t first,
                                    std::vector<uint32_t>* final_number, std::string* out) const {
  std::vector<std::string_view> texts;
  texts.reserve(name.values.size());
  for (const Value& value : name.values) texts.push_back(value.text);
  const std::vector<uint32_t> order = StringOrder(texts);
  std::string bytes;
  std::string_view previous;
  uint32_t distinct = 0;
  for (size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    const std::string_view text = texts[order[begin]];
    for (; end < order.size() && texts[order[end]] == text; ++end) {
      (*final_number)[name.values[order[end]].provisional] = first + distinct;
    }
    const size_t shared = SharedPrefix(previous, text);
    PutVarint64(&bytes, shared);
    PutLengthPrefixed(&bytes, text.substr(shared));
    PutPosting(name, std::span(order).subspan(begin, end - begin), &bytes);
    previous = text;
    ++distinct;
  }
  PutLengthPrefixed(out, name.text);
  PutVarint64(out, distinct);
  out->append(bytes);
  return distinct;
}

std::vector<uint32_t> LabelIndexBuilder::Finish(std::string* out) {
  std::vector<uint32_t> final_number(next_provisional_);
  std::vector<std::pair<std::string_view, const Name*>> sorted;
  for (const auto& [text, name] : names_) sorted.emplace_back(text, name.get());
  std::sort(sorted.begin(), sorted.end());
  uint32_t next = 0;
  PutVarint64(out, sorted.size());
  for (const auto& [text, name] : sorted) next += PutName(*name, next, &final_number, out);
  return final_number;
}

StatusOr<std::unique_ptr<LabelIndex>> LabelIndex::Parse(std::string bytes, uint32_t streams) {
  std::unique_ptr<LabelIndex> index(new LabelIndex());
  index->bytes_ = std::move(bytes);
  index->streams_ = streams;
  ByteReader reader(index->bytes_);
  uint64_t names = 0;
  if (!reader.ReadVarint64(&names) || names > reader.remaining()) return Damaged();
  for (uint64_t i = 0; i < names; ++i) RETURN_IF_ERROR(index->ParseName(&reader));
  if (!reader.empty()) return Damaged();
  return index;
}

Status LabelIndex::ParseName(ByteReader* reader) {
  Name name{};
  uint64_t count = 0;
  if (!reader->ReadLengthPrefixed(&name.name) || !reader->ReadVarint64(&count) || count == 0 ||
      count > reader->remaining() || (!names_.empty() && name.name <= names_.back().name)) {
    return Damaged();
  }
  name.first_value = static_cast<uint32_t>(values_.size());
  name.values = static_cast<uint32_t>(count);
  std::string_view previous;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t shared = 0;
    uint64_t posting_streams = 0;
    std::string_view rest;
    Posting posting{};
    if (!reader->ReadVarint64(&shared) || shared > previous.size() ||
        !reader->ReadLengthPrefixed(&rest) || !reader->ReadVarint64(&posting_streams)) {
      return Damaged();
    }
    posting.bytes = reader->rest();
    if (!ReadPosting(reader, posting_streams, streams_, [](uint64_t, uint64_t) {})) {
      return Damaged();
    }
    posting.bytes.remove_suffix(reader->remaining());
    char* text = arena_.Allocate(shared + rest.size() + 1);
    std::copy_n(previous.data(), shared, text);
    std::copy_n(rest.data(), rest.size(), text + shared);
    const std::string_view value(text, shared + rest.size());
    if (i > 0 && value <= previous) return Damaged();
    previous = value;
    posting.streams = static_cast<uint32_t>(posting_streams);
    values_.push_back(previous);
    name_of_value_.push_back(static_cast<uint32_t>(names_.size()));
    postings_.push_back(posting);
  }
  names_.push_back(name);
  return absl::OkStatus();
}

const LabelIndex::Name* LabelIndex::Find(std::string_view name) const {
  const auto found =
      std::lower_bound(names_.begin(), names_.end(), name,
                       [](const Name& entry, std::string_view text) { return entry.name < text; });
  return found != names_.end() && found->name == name ? &*found : nullptr;
}

std::span<const std::string_view> LabelIndex::ValuesOf(std::string_view name) const {
  const Name* found = Find(name);
  if (found == nullptr) return {};
  return std::span(values_).subspan(found->first_value, found->values);
}

void LabelIndex::AddPosting(uint32_t value, OrdinalSet* to) const {
  const Posting& posting = postings_[value];
  ByteReader reader(posting.bytes);
  std::vector<uint32_t> single;
  const bool whole =
      ReadPosting(&reader, posting.streams, streams_, [&](uint64_t begin, uint64_t end) {
        if (end - begin == 1) {
          single.push_back(static_cast<uint32_t>(begin));
        } else {
          to->addRange(begin, end);
        }
      });
  SKALD_DCHECK(whole);  // Parse looked at it
  to->addMany(single.size(), single.data());
}

OrdinalSet LabelIndex::StreamsWithName(size_t name) const {
  OrdinalSet set;
  for (uint32_t i = 0; i < names_[name].values; ++i) AddPosting(names_[name].first_value + i, &set);
  return set;
}

OrdinalSet LabelIndex::StreamsWithValue(std::string_view name, size_t value) const {
  OrdinalSet set;
  const Name* found = Find(name);
  if (found != nullptr && value < found->values) {
    AddPosting(found->first_value + static_cast<uint32_t>(value), &set);
  }
  return set;
}

OrdinalSet LabelIndex::MatchingValues(const Name& name, const Matcher& matcher) const {
  OrdinalSet set;
  const auto first = values_.begin() + name.first_value;
  const auto last = first + name.values;
  const auto add = [&](auto value) {
    AddPosting(static_cast<uint32_t>(value - values_.begin()), &set);
  };
  if (matcher.op() == MatchOp::kEqual) {
    const auto found = std::lower_bound(first, last, std::string_view(matcher.value()));
    if (found != last && *found == matcher.value()) add(found);
    return set;
  }
  for (auto value = first; value != last; ++value) {
    if (matcher.Matches(*value)) add(value);
  }
  return set;
}

OrdinalSet LabelIndex::MatchOne(const Matcher& matcher) const {
  OrdinalSet all;
  all.addRange(0, streams_);
  const Name* name = Find(matcher.name());
  if (name == nullptr) return matcher.MatchesEmpty() ? all : OrdinalSet();
  OrdinalSet matching = MatchingValues(*name, matcher);
  if (matcher.MatchesEmpty()) {
    all -= StreamsWithName(static_cast<size_t>(name - names_.data()));
    matching |= all;
  }
  return matching;
}

OrdinalSet LabelIndex::Match(std::span<const Matcher> matchers) const {
  OrdinalSet result;
  result.addRange(0, streams_);
  for (const Matcher& matcher : matchers) {
    result &= MatchOne(matcher);
    if (result.isEmpty()) break;
  }
  return result;
}

size_t LabelIndex::charge() const {
  return bytes_.size() + arena_.capacity() +
         values_.size() * (sizeof(std::string_view) + sizeof(uint32_t) + sizeof(Posting)) +
         names_.size() * sizeof(Name);
}

}  // namespace skald::storage
