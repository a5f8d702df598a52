#include "storage/select/tenant_snapshot.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "storage/base/units.h"
#include "storage/model/matches_all.h"
#include "storage/select/deleted_rows.h"
#include "storage/select/selection_builder.h"
#include "storage/select/shown_streams.h"

namespace skald::storage {

namespace {

// Work, in bytes of lines that take about as long: to look into a part's label index, to look at
// one of its streams or a memtable's, and at a value of a label.
constexpr uint64_t kPartWork = 4_KiB;
constexpr uint64_t kStreamWork = 64;
constexpr uint64_t kValueWork = 64;
// Of a value that was found, before it is known to be new.
constexpr uint64_t kViewMemory = 2 * sizeof(std::string_view);

// The values of a label that one of `streams` has; sorted, borrowed from the index.
std::vector<std::string_view> ValuesOfStreams(const LabelIndex& index, std::string_view name,
                                              const OrdinalSet& streams) {
  const std::span<const std::string_view> all = index.ValuesOf(name);
  std::vector<std::string_view> result;
  if (streams.cardinality() == index.streams()) {
    result.assign(all.begin(), all.end());
    return result;
  }
  for (size_t i = 0; i < all.size(); ++i) {
    if (index.StreamsWithValue(name, i).intersect(streams)) result.push_back(all[i]);
  }
  return result;
}

// Adds what is new in `found` to `values`, and charges for it; both are sorted without repetitions.
Status MergeInto(const std::vector<std::string_view>& found, std::vector<std::string>* values,
                 MemoryCharge* charge) {
  std::vector<std::string_view> added;
  std::set_difference(found.begin(), found.end(), values->begin(), values->end(),
                      std::back_inserter(added));
  const auto old_size = static_cast<ptrdiff_t>(values->size());
  for (const std::string_view value : added) {
    RETURN_IF_ERROR(charge->Add(AnswerMemory(value)));
    values->emplace_back(value);
  }
  std::inplace_merge(values->begin(), values->begin() + old_size, values->end());
  return absl::OkStatus();
}

// Adds those of `streams` that may have rows in the range to `result`.
Status AddOverlapping(const Part& part, const OrdinalSet& streams, TimeRange range,
                      OrdinalSet* result) {
  const PartFooter& footer = part.footer();
  if (streams.isEmpty() || !range.Overlaps(footer.min_time, footer.max_time)) {
    return absl::OkStatus();
  }
  if (range.Covers(footer.min_time, footer.max_time)) {
    *result |= streams;
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const auto table, part.Streams());
  for (const uint32_t ordinal : streams) {
    const StreamExtent& extent = table->extent(ordinal);
    if (range.Overlaps(extent.min_time, extent.max_time)) result->add(ordinal);
  }
  return absl::OkStatus();
}

}  // namespace

TenantSnapshot::TenantSnapshot(std::string tenant, std::shared_ptr<const PartList> parts,
                               std::vector<std::shared_ptr<const Memtable>> memtables,
                               PageCache* cache, RetentionCuts cuts,
                               std::shared_ptr<const DeleteList> deletes)
    : tenant_(std::move(tenant)),
      parts_(std::move(parts)),
      memtables_(std::move(memtables)),
      cache_(cache),
      cuts_(std::move(cuts)),
      deletes_(std::move(deletes)) {
  for (const auto& memtable : memtables_) mem_tenants_.push_back(memtable->Find(tenant_));
}

StatusOr<OrdinalSet> MatchingStreams(const Part& part, std::span<const Matcher> matchers,
                                     TimeRange range, const RetentionCuts& cuts) {
  OrdinalSet result;
  if (!range.Overlaps(part.footer().min_time, part.footer().max_time)) return result;
  ASSIGN_OR_RETURN(const auto index, part.Index());
  OrdinalSet matching = index->Match(matchers);
  for (const RetentionCuts::Rule& rule : cuts.rules()) {
    OrdinalSet of_rule = index->Match(rule.matchers);
    of_rule &= matching;
    matching -= of_rule;
    RETURN_IF_ERROR(
        AddOverlapping(part, of_rule, RetentionCuts::NarrowTo(range, rule.cut), &result));
  }
  RETURN_IF_ERROR(
      AddOverlapping(part, matching, RetentionCuts::NarrowTo(range, cuts.default_cut()), &result));
  return result;
}

template <typename F>
Status TenantSnapshot::ForEachMemStream(std::span<const Matcher> matchers, TimeRange range,
                                        const StopToken* stop, F&& f) const {
  for (const MemTenant* tenant : mem_tenants_) {
    if (tenant == nullptr) continue;
    RETURN_IF_ERROR(Spend(stop, tenant->streams().size() * kStreamWork));
    tenant->streams().ForEach(tenant->streams().size(), [&](const MemStream* stream) {
      const LabelSet& labels = stream->stream()->labels;
      const bool overlaps = range.Overlaps(stream->min_time(), stream->max_time());
      if (!overlaps || !MatchesAll(labels, matchers)) return;
      if (cuts_.Narrow(range, labels).Overlaps(stream->min_time(), stream->max_time())) f(*stream);
    });
  }
  return absl::OkStatus();
}

StatusOr<std::shared_ptr<const HiddenRows>> TenantSnapshot::HiddenIn(const PartPtr& part,
                                                                     const OrdinalSet& streams,
                                                                     TimeRange range,
                                                                     const StopToken* stop) const {
  auto hidden = std::make_shared<HiddenRows>(part);
  for (const auto& request : *deletes_) {
    const TimeRange common = request->range().Intersect(range);
    if (common.empty() || !request->Concerns(part->footer())) continue;
    ASSIGN_OR_RETURN(const auto index, part->Index());
    if (!index->Match(request->predicate->matchers()).intersect(streams)) continue;
    ASSIGN_OR_RETURN(auto rows, FindDeletedRows(part, *request, cache_, stop));
    hidden->Add(std::move(rows));
  }
  return hidden->empty() ? nullptr : std::shared_ptr<const HiddenRows>(std::move(hidden));
}

StatusOr<PartStreams> TenantSnapshot::StreamsOf(size_t part, std::span<const Matcher> matchers,
                                                TimeRange range, const StopToken* stop) const {
  RETURN_IF_ERROR(Spend(stop, kPartWork));
  const PartPtr& source = (*parts_)[part];
  PartStreams result;
  ASSIGN_OR_RETURN(result.ordinals, MatchingStreams(*source, matchers, range, cuts_));
  RETURN_IF_ERROR(Spend(stop, result.ordinals.cardinality() * kStreamWork));
  if (deletes_ == nullptr || result.ordinals.isEmpty()) return result;
  ASSIGN_OR_RETURN(result.hidden, HiddenIn(source, result.ordinals, range, stop));
  if (result.hidden == nullptr) return result;
  ASSIGN_OR_RETURN(const auto table, source->Streams());
  ASSIGN_OR_RETURN(const auto index, source->Index());
  ShownStreams visible(source, *result.hidden);
  for (const uint32_t ordinal : result.ordinals& result.hidden->streams()) {
    const TimeRange shown = cuts_.Narrow(range, table->Labels(ordinal, *index));
    ASSIGN_OR_RETURN(const bool is_shown, visible.Shows(ordinal, shown));
    if (!is_shown) result.ordinals.remove(ordinal);
  }
  return result;
}

StatusOr<std::unique_ptr<Selection>> TenantSnapshot::Select(std::span<const Matcher> matchers,
                                                            TimeRange range, const StopToken* stop,
                                                            MemoryBudget* memory) const {
  return BuildSelection(shared_from_this(), matchers, range, stop, memory);
}

StatusOr<std::vector<StreamPtr>> TenantSnapshot::Streams(std::span<const Matcher> matchers,
                                                         TimeRange range, const StopToken* stop,
                                                         MemoryCharge* charge) const {
  return FindStreams(shared_from_this(), matchers, range, stop, charge);
}

StatusOr<std::vector<std::string>> TenantSnapshot::LabelNames(std::span<const Matcher> matchers,
                                                              TimeRange range,
                                                              const StopToken* stop,
                                                              MemoryCharge* charge) const {
  std::set<std::string, std::less<>> names;
  const auto add = [&](std::string_view name) -> Status {
    if (names.contains(name)) return absl::OkStatus();
    RETURN_IF_ERROR(charge->Add(AnswerMemory(name)));
    names.emplace(name);
    return absl::OkStatus();
  };
  for (size_t part = 0; part < parts_->size(); ++part) {
    ASSIGN_OR_RETURN(const auto shown, StreamsOf(part, matchers, range, stop));
    const OrdinalSet& streams = shown.ordinals;
    if (streams.isEmpty()) continue;
    ASSIGN_OR_RETURN(const auto index, (*parts_)[part]->Index());
    for (size_t i = 0; i < index->names(); ++i) {
      if (names.contains(index->name(i))) continue;
      if (streams.cardinality() == index->streams() ||
          index->StreamsWithName(i).intersect(streams)) {
        RETURN_IF_ERROR(add(index->name(i)));
      }
    }
  }
  Status status;
  RETURN_IF_ERROR(ForEachMemStream(matchers, range, stop, [&](const MemStream& stream) {
    const LabelSet& labels = stream.stream()->labels;
    for (size_t i = 0; i < labels.size() && status.ok(); ++i) status = add(labels[i].name);
  }));
  RETURN_IF_ERROR(status);
  return std::vector<std::string>(names.begin(), names.end());
}

StatusOr<std::vector<std::string>> TenantSnapshot::LabelValues(std::string_view name,
                                                               std::span<const Matcher> matchers,
                                                               TimeRange range,
                                                               const StopToken* stop,
                                                               MemoryCharge* charge) const {
  std::vector<std::string> values;
  for (size_t part = 0; part < parts_->size(); ++part) {
    ASSIGN_OR_RETURN(const auto shown, StreamsOf(part, matchers, range, stop));
    if (shown.ordinals.isEmpty()) continue;
    ASSIGN_OR_RETURN(const auto index, (*parts_)[part]->Index());
    const size_t most = index->ValuesOf(name).size();
    RETURN_IF_ERROR(Spend(stop, most * kValueWork));
    MemoryCharge views(charge->budget());
    RETURN_IF_ERROR(views.Add(most * kViewMemory));
    RETURN_IF_ERROR(MergeInto(ValuesOfStreams(*index, name, shown.ordinals), &values, charge));
  }
  std::vector<std::string_view> in_memory;
  MemoryCharge views(charge->budget());
  Status status;
  RETURN_IF_ERROR(ForEachMemStream(matchers, range, stop, [&](const MemStream& stream) {
    const std::string_view value = stream.stream()->labels.Get(name);
    if (value.empty() || !status.ok()) return;
    status = views.Add(kViewMemory);
    in_memory.push_back(value);
  }));
  RETURN_IF_ERROR(status);
  std::sort(in_memory.begin(), in_memory.end());
  in_memory.erase(std::unique(in_memory.begin(), in_memory.end()), in_memory.end());
  RETURN_IF_ERROR(MergeInto(in_memory, &values, charge));
  return values;
}

}  // namespace skald::storage
