// What clients are told of an error whose message names what is none of their business, such as
// the paths of files. The message is for the log.
#pragma once

#include <string>
#include <string_view>

#include "storage/base/status.h"

namespace skald {

// The same error, of which clients are told `text` alone. Annotate keeps that.
Status WithPublicText(Status status, std::string_view text);
// That text, or else the message.
std::string PublicText(const Status& status);

// The same error with `context` and ": " before its message, which clients are not told. OK stays
// OK.
Status AnnotateForLog(const Status& status, std::string_view context);

}  // namespace skald
