#pragma once

#include <memory>
#include <string>

#include "access/login.h"
#include "access/store.h"
#include "server/pgwire/channel.h"
#include "server/pgwire/login_rules.h"

namespace weir::pgwire {

/// What logins are decided by.
struct LoginPolicy {
  std::shared_ptr<access::Store> access;  // null: nobody is asked for anything
  std::shared_ptr<LoginRuleFile> rules;   // null: who has a password needs it; as long as nobody has, all may come in
  bool trust_remote = false;              // … from other hosts, too
  std::string secret = access::RandomSecret();  // of this server
};

/// Lets the client prove who it is, by SCRAM or by its certificate, or refuses it: 28000, 28P01 for a wrong password.
/// `local`: from this host.
Status LogIn(const LoginPolicy& policy, const LoginRules::Client& client, bool local, Channel* channel);

/// The first message of a SASL exchange: the mechanism and what it begins with.
struct SaslInitialResponse {
  std::string_view mechanism;
  std::string_view data;
};
Result<SaslInitialResponse> DecodeSaslInitialResponse(std::string_view body);

}  // namespace weir::pgwire
