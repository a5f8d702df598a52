// Random pushes, deletes, cancellations, flushes, merges, restarts and power cuts, in every order,
// against a model that knows every row and every request.
#include <gtest/gtest.h>

#include "tests/support/engine_model.h"
#include "tests/support/plain_deletes.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::EngineModel;
using ::skald::test_support::kDay;
using ::skald::test_support::PlainDeleteMeans;
using ::skald::test_support::PlainRow;

constexpr int64_t kStart = 1000 * kDay;

class Model : public EngineModel {
 public:
  using EngineModel::EngineModel;

  void Run(int steps) {
    Open();
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) Step();
    ASSERT_FALSE(::testing::Test::HasFailure());
    clock_.Advance(2 * kDay);
    for (int i = 0; i < 3; ++i) {
      EXPECT_OK(engine_->Flush());
      EXPECT_OK(engine_->Compact());
    }
    Check();
    for (const DeleteInfo& request : engine_->deletes()->List(kTenant)) {
      EXPECT_TRUE(request.processed) << request.spec.query;
    }
  }

 private:
  struct Copy {
    PlainRow row;
    bool acknowledged;
  };
  enum class Fate {
    kInForce,
    kUnknown,    // whether it was accepted, or its rows were removed before it was cancelled
    kCancelled,  // and it had removed nothing
  };
  struct Request {
    std::string id;
    DeleteSpec spec;
    size_t copies;  // pushed before it
    int64_t created_at;
    Fate fate;
  };

  void Configure() override { options_.compact_in_background = random_.OneIn(2); }

  PlainRow RandomRow() override {
    PlainRow row;
    row.labels = "{app=\"" + std::to_string(random_.Below(4)) + "\"}";
    row.time = kStart + random_.Between(-1, 1) * kDay + static_cast<int64_t>(random_.Below(30));
    row.line = "word" + std::to_string(random_.Below(4));
    if (random_.OneIn(4)) row.metadata = {{"id", std::to_string(random_.Below(2))}};
    return row;
  }

  void NotePush(const std::vector<PlainRow>& rows, bool acknowledged) override {
    for (const PlainRow& row : rows) copies_.push_back({row, acknowledged});
  }

  // True if a request whose fate is one of two means the copy.
  bool IsDeleted(size_t copy, Fate fate, Fate other) const {
    return std::any_of(requests_.begin(), requests_.end(), [&](const Request& request) {
      const PlainRow& row = copies_[copy].row;
      return (request.fate == fate || request.fate == other) && copy < request.copies &&
             request.spec.start <= row.time && row.time <= request.spec.end &&
             PlainDeleteMeans(request.spec.query, row);
    });
  }

  std::set<PlainRow> Required() const override {
    std::set<PlainRow> rows;
    for (size_t i = 0; i < copies_.size(); ++i) {
      const bool kept = !IsDeleted(i, Fate::kInForce, Fate::kUnknown);
      if (copies_[i].acknowledged && kept) rows.insert(copies_[i].row);
    }
    return rows;
  }
  std::set<PlainRow> Possible() const override {
    std::set<PlainRow> rows;
    for (size_t i = 0; i < copies_.size(); ++i) {
      if (!IsDeleted(i, Fate::kInForce, Fate::kInForce)) rows.insert(copies_[i].row);
    }
    return rows;
  }

  void DeleteSome() {
    Request request;
    request.spec.query = std::to_string(random_.Below(4));
    if (!random_.OneIn(3)) request.spec.query += " word" + std::to_string(random_.Below(4));
    request.spec.start = kStart + random_.Between(-2, 1) * kDay + random_.Between(0, 20);
    request.spec.end = request.spec.start + random_.Between(1, 2 * kDay);
    request.copies = copies_.size();
    request.created_at = clock_.WallNanos();
    const StatusOr<std::string> id = engine_->deletes()->Create(kTenant, request.spec);
    request.fate = id.ok() ? Fate::kInForce : Fate::kUnknown;
    request.id = id.value_or("");
    requests_.push_back(request);
  }

  void CancelOne() {
    if (requests_.empty()) return;
    Request& request = requests_[random_.Below(requests_.size())];
    if (request.fate != Fate::kInForce) return;
    const bool is_due = clock_.WallNanos() - request.created_at > kDay;
    const bool force = random_.OneIn(2);
    const Status status = engine_->deletes()->Cancel(kTenant, request.id, force);
    EXPECT_TRUE(status.ok() || is_due) << status;
    if (status.ok()) request.fate = is_due ? Fate::kUnknown : Fate::kCancelled;
  }

  void PushSome() {
    std::vector<PlainRow> rows = RandomRows(40);
    for (int i = 0; i < 5 && !copies_.empty(); ++i) rows.push_back(random_.Pick(copies_).row);
    Push(rows);
  }

  void Step() {
    switch (random_.Below(16)) {
      case 0:
        return Reopen(random_.OneIn(2));
      case 1:
        faults_.CutPowerAfter(random_.Below(40));
        DeleteSome();
        engine_->Compact().IgnoreError();
        return Reopen(true);
      case 2:
        clock_.Advance(static_cast<int64_t>(random_.Below(kDay)));
        return;
      case 3:
      case 4:
        EXPECT_OK(engine_->Compact());
        return Check();
      case 5:
      case 6:
        EXPECT_OK(engine_->Flush());
        return;
      case 7:
      case 8:
        DeleteSome();
        return Check();
      case 9:
        CancelOne();
        return Check();
      default:
        return PushSome();
    }
  }

  std::vector<Copy> copies_;
  std::vector<Request> requests_;
};

class DeleteModelTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(DeleteModelTest, ShowsWhatIsNotDeletedAndNothingElse) {
  Model(GetParam(), kStart + 2 * kDay).Run(120);
}

INSTANTIATE_TEST_SUITE_P(Seeds, DeleteModelTest, ::testing::Range<uint64_t>(1, 13));

}  // namespace
}  // namespace skald::storage
