// Credentials, hashes, access lists, and who is recognised by them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>

#include "server/auth/authenticator.h"
#include "server/auth/password_hash.h"
#include "tests/support/status_matchers.h"

namespace skald::auth {
namespace {

using testing::HasSubstr;

// Hashes of `secret`, cheap ones; and of the token `token-of-team-a`.
constexpr char kBcrypt[] = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
constexpr char kSha512[] =
    "$6$abcdefgh$ltjgWl6579NluT/"
    "Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/O6IND4WQhG.";
constexpr char kTokenHash[] = "6446898ff00677393c4ad8e6924603a6306744773df2715a5e7a5c0acf9ee9e1";

std::string ListOf(std::string_view user_hash) {
  return StrCat("users:\n  - {name: agent, password: '", user_hash,
                "', tenants: [team-a]}\ntokens:\n  - {name: grafana, sha256: ", kTokenHash,
                ", tenants: ['*']}\n");
}

TEST(CredentialsTest, ReadsBothSchemes) {
  const auto basic = ParseCredentials("basic  YWdlbnQ6c2U6Y3JldA==");
  ASSERT_TRUE(std::holds_alternative<Password>(basic));
  EXPECT_EQ(std::get<Password>(basic).user, "agent");
  EXPECT_EQ(std::get<Password>(basic).password, "se:cret");
  const auto token = ParseCredentials("Bearer abc");
  ASSERT_TRUE(std::holds_alternative<Token>(token));
  EXPECT_EQ(std::get<Token>(token).text, "abc");
}

TEST(CredentialsTest, TakesNothingElse) {
  for (const std::string_view text : {"", "Basic", "Basic ", "Basic !!!", "Basic YWJj", "Bearer",
                                      "Bearer ", "Digest abc", "YWdlbnQ6c2VjcmV0"}) {
    EXPECT_TRUE(std::holds_alternative<std::monostate>(ParseCredentials(text))) << text;
  }
}

TEST(PasswordHashTest, KnowsTheRightPassword) {
  for (const std::string hash : {kBcrypt, kSha512}) {
    EXPECT_TRUE(IsPasswordHash(hash)) << hash;
    EXPECT_TRUE(PasswordMatches("secret", hash)) << hash;
    EXPECT_FALSE(PasswordMatches("Secret", hash)) << hash;
    EXPECT_FALSE(PasswordMatches("", hash)) << hash;
  }
}

TEST(PasswordHashTest, RefusesWeakOnes) {
  for (const std::string hash : {"", "secret", "$1$abcdefgh$x", "abJnggxhB/yWI", "$2y$nonsense",
                                 "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="}) {
    EXPECT_FALSE(IsPasswordHash(hash)) << hash;
  }
}

TEST(PasswordHashTest, HashesTokens) { EXPECT_EQ(Sha256Hex("token-of-team-a"), kTokenHash); }

TEST(AccessListTest, FindsUsersAndTokens) {
  ASSERT_OK_AND_ASSIGN(const auto list, AccessList::Parse(ListOf(kBcrypt)));
  const auto* user = list->FindUser("agent");
  ASSERT_NE(user, nullptr);
  EXPECT_TRUE(user->identity->MayUse("team-a"));
  EXPECT_FALSE(user->identity->MayUse("team-b"));
  EXPECT_FALSE(user->identity->MayUse("*"));
  EXPECT_EQ(user->identity->only_tenant(), "team-a");
  EXPECT_EQ(list->FindUser("nobody"), nullptr);
  const auto token = list->FindToken("token-of-team-a");
  ASSERT_NE(token, nullptr);
  EXPECT_TRUE(token->MayUse("team-b"));
  EXPECT_EQ(token->only_tenant(), "");
  EXPECT_EQ(list->FindToken(kTokenHash), nullptr);
}

TEST(AccessListTest, SaysWhatIsWrong) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"users: 5", "users is a list"},
      {"user: []", "unknown name user"},
      {"[]", "a mapping is expected"},
      {"users: [{name: a, password: secret, tenants: [a]}]", "line 1: the password is no bcrypt"},
      {"users: [{name: a, tenants: [a]}]", "password is missing"},
      {"tokens: [{sha256: abc, tenants: [a]}]", "sha256 is not 64 lower-case"},
      {"tokens: [{tenants: [a]}]", "sha256 is missing"},
      {"users: [", "yaml"}};
  for (const auto& [text, error] : cases) {
    const auto list = AccessList::Parse(std::string(text));
    ASSERT_FALSE(list.ok()) << text;
    EXPECT_THAT(std::string(Message(list.status())), HasSubstr(error)) << text;
    EXPECT_THAT(std::string(Message(list.status())), testing::Not(HasSubstr("secret"))) << text;
  }
  const std::string no_tenants = StrCat("tokens: [{sha256: ", kTokenHash, ", tenants: []}]");
  EXPECT_THAT(std::string(Message(AccessList::Parse(no_tenants).status())),
              HasSubstr("a list of tenants is missing"));
}

class AuthenticatorTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() / StrCat("skald-access-", getpid(), ".yaml");
    Write(ListOf(kBcrypt));
    auto made = Authenticator::Create({path_.string(), ""}, &pool_);
    ASSERT_TRUE(made.ok()) << made.status();
    authenticator_ = *std::move(made);
  }
  void TearDown() override {
    pool_.Stop();
    std::filesystem::remove(path_);
  }
  void Write(const std::string& text) { std::ofstream(path_) << text; }

  Authenticator::Known Verify(const Password& password) {
    std::promise<Authenticator::Known> verified;
    EXPECT_TRUE(authenticator_->Verify(
        password, [&](Authenticator::Known known) { verified.set_value(std::move(known)); }));
    return verified.get_future().get();
  }

  ThreadPool pool_{"auth", 1, 8};
  std::filesystem::path path_;
  std::unique_ptr<Authenticator> authenticator_;
};

TEST_F(AuthenticatorTest, JudgesTokensAtOnce) {
  Authenticator::Known known;
  EXPECT_TRUE(authenticator_->Recognise(Token{"token-of-team-a"}, &known));
  EXPECT_NE(known, nullptr);
  EXPECT_TRUE(authenticator_->Recognise(Token{"token"}, &known));
  EXPECT_EQ(known, nullptr);
  EXPECT_TRUE(authenticator_->Recognise({}, &known));
  EXPECT_EQ(known, nullptr);
}

TEST_F(AuthenticatorTest, RemembersPasswordsThatWereRight) {
  Authenticator::Known known;
  EXPECT_FALSE(authenticator_->Recognise(Password{"agent", "secret"}, &known));
  EXPECT_NE(Verify({"agent", "secret"}), nullptr);
  EXPECT_TRUE(authenticator_->Recognise(Password{"agent", "secret"}, &known));
  EXPECT_NE(known, nullptr);
}

TEST_F(AuthenticatorTest, ForgetsPasswordsThatWereWrong) {
  Authenticator::Known known;
  EXPECT_EQ(Verify({"agent", "guess"}), nullptr);
  EXPECT_EQ(Verify({"nobody", "secret"}), nullptr);
  EXPECT_FALSE(authenticator_->Recognise(Password{"agent", "guess"}, &known));
}

TEST_F(AuthenticatorTest, TurnsAwayPasswordsBeyondReason) {
  Authenticator::Known known;
  EXPECT_TRUE(authenticator_->Recognise(Password{"agent", std::string(10'000, 'x')}, &known));
  EXPECT_EQ(known, nullptr);
}

TEST(AuthenticatorStartTest, NeedsAnAccessList) {
  ThreadPool pool("auth", 1, 8);
  EXPECT_FALSE(Authenticator::Create({"/nonexistent/access.yaml", ""}, &pool).ok());
  EXPECT_FALSE(Authenticator::Create({"", "SKALD_NO_SUCH_VARIABLE"}, &pool).ok());
  ASSERT_EQ(setenv("SKALD_TEST_ACCESS", ListOf(kSha512).c_str(), 1), 0);
  EXPECT_TRUE(Authenticator::Create({"", "SKALD_TEST_ACCESS"}, &pool).ok());
}

}  // namespace
}  // namespace skald::auth
