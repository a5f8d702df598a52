// flush: everything in memory goes to parts before the reply.
#include "server/api/endpoints.h"

namespace skald::api {

Reply Flush(const ApiContext& api, const Call&) {
  if (api.readiness == Readiness::kStarting) return Unavailable("the server is starting");
  Reply reply(api.engine->Flush());
  reply.response.status = 204;
  return reply;
}

}  // namespace skald::api
