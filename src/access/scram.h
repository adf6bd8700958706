#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::access {

/// What is kept of a password (RFC 5803): enough to check one, of no use to log in with.
struct ScramVerifier {
  int iterations = 4096;
  std::string salt;
  std::string stored_key;
  std::string server_key;
};

/// SASLprep (RFC 4013) is applied to the password where it can be, as PostgreSQL does; else it is taken as it is.
ScramVerifier MakeVerifier(std::string_view password, std::string salt, int iterations = 4096);
/// With a salt of its own.
ScramVerifier MakeVerifier(std::string_view password);
/// "SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>", as pg_authid shows it.
std::string ToText(const ScramVerifier& verifier);
std::optional<ScramVerifier> ParseVerifier(std::string_view text);
bool Matches(const ScramVerifier& verifier, std::string_view password);
/// One that no password matches, always the same for a user and a secret: who asks for a user that is not there
/// cannot tell.
ScramVerifier VerifierOfNobody(std::string_view secret, std::string_view user);

/// The first message of a client (RFC 5802, section 7).
struct ScramClientFirst {
  enum class Binding { kNotSupported, kNotOffered, kUsed };  // "n", "y" (the client could, were it offered), "p="
  Binding binding = Binding::kNotSupported;
  std::string binding_name;  // kUsed: "tls-server-end-point"
  std::string header;        // with its commas
  std::string user;
  std::string nonce;
  std::string bare;  // without the header
};
/// 08P01 for a text that is none, 0A000 for what is not supported in one.
Result<ScramClientFirst> ParseClientFirst(std::string_view message);

/// One login by SCRAM-SHA-256 as the server sees it (RFC 5802, RFC 7677).
class ScramServer {
 public:
  /// `binding_data`: what ties the login to its TLS connection; empty where there is none. `nonce`: printable ASCII
  /// without a comma, never used before.
  ScramServer(ScramClientFirst first, ScramVerifier verifier, std::string binding_data, std::string nonce);
  ScramServer(ScramClientFirst first, ScramVerifier verifier, std::string binding_data);

  /// The server's first message.
  const std::string& challenge() const { return challenge_; }
  /// The server's last message; 28P01 when the client does not know the password, 08P01 for a text that is no message.
  Result<std::string> Finish(std::string_view client_final) const;

 private:
  const ScramClientFirst first_;
  const ScramVerifier verifier_;
  const std::string binding_data_;
  const std::string nonce_;  // the client's and the server's
  const std::string challenge_;
};

}  // namespace weir::access
