#pragma once

#include <memory>
#include <optional>
#include <string>

#include "access/login.h"
#include "access/store.h"
#include "server/fluss/call.h"

namespace weir {

/// What logins of Fluss clients are decided by: the users of the SQL door.
struct LoginPolicy {
  LoginPolicy(std::shared_ptr<access::Store> store, bool trust) : access(std::move(store)), trust_remote(trust) {}

  const std::shared_ptr<access::Store> access;
  const bool trust_remote;  // whether clients of other hosts are let in as long as nobody has a password
  const std::string secret = access::RandomSecret();
  access::LoginDelays delays;
};

/// One client's login, as far as it has come.
struct FlussLogin {
  std::optional<access::RoleId> role = {};  // once it is proven
  std::optional<access::ScramServer> scram = {};
  std::string scram_user = {};
  bool refused = false;  // an attempt has failed and is still to be answered: no other is looked at meanwhile
};

/// Code 46 unless a client that has not logged in may do everything: as long as nobody has a password, who comes from
/// this host may, and who comes from another where that is wanted.
Status CheckAnonymous(const LoginPolicy& policy, const Peer& peer);

/// One message of a client's login by SASL, PLAIN or SCRAM-SHA-256. The challenge to answer with; nothing when it is
/// complete. Code 46 for what is wrong with it.
Result<std::optional<std::string>> TakeLoginStep(const LoginPolicy& policy, const std::string& mechanism,
                                                 const std::string& token, FlussLogin* login);

}  // namespace weir
