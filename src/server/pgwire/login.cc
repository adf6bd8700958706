#include "server/pgwire/login.h"

#include <fmt/format.h>

#include "format/big_endian.h"

namespace weir::pgwire {
namespace {

using Method = LoginRules::Method;

constexpr std::string_view kScram = "SCRAM-SHA-256";
constexpr std::string_view kScramPlus = "SCRAM-SHA-256-PLUS";
constexpr std::string_view kEndPoint = "tls-server-end-point";
constexpr int32_t kMaxMessageBytes = 65536;  // of who has not logged in

Status Malformed() { return postgres::Error("08P01", "malformed SASL message"); }

Status WrongPassword(const std::string& user) {
  return postgres::Error("28P01", fmt::format("password authentication failed for user \"{}\"", user));
}

/// A message that answers the server's; its body.
Result<std::string_view> ReadAnswer(Channel* channel) {
  WEIR_ASSIGN_OR_RETURN(const std::optional<Channel::Frame> frame, channel->Read(kMaxMessageBytes));
  if (!frame) return postgres::Error("08006", "the client is gone");
  if (frame->type != 'p') {
    const int type = static_cast<unsigned char>(frame->type);
    return postgres::Error("08P01", fmt::format("expected SASL response, got message type {}", type));
  }
  return frame->body;
}

/// Whether what the client has chosen and what it says of channel binding fit.
Status CheckBinding(const access::ScramClientFirst& first, bool plus, bool offered) {
  using Binding = access::ScramClientFirst::Binding;
  if (plus != (first.binding == Binding::kUsed)) {
    return postgres::Error("08P01", "malformed SCRAM message",
                           {.detail = "The mechanism and what is said of channel binding do not fit."});
  }
  if (first.binding == Binding::kNotOffered && offered) {
    return postgres::Error("28000", "SCRAM channel binding negotiation error",
                           {.detail = "The client supports SCRAM channel binding but thinks the server does not. "
                                      "However, this server does support channel binding."});
  }
  if (plus && first.binding_name != kEndPoint) {
    return postgres::Error("08P01", fmt::format("unsupported SCRAM channel-binding type \"{}\"", first.binding_name));
  }
  return Status::OK();
}

Status LogInByScram(const LoginPolicy& policy, const std::string& user, Channel* channel) {
  const TlsStream* tls = channel->tls();
  const std::string end_point = tls == nullptr ? "" : tls->server_end_point();
  const bool offers_plus = !end_point.empty();
  std::vector<std::string_view> mechanisms;
  if (offers_plus) mechanisms.push_back(kScramPlus);
  mechanisms.push_back(kScram);
  channel->out().AuthenticationSasl(mechanisms);
  WEIR_ASSIGN_OR_RETURN(const std::string_view begin, ReadAnswer(channel));
  WEIR_ASSIGN_OR_RETURN(const SaslInitialResponse response, DecodeSaslInitialResponse(begin));
  const bool plus = offers_plus && response.mechanism == kScramPlus;
  if (!plus && response.mechanism != kScram) {
    return postgres::Error("08P01", "client selected an invalid SASL authentication mechanism");
  }
  WEIR_ASSIGN_OR_RETURN(access::ScramClientFirst first, access::ParseClientFirst(response.data));
  WEIR_RETURN_NOT_OK(CheckBinding(first, plus, offers_plus));
  // The user is the one of the start-up packet; clients of PostgreSQL leave it out here.
  const access::StatePtr state = policy.access->current();
  const access::ScramServer scram(
      std::move(first), access::VerifierFor(*state, user, policy.secret, access::MicrosecondsNow()), end_point);
  channel->out().AuthenticationSaslContinue(scram.challenge());
  WEIR_ASSIGN_OR_RETURN(const std::string_view proof, ReadAnswer(channel));
  Result<std::string> last = scram.Finish(proof);
  if (!last.ok()) return postgres::FieldsOf(last.status()).sqlstate == "28P01" ? WrongPassword(user) : last.status();
  channel->out().AuthenticationSaslFinal(*last);
  return Status::OK();
}

Status Refused(const LoginRules::Client& client, const char* why) {
  return postgres::Error("28000", fmt::format("{} for host \"{}\", user \"{}\", database \"{}\", {}", why,
                                              client.address.to_string(), client.user, client.database,
                                              client.tls ? "SSL encryption" : "no encryption"));
}

/// Without rules.
Result<LoginRules::Answer> Default(const LoginPolicy& policy, const access::State& state, bool local) {
  if (state.has_passwords()) return LoginRules::Answer{Method::kScram, false};
  if (local || policy.trust_remote) return LoginRules::Answer{Method::kTrust, false};
  return postgres::Error("28000", "connections from other hosts are refused as long as nobody has a password",
                         {.hint = "Make a user with a password, or start the server with --trust-remote."});
}

}  // namespace

Status LogIn(const LoginPolicy& policy, const LoginRules::Client& client, bool local, Channel* channel) {
  if (policy.access != nullptr) WEIR_RETURN_NOT_OK(policy.access->Refresh());
  const access::StatePtr state = policy.access != nullptr
                                     ? policy.access->current()
                                     : std::make_shared<const access::State>(access::State::BuiltIn());
  LoginRules::Answer answer;
  if (policy.rules) {
    const auto found = policy.rules->current()->Find(client, *state);
    if (!found) return Refused(client, "no rule lets anybody in");
    answer = *found;
  } else {
    WEIR_ASSIGN_OR_RETURN(answer, Default(policy, *state, local));
  }
  const TlsStream* tls = channel->tls();
  const bool proven = tls != nullptr && !client.user.empty() && tls->client_name() == client.user;
  if (answer.needs_certificate && !proven) {
    return postgres::Error("28000", fmt::format("certificate authentication failed for user \"{}\"", client.user));
  }
  switch (answer.method) {
    case Method::kTrust:
    case Method::kCertificate: return Status::OK();
    case Method::kReject: return Refused(client, "a rule rejects connections");
    case Method::kScram: return LogInByScram(policy, client.user, channel);
  }
  return Status::OK();
}

Result<SaslInitialResponse> DecodeSaslInitialResponse(std::string_view body) {
  const size_t end = body.find('\0');
  if (end == std::string_view::npos || body.size() < end + 1 + sizeof(int32_t)) return Malformed();
  const auto size = LoadBigEndian<int32_t>(body.substr(end + 1));
  const std::string_view data = body.substr(end + 1 + sizeof(int32_t));
  if (size < 0 || static_cast<size_t>(size) != data.size()) return Malformed();
  return SaslInitialResponse{body.substr(0, end), data};
}

}  // namespace weir::pgwire
