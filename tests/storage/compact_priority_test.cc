// The thread that merges gets out of the way of everything else, and back.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "storage/compact/idle_priority.h"

namespace skald::storage {
namespace {

constexpr int kBestEffort = 2;
constexpr int kIdle = 3;

// Of the disk, of a thread; negative: not known here.
long DiskClassOf(pid_t thread) {
#ifdef SYS_ioprio_get
  const long priority = syscall(SYS_ioprio_get, 1, thread);
  return priority < 0 ? priority : priority >> 13;
#else
  return -1;
#endif
}

// A thread that enters the idle classes and stays until the end.
class IdlePriorityTest : public ::testing::Test {
 protected:
  IdlePriorityTest() : thread_([this] { Run(); }), number_(entered_.get_future().get()) {}
  ~IdlePriorityTest() override {
    priority_.End();
    end_.set_value();
    thread_.join();
  }

  IdlePriority priority_;
  std::promise<pid_t> entered_;
  std::promise<void> end_;
  std::thread thread_;
  pid_t number_;

 private:
  void Run() {
    priority_.Enter();
    entered_.set_value(gettid());
    end_.get_future().wait();
  }
};

TEST_F(IdlePriorityTest, OtherThreadsTakeItOutOfTheIdleClassOfTheDisk) {
  if (DiskClassOf(number_) != kIdle) GTEST_SKIP() << "the system does not let priorities be set";
  EXPECT_EQ(sched_getscheduler(number_), SCHED_IDLE);
  priority_.Leave();
  EXPECT_EQ(DiskClassOf(number_), kBestEffort);
  priority_.End();
  priority_.Enter();  // of this thread
  EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER) << "not after the end";
}

}  // namespace
}  // namespace skald::storage
