#pragma once

#include <asio/ip/address.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/state.h"
#include "weir/status.h"

namespace weir {

/// Who may log in how: the lines of a file in the form of PostgreSQL's pg_hba.conf. The first that fits decides.
///
///     host[ssl|nossl]  database[,…]  user[,…]  address/bits  method  [clientcert=verify-full]
///
/// A database or a user may be `all`, a user `+role` for the role's members. Methods: trust, reject, scram-sha-256,
/// cert.
class LoginRules {
 public:
  enum class Method { kTrust, kReject, kScram, kCertificate };
  struct Client {
    asio::ip::address address;
    bool tls = false;
    std::string database;
    std::string user;
  };
  struct Answer {
    Method method = Method::kReject;
    bool needs_certificate = false;  // whose common name is the user's
  };

  /// Code -2 names the line that makes no sense.
  static Result<LoginRules> Parse(std::string_view text);
  static Result<LoginRules> Read(const std::string& file);

  /// Nothing when no line fits.
  std::optional<Answer> Find(const Client& client, const access::State& state) const;

 private:
  struct Rule {
    std::optional<bool> tls;
    std::vector<std::string> databases;
    std::vector<std::string> users;
    std::optional<asio::ip::address> network;  // nothing: any address
    int bits = 0;
    Answer answer;
  };
  static Result<Rule> ParseRule(const std::vector<std::string>& words);

  std::vector<Rule> rules_;
};

}  // namespace weir
