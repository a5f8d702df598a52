#include "tests/support/odd_encoding.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <regex>
#include <string>
#include <utility>
#include <vector>

namespace skald::test_support {
namespace {

using storage::Block;
using storage::LineColumn;
using storage::Rank;
using storage::RankFields;
using storage::ScanStats;
using storage::ScanUnit;
using storage::Selection;
using storage::Snapshot;
using storage::StreamRun;
using storage::StreamTotals;

// Backwards and with other bits: twice gives the text again.
std::string Scramble(std::string_view text) {
  std::string result(text.rbegin(), text.rend());
  for (char& c : result) c = static_cast<char>(c ^ 0x5a);
  return result;
}

// std::regex recurses per character.
constexpr size_t kMaxSimpleLine = 512;

using Fields = std::map<std::string, std::string, std::less<>>;

// The fields of a flat JSON object of short numbers and plain strings without a key twice; none for
// anything else.
std::optional<Fields> SimpleJsonFields(const std::string& line) {
  static const std::string member_text =
      R"re("[a-z][a-z_]*":("[ !#-\[\]-~]*"|0|[1-9][0-9]{0,8}))re";
  static const std::regex whole(StrCat("\\{", member_text, "(,", member_text, ")*\\}"));
  static const std::regex member(R"re("([a-z_]+)":(?:"([^"]*)"|([0-9]+))(,|\}))re");
  if (line.size() > kMaxSimpleLine || !std::regex_match(line, whole)) return std::nullopt;
  Fields fields;
  for (std::sregex_iterator i(line.begin(), line.end(), member), end; i != end; ++i) {
    const std::string value = (*i)[2].matched ? (*i)[2].str() : (*i)[3].str();
    if (!fields.try_emplace((*i)[1].str(), value).second) return std::nullopt;
  }
  return fields;
}

// The pairs of a line of nothing but plain ones without a key twice.
std::optional<Fields> SimpleLogfmtFields(const std::string& line) {
  static const std::regex whole(R"re([a-z][a-z_]*=[0-9A-Za-z.]+( [a-z][a-z_]*=[0-9A-Za-z.]+)*)re");
  static const std::regex pair(R"re(([a-z_]+)=([^ ]+))re");
  if (line.size() > kMaxSimpleLine || !std::regex_match(line, whole)) return std::nullopt;
  Fields fields;
  for (std::sregex_iterator i(line.begin(), line.end(), pair), end; i != end; ++i) {
    if (!fields.try_emplace((*i)[1].str(), (*i)[2].str()).second) return std::nullopt;
  }
  return fields;
}

class OddLines : public LineColumn {
 public:
  static StatusOr<std::unique_ptr<OddLines>> Create(LineColumn* lines, uint32_t rows) {
    auto odd = std::make_unique<OddLines>();
    std::vector<uint32_t> all(rows);
    std::iota(all.begin(), all.end(), 0);
    std::vector<std::string_view> texts(rows);
    RETURN_IF_ERROR(lines->Materialise(all, texts));
    std::map<std::string_view, uint32_t> codes;
    for (const std::string_view text : texts) {
      const auto code = static_cast<uint32_t>(odd->scrambled_.size());
      const auto [entry, inserted] = codes.try_emplace(text, code);
      if (inserted) odd->scrambled_.push_back(Scramble(text));
      odd->codes_.push_back(entry->second);
    }
    odd->texts_.resize(odd->scrambled_.size());
    return odd;
  }

  Status Match(const LineMatcher& matcher, bool negate, RowSet* rows) override {
    std::vector<bool> passes(scrambled_.size());
    for (size_t code = 0; code < scrambled_.size(); ++code) {
      passes[code] = matcher.Matches(Scramble(scrambled_[code])) != negate;
    }
    rows->ForEach([&](uint32_t row) {
      if (!passes[codes_[row]]) rows->Remove(row);
    });
    return absl::OkStatus();
  }

  Status Extract(const FieldRequest& request, std::span<const uint32_t> rows,
                 FieldColumns* fields) override {
    fields->answered.Reset(static_cast<uint32_t>(rows.size()), false);
    cells_.assign(request.names.size(), std::vector<std::string_view>(rows.size(), kAbsent));
    for (uint32_t i = 0; i < rows.size(); ++i) {
      const uint32_t code = codes_[rows[i]];
      if (code % 2 == 1) continue;
      const Fields* const known = FieldsOf(request.syntax, code);
      if (known == nullptr) continue;
      fields->answered.Add(i);
      for (size_t k = 0; k < request.names.size(); ++k) {
        const auto field = known->find(request.names[k]);
        if (field != known->end()) cells_[k][i] = field->second;
      }
    }
    fields->columns.clear();
    for (const std::vector<std::string_view>& cells : cells_) {
      fields->columns.push_back({StringColumn::Kind::kPlain, cells, {}});
    }
    return absl::OkStatus();
  }

  Status Lengths(std::span<uint32_t> lengths) override {
    for (size_t row = 0; row < codes_.size(); ++row) {
      lengths[row] = static_cast<uint32_t>(scrambled_[codes_[row]].size());
    }
    return absl::OkStatus();
  }

  Status Materialise(std::span<const uint32_t> rows, std::span<std::string_view> lines) override {
    for (size_t i = 0; i < rows.size(); ++i) {
      std::optional<std::string>& text = texts_[codes_[rows[i]]];
      if (!text.has_value()) text = Scramble(scrambled_[codes_[rows[i]]]);
      lines[i] = *text;
    }
    return absl::OkStatus();
  }

 private:
  // Null: the line is not simple.
  const Fields* FieldsOf(FieldSyntax syntax, uint32_t code) {
    const auto [entry, inserted] = fields_.try_emplace({syntax, code});
    if (inserted) {
      const std::string line = Scramble(scrambled_[code]);
      entry->second =
          syntax == FieldSyntax::kJson ? SimpleJsonFields(line) : SimpleLogfmtFields(line);
    }
    return entry->second.has_value() ? &*entry->second : nullptr;
  }

  std::vector<std::string> scrambled_;
  std::vector<uint32_t> codes_;                                               // per row
  std::vector<std::optional<std::string>> texts_;                             // of those asked for
  std::map<std::pair<FieldSyntax, uint32_t>, std::optional<Fields>> fields_;  // likewise
  std::vector<std::vector<std::string_view>> cells_;  // of the fields asked for last
};

class OddBlock : public Block {
 public:
  explicit OddBlock(std::unique_ptr<Block> inner) : inner_(std::move(inner)) {}

  uint32_t rows() const override { return inner_->rows(); }
  std::span<const StreamRun> runs() const override { return inner_->runs(); }
  Status SelectRows(TimeRange range, RowSet* rows) override {
    return inner_->SelectRows(range, rows);
  }
  StatusOr<std::span<const int64_t>> Timestamps() override { return inner_->Timestamps(); }
  StatusOr<LineColumn*> Lines() override {
    if (lines_ == nullptr) {
      ASSIGN_OR_RETURN(LineColumn* const lines, inner_->Lines());
      ASSIGN_OR_RETURN(lines_, OddLines::Create(lines, rows()));
    }
    return static_cast<LineColumn*>(lines_.get());
  }
  std::span<const std::string_view> metadata_names() const override {
    return inner_->metadata_names();
  }
  StatusOr<StringColumn> Metadata(size_t index) override { return inner_->Metadata(index); }
  StatusOr<StringColumn> MetadataOf(size_t index, std::span<const uint32_t> rows,
                                    Arena* arena) override {
    return inner_->MetadataOf(index, rows, arena);
  }
  size_t metadata_memory() const override { return inner_->metadata_memory(); }
  Status RanksAt(const StreamRun& run, std::span<const int64_t> edges, RankFields fields,
                 std::span<Rank> out) override {
    return inner_->RanksAt(run, edges, fields, out);
  }
  StatusOr<std::span<const std::string_view>> RankedLevels() override {
    return inner_->RankedLevels();
  }
  Status LevelRanksAt(const StreamRun& run, std::span<const int64_t> edges,
                      std::span<uint64_t> out) override {
    return inner_->LevelRanksAt(run, edges, out);
  }
  const ScanStats& stats() const override { return inner_->stats(); }

 private:
  const std::unique_ptr<Block> inner_;
  std::unique_ptr<OddLines> lines_;
};

class OddSelection : public Selection {
 public:
  explicit OddSelection(std::unique_ptr<Selection> inner) : inner_(std::move(inner)) {}

  const std::vector<StreamPtr>& streams() const override { return inner_->streams(); }
  const std::vector<ScanUnit>& units() const override { return inner_->units(); }
  StatusOr<std::unique_ptr<Block>> Open(size_t index, const StopToken* stop) const override {
    ASSIGN_OR_RETURN(std::unique_ptr<Block> block, inner_->Open(index, stop));
    return std::make_unique<OddBlock>(std::move(block));
  }
  StatusOr<bool> MayMatch(size_t index,
                          std::span<const RequiredLiterals* const> required) const override {
    return inner_->MayMatch(index, required);
  }
  StatusOr<bool> MayHaveMetadata(size_t index, const RequiredMetadata& required) const override {
    return inner_->MayHaveMetadata(index, required);
  }
  StatusOr<std::vector<StreamTotals>> TotalsBetween(std::span<const int64_t> edges,
                                                    const StopToken* stop) const override {
    return inner_->TotalsBetween(edges, stop);
  }
  StatusOr<std::vector<StreamTotals>> Totals(const StopToken* stop) const override {
    return inner_->Totals(stop);
  }
  ScanStats stats() const override { return inner_->stats(); }

 private:
  const std::unique_ptr<Selection> inner_;
};

class OddSnapshot : public Snapshot {
 public:
  explicit OddSnapshot(std::shared_ptr<const Snapshot> inner) : inner_(std::move(inner)) {}

  StatusOr<std::unique_ptr<Selection>> Select(std::span<const Matcher> matchers, TimeRange range,
                                              const StopToken* stop,
                                              MemoryBudget* memory) const override {
    ASSIGN_OR_RETURN(std::unique_ptr<Selection> selection,
                     inner_->Select(matchers, range, stop, memory));
    return std::make_unique<OddSelection>(std::move(selection));
  }
  StatusOr<std::vector<StreamPtr>> Streams(std::span<const Matcher> matchers, TimeRange range,
                                           const StopToken* stop,
                                           MemoryCharge* charge) const override {
    return inner_->Streams(matchers, range, stop, charge);
  }
  StatusOr<std::vector<std::string>> LabelNames(std::span<const Matcher> matchers, TimeRange range,
                                                const StopToken* stop,
                                                MemoryCharge* charge) const override {
    return inner_->LabelNames(matchers, range, stop, charge);
  }
  StatusOr<std::vector<std::string>> LabelValues(std::string_view name,
                                                 std::span<const Matcher> matchers, TimeRange range,
                                                 const StopToken* stop,
                                                 MemoryCharge* charge) const override {
    return inner_->LabelValues(name, matchers, range, stop, charge);
  }

 private:
  const std::shared_ptr<const Snapshot> inner_;
};

}  // namespace

std::shared_ptr<const Snapshot> OddReader::GetSnapshot(std::string_view tenant) {
  return std::make_shared<OddSnapshot>(inner_.GetSnapshot(tenant));
}

}  // namespace skald::test_support
