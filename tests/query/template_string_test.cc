// Functions on strings, regexes and encodings, with their edges.
#include "tests/query/template_test_context.h"

namespace skald::query {
namespace {

constexpr ResultCase kStringResults[] = {
    {R"({{ ToLower "ABC" }})", "abc"},
    {"{{ ToUpper .utf }}", "HÉLLO WÖRLD ßÄ日本"},
    {R"({{ lower "ÀÉ" }})", "àé"},
    {R"({{ title "hello world-foo_bar it's 9x éa" }})", "Hello World-Foo_bar It'S 9x Éa"},
    {R"({{ Replace "aaa" "a" "b" 2 }})", "bba"},
    {R"({{ Replace "aaa" "a" "b" -1 }})", "bbb"},
    {R"({{ Replace "abc" "" "-" -1 }})", "-a-b-c-"},
    {R"({{ Replace "abc" "" "-" 2 }})", "-a-bc"},
    {R"({{ Replace "é1" "" "." -1 }})", ".é.1."},
    {R"({{ Replace "aaa" "a" "b" 1.0 }})", "baa"},
    {R"({{ Trim "xxaxx" "x" }})", "a"},
    {R"({{ TrimLeft "xxa" "x" }})", "a"},
    {R"({{ TrimRight "axx" "x" }})", "a"},
    {R"({{ Trim "éaé" "é" }})", "a"},
    {R"({{ Trim "aaa" "a" }})", ""},
    {R"({{ TrimPrefix "abc" "a" }})", "bc"},
    {R"({{ TrimSuffix "abc" "c" }})", "ab"},
    {R"({{ TrimSpace "  a\u00a0\u2003" }})", "a"},
    {"{{ trim .spaces }}", "pad"},
    {R"({{ trimAll "$" "$5.00$" }})", "5.00"},
    {R"({{ trimSuffix "-" "hello-" }})", "hello"},
    {R"({{ trimPrefix "-" "-hello" }})", "hello"},
    {"{{ upper (fromJson .json).c.d }}", "E"},
    {R"({{ alignLeft 5 "abc" }})", "abc  "},
    {R"({{ alignRight 5 "abc" }})", "  abc"},
    {R"({{ alignLeft 2 "abc" }})", "ab"},
    {R"({{ alignRight 2 "abc" }})", "bc"},
    {R"({{ alignLeft 3 "日本語文" }})", "日本語"},
    {R"({{ alignRight 3 "日本語文" }})", "本語文"},
    {R"({{ alignLeft -1 "abc" }})", "abc"},
    {R"({{ alignRight 0 "abc" }})", ""},
    {R"({{ trunc 3 "hello" }})", "hel"},
    {R"({{ trunc -3 "hello" }})", "llo"},
    {R"({{ trunc 10 "hello" }})", "hello"},
    {R"({{ trunc -10 "hello" }})", "hello"},
    {R"({{ trunc 0 "hello" }})", ""},
    {R"({{ trunc -5 "hello" }})", "hello"},
    {R"({{ trunc 2 "é日" }})", "é"},
    {R"({{ substr 1 4 "hello" }})", "ell"},
    {R"({{ substr -1 3 "hello" }})", "hel"},
    {R"({{ substr 2 -1 "hello" }})", "llo"},
    {R"({{ substr 1 99 "hello" }})", "ello"},
    {R"({{ substr 0 0 "hello" }})", ""},
    {R"({{ contains "ell" "hello" }})", "true"},
    {R"({{ hasPrefix "he" "hello" }})", "true"},
    {R"({{ hasSuffix "lo" "hello" }})", "true"},
    {R"({{ contains "" "" }})", "true"},
    {"{{ indent 2 .nl }}", "  a\n  b\n  c"},
    {"{{ nindent 2 .nl }}", "\n  a\n  b\n  c"},
    {R"({{ indent 0 "a" }})", "a"},
    {R"({{ replace "l" "L" "hello" }}|{{ "hello" | replace "l" "" }})", "heLLo|heo"},
    {R"({{ repeat 3 "ab" }}|{{ repeat 0 "ab" }}|)", "ababab||"},
    {"{{ upper (lower (upper .level)) }}", "INFO"},
    {"{{ upper .level | lower | upper }}", "INFO"},
};

TEST(TemplateStringTest, String) { ExpectResults(kStringResults); }

constexpr ErrorCase kStringErrors[] = {
    {R"({{ Replace "aaa" "a" "b" "2" }})",
     R"(template: line:1:25: executing "line" at <"2">: expected integer; found "2")"},
    {R"({{ Replace "aaa" "a" "b" 1.5 }})",
     R"(template: line:1:25: executing "line" at <1.5>: expected integer; found 1.5)"},
    {"{{ trim }}",
     R"(template: line:1:3: executing "line" at <trim>: wrong number of args for trim: want 1 got 0)"},
    {R"({{ trim "a" "b" }})",
     R"(template: line:1:3: executing "line" at <trim>: wrong number of args for trim: want 1 got 2)"},
    {"{{ trim 1 }}", R"(template: line:1:8: executing "line" at <1>: expected string; found 1)"},
    {"{{ trim nil }}",
     R"(template: line:1:8: executing "line" at <nil>: cannot assign nil to string)"},
    {"{{ trim .nope.x }}",
     R"(template: line:1:13: executing "line" at <.nope.x>: can't evaluate field x in type string)"},
    {"{{ trim (fromJson .json).a }}",
     R"(template: line:1:18: executing "line" at <.json>: wrong type for value; expected string; got float64)"},
    {"{{ trim (fromJson .json).n }}",
     R"(template: line:1:18: executing "line" at <.json>: wrong type for value; expected string; got interface {})"},
    {"{{ trim (fromJson .json).zz }}",
     R"(template: line:1:18: executing "line" at <.json>: wrong type for value; expected string; got interface {})"},
    {R"({{ substr 5 2 "hello" }})",
     R"(template: line:1:3: executing "line" at <substr 5 2 "hello">: error calling substr: runtime error: slice bounds out of range [5:2])"},
    {R"({{ substr 9 -1 "hello" }})",
     R"(template: line:1:3: executing "line" at <substr 9 -1 "hello">: error calling substr: runtime error: slice bounds out of range [9:5])"},
    {R"({{ substr -1 -1 "hello" }})",
     R"(template: line:1:3: executing "line" at <substr -1 -1 "hello">: error calling substr: runtime error: slice bounds out of range [:-1])"},
    {R"({{ substr -1 9 "hello" }})",
     R"(template: line:1:3: executing "line" at <substr -1 9 "hello">: error calling substr: runtime error: slice bounds out of range [:9] with length 5)"},
    {R"({{ substr "1" 2 "hello" }})",
     R"(template: line:1:10: executing "line" at <"1">: expected integer; found "1")"},
    {R"({{ indent -1 "a" }})",
     R"(template: line:1:3: executing "line" at <indent -1 "a">: error calling indent: strings: negative Repeat count)"},
    {R"({{ repeat -1 "ab" }})",
     R"(template: line:1:3: executing "line" at <repeat -1 "ab">: error calling repeat: strings: negative Repeat count)"},
    {"{{ trim.x }}",
     R"(template: line:1:3: executing "line" at <trim>: wrong number of args for trim: want 1 got 0)"},
};

TEST(TemplateStringTest, StringErrors) { ExpectErrors(kStringErrors); }

constexpr ResultCase kRegexResults[] = {
    {R"x({{ regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W" }}|{{ regexReplaceAll "a(x*)b" "-ab-axxb-" "$1W" }}|{{ regexReplaceAll "(?P<n>l+)" "hello" "<$n>" }}|{{ regexReplaceAll "" "abc" "-" }}|{{ regexReplaceAll "b*" "abc" "-" }})x",
     "-W-xxW-|---|he<ll>o|-a-b-c-|-a-c-"},
    {R"({{ regexReplaceAll "x*" "é" "-" }})", "-é-"},
    {R"({{ regexReplaceAll "^" "abc" "-" }})", "-abc"},
    {R"({{ regexReplaceAll "$" "abc" "-" }})", "abc-"},
    {R"({{ regexReplaceAll "\\b" "ab cd" "|" }})", "|ab| |cd|"},
    {R"({{ regexReplaceAll .level "info x" "y" }})", "y x"},
    {R"({{ regexReplaceAll "a" "a" "$$ $ $9 $01 ${x" }})", "$ $   ${x"},
    {R"({{ regexReplaceAll "(a)(b)?" "ac" "[$1$2]" }})", "[a]c"},
    {R"x({{ regexReplaceAllLiteral "(a)" "banana" "$1" }})x", "b$1n$1n$1"},
    {R"({{ count "a" "banana" }})", "3"},
    {R"({{ count "" "abc" }})", "4"},
    {R"({{ count "x*" "axb" }})", "3"},
    {R"({{ count "é" "éé" }})", "2"},
};

TEST(TemplateStringTest, Regex) { ExpectResults(kRegexResults); }

constexpr ErrorCase kRegexErrors[] = {
    {R"({{ regexReplaceAll "(" "abc" "-" }})",
     R"(template: line:1:3: executing "line" at <regexReplaceAll "(" "abc" "-">: error calling regexReplaceAll: error parsing regexp: missing closing ): `(`)"},
    {R"({{ count "[" "a" }})",
     R"(template: line:1:3: executing "line" at <count "[" "a">: error calling count: error parsing regexp: missing closing ]: `[`)"},
};

TEST(TemplateStringTest, RegexErrors) { ExpectErrors(kRegexErrors); }

constexpr ResultCase kEncodingResults[] = {
    {"{{ html .html }}", "&lt;a href=&#34;x&#34;&gt;it&#39;s &amp; b&lt;/a&gt;"},
    {R"({{ html 1 2 "a" }})", "1 2a"},
    {"{{ html nil }}", "&lt;no value&gt;"},
    {R"({{ js .html }}|{{ js "a\n\t=é\u2028" }})",
     R"(\u003Ca href\u003D\"x\"\u003Eit\'s \u0026 b\u003C/a\u003E|a\u000A\u0009\u003Dé\u2028)"},
    {R"({{ urlquery .html }}|{{ urlquery "a b" "c" }})",
     "%3Ca+href%3D%22x%22%3Eit%27s+%26+b%3C%2Fa%3E|a+bc"},
    {R"({{ urldecode "a%20b+c" }}|{{ urlencode "a b/c?é" }})", "a b c|a+b%2Fc%3F%C3%A9"},
    {R"({{ bytes "2KB" }})", "2000"},
    {R"({{ bytes "1MiB" }})", "1.048576e+06"},
    {R"({{ bytes "100" }})", "100"},
    {R"({{ bytes "1.5 gb" }})", "1.5e+09"},
    {R"({{ b64enc "hello" }})", "aGVsbG8="},
    {R"({{ b64enc "" }})", ""},
    {R"({{ b64enc "a" }})", "YQ=="},
    {R"({{ b64enc "ab" }})", "YWI="},
    {R"({{ b64dec "aGVsbG8=" }})", "hello"},
    {R"({{ b64dec "!" }})", "illegal base64 data at input byte 0"},
    {R"({{ b64dec "aGVsbG8" }})", "illegal base64 data at input byte 4"},
    {R"({{ b64dec "aGk=" }})", "hi"},
    {R"({{ b64dec "aGk" }})", "illegal base64 data at input byte 0"},
    {R"({{ b64dec "a" }})", "illegal base64 data at input byte 0"},
    {R"({{ b64dec "aa=a" }})", "illegal base64 data at input byte 2"},
    {R"({{ b64dec "aaa=a" }})", "illegal base64 data at input byte 4"},
    {R"({{ b64dec "=" }})", "illegal base64 data at input byte 0"},
    {R"({{ b64dec "a=" }})", "illegal base64 data at input byte 1"},
    {R"({{ b64dec "aa=" }})", "illegal base64 data at input byte 3"},
    {R"({{ b64dec "aa==x" }})", "illegal base64 data at input byte 4"},
    {R"({{ b64dec "aG\nk=" }})", "hi"},
    {R"({{ b64dec "aGk=\n" }})", "hi"},
    {R"({{ b64dec "aGk=aGk=" }})", "illegal base64 data at input byte 4"},
    {R"({{ b64dec "aGkx!" }})", "illegal base64 data at input byte 4"},
};

TEST(TemplateStringTest, Encoding) { ExpectResults(kEncodingResults); }

constexpr ErrorCase kEncodingErrors[] = {
    {R"({{ urldecode "%zz" }})",
     R"(template: line:1:3: executing "line" at <urldecode "%zz">: error calling urldecode: invalid URL escape "%zz")"},
    {R"({{ urldecode "%4" }})",
     R"(template: line:1:3: executing "line" at <urldecode "%4">: error calling urldecode: invalid URL escape "%4")"},
    {R"({{ urldecode "100%" }})",
     R"(template: line:1:3: executing "line" at <urldecode "100%">: error calling urldecode: invalid URL escape "%")"},
    {R"({{ bytes "junk" }})",
     R"(template: line:1:3: executing "line" at <bytes "junk">: error calling bytes: strconv.ParseFloat: parsing "": invalid syntax)"},
    {R"({{ bytes "" }})",
     R"(template: line:1:3: executing "line" at <bytes "">: error calling bytes: strconv.ParseFloat: parsing "": invalid syntax)"},
};

TEST(TemplateStringTest, EncodingErrors) { ExpectErrors(kEncodingErrors); }

}  // namespace
}  // namespace skald::query
