#include "query/engine/tenant_union.h"

#include <algorithm>
#include <set>
#include <utility>

#include "storage/base/strings.h"

namespace skald::query {
namespace {

using storage::Block;
using storage::Selection;
using storage::Snapshot;

constexpr std::string_view kTenantLabel = "__tenant_id__";
constexpr std::string_view kOriginalLabel = "original___tenant_id__";

struct Member {
  std::string tenant;
  std::shared_ptr<const Snapshot> snapshot;
};

StreamPtr WithTenant(const Stream& stream, std::string_view tenant) {
  LabelSet labels = stream.labels;
  if (labels.Has(kTenantLabel)) labels = labels.With(kOriginalLabel, labels.Get(kTenantLabel));
  return std::make_shared<const Stream>(labels.With(kTenantLabel, tenant));
}

// A member's block whose streams are numbered as in the union.
class UnionBlock final : public Block {
 public:
  UnionBlock(std::unique_ptr<Block> block, uint32_t first_stream)
      : block_(std::move(block)),
        first_stream_(first_stream),
        runs_(block_->runs().begin(), block_->runs().end()) {
    for (storage::StreamRun& run : runs_) run.stream += first_stream_;
  }

  uint32_t rows() const override { return block_->rows(); }
  std::span<const storage::StreamRun> runs() const override { return runs_; }
  Status SelectRows(TimeRange range, RowSet* rows) override {
    return block_->SelectRows(range, rows);
  }
  StatusOr<std::span<const int64_t>> Timestamps() override { return block_->Timestamps(); }
  StatusOr<storage::LineColumn*> Lines() override { return block_->Lines(); }
  std::span<const std::string_view> metadata_names() const override {
    return block_->metadata_names();
  }
  StatusOr<StringColumn> Metadata(size_t index) override { return block_->Metadata(index); }
  StatusOr<StringColumn> MetadataOf(size_t index, std::span<const uint32_t> rows,
                                    Arena* arena) override {
    return block_->MetadataOf(index, rows, arena);
  }
  size_t metadata_memory() const override { return block_->metadata_memory(); }
  Status RanksAt(const storage::StreamRun& run, std::span<const int64_t> edges,
                 storage::RankFields fields, std::span<storage::Rank> out) override {
    return block_->RanksAt(OwnRun(run), edges, fields, out);
  }
  StatusOr<std::span<const std::string_view>> RankedLevels() override {
    return block_->RankedLevels();
  }
  Status LevelRanksAt(const storage::StreamRun& run, std::span<const int64_t> edges,
                      std::span<uint64_t> out) override {
    return block_->LevelRanksAt(OwnRun(run), edges, out);
  }
  const storage::ScanStats& stats() const override { return block_->stats(); }

 private:
  // The run as the member numbers it.
  storage::StreamRun OwnRun(storage::StreamRun run) const {
    run.stream -= first_stream_;
    return run;
  }

  const std::unique_ptr<Block> block_;
  const uint32_t first_stream_;
  std::vector<storage::StreamRun> runs_;
};

class UnionSelection final : public Selection {
 public:
  void Add(std::string_view tenant, std::unique_ptr<Selection> selection) {
    parts_.push_back({std::move(selection), units_.size(), static_cast<uint32_t>(streams_.size())});
    const Selection& added = *parts_.back().selection;
    units_.insert(units_.end(), added.units().begin(), added.units().end());
    for (const StreamPtr& stream : added.streams()) streams_.push_back(WithTenant(*stream, tenant));
  }

  const std::vector<StreamPtr>& streams() const override { return streams_; }
  const std::vector<storage::ScanUnit>& units() const override { return units_; }

  StatusOr<std::unique_ptr<Block>> Open(size_t index, const StopToken* stop) const override {
    const Part& part = PartOf(index);
    ASSIGN_OR_RETURN(auto block, part.selection->Open(index - part.first_unit, stop));
    return std::make_unique<UnionBlock>(std::move(block), part.first_stream);
  }

