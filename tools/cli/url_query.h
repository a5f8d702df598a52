// The query part of request URLs.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace skald::cli {

// Parameters by name, each with one value.
using UrlQuery = std::map<std::string, std::string>;

// `a=b&c=d+e`, in the order of the names, escaped as Go's url.QueryEscape does.
std::string EncodeQuery(const UrlQuery& query);

// Escapes one segment of a path (url.PathEscape).
std::string EscapePathSegment(std::string_view text);

}  // namespace skald::cli
