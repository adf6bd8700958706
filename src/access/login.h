#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "access/scram.h"
#include "access/state.h"
#include "types/mutex.h"
#include "types/recently_used.h"

namespace weir::access {

/// What a user's password is held against: the verifier of a role that may log in with one at this moment
/// (microseconds since 1970 UTC), else one that no password matches and that looks no different to the client.
/// `secret`: the server's, the same for all logins.
ScramVerifier VerifierFor(const State& state, std::string_view user, std::string_view secret, int64_t now);
int64_t MicrosecondsNow();
/// What a server makes once for VerifierFor.
std::string RandomSecret();

/// SASL's PLAIN (RFC 4616): "authzid NUL user NUL password".
struct PlainLogin {
  std::string user;
  std::string password;
};
/// 08P01 for bytes that are none; a user other than the one logging in cannot be asked for.
Result<PlainLogin> ParsePlain(std::string_view token);

/// Makes those wait who guess passwords: 0.2 s after a first failed login from an address, twice as long after each
/// more, 3 s at most; a login that succeeds forgets them. Thread-safe.
class LoginDelays {
 public:
  /// How long to wait before the client is told.
  std::chrono::milliseconds Failed(const std::string& address);
  void Succeeded(const std::string& address);

 private:
  static constexpr size_t kMaxAddresses = 10'000;  // the latest

  Mutex mutex_;
  RecentlyUsed<std::string, int> failures_ WEIR_GUARDED_BY(mutex_);  // their number, by address
};

}  // namespace weir::access
