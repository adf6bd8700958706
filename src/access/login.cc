#include "access/login.h"

#include <algorithm>

#include "access/bytes.h"
#include "postgres/error.h"

namespace weir::access {

std::string RandomSecret() { return RandomBytes(32); }

int64_t MicrosecondsNow() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

ScramVerifier VerifierFor(const State& state, std::string_view user, std::string_view secret, int64_t now) {
  const Role* role = state.Find(user);
  const bool may = role != nullptr && role->login && !(role->valid_until && *role->valid_until < now);
  const auto verifier = may ? ParseVerifier(role->verifier) : std::nullopt;
  return verifier ? *verifier : VerifierOfNobody(secret, user);
}

Result<PlainLogin> ParsePlain(std::string_view token) {
  const size_t first = token.find('\0');
  const size_t second = first == std::string_view::npos ? first : token.find('\0', first + 1);
  const Status malformed = postgres::Error("08P01", "malformed SASL PLAIN message");
  if (second == std::string_view::npos || token.find('\0', second + 1) != std::string_view::npos) return malformed;
  PlainLogin login{std::string(token.substr(first + 1, second - first - 1)), std::string(token.substr(second + 1))};
  const std::string_view other = token.substr(0, first);
  if (login.user.empty() || login.password.empty() || (!other.empty() && other != login.user)) return malformed;
  return login;
}

std::chrono::milliseconds LoginDelays::Failed(const std::string& address) {
  constexpr std::chrono::milliseconds kFirst(200);
  constexpr std::chrono::milliseconds kLongest(3000);
  MutexLock lock(mutex_);
  int* failures = failures_.Find(address);
  if (failures == nullptr) failures = &failures_.Add(address, 0);
  if (failures_.size() > kMaxAddresses) failures_.DropLast();
  const int times = (*failures)++;
  return std::min(kLongest, kFirst * (1 << std::min(times, 10)));
}

void LoginDelays::Succeeded(const std::string& address) {
  MutexLock lock(mutex_);
  failures_.Erase(address);
}

}  // namespace weir::access
