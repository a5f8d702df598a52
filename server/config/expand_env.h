// Environment variables in the text of a configuration file, as `-config.expand-env` asks.
//
//   ${VAR}  ${VAR:-default}  ${VAR=default}  ${VAR:=default}     the default also where VAR is
//   empty
//   ${VAR:offset}  ${VAR:offset:length}  ${#VAR}                 a part of it, its length
//   ${VAR^^}  ${VAR^}  ${VAR,,}  ${VAR,}                         upper and lower case, all or first
//   ${VAR/a/b}  ${VAR//a/b}  ${VAR/#a/b}  ${VAR/%a/b}            replace first, all, prefix, suffix
//   ${VAR#p}  ${VAR##p}  ${VAR%p}  ${VAR%%p}                     cut a prefix or suffix by pattern
//   $$                                                           a dollar sign
//
// Arguments may hold further ${…}. A dollar sign before anything else stands for itself.
#pragma once

#include <string>
#include <string_view>

#include "server/config/load.h"
#include "storage/base/status.h"

namespace skald::config {

// InvalidArgument with Loki's text: `missing closing brace`, `unable to parse variable name`,
// `bad substitution`.
StatusOr<std::string> ExpandEnvironment(std::string_view text, const Environment& environment);

}  // namespace skald::config
