// Several tenants read as one: which streams there are, under which labels, and whose rows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "query/engine/detected.h"
#include "query/engine/tenant_union.h"
#include "storage/row_buffer.h"
#include "tests/support/status_matchers.h"

namespace skald::query {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using Pairs = std::vector<std::pair<std::string, std::string>>;
using Values = std::vector<std::string>;

constexpr TimeRange kAlways = {0, std::numeric_limits<int64_t>::max()};

// Tenants with a few rows each; an unknown one is empty.
class TestTenants final : public storage::Reader {
 public:
  // Adds a stream of rows with these times; each row's line tells tenant and time.
  void Add(const std::string& tenant, Pairs labels, const std::vector<int64_t>& times) {
    std::vector<std::string> lines;
    for (const int64_t time : times) lines.push_back(StrCat(tenant, " ", time));
    std::vector<Row> rows;
    for (size_t i = 0; i < times.size(); ++i) rows.push_back({times[i], lines[i], {}, {}});
    const StreamRows stream{std::make_shared<const Stream>(LabelSet::FromPairs(std::move(labels))),
                            rows};
    BufferOf(tenant).Add({&stream, 1});
  }

  std::shared_ptr<const storage::Snapshot> GetSnapshot(std::string_view tenant) override {
    return BufferOf(std::string(tenant)).GetSnapshot(tenant);
  }

 private:
  storage::RowBuffer& BufferOf(const std::string& tenant) {
    return tenants_.try_emplace(tenant, tenant).first->second;
  }

  std::map<std::string, storage::RowBuffer> tenants_;
};

class TenantUnionTest : public testing::Test {
 protected:
  TenantUnionTest() {
    tenants_.Add("a", {{"app", "web"}}, {10, 20});
    tenants_.Add("a", {{"app", "api"}, {"__tenant_id__", "own"}}, {15});
    tenants_.Add("b", {{"app", "web"}, {"zone", "z"}}, {10, 30, 40});
  }

  static std::vector<Matcher> Of(std::string_view name, MatchOp op, std::string_view value) {
    return {*Matcher::Create(std::string(name), op, std::string(value))};
  }

  std::unique_ptr<storage::Selection> Select(std::string_view tenants,
                                             const std::vector<Matcher>& matchers = {}) {
    snapshot_ = reader_.GetSnapshot(tenants);
    return *snapshot_->Select(matchers, kAlways, nullptr);
  }

  static Values Texts(const storage::Selection& selection) {
    Values texts;
    for (const StreamPtr& stream : selection.streams()) texts.emplace_back(stream->text);
    return texts;
  }

  // `<labels> <line>` of every row.
  static Values Rows(const storage::Selection& selection) {
    Values all;
    for (size_t unit = 0; unit < selection.units().size(); ++unit) {
      const auto block = *selection.Open(unit, nullptr);
      for (const storage::StreamRun& run : block->runs()) {
        std::vector<uint32_t> rows;
        for (uint32_t row = run.begin; row < run.end; ++row) rows.push_back(row);
        std::vector<std::string_view> lines(rows.size());
        EXPECT_OK((*block->Lines())->Materialise(rows, lines));
        for (const std::string_view line : lines) {
          all.push_back(StrCat(selection.streams()[run.stream]->text, " ", line));
        }
      }
    }
    return all;
  }

