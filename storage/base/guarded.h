// Data that can be reached only while its lock is held.
//
//   Guarded<Counters> counters_;
//   …
//   auto counters = counters_.Lock();
//   counters->pushes += 1;
#pragma once

#include <utility>

#include "storage/base/mutex.h"

namespace skald {

// Threads: thread-safe.
template <typename T>
class Guarded {
 public:
  // Access to the value; holds the lock until it goes. Not to be kept longer than a scope.
  template <typename Value>
  class Access {
   public:
    Access(Value* value, Mutex* mutex) SKALD_THREAD_ANNOTATION(no_thread_safety_analysis)
        : value_(value), mutex_(mutex) {
      mutex_->Lock();
    }
    ~Access() SKALD_THREAD_ANNOTATION(no_thread_safety_analysis) { mutex_->Unlock(); }
    Access(const Access&) = delete;
    Access& operator=(const Access&) = delete;

    Value* operator->() const { return value_; }
    Value& operator*() const { return *value_; }

    // Lets go of the lock until `condition` is notified. May wake without cause.
    void Wait(CondVar* condition) SKALD_THREAD_ANNOTATION(no_thread_safety_analysis) {
      condition->Wait(mutex_);
    }

   private:
    Value* const value_;
    Mutex* const mutex_;
  };

  template <typename... Args>
  explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

  [[nodiscard]] Access<T> Lock() { return Access<T>(&value_, &mutex_); }
  [[nodiscard]] Access<const T> Lock() const { return Access<const T>(&value_, &mutex_); }

 private:
  mutable Mutex mutex_;
  T value_;
};

}  // namespace skald
