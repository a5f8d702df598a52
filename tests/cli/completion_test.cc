#include "tools/cli/completion.h"

#include <gtest/gtest.h>

#include "tools/cli/selector_cursor.h"
#include "tools/cli/shell_words.h"

namespace skald::cli {
namespace {

using Words = std::vector<std::string>;

TEST(ShellWords, DividesAtBlanksOutsideOfQuotes) {
  ShellWords words = DivideLine("skaldcli query 'a b'  --x=\"c d\" e\\ f");
  EXPECT_EQ(words.complete, (Words{"skaldcli", "query", "a b", "--x=c d"}));
  EXPECT_EQ(words.current, "e f");
  EXPECT_EQ(words.current_raw, "e\\ f");
}

TEST(ShellWords, KnowsTheOpenQuote) {
  ShellWords words = DivideLine("skaldcli query '{app=\"we");
  EXPECT_EQ(words.current, "{app=\"we");
  EXPECT_EQ(words.current_raw, "'{app=\"we");
  EXPECT_EQ(words.quote, '\'');
  EXPECT_EQ(DivideLine("skaldcli ").current, "");
}

TEST(SelectorCursor, FindsNamesAndValues) {
  EXPECT_EQ(FindSelectorCursor("").place, SelectorPlace::kStart);
  EXPECT_EQ(FindSelectorCursor("{app=\"web\"} |= ").place, SelectorPlace::kNowhere);

  SelectorCursor name = FindSelectorCursor("rate({env=\"a}\", ap");
  EXPECT_EQ(name.place, SelectorPlace::kName);
  EXPECT_EQ(name.begun, "ap");
  EXPECT_EQ(name.before, "{env=\"a}\"}");

  SelectorCursor value = FindSelectorCursor("{app=~\"w");
  EXPECT_EQ(value.place, SelectorPlace::kValue);
  EXPECT_EQ(value.label, "app");
  EXPECT_EQ(value.begun, "w");
  EXPECT_TRUE(value.in_quotes);
  EXPECT_EQ(value.before, "");

  EXPECT_EQ(FindSelectorCursor("{app=").place, SelectorPlace::kValue);
  EXPECT_FALSE(FindSelectorCursor("{app=").in_quotes);
}

TEST(Completions, CommandsAndFlags) {
  EXPECT_EQ(Completions("skaldcli vol"), (Words{"volume", "volume_range"}));
  EXPECT_EQ(Completions("skaldcli delete c"), (Words{"create", "cancel"}));
  EXPECT_EQ(Completions("skaldcli query --inc"),
            (Words{"--include-label=", "--include-common-labels"}));
  EXPECT_EQ(Completions("skaldcli query --output=j"), (Words{"--output=jsonl"}));
  EXPECT_EQ(Completions("skaldcli --addr http://x --limit=3 completion z"), (Words{"zsh"}));
  EXPECT_EQ(Completions("skaldcli query "), (Words{"{"}));
}

TEST(Completions, ASilentServerGivesNone) {
  EXPECT_EQ(Completions("skaldcli --addr=http://127.0.0.1:1 query '{ap"), Words{});
}

TEST(CompletionScript, IsThereForThreeShells) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    auto script = CompletionScript(shell);
    ASSERT_TRUE(script.ok()) << shell;
    EXPECT_NE(script->find("skaldcli complete"), std::string_view::npos) << shell;
  }
  EXPECT_FALSE(CompletionScript("csh").ok());
}

}  // namespace
}  // namespace skald::cli