  TestTenants tenants_;
  UnionReader reader_{&tenants_};
  std::shared_ptr<const storage::Snapshot> snapshot_;
};

TEST_F(TenantUnionTest, SplitsLists) {
  EXPECT_THAT(SplitTenants("a"), ElementsAre("a"));
  EXPECT_THAT(SplitTenants("a|b|c"), ElementsAre("a", "b", "c"));
}

TEST_F(TenantUnionTest, OneTenantIsReadAsItIs) {
  EXPECT_THAT(Texts(*Select("b")), ElementsAre(R"({app="web", zone="z"})"));
}

TEST_F(TenantUnionTest, StreamsHaveTheirTenantAsALabel) {
  EXPECT_THAT(
      Texts(*Select("a|b")),
      UnorderedElementsAre(R"({__tenant_id__="a", app="web"})",
                           R"({__tenant_id__="a", app="api", original___tenant_id__="own"})",
                           R"({__tenant_id__="b", app="web", zone="z"})"));
}

TEST_F(TenantUnionTest, RowsStayWithTheirStreams) {
  EXPECT_THAT(
      Rows(*Select("a|b")),
      UnorderedElementsAre(R"({__tenant_id__="a", app="web"} a 10)",
                           R"({__tenant_id__="a", app="web"} a 20)",
                           R"({__tenant_id__="a", app="api", original___tenant_id__="own"} a 15)",
                           R"({__tenant_id__="b", app="web", zone="z"} b 10)",
                           R"({__tenant_id__="b", app="web", zone="z"} b 30)",
                           R"({__tenant_id__="b", app="web", zone="z"} b 40)"));
}

TEST_F(TenantUnionTest, ATenantWithoutRowsChangesNothing) {
  for (const std::string_view tenants : {"a|nobody", "nobody|a", "a|nobody|unknown"}) {
    EXPECT_EQ(Rows(*Select(tenants)).size(), 3u) << tenants;
  }
  EXPECT_THAT(Rows(*Select("nobody|unknown")), IsEmpty());
}

TEST_F(TenantUnionTest, MatchersOfTheTenantChooseTenants) {
  const auto texts = [this](MatchOp op, std::string_view value) {
    return Texts(*Select("a|b", Of("__tenant_id__", op, value))).size();
  };
  EXPECT_EQ(texts(MatchOp::kEqual, "b"), 1u);
  EXPECT_EQ(texts(MatchOp::kNotEqual, "b"), 2u);
  EXPECT_EQ(texts(MatchOp::kRegex, "a|b"), 3u);
  EXPECT_EQ(texts(MatchOp::kEqual, "own"), 0u) << "a stream's own label is under another name";
}

TEST_F(TenantUnionTest, AStreamsOwnLabelIsAskedForByItsNewName) {
  EXPECT_THAT(Texts(*Select("a|b", Of("original___tenant_id__", MatchOp::kEqual, "own"))),
              ElementsAre(R"({__tenant_id__="a", app="api", original___tenant_id__="own"})"));
}

TEST_F(TenantUnionTest, NamesAndValuesAreThoseOfAll) {
  const auto snapshot = reader_.GetSnapshot("a|b");
  StopToken stop;
  stop.RequestStop();
  EXPECT_THAT(snapshot->LabelNames({}, kAlways, &stop), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(snapshot->LabelValues("app", {}, kAlways, &stop),
              StatusIs(absl::StatusCode::kCancelled));
  MemoryCharge charge(nullptr);
  EXPECT_THAT(DetectLabels(*snapshot, {}, kAlways, &stop, &charge),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(snapshot->LabelNames({}, kAlways, nullptr),
              IsOkAndHolds(ElementsAre("__tenant_id__", "app", "original___tenant_id__", "zone")));
  EXPECT_THAT(snapshot->LabelValues("app", {}, kAlways, nullptr),
              IsOkAndHolds(ElementsAre("api", "web")));
  EXPECT_THAT(snapshot->LabelValues("__tenant_id__", {}, kAlways, nullptr),
              IsOkAndHolds(ElementsAre("a", "b")));
  EXPECT_THAT(snapshot->LabelValues("original___tenant_id__", {}, kAlways, nullptr),
              IsOkAndHolds(ElementsAre("own")));
  EXPECT_THAT(
      snapshot->LabelValues("zone", Of("__tenant_id__", MatchOp::kEqual, "a"), kAlways, nullptr),
      IsOkAndHolds(IsEmpty()));
}

TEST_F(TenantUnionTest, TotalsAreCountedByTheUnionsStreams) {
  const auto selection = Select("a|b");
  const auto totals = *selection->Totals(nullptr);
  std::map<std::string, uint64_t> rows;
  for (const storage::StreamTotals& total : totals) {
    rows[std::string(selection->streams()[total.stream]->text)] += total.rows;
  }
  EXPECT_EQ(rows[R"({__tenant_id__="a", app="web"})"], 2u);
  EXPECT_EQ(rows[R"({__tenant_id__="b", app="web", zone="z"})"], 3u);
}

}  // namespace
}  // namespace skald::query
