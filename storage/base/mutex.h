// A std::mutex with clang's thread-safety attributes.
//
// Not absl::Mutex: the packaged library is not instrumented, so ThreadSanitizer reports false
// races through it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define SKALD_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define SKALD_THREAD_ANNOTATION(x)
#endif
#define SKALD_GUARDED_BY(x) SKALD_THREAD_ANNOTATION(guarded_by(x))
#define SKALD_REQUIRES(...) SKALD_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define SKALD_EXCLUDES(...) SKALD_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))
#define SKALD_ACQUIRE(...) SKALD_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define SKALD_RELEASE(...) SKALD_THREAD_ANNOTATION(release_capability(__VA_ARGS__))

namespace skald {

class SKALD_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void Lock() SKALD_ACQUIRE() { mutex_.lock(); }
  void Unlock() SKALD_RELEASE() { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

// Holds a Mutex for a scope.
class SKALD_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex* mutex) SKALD_ACQUIRE(mutex) : mutex_(mutex) { mutex_->Lock(); }
  ~MutexLock() SKALD_RELEASE() { mutex_->Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex* mutex_;
};

// A condition variable over Mutex. Every Wait may wake without cause: loop on the condition.
class CondVar {
 public:
  void Wait(Mutex* mutex) SKALD_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex->mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // Waits at most `timeout`; false when it passed.
  bool WaitFor(Mutex* mutex, std::chrono::nanoseconds timeout) SKALD_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex->mutex_, std::adopt_lock);
    const bool woken = condition_.wait_for(lock, timeout) == std::cv_status::no_timeout;
    lock.release();
    return woken;
  }
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace skald
