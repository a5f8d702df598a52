#include "tests/support/engine_life.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "tests/support/engine_model.h"
#include "tests/support/status_matchers.h"

namespace skald::test_support {
namespace {

constexpr int64_t kNow = 1000 * kDay;
constexpr int64_t kShortPeriod = 3 * kDay;
constexpr int kTries = 5000;  // of a millisecond; a log that failed is begun anew by its own thread

PlainRow MakeRow(const std::string& app, int64_t time, const std::string& line) {
  PlainRow row{"{app=\"" + app + "\"}", kNow + time, line, {}};
  if (time % 2 == 0) row.metadata = {{"detected_level", "info"}, {"id", "7"}};
  return row;
}

std::shared_ptr<const storage::RetentionPolicy> Policy() {
  auto policy = std::make_shared<storage::RetentionPolicy>();
  policy->fallback.period_nanos = 0;
  policy->fallback.streams = {
      {{*Matcher::Create("app", MatchOp::kEqual, "short")}, 1, kShortPeriod}};
  return policy;
}

}  // namespace

EngineLife::EngineLife() : EngineFixture(kNow) {
  options_.memtable_bytes = 16 << 10;
  options_.relog_tenant_bytes = 4 << 10;
  options_.retention = Policy();
}

void EngineLife::Run(bool crash) {
  const std::pair<const char*, Step> script[] = {
      {"start", &EngineLife::Start},
      {"push first", &EngineLife::PushFirst},
      {"push small tenant", &EngineLife::PushSmallTenant},
      {"fill memtable", &EngineLife::FillMemtable},
      {"merge parts", &EngineLife::MergeParts},
      {"delete rows", &EngineLife::DeleteRows},
      {"push deleted again", &EngineLife::PushDeletedAgain},
      {"restart", &EngineLife::Restart},
      {"remove deleted", &EngineLife::RemoveDeleted},
      {"expire", &EngineLife::Expire},
      {"push last", &EngineLife::PushLast},
      {"restart again", &EngineLife::Restart},
  };
  for (const auto& [name, step] : script) {
    Do(name, step, crash);
    if (::testing::Test::HasFailure()) return;
  }
}

void EngineLife::Do(const char* name, Step step, bool crash) {
  Status status = (this->*step)();
  if (engine_ != nullptr) Look(name, /*may_fail=*/true);
  if (status.ok()) return;
  EXPECT_NE(Message(status), "") << name;
  if (crash) Crash(++seed_);
  faults_.Heal();
  for (int tries = 0; tries < kTries && !status.ok(); ++tries) {
    clock_.Advance(1'000'000'000);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (engine_ == nullptr) status = TryOpen();
    if (engine_ != nullptr) status = (this->*step)();
  }
  EXPECT_OK(status) << name << " does not succeed although nothing fails any more";
  Look(name, /*may_fail=*/false);
}

Status EngineLife::TryPush(const std::vector<PlainRow>& rows, const std::string& tenant) {
  const Status status = Push(engine_.get(), tenant, rows);
  for (const PlainRow& row : rows) copies_.push_back({tenant, row, status.ok()});
  return status;
}

Status EngineLife::Start() { return TryOpen(); }

Status EngineLife::PushFirst() {
  return TryPush({MakeRow("a", 1, "one"), MakeRow("a", 2, "two"), MakeRow("b", -kDay, "one"),
                  MakeRow("short", -kDay, "brief"), MakeRow("short", 4 * kDay, "later")});
}

Status EngineLife::PushSmallTenant() {
  return TryPush({MakeRow("a", 1, "one"), MakeRow("b", 2, "two")}, "small");
}

// Tenant "t" becomes a part, the small one is logged again.
Status EngineLife::FillMemtable() {
  const uint64_t failures = engine_->Stats().flush_failures;
  std::vector<PlainRow> rows;
  for (int64_t i = 0; i < 18; ++i) rows.push_back(MakeRow("big", i, std::string(1000, 'x')));
  RETURN_IF_ERROR(TryPush(rows));
  while (engine_->Stats().frozen_memtables > 0) {
    if (engine_->Stats().flush_failures > failures) return engine_->Flush();
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  return absl::OkStatus();
}

Status EngineLife::MergeParts() {
  for (int64_t i = 0; i < 3; ++i) {
    RETURN_IF_ERROR(TryPush({MakeRow("a", 1, "one"), MakeRow("b", 10 + i, "word")}));
    RETURN_IF_ERROR(engine_->Flush());
  }
  return engine_->Compact();
}

Status EngineLife::DeleteRows() {
  for (const char* query : {"a one", "b"}) {
    const storage::DeleteSpec spec{query, kNow - kDay, kNow + 11};
    const StatusOr<std::string> id = engine_->deletes()->Create("t", spec);
    requests_.push_back({spec, copies_.size(), id.ok()});
    RETURN_IF_ERROR(id.status());
  }
  return absl::OkStatus();
}

Status EngineLife::PushDeletedAgain() { return TryPush({MakeRow("a", 1, "one")}); }

Status EngineLife::Restart() {
  if (engine_ != nullptr) RETURN_IF_ERROR(engine_->Close());
  return TryOpen();
}

Status EngineLife::RemoveDeleted() {
  clock_.Advance(kDay + 1);
  RETURN_IF_ERROR(engine_->Flush());
  return engine_->Compact();
}

Status EngineLife::Expire() {
  for (int i = 0; i < 2; ++i) {
    clock_.Advance(kShortPeriod);
    RETURN_IF_ERROR(engine_->SweepExpired());
  }
  return engine_->Compact();
}

Status EngineLife::PushLast() {
  return TryPush({MakeRow("a", 20, "last"), MakeRow("b", 21, "last")});
}

bool EngineLife::IsHidden(size_t copy, bool accepted_only) const {
  const std::string& tenant = copies_[copy].tenant;
  const PlainRow& row = copies_[copy].row;
  const auto hides = [&](const Request& request) {
    return (request.accepted || !accepted_only) && tenant == "t" && copy < request.copies &&
           request.spec.start <= row.time && row.time <= request.spec.end &&
           PlainDeleteMeans(request.spec.query, row);
  };
  return std::any_of(requests_.begin(), requests_.end(), hides);
}

std::set<PlainRow> EngineLife::Shown(const std::string& tenant, bool required) const {
  std::set<PlainRow> rows;
  for (size_t i = 0; i < copies_.size(); ++i) {
    const Copy& copy = copies_[i];
    const bool is_short = copy.row.labels.find("short") != std::string::npos;
    if (copy.tenant != tenant || (required && !copy.acknowledged)) continue;
    if (is_short && copy.row.time < clock_.WallNanos() - kShortPeriod) continue;
    if (!IsHidden(i, /*accepted_only=*/!required)) rows.insert(copy.row);
  }
  return rows;
}

void EngineLife::Look(const char* when, bool may_fail) {
  for (const char* tenant : {"t", "small"}) {
    const StatusOr<std::vector<PlainRow>> rows = ReadRows(engine_.get(), tenant);
    if (!rows.ok() && may_fail && faults_.struck() > 0) continue;
    ASSERT_OK(rows.status()) << when;
    const std::set<PlainRow> seen(rows->begin(), rows->end());
    EXPECT_EQ(seen.size(), rows->size()) << when << ": a row is shown twice";
    const std::set<PlainRow> required = Shown(tenant, true);
    const std::set<PlainRow> possible = Shown(tenant, false);
    EXPECT_TRUE(std::includes(seen.begin(), seen.end(), required.begin(), required.end()))
        << when << ": an acknowledged row of " << tenant << " is not shown";
    EXPECT_TRUE(std::includes(possible.begin(), possible.end(), seen.begin(), seen.end()))
        << when << ": a row of " << tenant << " is shown that was never pushed, or is gone";
    if (!may_fail) ExpectWaysAgree(engine_.get(), tenant, kNow + 2);
  }
}

void EngineLife::Finish(uint64_t seed) {
  faults_.Heal();
  Look("at the end", false);
  Crash(seed);
  ASSERT_OK(TryOpen());
  Look("after a crash", false);
  // The clock stands days after the newest row; it is believed when the engine has run for a day.
  for (int i = 0; i < 30; ++i) {
    clock_.Advance(storage::kNanosPerHour);
    ASSERT_OK(engine_->SweepExpired());
  }
  for (int i = 0; i < 2; ++i) ASSERT_NO_FATAL_FAILURE(FlushAndCompact());
  Look("after a merge", false);
  for (const storage::DeleteInfo& request : engine_->deletes()->List("t")) {
    EXPECT_TRUE(request.processed) << request.spec.query;
  }
  ASSERT_OK(TryOpen());
  Look("after a start", false);
  EXPECT_EQ(PartFiles(), engine_->Stats().parts) << "a part is left over, or gone";
  EXPECT_EQ(engine_->Stats().damaged_records, 0u);
}

}  // namespace skald::test_support
