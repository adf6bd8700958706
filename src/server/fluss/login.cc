#include "server/fluss/login.h"

#include <fmt/format.h>

#include "postgres/error.h"

namespace weir {
namespace {

using Step = Result<std::optional<std::string>>;

constexpr const char* kPlain = "PLAIN";
constexpr const char* kScram = "SCRAM-SHA-256";

Status Failed(const std::string& why) { return {ErrorCode::kAuthenticate, why}; }

/// The same for a user that is not there, and for one that may not log in.
Status WrongPassword(const std::string& user) {
  return Failed(fmt::format("authentication failed for user '{}': no such user, or another password", user));
}

Step FinishLogin(const LoginPolicy& policy, const std::string& user, std::optional<std::string> challenge,
                 FlussLogin* login) {
  const access::StatePtr state = policy.access->current();
  const access::Role* role = state->Find(user);
  if (role == nullptr) return WrongPassword(user);
  login->role = role->id;
  login->scram.reset();
  return challenge;
}

Step TakePlain(const LoginPolicy& policy, const std::string& token, FlussLogin* login) {
  if (login->role && token.empty()) return std::optional<std::string>();  // a client that asks once more is done
  const Result<access::PlainLogin> plain = access::ParsePlain(token);
  if (!plain.ok()) return Failed("the token is no message of SASL PLAIN");
  const access::StatePtr state = policy.access->current();
  const auto verifier = access::VerifierFor(*state, plain->user, policy.secret, access::MicrosecondsNow());
  if (!access::Matches(verifier, plain->password)) return WrongPassword(plain->user);
  return FinishLogin(policy, plain->user, std::nullopt, login);
}

Step TakeScram(const LoginPolicy& policy, const std::string& token, FlussLogin* login) {
  if (login->role && token.empty()) return std::optional<std::string>();
  if (!login->scram) {
    Result<access::ScramClientFirst> first = access::ParseClientFirst(token);
    if (!first.ok()) return Failed(postgres::FieldsOf(first.status()).message);
    if (first->binding == access::ScramClientFirst::Binding::kUsed) return Failed("there is no channel to bind to");
    login->scram_user = first->user;
    const access::StatePtr state = policy.access->current();
    auto verifier = access::VerifierFor(*state, first->user, policy.secret, access::MicrosecondsNow());
    login->scram.emplace(first.MoveValue(), std::move(verifier), "");
    return std::optional(login->scram->challenge());
  }
  Result<std::string> last = login->scram->Finish(token);
  login->scram.reset();
  if (!last.ok()) return WrongPassword(login->scram_user);
  return FinishLogin(policy, login->scram_user, *last, login);
}

}  // namespace

Status CheckAnonymous(const LoginPolicy& policy, const Peer& peer) {
  if (policy.access->current()->has_passwords()) {
    return Failed("this server asks for a password: set client.security.protocol to SASL, and a user's name and "
                  "password");
  }
  if (peer.local || policy.trust_remote) return Status::OK();
  return Failed("clients of other hosts are refused as long as nobody has a password: make a user with one, or start "
                "the server with --trust-remote");
}

Step TakeLoginStep(const LoginPolicy& policy, const std::string& mechanism, const std::string& token,
                   FlussLogin* login) {
  if (mechanism == kPlain) return TakePlain(policy, token, login);
  if (mechanism == kScram) return TakeScram(policy, token, login);
  return Failed(fmt::format("'{}' is not known here: log in with {} or {}", mechanism, kPlain, kScram));
}

}  // namespace weir
