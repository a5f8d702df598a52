// The way from a Config to one of its members, for the files that make up the table.
#pragma once

#include "server/config/config.h"

// The Field of `member`, such as SKALD_FIELD(server.http_listen_port).
#define SKALD_FIELD(member) \
  [](::skald::config::Config & config) -> auto& { return config.member; }
