// SQL sessions, whose calls have bodies of their own (sql/remote/call.proto).
#include "server/fluss/handlers.h"

namespace weir {

void Sql(const State& state, const CallPtr& call) {
  if (state->sql == nullptr || !state->sql->offered()) {
    return call->Fail({ErrorCode::kUnsupportedVersion, "this server serves no SQL"});
  }
  if (HasSqlSession(*call->context())) return state->sql->Handle(call, {});
  const Peer& peer = call->context()->peer;
  std::string user = sql::SessionOptions().user;
  if (state->login != nullptr && peer.login != nullptr && peer.login->role) {
    const access::StatePtr users = state->login->access->current();
    const access::Role* role = users->Find(*peer.login->role);
    if (role == nullptr) return call->Fail({ErrorCode::kAuthenticate, "the user is not there any more"});
    user = role->name;
  }
  state->sql->Handle(call, user);
}

}  // namespace weir
