// Says who sent a request.
//
// A token is judged at once. A password takes its hash's time, which is long on purpose: the first
// time it is judged on the pool, and then remembered (as an HMAC under a key of this process), so
// that an agent pays once. Guesses share that one pool, whose length bounds what they cost.
//
// The access list follows its file: it is read again when it changes, at most a second late. One
// that cannot be used is logged, and the list before stays in force.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "server/auth/access_list.h"
#include "server/auth/credentials.h"
#include "storage/base/mutex.h"
#include "storage/base/thread_pool.h"

namespace skald::auth {

struct AuthOptions {
  std::string file;      // of the access list
  std::string variable;  // of the environment, which holds the access list; in place of a file

  bool enabled() const { return !file.empty() || !variable.empty(); }
};

// Threads: thread-safe.
class Authenticator {
 public:
  // Null: the credentials are wrong, or there are none.
  using Known = std::shared_ptr<const Identity>;
  using OnVerified = absl::AnyInvocable<void(Known)>;

  // InvalidArgument when the access list cannot be used. `pool` must outlive this.
  static StatusOr<std::unique_ptr<Authenticator>> Create(const AuthOptions& options,
                                                         ThreadPool* pool);

  // Judges credentials if that takes no time; false when they must be verified.
  bool Recognise(const Credentials& credentials, Known* known);

  // Judges a password on the pool, and calls `done` there, once. False, without a call, when
  // too many wait.
  [[nodiscard]] bool Verify(const Password& password, OnVerified done);

 private:
  Authenticator(const AuthOptions& options, ThreadPool* pool);

  std::shared_ptr<const AccessList> List();
  StatusOr<std::shared_ptr<const AccessList>> ReadList() const;
  std::string FileVersion() const;
  Known VerifyNow(const Password& password);
  std::string KeyOf(const Password& password) const;

  const AuthOptions options_;
  ThreadPool* const pool_;
  const std::string secret_;  // under which passwords are remembered

  Mutex mutex_;
  std::shared_ptr<const AccessList> list_ SKALD_GUARDED_BY(mutex_);
  std::string file_version_ SKALD_GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point next_look_ SKALD_GUARDED_BY(mutex_);
  StringMap<Known> verified_ SKALD_GUARDED_BY(mutex_);  // of list_, by KeyOf
};

}  // namespace skald::auth
