#include "server/auth/authenticator.h"

#include <sys/stat.h>

#include <cstdlib>
#include <utility>

#include "server/auth/password_hash.h"
#include "storage/base/file_system.h"
#include "storage/base/log.h"

namespace skald::auth {
namespace {

constexpr auto kLookEvery = std::chrono::seconds(1);
constexpr size_t kMaxVerified = 10'000;
constexpr size_t kMaxPasswordBytes = 512;  // what crypt(3) takes
// Judged for users that do not exist, so that they take as long as those that do.
constexpr char kNobodysHash[] = "$2y$10$abcdefghijklmnopqrstuuHVDbVnKAYL1pbO5cPyCq1C.sbDbNPr6";

}  // namespace

Authenticator::Authenticator(const AuthOptions& options, ThreadPool* pool)
    : options_(options), pool_(pool), secret_(RandomBytes(32)) {}

StatusOr<std::unique_ptr<Authenticator>> Authenticator::Create(const AuthOptions& options,
                                                               ThreadPool* pool) {
  std::unique_ptr<Authenticator> made(new Authenticator(options, pool));
  MutexLock lock(&made->mutex_);
  made->file_version_ = made->FileVersion();
  ASSIGN_OR_RETURN(made->list_, made->ReadList());
  return made;
}

StatusOr<std::shared_ptr<const AccessList>> Authenticator::ReadList() const {
  if (!options_.file.empty()) {
    ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(FileSystem::Posix(), options_.file));
    return AccessList::Parse(text);
  }
  const char* text = std::getenv(options_.variable.c_str());
  if (text == nullptr) {
    return InvalidArgument(StrCat("access list: no variable ", options_.variable));
  }
  return AccessList::Parse(text);
}

std::string Authenticator::FileVersion() const {
  struct stat found {};
  if (options_.file.empty() || stat(options_.file.c_str(), &found) != 0) return "";
  return StrCat(found.st_ino, " ", found.st_size, " ", found.st_mtim.tv_sec, ".",
                found.st_mtim.tv_nsec);
}

std::shared_ptr<const AccessList> Authenticator::List() {
  MutexLock lock(&mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (now < next_look_) return list_;
  next_look_ = now + kLookEvery;
  std::string version = FileVersion();
  if (version == file_version_) return list_;
  file_version_ = std::move(version);
  auto list = ReadList();
  if (list.ok()) {
    list_ = *std::move(list);
    verified_.clear();
    SKALD_LOG(kInfo, "the access list was read again", {{"file", options_.file}});
  } else {
    SKALD_LOG(kError, "the access list changed but cannot be used; the one before stays",
              {{"err", Message(list.status())}});
  }
  return list_;
}

std::string Authenticator::KeyOf(const Password& password) const {
  return HmacSha256(secret_, StrCat(password.user, ":", password.password));
}

bool Authenticator::Recognise(const Credentials& credentials, Known* known) {
  const auto list = List();
  *known = nullptr;
  if (const auto* token = std::get_if<Token>(&credentials)) {
    *known = list->FindToken(token->text);
    return true;
  }
  const auto* password = std::get_if<Password>(&credentials);
  if (password == nullptr || password->password.size() > kMaxPasswordBytes) return true;
  const std::string key = KeyOf(*password);
  MutexLock lock(&mutex_);
  const auto found = verified_.find(key);
  if (found == verified_.end()) return false;
  *known = found->second;
  return true;
}

bool Authenticator::Verify(const Password& password, OnVerified done) {
  return pool_->TrySubmit(
      [this, password, done = std::move(done)]() mutable { done(VerifyNow(password)); });
}

Authenticator::Known Authenticator::VerifyNow(const Password& password) {
  const auto list = List();
  const AccessList::User* user = list->FindUser(password.user);
  const std::string hash = user == nullptr ? kNobodysHash : user->password_hash;
  if (!PasswordMatches(password.password, hash) || user == nullptr) return nullptr;
  const std::string key = KeyOf(password);
  MutexLock lock(&mutex_);
  if (list != list_) return user->identity;  // of a list that is no longer in force: not remembered
  if (verified_.size() >= kMaxVerified) verified_.clear();
  verified_[key] = user->identity;
  return user->identity;
}

}  // namespace skald::auth
