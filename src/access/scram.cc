#include "access/scram.h"

#include <openssl/evp.h>
#include <stringprep.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <vector>

#include "access/bytes.h"
#include "postgres/error.h"

namespace weir::access {
namespace {

constexpr std::string_view kMechanism = "SCRAM-SHA-256";
constexpr size_t kSaltBytes = 16;
constexpr size_t kNonceBytes = 18;
constexpr size_t kHashBytes = 32;
constexpr int kMaxIterations = 1'000'000;  // a check of a password by PLAIN takes so many: a second

Status Malformed(std::string detail) {
  return postgres::Error("08P01", "malformed SCRAM message", {.detail = std::move(detail)});
}

/// RFC 4013; texts that it does not take are kept.
std::string Prepared(std::string_view password) {
  const std::string text(password);
  if (text.find('\0') != std::string::npos) return text;
  char* prepared = nullptr;
  const int result = stringprep_profile(text.c_str(), &prepared, "SASLprep", STRINGPREP_NO_UNASSIGNED);
  if (result != STRINGPREP_OK) return text;
  std::string copy(prepared);
  std::free(prepared);  // libidn has it from malloc
  return copy.empty() ? text : copy;
}

std::string SaltedPassword(std::string_view password, const std::string& salt, int iterations) {
  std::string salted(kHashBytes, '\0');
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                    reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()), iterations,
                    EVP_sha256(), static_cast<int>(salted.size()), reinterpret_cast<unsigned char*>(salted.data()));
  return salted;
}

std::string Xor(std::string a, std::string_view b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] = static_cast<char>(a[i] ^ b[i]);
  return a;
}

/// "a=value" at the front of a message: takes it and its comma.
std::optional<std::string_view> TakeAttribute(std::string_view& message, char name) {
  if (message.size() < 2 || message[0] != name || message[1] != '=') return std::nullopt;
  const size_t end = std::min(message.find(','), message.size());
  const std::string_view value = message.substr(2, end - 2);
  message.remove_prefix(std::min(end + 1, message.size()));
  return value;
}

/// A name as SCRAM writes it: "=2C" is a comma, "=3D" an equals sign.
std::optional<std::string> Unescaped(std::string_view text) {
  std::string name;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      name.push_back(text[i]);
      continue;
    }
    const std::string_view code = text.substr(i + 1, 2);
    if (code != "2C" && code != "3D") return std::nullopt;
    name.push_back(code == "2C" ? ',' : '=');
    i += 2;
  }
  return name;
}

bool IsPrintable(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f && c != ','; });
}

}  // namespace

// --- verifiers

ScramVerifier MakeVerifier(std::string_view password, std::string salt, int iterations) {
  const std::string salted = SaltedPassword(Prepared(password), salt, iterations);
  return {iterations, std::move(salt), Sha256(HmacSha256(salted, "Client Key")), HmacSha256(salted, "Server Key")};
}

ScramVerifier MakeVerifier(std::string_view password) { return MakeVerifier(password, RandomBytes(kSaltBytes)); }

std::string ToText(const ScramVerifier& verifier) {
  return std::string(kMechanism) + "$" + std::to_string(verifier.iterations) + ":" + ToBase64(verifier.salt) + "$" +
         ToBase64(verifier.stored_key) + ":" + ToBase64(verifier.server_key);
}

std::optional<ScramVerifier> ParseVerifier(std::string_view text) {
  std::vector<std::string_view> parts;
  for (const char end : {'$', ':', '$', ':'}) {
    const size_t at = text.find(end);
    if (at == std::string_view::npos) return std::nullopt;
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  ScramVerifier verifier;
  const auto [rest, error] =
      std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), verifier.iterations);
  const auto salt = FromBase64(parts[2]);
  const auto stored_key = FromBase64(parts[3]);
  const auto server_key = FromBase64(text);
  const bool number = error == std::errc() && rest == parts[1].data() + parts[1].size();
  const bool counts = number && verifier.iterations > 0 && verifier.iterations <= kMaxIterations;
  const bool keys = stored_key && stored_key->size() == kHashBytes && server_key && server_key->size() == kHashBytes;
  if (parts[0] != kMechanism || !counts || !keys || !salt || salt->empty()) return std::nullopt;
  verifier.salt = *salt;
  verifier.stored_key = *stored_key;
  verifier.server_key = *server_key;
  return verifier;
}

