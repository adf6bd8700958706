#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "access/login.h"
#include "access/records.h"
#include "server/fluss/login.h"
#include "server/pgwire/login.h"

// What somebody sends who has not logged in: the first byte says what the others are read as. Messages of SCRAM, one
// after another, a zero between them; of SASL PLAIN; of the SQL door's SASL; verifiers, rules, and rows of weir.access.
namespace {

using namespace weir;

/// Users that are in memory alone.
class Users final : public access::Store {
 public:
  Users() {
    access::State state = access::State::BuiltIn();
    state.roles[access::kRoot].verifier = access::ToText(access::MakeVerifier("secret", "salt", 1));
    state_ = std::make_shared<const access::State>(std::move(state));
  }
  access::StatePtr current() const override { return state_; }
  Status Refresh() override { return Status::OK(); }
  Status Follow(int64_t) override { return Status::OK(); }
  Status Commit(const access::State&, const access::State&, CommitRequest, const Write&) override { std::abort(); }
  Status Change(const std::function<Status(access::State*)>&) override { std::abort(); }
  Status Close() override { return Status::OK(); }

 private:
  access::StatePtr state_;
};

/// Nobody gets in by chance.
void TryLogin(const std::string& mechanism, std::string_view bytes) {
  static const LoginPolicy policy(std::make_shared<Users>(), false);
  FlussLogin login;
  while (!bytes.empty()) {
    const size_t end = mechanism == "PLAIN" ? bytes.size() : std::min(bytes.find('\0'), bytes.size());
    (void)TakeLoginStep(policy, mechanism, std::string(bytes.substr(0, end)), &login);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  const bool knows = mechanism == "PLAIN";  // the password can be guessed, an answer to a nonce cannot
  if (login.role && !knows) std::abort();
}

void TryVerifier(std::string_view text) {
  const auto verifier = access::ParseVerifier(text);
  if (verifier && !access::ParseVerifier(access::ToText(*verifier))) std::abort();
}

void TryRecord(std::string_view bytes) {
  const size_t first = std::min(bytes.find('\0'), bytes.size());
  const std::string_view rest = bytes.substr(std::min(first + 1, bytes.size()));
  const size_t second = std::min(rest.find('\0'), rest.size());
  const access::Records records = {{{std::string(bytes.substr(0, first)), std::string(rest.substr(0, second))},
                                    std::string(rest.substr(std::min(second + 1, rest.size())))}};
  const auto state = access::FromRecords(records);
  if (state.ok()) (void)access::ToRecords(*state);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 6) {
    case 0: TryLogin("SCRAM-SHA-256", bytes); break;
    case 1: TryLogin("PLAIN", bytes); break;
    case 2: (void)pgwire::DecodeSaslInitialResponse(bytes); break;
    case 3: TryVerifier(bytes); break;
    case 4: (void)LoginRules::Parse(bytes); break;
    default: TryRecord(bytes);
  }
  return 0;
}