  StatusOr<bool> MayMatch(size_t index,
                          std::span<const RequiredLiterals* const> required) const override {
    const Part& part = PartOf(index);
    return part.selection->MayMatch(index - part.first_unit, required);
  }

  StatusOr<bool> MayHaveMetadata(size_t index, const RequiredMetadata& required) const override {
    const Part& part = PartOf(index);
    // The members do not know of the labels that the union has given their streams.
    RequiredMetadata known = required;
    std::erase_if(known, [](const std::vector<RequiredPair>& alternatives) {
      return std::any_of(alternatives.begin(), alternatives.end(), [](const RequiredPair& pair) {
        return pair.name == kTenantLabel || pair.name == kOriginalLabel;
      });
    });
    return part.selection->MayHaveMetadata(index - part.first_unit, known);
  }

  StatusOr<std::vector<storage::StreamTotals>> TotalsBetween(std::span<const int64_t> edges,
                                                             const StopToken* stop) const override {
    return TotalsOfAll([&](const Selection& member) { return member.TotalsBetween(edges, stop); });
  }
  StatusOr<std::vector<storage::StreamTotals>> Totals(const StopToken* stop) const override {
    return TotalsOfAll([&](const Selection& member) { return member.Totals(stop); });
  }

  storage::ScanStats stats() const override {
    storage::ScanStats sum;
    for (const Part& part : parts_) sum.Add(part.selection->stats());
    return sum;
  }

 private:
  // A member's selection, and the numbers of its first unit and stream in the union.
  struct Part {
    std::unique_ptr<Selection> selection;
    size_t first_unit;
    uint32_t first_stream;
  };
  template <typename TotalsOf>
  StatusOr<std::vector<storage::StreamTotals>> TotalsOfAll(TotalsOf totals_of) const {
    std::vector<storage::StreamTotals> all;
    for (const Part& part : parts_) {
      ASSIGN_OR_RETURN(const auto totals, totals_of(*part.selection));
      for (storage::StreamTotals total : totals) {
        total.stream += part.first_stream;
        all.push_back(total);
      }
    }
    return all;
  }
  const Part& PartOf(size_t unit) const {
    const auto after =
        std::upper_bound(parts_.begin(), parts_.end(), unit,
                         [](size_t number, const Part& part) { return number < part.first_unit; });
    return *std::prev(after);
  }

  std::vector<Part> parts_;
  std::vector<StreamPtr> streams_;
  std::vector<storage::ScanUnit> units_;
};

// The matchers as a member understands them.
struct MemberMatchers {
  std::vector<Matcher> of_tenant;
  std::vector<Matcher> of_streams;
};

StatusOr<MemberMatchers> Divide(std::span<const Matcher> matchers) {
  MemberMatchers divided;
  for (const Matcher& matcher : matchers) {
    if (matcher.name() == kTenantLabel) {
      divided.of_tenant.push_back(matcher);
    } else if (matcher.name() == kOriginalLabel) {
      ASSIGN_OR_RETURN(Matcher original,
                       Matcher::Create(std::string(kTenantLabel), matcher.op(), matcher.value()));
      divided.of_streams.push_back(std::move(original));
    } else {
      divided.of_streams.push_back(matcher);
    }
  }
  return divided;
}

class UnionSnapshot final : public Snapshot {
 public:
  explicit UnionSnapshot(std::vector<Member> members) : members_(std::move(members)) {}

  StatusOr<std::unique_ptr<Selection>> Select(std::span<const Matcher> matchers, TimeRange range,
                                              const StopToken* stop,
                                              MemoryBudget* memory) const override {
    ASSIGN_OR_RETURN(const MemberMatchers divided, Divide(matchers));
    auto all = std::make_unique<UnionSelection>();
    for (const Member& member : members_) {
      if (!IsChosen(member, divided)) continue;
      ASSIGN_OR_RETURN(auto selection,
                       member.snapshot->Select(divided.of_streams, range, stop, memory));
      all->Add(member.tenant, std::move(selection));
    }
    return all;
  }

