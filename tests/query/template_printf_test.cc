// printf: verbs, flags, widths and what goes wrong with them.
#include "tests/query/template_test_context.h"

namespace skald::query {
namespace {

constexpr ResultCase kPrintfResults[] = {
    {R"({{ printf "%d" 42 }}|{{ printf "%5d|%-5d|%05d|%+d|% d" 42 42 42 42 42 }})",
     "42|   42|42   |00042|+42| 42"},
    {R"({{ printf "%d" "x" }})", "%!d(string=x)"},
    {R"({{ printf "%d" }})", "%!d(MISSING)"},
    {R"({{ printf "%d %d" 1 }})", "1 %!d(MISSING)"},
    {R"({{ printf "x" 1 "b" nil 1.5 }})", "x%!(EXTRA int=1, string=b, <nil>, float64=1.5)"},
    {R"({{ printf "%s" 1 }})", "%!s(int=1)"},
    {R"({{ printf "%s|%10s|%-10s|%.2s|%q|%x|%X|% x|%#x" .level .level .level .level .level .level .level .level .level }})",
     R"(info|      info|info      |in|"info"|696e666f|696E666F|69 6e 66 6f|0x696e666f)"},
    {R"({{ printf "%q" .utf }})", R"("héllo wörld ßÄ日本")"},
    {R"({{ printf "%+q" .utf }})", R"("h\u00e9llo w\u00f6rld \u00df\u00c4\u65e5\u672c")"},
    {R"({{ printf "%#q" .level }})", "`info`"},
    {R"({{ printf "%v %+v %#v %T" .level .level .level .level }})", R"(info info "info" string)"},
    {R"({{ printf "%v %#v %T" (fromJson .json) (fromJson .json) (fromJson .json) }})",
     R"(map[a:1 b:[1 x <nil> true 2.5] c:map[d:e] n:<nil> s:q"ré😀] map[string]interface {}{"a":1, "b":[]interface {}{1, "x", interface {}(nil), true, 2.5}, "c":map[string]interface {}{"d":"e"}, "n":interface {}(nil), "s":"q\"ré😀"} map[string]interface {})"},
    {R"({{ printf "%v %d %s" (fromJson .json).b (fromJson .json).b (fromJson .json).b }})",
     "[1 x <nil> true 2.5] [%!d(float64=1) %!d(string=x) <nil> %!d(bool=true) %!d(float64=2.5)] "
     "[%!s(float64=1) x <nil> %!s(bool=true) %!s(float64=2.5)]"},
    {R"({{ printf "%t %v" true false }}{{ printf "%t" 1 }})", "true false%!t(int=1)"},
    {R"({{ printf "%f|%.2f|%8.3f|%-8.1f|%08.2f|%+.1f|%e|%E|%g|%G|%.3g|%b|%x|%X" 3.14159 3.14159 3.14159 3.14159 3.14159 3.14159 3.14159 3.14159 3.14159 3.14159 3.14159 3.14159 3.14159 3.14159 }})",
     "3.141590|3.14|   3.142|3.1     "
     "|00003.14|+3.1|3.141590e+00|3.141590E+00|3.14159|3.14159|3.14|7074231776675438p-51|0x1."
     "921f9f01b866ep+01|0X1.921F9F01B866EP+01"},
    {R"({{ printf "%g %g %g %g %g %v" 100000.0 1000000.0 1e21 0.0001 0.00001 123456789.0 }})",
     "100000 1e+06 1e+21 0.0001 1e-05 1.23456789e+08"},
    {R"({{ printf "%f" 1 }}|{{ printf "%d" 1.5 }})", "%!f(int=1)|%!d(float64=1.5)"},
    {R"({{ printf "%b %o %O %x %X %#x %#o %#b %c %q %U %#U" 42 42 42 42 42 42 42 42 65 65 65 65 }})",
     "101010 52 0o52 2a 2A 0x2a 052 0b101010 A 'A' U+0041 U+0041 'A'"},
    {R"({{ printf "%x %d %b" -42 -42 -42 }})", "-2a -42 -101010"},
    {R"({{ printf "%*d|%-*d|%.*f" 5 42 5 42 2 3.14159 }})", "   42|42   |3.14"},
    {R"({{ printf "%[2]d %[1]d" 1 2 }})", "2 1"},
    {R"({{ printf "%[3]d" 1 }})", "%!d(BADINDEX)"},
    {R"({{ printf "%[x]d" 1 }})", "%!d(BADINDEX)"},
    {R"({{ printf "%[1]*[2]d" 5 42 }})", "   42"},
    {R"({{ printf "%" }})", "%!(NOVERB)"},
    {R"({{ printf "%!" 1 }})", "%!!(int=1)"},
    {R"({{ printf "%z" 1 }})", "%!z(int=1)"},
    {R"({{ printf "100%%" }})", "100%"},
    {R"({{ printf "%-" 1 }})", "%!(NOVERB)%!(EXTRA int=1)"},
    {R"({{ printf "%5t|%-7t|" true false }})", " true|false  |"},
    {R"({{ printf "%5v|%-5v|%05v" "ab" "ab" "ab" }})", "   ab|ab   |000ab"},
    {R"({{ printf "%6.2f%%" 12.345 }})", " 12.35%"},
    {R"({{ printf "%v %d" nil nil }})", "<nil> %!d(<nil>)"},
    {R"({{ printf "%w" 1 }})", "%!w(int=1)"},
    {R"({{ printf "%p" 1 }})", "%!p(int=1)"},
    {R"({{ printf "%05s|%.1f|%5.1f|%-8q|" "a" 2.25 2.35 "x" }})", R"(0000a|2.2|  2.4|"x"     |)"},
    {R"({{ printf "%#v %#v %#v %#v" 1 1.0 true nil }})", "1 1 true <nil>"},
    {R"({{ printf "%#g %#.3f %#e" 1.0 2.0 3.0 }})", "1.00000 2.000 3.000000e+00"},
    {R"({{ printf "% d|% x|%+d" 5 "abc" -5 }})", " 5|61 62 63|-5"},
    {R"({{ printf "%c%c" 0x1F600 -1 }})", "😀�"},
    {R"({{ printf "%U" 0x1F600 }})", "U+1F600"},
    {R"({{ printf "%.3d|%8.3d|%-8.3d|%.0d" 5 5 5 0 }})", "005|     005|005     |"},
    {R"({{ printf "%.2v" "abc" }}{{ printf "%.3v" 3.14159 }})", "ab3.14"},
    {R"({{ printf "%t" .level }})", "%!t(string=info)"},
    {R"({{ printf "%v" . }})",
     "map[arr:[3,1,2] big:12345678901234567890 dur:1m30s empty: f:1.5 html:<a href=\"x\">it's & "
     "b</a> "
     "json:{\"a\":1,\"b\":[1,\"x\",null,true,2.5],\"c\":{\"d\":\"e\"},\"n\":null,\"s\":"
     "\"q\\\"r\\u00e9\\ud83d\\ude00\"} level:info msg:hello world nan:NaN neg:-7 nl:a\nb\nc num:12 "
     "path:/api/v1/items size:2KB spaces:  pad   status:404 ts:1679577215 utf:héllo wörld ßÄ日本]"},
    {R"({{ printf "%s" .nope }}|)", "|"},
    {R"({{ printf "%d" (printf "%d" 1) | int | add 1 }})", "1"},
};

TEST(TemplatePrintfTest, Printf) { ExpectResults(kPrintfResults); }

constexpr ErrorCase kPrintfErrors[] = {
    {"{{ printf 1 }}", R"(template: line:1:10: executing "line" at <1>: expected string; found 1)"},
    {"{{ printf }}",
     R"(template: line:1:3: executing "line" at <printf>: wrong number of args for printf: want at least 1 got 0)"},
};

TEST(TemplatePrintfTest, PrintfErrors) { ExpectErrors(kPrintfErrors); }

}  // namespace
}  // namespace skald::query
