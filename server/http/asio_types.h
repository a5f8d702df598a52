// The Asio and Beast types of the transport: one io_context per thread, so executors are concrete
// and nothing is guarded by strands.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <chrono>

namespace skald::http {

namespace net = boost::asio;
namespace beast = boost::beast;
using ErrorCode = boost::system::error_code;

using Executor = net::io_context::executor_type;
template <typename T>
using Task = net::awaitable<T, Executor>;

using Socket = net::basic_stream_socket<net::ip::tcp, Executor>;
using Acceptor = net::basic_socket_acceptor<net::ip::tcp, Executor>;
using Stream = beast::basic_stream<net::ip::tcp, Executor>;
using Timer = net::basic_waitable_timer<std::chrono::steady_clock,
                                        net::wait_traits<std::chrono::steady_clock>, Executor>;

// Completion tokens for co_await: with errors in the result, and for operations without errors.
inline constexpr net::use_awaitable_t<Executor> kAwait;
inline constexpr net::as_tuple_t<net::use_awaitable_t<Executor>> kResult(kAwait);

}  // namespace skald::http
