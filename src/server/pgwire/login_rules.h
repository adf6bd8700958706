#pragma once

#include <asio/ip/address.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/state.h"
#include "types/mutex.h"
#include "weir/status.h"

namespace weir {

/// Who may log in how: the lines of a file in the form of PostgreSQL's pg_hba.conf. The first that fits decides.
///
///     host[ssl|nossl]  database[,…]  user[,…]  address/bits  method  [clientcert=verify-full]
///
/// A database or a user may be `all`, a user `+role` for the role's members, a database `sameuser` or `samerole`:
/// called as the user, or as a role that it is a member of. What stands in double quotes is a name. The bits may be a
/// mask in a word of its own. Methods: trust, reject, scram-sha-256, cert.
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

  /// A word of a line; in quotes it means nothing but itself.
  struct Word {
    std::string text;
    bool quoted = false;

    bool Is(std::string_view keyword) const { return !quoted && text == keyword; }
  };

 private:
  struct Rule {
    std::optional<bool> tls;
    std::vector<Word> databases;
    std::vector<Word> users;
    std::optional<asio::ip::address> network;  // nothing: any address
    int bits = 0;
    Answer answer;
  };
  /// A line's columns, each a list.
  using Columns = std::vector<std::vector<Word>>;
  static Result<Rule> ParseRule(const Columns& columns);

  std::vector<Rule> rules_;
};

/// The rules of a file, which is read again when the server is told to. Thread-safe.
class LoginRuleFile {
 public:
  static Result<std::shared_ptr<LoginRuleFile>> Open(const std::string& file);

  /// Rules that make no sense change nothing.
  Status Reload();
  std::shared_ptr<const LoginRules> current() const;

 private:
  explicit LoginRuleFile(std::string file) : file_(std::move(file)) {}

  const std::string file_;
  mutable Mutex mutex_;
  std::shared_ptr<const LoginRules> current_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