  StatusOr<std::vector<StreamPtr>> Streams(std::span<const Matcher> matchers, TimeRange range,
                                           const StopToken* stop,
                                           MemoryCharge* charge) const override {
    ASSIGN_OR_RETURN(const MemberMatchers divided, Divide(matchers));
    std::vector<StreamPtr> all;
    for (const Member& member : members_) {
      if (!IsChosen(member, divided)) continue;
      MemoryCharge own_charge(charge->budget());
      ASSIGN_OR_RETURN(const auto own,
                       member.snapshot->Streams(divided.of_streams, range, stop, &own_charge));
      for (const StreamPtr& stream : own) {
        all.push_back(WithTenant(*stream, member.tenant));
        RETURN_IF_ERROR(charge->Add(storage::AnswerMemory(all.back()->text)));
      }
    }
    return all;
  }

  StatusOr<std::vector<std::string>> LabelNames(std::span<const Matcher> matchers, TimeRange range,
                                                const StopToken* stop,
                                                MemoryCharge* charge) const override {
    ASSIGN_OR_RETURN(const MemberMatchers divided, Divide(matchers));
    std::set<std::string> names;
    RETURN_IF_ERROR(charge->Add(storage::AnswerMemory(kTenantLabel)));
    for (const Member& member : members_) {
      if (!IsChosen(member, divided)) continue;
      MemoryCharge own_charge(charge->budget());
      ASSIGN_OR_RETURN(const auto own,
                       member.snapshot->LabelNames(divided.of_streams, range, stop, &own_charge));
      for (const std::string& name : own) {
        const auto added = names.emplace(name == kTenantLabel ? kOriginalLabel : name);
        if (added.second) RETURN_IF_ERROR(charge->Add(storage::AnswerMemory(*added.first)));
      }
      names.emplace(kTenantLabel);
    }
    return std::vector<std::string>(names.begin(), names.end());
  }

  StatusOr<std::vector<std::string>> LabelValues(std::string_view name,
                                                 std::span<const Matcher> matchers, TimeRange range,
                                                 const StopToken* stop,
                                                 MemoryCharge* charge) const override {
    ASSIGN_OR_RETURN(const MemberMatchers divided, Divide(matchers));
    std::set<std::string> values;
    for (const Member& member : members_) {
      if (!IsChosen(member, divided)) continue;
      if (name == kTenantLabel) {
        values.insert(member.tenant);
        continue;
      }
      MemoryCharge own_charge(charge->budget());
      ASSIGN_OR_RETURN(const auto own,
                       member.snapshot->LabelValues(name == kOriginalLabel ? kTenantLabel : name,
                                                    divided.of_streams, range, stop, &own_charge));
      for (const std::string& value : own) {
        const auto added = values.insert(value);
        if (added.second) RETURN_IF_ERROR(charge->Add(storage::AnswerMemory(value)));
      }
    }
    return std::vector<std::string>(values.begin(), values.end());
  }

 private:
  static bool IsChosen(const Member& member, const MemberMatchers& matchers) {
    return std::all_of(matchers.of_tenant.begin(), matchers.of_tenant.end(),
                       [&](const Matcher& matcher) { return matcher.Matches(member.tenant); });
  }

  const std::vector<Member> members_;
};

}  // namespace

std::vector<std::string_view> SplitTenants(std::string_view tenants) {
  std::vector<std::string_view> ids;
  while (true) {
    const size_t end = tenants.find(kTenantSeparator);
    ids.push_back(tenants.substr(0, end));
    if (end == std::string_view::npos) return ids;
    tenants.remove_prefix(end + 1);
  }
}

std::shared_ptr<const Snapshot> UnionReader::GetSnapshot(std::string_view tenants) {
  const std::vector<std::string_view> ids = SplitTenants(tenants);
  if (ids.size() == 1) return reader_->GetSnapshot(tenants);
  std::vector<Member> members;
  auto snapshots = reader_->GetSnapshots(ids);
  for (size_t i = 0; i < ids.size(); ++i) {
    members.push_back({std::string(ids[i]), std::move(snapshots[i])});
  }
  return std::make_shared<UnionSnapshot>(std::move(members));
}

}  // namespace skald::query
