// One life of an engine: a script that does all that an engine does, and a model of what must be
// shown after any of it. Tests run it again and again while operations of its files fail.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/engine_fixture.h"

namespace skald::test_support {

// Threads: externally synchronised.
class EngineLife : public EngineFixture {
 public:
  EngineLife();

  // What fails, is set here.
  FaultFileSystem* faults() { return &faults_; }

  // Runs the script. A step that fails says why; what is shown meanwhile is right, or the reading
  // fails too. Then all is healed, or with `crash` the power is cut and the engine opened again,
  // and the step is tried again until it succeeds.
  void Run(bool crash);
  // Expects, with nothing failing, that exactly the right rows are shown: now, after a crash, when
  // all has been flushed and merged, and after another start; and that no file is left over.
  void Finish(uint64_t seed);

 private:
  using Step = Status (EngineLife::*)();
  struct Copy {
    std::string tenant;
    PlainRow row;
    bool acknowledged;
  };
  struct Request {
    storage::DeleteSpec spec;
    size_t copies;  // pushed before it
    bool accepted;
  };

  // The script's steps; each can be tried again.
  Status Start();
  Status PushFirst();
  Status PushSmallTenant();
  Status FillMemtable();
  Status MergeParts();
  Status DeleteRows();
  Status PushDeletedAgain();
  Status Restart();
  Status RemoveDeleted();
  Status Expire();
  Status PushLast();

  void Do(const char* name, Step step, bool crash);
  Status TryPush(const std::vector<PlainRow>& rows, const std::string& tenant = "t");
  // Whether a copy was meant by a request that was accepted, or may have been.
  bool IsHidden(size_t copy, bool accepted_only) const;
  std::set<PlainRow> Shown(const std::string& tenant, bool required) const;
  // Expects that the right rows are shown; with `may_fail`, or that none can be read.
  void Look(const char* when, bool may_fail);

  uint64_t seed_ = 0;
  std::vector<Copy> copies_;
  std::vector<Request> requests_;
};

}  // namespace skald::test_support
