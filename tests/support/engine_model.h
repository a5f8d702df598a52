// What the model tests of the storage engine share: an engine on a file system in memory whose
// power can be cut, and a model that knows every row that was pushed.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/support/engine_fixture.h"
#include "tests/support/random.h"

namespace skald::test_support {

// Threads: externally synchronised.
class EngineModel : public EngineFixture {
 public:
  explicit EngineModel(uint64_t seed, int64_t now = 1000 * kDay)
      : EngineFixture(now), random_(seed) {}
  virtual ~EngineModel() = default;

 protected:
  static constexpr const char* kTenant = "t";

  // Changes options_ for the next engine.
  virtual void Configure() {}
  virtual PlainRow RandomRow() = 0;
  // Called before an engine is closed.
  virtual void BeforeClose() {}
  // What must be shown, and what may be; the former is part of the latter.
  virtual std::set<PlainRow> Required() const { return acknowledged_; }
  virtual std::set<PlainRow> Possible() const { return pushed_; }
  // A push was made.
  virtual void NotePush(const std::vector<PlainRow>& /*rows*/, bool /*acknowledged*/) {}

  void Open();
  void Push(const std::vector<PlainRow>& rows);
  // 1 to `most` random rows.
  std::vector<PlainRow> RandomRows(uint64_t most);
  // Closes and opens again, or cuts the power and opens; then checks.
  void Reopen(bool crash);
  // Everything required is shown, nothing else than what is possible is, nothing twice; and all
  // ways to ask agree.
  void Check();

  Random random_;
  std::set<PlainRow> acknowledged_;
  std::set<PlainRow> pushed_;
};

// Expects that rows, totals, ranks at `edge`, streams and values of the label `app` say the same.
void ExpectWaysAgree(storage::Engine* engine, const std::string& tenant, int64_t edge);

}  // namespace skald::test_support