bool Matches(const ScramVerifier& verifier, std::string_view password) {
  return SameBytes(MakeVerifier(password, verifier.salt, verifier.iterations).stored_key, verifier.stored_key);
}

ScramVerifier VerifierOfNobody(std::string_view secret, std::string_view user) {
  return {.salt = HmacSha256(secret, user).substr(0, kSaltBytes),
          .stored_key = RandomBytes(kHashBytes),
          .server_key = RandomBytes(kHashBytes)};
}

// --- messages

Result<ScramClientFirst> ParseClientFirst(std::string_view message) {
  using Binding = ScramClientFirst::Binding;
  ScramClientFirst first;
  const std::string_view whole = message;
  if (const auto name = TakeAttribute(message, 'p')) {
    first.binding = Binding::kUsed;
    first.binding_name = *name;
  } else if (message.starts_with("n,") || message.starts_with("y,")) {
    first.binding = message[0] == 'y' ? Binding::kNotOffered : Binding::kNotSupported;
    message.remove_prefix(2);
  } else {
    return Malformed("The message does not say whether channel binding is used.");
  }
  if (message.starts_with("a=")) {
    return postgres::Error("0A000", "client uses authorization identity, but it is not supported");
  }
  if (!message.starts_with(',')) return Malformed("A comma was expected behind the authorization identity.");
  message.remove_prefix(1);
  first.header = whole.substr(0, whole.size() - message.size());
  first.bare = message;
  if (message.starts_with("m=")) return postgres::Error("0A000", "client requires an unsupported SCRAM extension");
  const auto user = TakeAttribute(message, 'n');
  const auto name = user ? Unescaped(*user) : std::nullopt;
  if (!name) return Malformed("The user name is missing or malformed.");
  const auto nonce = TakeAttribute(message, 'r');
  if (!nonce || !IsPrintable(*nonce)) return Malformed("The nonce is missing, or not of printable characters.");
  first.user = *name;
  first.nonce = *nonce;
  return first;
}

ScramServer::ScramServer(ScramClientFirst first, ScramVerifier verifier, std::string binding_data, std::string nonce)
    : first_(std::move(first)),
      verifier_(std::move(verifier)),
      binding_data_(std::move(binding_data)),
      nonce_(first_.nonce + nonce),
      challenge_("r=" + nonce_ + ",s=" + ToBase64(verifier_.salt) + ",i=" + std::to_string(verifier_.iterations)) {}

ScramServer::ScramServer(ScramClientFirst first, ScramVerifier verifier, std::string binding_data)
    : ScramServer(std::move(first), std::move(verifier), std::move(binding_data), ToBase64(RandomBytes(kNonceBytes))) {}

Result<std::string> ScramServer::Finish(std::string_view client_final) const {
  const size_t proof_at = client_final.rfind(",p=");
  if (proof_at == std::string_view::npos) return Malformed("The proof is missing.");
  const std::string without_proof(client_final.substr(0, proof_at));
  const auto proof = FromBase64(client_final.substr(proof_at + 3));
  if (!proof || proof->size() != kHashBytes) return Malformed("The proof is malformed.");
  std::string_view rest = without_proof;
  const auto binding = TakeAttribute(rest, 'c');
  const auto nonce = TakeAttribute(rest, 'r');
  if (!binding || !nonce) return Malformed("The channel binding or the nonce is missing.");
  const bool is_bound = first_.binding == ScramClientFirst::Binding::kUsed;
  const std::string bound = is_bound ? first_.header + binding_data_ : first_.header;
  if (!SameBytes(*binding, ToBase64(bound))) return postgres::Error("28000", "SCRAM channel binding check failed");
  if (!SameBytes(*nonce, nonce_)) return Malformed("The nonce is not the server's.");
  const std::string said = first_.bare + "," + challenge_ + "," + without_proof;
  const std::string client_key = Xor(*proof, HmacSha256(verifier_.stored_key, said));
  if (!SameBytes(Sha256(client_key), verifier_.stored_key)) {
    return postgres::Error("28P01", "password authentication failed");
  }
  return "v=" + ToBase64(HmacSha256(verifier_.server_key, said));
}

}  // namespace weir::access
