"""Tests of tools/lint_co_await.py."""

import unittest

import source_checks  # makes tools/ importable
import lint_co_await

assert source_checks


class CoAwaitTest(unittest.TestCase):
    GOOD = [
        "auto r = co_await Read(stream, buffer);",
        "const auto r = co_await Read(stream_, std::move(request));",
        "co_await post(bind_executor(pool, use_awaitable));",
        "auto home = co_await this_coro::executor;",
        "co_return co_await Run(*this, 5, true);",
        "auto [] { return 1; }; co_await timer.async_wait(as_tuple(use_awaitable));",
        "auto n = co_await http::async_read(stream.socket(), buffer, parser, token);",
        "switch (x) { case Kind::kPush: co_await Push(x); break; default: co_await Other(x); }",
        "// co_await f({a, b})\nco_await f(a);  /* if (co_await x) */",
        "Log(\"co_await f({})\");",
        "co_spawn(executor, Run(std::move(socket)), detached);",
        "if (ok) { co_await f(std::chrono::seconds(5)); }",
    ]
    BAD = [
        "if (co_await f(a)) {}",
        "while (co_await f(a)) {}",
        "if (ok) co_await f(a);",
        "auto [ec, n] = co_await f(a);",
        "return g(co_await f(a));",
        "co_await f({a, b});",
        "co_await f(std::string(a));",
        "co_await f(Options{a, 1});",
        "co_await f([x] { return x; });",
        "co_await f(c ? a : b);",
        "auto r = co_await f(a && b);",
        "auto r = co_await f(a) && g;",
        "co_await f(g(std::move(a)));",
        "co_spawn(e, [self] { co_return; }, detached);",
        "auto run = [this](int x) mutable -> net::awaitable<void> { co_await f(x); };",
        "net::awaitable<void> Run(Socket&& socket);",
    ]

    def problems(self, text, name="server/http/session.cc"):
        return lint_co_await.check_text(name, text)

    def test_good(self):
        for text in self.GOOD:
            self.assertEqual(self.problems(text), [], text)

    def test_bad(self):
        for text in self.BAD:
            self.assertTrue(self.problems(text), text)

    def test_line_number(self):
        problem, = self.problems("/* a\nb */\nint x;\nif (co_await f(a)) {}\n")
        self.assertTrue(problem.startswith("server/http/session.cc:4:"), problem)

    def test_only_in_transport_files(self):
        text = "co_await f(a);"
        self.assertEqual(self.problems(text, "server/http/listener.cc"), [])
        self.assertTrue(self.problems(text, "server/api/push.cc"))


if __name__ == "__main__":
    unittest.main()
