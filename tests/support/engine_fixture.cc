#include "tests/support/engine_fixture.h"

#include <algorithm>
#include <utility>

#include "tests/support/status_matchers.h"

namespace skald::test_support {

EngineFixture::EngineFixture(int64_t now) : clock_(now) {
  options_.files = &faults_;
  options_.clock = &clock_;
  options_.directory = "/d";
  options_.decoder = &decoder_;
  options_.free_space_reserve = 0;
  options_.push_wait_nanos = 10'000'000;
  options_.compact_in_background = false;
  options_.memtable_age_nanos = 1000 * kDay;
  options_.deletes.compiler = &delete_compiler_;
}

Status EngineFixture::TryOpen() {
  engine_.reset();
  ASSIGN_OR_RETURN(engine_, storage::Engine::Open(options_));
  return absl::OkStatus();
}

void EngineFixture::Open() { ASSERT_OK(TryOpen()); }

void EngineFixture::Crash(uint64_t seed) {
  faults_.CutPowerAfter(0);
  engine_.reset();
  files_.Crash(seed);
  faults_.Heal();
}

void EngineFixture::UseNewDirectory() {
  engine_.reset();
  options_.directory += "x";
}

void EngineFixture::PushRows(const std::vector<PlainRow>& rows, const std::string& tenant) {
  ASSERT_OK(Push(engine_.get(), tenant, rows));
}

std::vector<PlainRow> EngineFixture::Rows(const std::string& tenant) {
  StatusOr<std::vector<PlainRow>> rows = ReadRows(engine_.get(), tenant);
  EXPECT_OK(rows.status());
  return rows.ok() ? *std::move(rows) : std::vector<PlainRow>();
}

void EngineFixture::FlushAndCompact() {
  ASSERT_OK(engine_->Flush());
  ASSERT_OK(engine_->Compact());
}

size_t EngineFixture::PartFiles() {
  size_t count = 0;
  const auto tenants = files_.ListDirectory(options_.directory + "/tenants");
  if (!tenants.ok()) return 0;
  for (const std::string& tenant : *tenants) {
    const auto names = files_.ListDirectory(options_.directory + "/tenants/" + tenant);
    if (!names.ok()) continue;
    count += static_cast<size_t>(
        std::count_if(names->begin(), names->end(),
                      [](const std::string& name) { return name.ends_with(".part"); }));
  }
  return count;
}

std::string EngineFixture::TenantDirectory(int number) const {
  return StrCat(options_.directory, "/tenants/", number);
}

}  // namespace skald::test_support
