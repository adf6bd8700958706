#pragma once

#include <utility>

#include "format/wire/frame.h"
#include "gateway/cluster/requests.h"

namespace weir {

/// Keeps the promise with what `convert` makes of the response: a Result<T>.
template <typename Response, typename T, typename Convert>
void Ask(const SessionPtr& session, ClusterSession::Role role, wire::ApiKey key,
         const google::protobuf::MessageLite& request, const Promise<T>& promise, Convert convert) {
  session->Ask(role, key, request, [session, promise, convert = std::move(convert)](const Reply& reply) {
    if (!reply.status.ok()) return promise.Complete(reply.status);
    Response response;
    const Status parsed = wire::ParseMessage(*reply.message, &response);
    if (!parsed.ok()) return promise.Complete(parsed.WithContext(session->target()));
    Result<T> result = convert(response);
    promise.Complete(result.ok() ? std::move(result) : Result<T>(result.status().WithContext(session->target())));
  });
}

/// A change of metadata, whose response is empty.
template <typename Response>
void Change(const SessionPtr& session, wire::ApiKey key, const google::protobuf::MessageLite& request,
            const Promise<Unit>& promise) {
  Ask<Response>(session, ClusterSession::Role::kCoordinator, key, request, promise,
                [](const Response&) -> Result<Unit> { return Unit{}; });
}

}  // namespace weir
