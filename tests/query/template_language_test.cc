// Actions, control structures, variables, defined templates, comparison.
#include "tests/query/template_test_context.h"

namespace skald::query {
namespace {

constexpr ResultCase kLanguageResults[] = {
    {"plain text", "plain text"},
    {"{{.level}}", "info"},
    {"{{ .level }}-{{.status}}", "info-404"},
    {"{{.missing}}|", "|"},
    {"{{.}}",
     "map[arr:[3,1,2] big:12345678901234567890 dur:1m30s empty: f:1.5 html:<a href=\"x\">it's & "
     "b</a> "
     "json:{\"a\":1,\"b\":[1,\"x\",null,true,2.5],\"c\":{\"d\":\"e\"},\"n\":null,\"s\":"
     "\"q\\\"r\\u00e9\\ud83d\\ude00\"} level:info msg:hello world nan:NaN neg:-7 nl:a\nb\nc num:12 "
     "path:/api/v1/items size:2KB spaces:  pad   status:404 ts:1679577215 utf:héllo wörld ßÄ日本]"},
    {"{{$}}",
     "map[arr:[3,1,2] big:12345678901234567890 dur:1m30s empty: f:1.5 html:<a href=\"x\">it's & "
     "b</a> "
     "json:{\"a\":1,\"b\":[1,\"x\",null,true,2.5],\"c\":{\"d\":\"e\"},\"n\":null,\"s\":"
     "\"q\\\"r\\u00e9\\ud83d\\ude00\"} level:info msg:hello world nan:NaN neg:-7 nl:a\nb\nc num:12 "
     "path:/api/v1/items size:2KB spaces:  pad   status:404 ts:1679577215 utf:héllo wörld ßÄ日本]"},
    {"{{ $x := .status }}{{ $x }}-{{ $x }}", "404-404"},
    {"{{$x := 1}}{{$x = 2}}{{$x}}", "2"},
    {"{{- .level -}}   x  {{- /* c */ -}} y", "infoxy"},
    {R"(  {{- "a" }}  {{ "b" -}}  )", "a  b"},
    {"{{/* a comment */}}z", "z"},
    {"{{if .level}}yes{{else}}no{{end}}", "yes"},
    {"{{if .empty}}yes{{else}}no{{end}}", "no"},
    {R"({{if eq .level "warn"}}w{{else if eq .level "info"}}i{{else}}o{{end}})", "i"},
    {"{{with .level}}[{{.}}]{{end}}", "[info]"},
    {"{{with .empty}}[{{.}}]{{else}}none{{end}}", "none"},
    {"{{with .empty}}a{{else with .level}}b{{.}}{{else}}c{{end}}", "binfo"},
    {"{{range $i, $e := fromJson .json}}{{$i}}={{$e}};{{end}}",
     R"(a=1;b=[1 x <nil> true 2.5];c=map[d:e];n=<no value>;s=q"ré😀;)"},
    {"{{range fromJson .arr}}{{.}},{{end}}", "3,1,2,"},
    {"{{range $e := fromJson .arr}}{{$e}},{{end}}", "3,1,2,"},
    {"{{range $i, $e := fromJson .arr}}{{if eq $i 1}}{{continue}}{{end}}{{$i}}:{{$e}} {{end}}",
     "0:3 2:2 "},
    {"{{range $i, $e := fromJson .arr}}{{if eq $i 1}}{{break}}{{end}}{{$i}}:{{$e}} {{end}}",
     "0:3 "},
    {R"({{range fromJson "[]"}}x{{else}}empty{{end}})", "empty"},
    {R"({{range fromJson "junk"}}x{{else}}empty{{end}})", "empty"},
    {"{{range 3}}{{.}}{{end}}", "012"},
    {"{{range $i := 3}}{{$i}}{{end}}", "012"},
    {"{{range $k, $v := .}}{{$k}}={{$v}};{{end}}",
     "arr=[3,1,2];big=12345678901234567890;dur=1m30s;empty=;f=1.5;html=<a href=\"x\">it's & "
     "b</"
     "a>;json={\"a\":1,\"b\":[1,\"x\",null,true,2.5],\"c\":{\"d\":\"e\"},\"n\":null,\"s\":"
     "\"q\\\"r\\u00e9\\ud83d\\ude00\"};level=info;msg=hello "
     "world;nan=NaN;neg=-7;nl=a\nb\nc;num=12;path=/api/v1/items;size=2KB;spaces=  pad  "
     ";status=404;ts=1679577215;utf=héllo wörld ßÄ日本;"},
    {"{{range .}}{{.}};{{end}}",
     "[3,1,2];12345678901234567890;1m30s;;1.5;<a href=\"x\">it's & "
     "b</"
     "a>;{\"a\":1,\"b\":[1,\"x\",null,true,2.5],\"c\":{\"d\":\"e\"},\"n\":null,\"s\":"
     "\"q\\\"r\\u00e9\\ud83d\\ude00\"};info;hello world;NaN;-7;a\nb\nc;12;/api/v1/items;2KB;  pad  "
     ";404;1679577215;héllo wörld ßÄ日本;"},
    {R"({{define "t"}}<{{.}}>{{end}}{{template "t" .level}}{{template "t"}})",
     "<info><<no value>>"},
    {R"({{block "b" .status}}[{{.}}]{{end}})", "[404]"},
    {R"({{define "t"}}{{.level}}{{$.level}}{{end}}{{template "t" .}})", "infoinfo"},
    {R"({{define "t"}}{{.x}}{{end}}{{template "t"}})", "<no value>"},
    {R"({{define "line"}}abc{{end}})", "abc"},
    {R"({{define "a"}} {{end}}{{define "a"}}2{{end}}{{template "a"}})", "2"},
    {"{{ true }}{{ false }}", "truefalse"},
    {"{{ 1 }}", "1"},
    {"{{ -1 }}", "-1"},
    {"{{ +1 }}", "1"},
    {"{{ 0x10 }}", "16"},
    {"{{ 0b11 }}", "3"},
    {"{{ 0o17 }}", "15"},
    {"{{ 017 }}", "15"},
    {"{{ 1_000 }}", "1000"},
    {"{{ 1.5 }}", "1.5"},
    {"{{ 1e3 }}", "1000"},
    {"{{ .5 }}", "0.5"},
    {"{{ 1. }}", "1"},
    {"{{ 0x1p4 }}", "16"},
    {"{{ 'a' }}", "97"},
    {R"({{ '\n' }})", "10"},
    {R"({{ '\x41' }})", "65"},
    {"{{ '日' }}", "26085"},
    {R"({{ "a\tb\u00e9\x41\101" }})", "a\tbéAA"},
    {R"({{ `raw\n` }})", R"(raw\n)"},
    {"{{ .é }}", ""},
    {"{{ .status | and .level }}", "404"},
    {"{{ .status | or .empty }}", "404"},
    {"{{ if gt (int .status) 399 }}err{{else}}ok{{end}}", "err"},
    {R"({{ .level | printf "%s-%s" "a" }})", "a-info"},
    {"", ""},
    {R"({{ .ts | int | date "2006" }})", "2023"},
    {R"({{ .x | default .y | default "z" }})", "z"},
    {"{{ (.json | fromJson).a }}", "1"},
    {"{{ with $x := fromJson .json }}{{ $x.a }}{{ .c.d }}{{ end }}", "1e"},
    {R"({{ range fromJson "[{\"a\":1},{\"a\":2}]" }}{{ .a }}{{ end }})", "12"},
    {R"({{ range fromJson "[{\"a\":1},{\"a\":2}]" }}{{ $.level }}{{ end }})", "infoinfo"},
    {R"({{ range $k, $v := fromJson "{\"b\":1,\"a\":null}" }}{{ $k }}{{ $v }}{{ end }})",
     "a<no value>b1"},
    {"{{ (.level | upper) }}", "INFO"},
    {"{{ ((.level)) }}", "info"},
    {"{{if not nil}}x{{end}}", "x"},
    {"{{if .}}x{{end}}", "x"},
    {"{{if (unixToTime .ts)}}t{{end}}", "t"},
    {R"({{ "日本" | len }} {{ "日本" | upper }})", "6 日本"},
    {"{{$x := 1}}{{range fromJson .arr}}{{$x = .}}{{end}}{{$x}}", "2"},
    {"{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21"},
    {"{{$i := 0}}{{$e := 0}}{{range $i, $e = fromJson .arr}}{{end}}{{$i}}{{$e}}", "22"},
    {"{{$e := 0}}{{range $e = fromJson .arr}}{{end}}{{$e}}", "2"},
    {R"({{ template "x" . }}{{ define "x" }}{{ .level }}{{ end }})", "info"},
    {"{{ $ }}",
     "map[arr:[3,1,2] big:12345678901234567890 dur:1m30s empty: f:1.5 html:<a href=\"x\">it's & "
     "b</a> "
     "json:{\"a\":1,\"b\":[1,\"x\",null,true,2.5],\"c\":{\"d\":\"e\"},\"n\":null,\"s\":"
     "\"q\\\"r\\u00e9\\ud83d\\ude00\"} level:info msg:hello world nan:NaN neg:-7 nl:a\nb\nc num:12 "
     "path:/api/v1/items size:2KB spaces:  pad   status:404 ts:1679577215 utf:héllo wörld ßÄ日本]"},
    {"{{ . }}{{ .}}{{. }}",
     "map[arr:[3,1,2] big:12345678901234567890 dur:1m30s empty: f:1.5 html:<a href=\"x\">it's & "
     "b</a> "
     "json:{\"a\":1,\"b\":[1,\"x\",null,true,2.5],\"c\":{\"d\":\"e\"},\"n\":null,\"s\":"
     "\"q\\\"r\\u00e9\\ud83d\\ude00\"} level:info msg:hello world nan:NaN neg:-7 nl:a\nb\nc num:12 "
     "path:/api/v1/items size:2KB spaces:  pad   status:404 ts:1679577215 utf:héllo wörld "
     "ßÄ日本]map[arr:[3,1,2] big:12345678901234567890 dur:1m30s empty: f:1.5 html:<a "
     "href=\"x\">it's & b</a> "
     "json:{\"a\":1,\"b\":[1,\"x\",null,true,2.5],\"c\":{\"d\":\"e\"},\"n\":null,\"s\":"
     "\"q\\\"r\\u00e9\\ud83d\\ude00\"} level:info msg:hello world nan:NaN neg:-7 nl:a\nb\nc num:12 "
     "path:/api/v1/items size:2KB spaces:  pad   status:404 ts:1679577215 utf:héllo wörld "
     "ßÄ日本]map[arr:[3,1,2] big:12345678901234567890 dur:1m30s empty: f:1.5 html:<a "
     "href=\"x\">it's & b</a> "
     "json:{\"a\":1,\"b\":[1,\"x\",null,true,2.5],\"c\":{\"d\":\"e\"},\"n\":null,\"s\":"
     "\"q\\\"r\\u00e9\\ud83d\\ude00\"} level:info msg:hello world nan:NaN neg:-7 nl:a\nb\nc num:12 "
     "path:/api/v1/items size:2KB spaces:  pad   status:404 ts:1679577215 utf:héllo wörld ßÄ日本]"},
    {"{{ .level -}} x", "infox"},
    {"{{- 3}}{{-3}}", "3-3"},
    {"{{ 3 -}}x", "3x"},
    {R"({{ "}}" }})", "}}"},
    {R"({{"{{"}})", "{{"},
    {"{{ `}}` }}", "}}"},
    {"}} x", "}} x"},
    {"{ {{.level}} }", "{ info }"},
    {"{{.level}}}}", "info}}"},
    {"{{\n.level\n}}", "info"},
    {"  \n {{- .level -}} \n x", "infox"},
    {"{{ .a | printf\n }}", ""},
    {"   ", "   "},
};

TEST(TemplateLanguageTest, Language) { ExpectResults(kLanguageResults); }

constexpr ErrorCase kLanguageErrors[] = {
    {"{{.missing.sub}}",
     R"(template: line:1:10: executing "line" at <.missing.sub>: can't evaluate field sub in type string)"},
    {"{{.level.sub}}",
     R"(template: line:1:8: executing "line" at <.level.sub>: can't evaluate field sub in type string)"},
    {"{{range .level}}x{{end}}",
     R"(template: line:1:8: executing "line" at <.level>: range can't iterate over info)"},
    {"{{range $i, $j := 3}}{{$i}}{{end}}",
     R"(template: line:1:18: executing "line" at <3>: can't use 3 to iterate over more than one variable)"},
    {"{{range 1.5}}x{{end}}",
     R"(template: line:1:8: executing "line" at <1.5>: range can't iterate over 1.5)"},
    {R"({{template "nope"}})",
     R"(template: line:1:11: executing "line" at <{{template "nope"}}>: template "nope" not defined)"},
    {"{{ .a | .b }}",
     R"(template: line:1:8: executing "line" at <.b>: b is not a method but has arguments)"},
    {"{{ .a .b }}",
     R"(template: line:1:3: executing "line" at <.a>: a is not a method but has arguments)"},
    {R"({{ "x" "y" }})",
     R"(template: line:1:3: executing "line" at <"x">: can't give argument to non-function "x")"},
    {"{{ nil }}", R"(template: line:1:3: executing "line" at <nil>: nil is not a command)"},
    {"{{ nil | print }}", R"(template: line:1:3: executing "line" at <nil>: nil is not a command)"},
    {"{{ .a.b.c }}",
     R"(template: line:1:5: executing "line" at <.a.b.c>: can't evaluate field b in type string)"},
    {"{{ .level.b.c }}",
     R"(template: line:1:9: executing "line" at <.level.b.c>: can't evaluate field b in type string)"},
    {"{{ (.level).b }}",
     R"(template: line:1:4: executing "line" at <.level>: can't evaluate field b in type string)"},
    {"{{ .level | call }}",
     R"(template: line:1:12: executing "line" at <call>: error calling call: non-function info of type string)"},
    {"{{ 1 | trim }}",
     R"(template: line:1:7: executing "line" at <trim>: wrong type for value; expected string; got int)"},
    {R"({{ .json | fromJson | index "a" }})",
     R"(template: line:1:22: executing "line" at <index "a">: error calling index: cannot index slice/array with type map[string]interface {})"},
    {"{{ with fromJson .json }}{{ .a.b }}{{ end }}",
     R"(template: line:1:30: executing "line" at <.a.b>: can't evaluate field b in type interface {})"},
    {"{{ range (fromJson .json).b }}{{ .x }}{{ end }}",
     R"(template: line:1:33: executing "line" at <.x>: can't evaluate field x in type interface {})"},
    {"{{ $.level }} {{ $.level.x }}",
     R"(template: line:1:18: executing "line" at <$.level.x>: can't evaluate field x in type string)"},
    {"{{ $.level 1 }}",
     R"(template: line:1:4: executing "line" at <$.level>: level is not a method but has arguments)"},
    {"{{ .level 1 }}",
     R"(template: line:1:3: executing "line" at <.level>: level is not a method but has arguments)"},
    {"{{ 1 | .level }}",
     R"(template: line:1:7: executing "line" at <.level>: level is not a method but has arguments)"},
    {"{{ $x := 1 }}{{ $x 2 }}",
     R"(template: line:1:16: executing "line" at <$x>: can't give argument to non-function $x)"},
    {"{{ (1) 2 }}",
     R"(template: line:1:3: executing "line" at <(1) 2>: can't give argument to non-function 1)"},
    {R"({{if true}}a{{end}}{{if false}}b{{end}}{{if 0}}c{{end}}{{if 0.0}}d{{end}}{{if "0"}}e{{end}}{{if nil}}f{{end}})",
     R"(template: line:1:96: executing "line" at <nil>: nil is not a command)"},
    {"{{ .level | .status }}",
     R"(template: line:1:12: executing "line" at <.status>: status is not a method but has arguments)"},
    {"{{ $x := .a }}{{ $x.b }}",
     R"(template: line:1:19: executing "line" at <$x.b>: can't evaluate field b in type string)"},
    {"{{ .very_long_field_name_here.another_long_one.third }}",
     R"(template: line:1:29: executing "line" at <.very_long_field_name_here.another_long_one.third>: can't evaluate field another_long_one in type string)"},
    {"a{{.level}}\nb{{.x.y}}",
     R"(template: line:2:5: executing "line" at <.x.y>: can't evaluate field y in type string)"},
    {"{{/*\n\n*/}}{{.x.y}}",
     R"(template: line:3:8: executing "line" at <.x.y>: can't evaluate field y in type string)"},
    {"{{`a\nb`}}{{ .x.y }}",
     R"(template: line:2:9: executing "line" at <.x.y>: can't evaluate field y in type string)"},
    {"\n{{ .level.x\n }}",
     R"(template: line:2:9: executing "line" at <.level.x>: can't evaluate field x in type string)"},
    {"é{{ .x.y }}",
     R"(template: line:1:7: executing "line" at <.x.y>: can't evaluate field y in type string)"},
    {"{{range $x := fromJson .arr}}\n{{.x}}{{end}}",
     R"(template: line:2:2: executing "line" at <.x>: can't evaluate field x in type interface {})"},
};

TEST(TemplateLanguageTest, LanguageErrors) { ExpectErrors(kLanguageErrors); }

constexpr ResultCase kComparisonResults[] = {
    {"{{ and .level .status }}", "404"},
    {"{{ and .empty .status }}|", "|"},
    {"{{ and .level .status .num }}", "12"},
    {"{{ or .empty .status }}", "404"},
    {R"({{ or .empty "" }}|)", "|"},
    {R"({{ or (fromJson .json).n "d" }})", "d"},
    {"{{ not .level }}", "false"},
    {"{{ not .empty }}", "true"},
    {"{{ not nil }}", "true"},
    {"{{ eq 1 1 }}", "true"},
    {"{{ eq 1 2 }}", "false"},
    {R"({{ eq "a" "b" "a" }})", "true"},
    {"{{ eq 1.5 1.5 }}", "true"},
    {"{{ eq true true }}", "true"},
    {"{{ eq nil nil }}", "true"},
    {"{{ eq .level nil }}", "false"},
    {"{{ eq nil .level }}", "false"},
    {"{{ eq (fromJson .json).a 1.0 }}", "true"},
    {"{{ eq (fromJson .json).n nil }}", "true"},
    {R"({{ ne 1 2 }}{{ ne "a" "a" }})", "truefalse"},
    {"{{ lt 1 2 }}", "true"},
    {"{{ lt 2 1 }}", "false"},
    {R"({{ lt "a" "b" }})", "true"},
    {"{{ lt 1.5 2.5 }}", "true"},
    {"{{ le 1 1 }}", "true"},
    {"{{ gt 2 1 }}", "true"},
    {"{{ ge 1 1 }}", "true"},
    {"{{ gt 1 1 }}", "false"},
    {"{{ ge 0 1 }}", "false"},
    {R"({{ le "a" "a" }}{{ gt "b" "a" }})", "truetrue"},
    {"{{ lt (fromJson .json).a 2.0 }}", "true"},
    {R"({{ eq (index "abc" 0) 97 }}{{ lt (index "abc" 0) 98 }})", "truetrue"},
};

TEST(TemplateLanguageTest, Comparison) { ExpectResults(kComparisonResults); }

constexpr ErrorCase kComparisonErrors[] = {
    {"{{ and }}",
     R"(template: line:1:3: executing "line" at <and>: wrong number of args for and: want at least 1 got 0)"},
    {"{{ not }}",
     R"(template: line:1:3: executing "line" at <not>: wrong number of args for not: want 1 got 0)"},
    {"{{ eq .status 404 }}",
     R"(template: line:1:3: executing "line" at <eq .status 404>: error calling eq: incompatible types for comparison: string and int)"},
    {"{{ eq 404 .status }}",
     R"(template: line:1:3: executing "line" at <eq 404 .status>: error calling eq: incompatible types for comparison: int and string)"},
    {"{{ eq 1 1.0 }}",
     R"(template: line:1:3: executing "line" at <eq 1 1.0>: error calling eq: incompatible types for comparison: int and float64)"},
    {"{{ eq . . }}",
     "template: line:1:3: executing \"line\" at <eq . .>: error calling eq: non-comparable type "
     "map[arr:[3,1,2] big:12345678901234567890 dur:1m30s empty: f:1.5 html:<a href=\"x\">it's & "
     "b</a> "
     "json:{\"a\":1,\"b\":[1,\"x\",null,true,2.5],\"c\":{\"d\":\"e\"},\"n\":null,\"s\":"
     "\"q\\\"r\\u00e9\\ud83d\\ude00\"} level:info msg:hello world nan:NaN neg:-7 nl:a\nb\nc num:12 "
     "path:/api/v1/items size:2KB spaces:  pad   status:404 ts:1679577215 utf:héllo wörld ßÄ日本]: "
     "map[string]string"},
    {"{{ eq (fromJson .json) 1 }}",
     R"(template: line:1:3: executing "line" at <eq (fromJson .json) 1>: error calling eq: incompatible types for comparison: map[string]interface {} and int)"},
    {"{{ eq (fromJson .json).b (fromJson .json).b }}",
     R"(template: line:1:3: executing "line" at <eq (fromJson .json).b (fromJson .json).b>: error calling eq: non-comparable type [%!s(float64=1) x <nil> %!s(bool=true) %!s(float64=2.5)]: []interface {})"},
    {"{{ eq 1 }}",
     R"(template: line:1:3: executing "line" at <eq 1>: error calling eq: missing argument for comparison)"},
    {"{{ eq }}",
     R"(template: line:1:3: executing "line" at <eq>: wrong number of args for eq: want at least 1 got 0)"},
    {"{{ ne 1 2 3 }}",
     R"(template: line:1:3: executing "line" at <ne>: wrong number of args for ne: want 2 got 3)"},
    {R"({{ lt 1 "a" }})",
     R"(template: line:1:3: executing "line" at <lt 1 "a">: error calling lt: incompatible types for comparison: int and string)"},
    {"{{ lt true false }}",
     R"(template: line:1:3: executing "line" at <lt true false>: error calling lt: invalid type for comparison)"},
    {"{{ lt nil 1 }}",
     R"(template: line:1:3: executing "line" at <lt nil 1>: error calling lt: invalid type for comparison)"},
};

TEST(TemplateLanguageTest, ComparisonErrors) { ExpectErrors(kComparisonErrors); }

}  // namespace
}  // namespace skald::query
