#include "server/pgwire/login_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "types/whole_file.h"

namespace weir {
namespace {

using Word = LoginRules::Word;
using Columns = std::vector<std::vector<Word>>;

/// The columns of a line, of words between commas: what stands in double quotes is one word, blanks behind a comma end
/// no column, and a `#` outside of quotes ends the line.
Columns ColumnsOf(std::string_view line) {
  Columns columns;
  bool quoted = false;
  bool in_column = false;
  bool in_word = false;
  const auto word = [&]() -> Word& {
    if (!in_column) columns.emplace_back();
    if (!in_column || !in_word) columns.back().emplace_back();
    in_column = in_word = true;
    return columns.back().back();
  };
  for (const char c : line) {
    if (c == '#' && !quoted) break;
    if (c == '"') {
      quoted = !quoted;
      word().quoted = true;
    } else if (!quoted && c == ',') {
      in_word = false;
    } else if (!quoted && (c == ' ' || c == '\t' || c == '\r')) {
      in_column = in_column && !in_word;
      in_word = false;
    } else {
      word().text.push_back(c);
    }
  }
  return columns;
}

/// IPv4 in IPv6's clothes is IPv4.
asio::ip::address Plain(const asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

template <typename Bytes>
bool SameBits(const Bytes& a, const Bytes& b, int bits) {
  for (size_t i = 0; i < a.size() && bits > 0; ++i, bits -= 8) {
    const unsigned mask = bits >= 8 ? 0xffu : 0xffu << (8 - bits) & 0xffu;
    if ((a[i] & mask) != (b[i] & mask)) return false;
  }
  return true;
}

bool IsWithin(const asio::ip::address& address, const asio::ip::address& network, int bits) {
  if (address.is_v4() != network.is_v4()) return false;
  if (address.is_v4()) return SameBits(address.to_v4().to_bytes(), network.to_v4().to_bytes(), bits);
  return SameBits(address.to_v6().to_bytes(), network.to_v6().to_bytes(), bits);
}

/// Whether the user is the role or a member of it.
bool IsIn(std::string_view role_name, const std::string& user, const access::State& state) {
  const access::Role* member = state.Find(user);
  const access::Role* role = state.Find(role_name);
  return member != nullptr && role != nullptr && access::RolesOf(state, member->id, false).contains(role->id);
}

bool NamesUser(const Word& word, const std::string& user, const access::State& state) {
  if (word.Is("all") || (word.text == user && (word.quoted || !user.starts_with('+')))) return true;
  return !word.quoted && word.text.starts_with('+') && IsIn(std::string_view(word.text).substr(1), user, state);
}

bool NamesDatabase(const Word& word, const LoginRules::Client& client, const access::State& state) {
  if (word.Is("all")) return true;
  if (word.Is("sameuser")) return client.database == client.user;
  if (word.Is("samerole") || word.Is("samegroup")) return IsIn(client.database, client.user, state);
  return word.text == client.database;
}

/// How many ones a mask begins with; -1: zeros stand before others.
int BitsOf(const asio::ip::address& mask) {
  int bits = 0;
  bool over = false;
  const auto count = [&](const auto& bytes) {
    for (const unsigned byte : bytes) {
      for (unsigned bit = 0x80; bit != 0; bit >>= 1) {
        const bool one = (byte & bit) != 0;
        if (one && over) return -1;
        over = over || !one;
        bits += one ? 1 : 0;
      }
    }
    return bits;
  };
  return mask.is_v4() ? count(mask.to_v4().to_bytes()) : count(mask.to_v6().to_bytes());
}

struct Network {
  asio::ip::address address;
  int bits = 0;
};

/// "10.0.0.0/8"; without bits one address.
Result<Network> ReadNetwork(const std::string& text) {
  const size_t slash = text.find('/');
  asio::error_code error;
  Network network{asio::ip::make_address(text.substr(0, slash), error), 0};
  if (error) return Status::Invalid(fmt::format("'{}' is no address", text));
  const int all = network.address.is_v4() ? 32 : 128;
  network.bits = all;
  if (slash == std::string::npos) return network;
  int bits = -1;
  const char* end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data() + slash + 1, end, bits);
  if (failed != std::errc() || rest != end || bits < 0 || bits > all) {
    return Status::Invalid(fmt::format("'{}' has no number of bits from 0 to {}", text, all));
  }
  network.bits = bits;
  return network;
}

/// The mask in a column of its own; nothing where the column is none.
Result<std::optional<int>> ReadMask(const Network& network, const std::string& address, const std::string& text) {
  asio::error_code error;
  const asio::ip::address mask = asio::ip::make_address(text, error);
  if (error || address.find('/') != std::string::npos) return std::optional<int>();
  const int bits = mask.is_v4() == network.address.is_v4() ? BitsOf(mask) : -1;
  if (bits < 0) return Status::Invalid(fmt::format("'{}' is no mask of '{}'", text, address));
  return std::optional(bits);
}

Result<LoginRules::Answer> ReadMethod(const std::string& text) {
  using Method = LoginRules::Method;
  if (text == "trust") return LoginRules::Answer{Method::kTrust, false};
  if (text == "reject") return LoginRules::Answer{Method::kReject, false};
  if (text == "scram-sha-256") return LoginRules::Answer{Method::kScram, false};
  if (text == "cert") return LoginRules::Answer{Method::kCertificate, true};
  return Status::Invalid(fmt::format("'{}' is none of trust, reject, scram-sha-256, cert", text));
}

}  // namespace

Result<LoginRules::Rule> LoginRules::ParseRule(const Columns& columns) {
  if (columns.size() < 5) return Status::Invalid("it has fewer than five words: type, database, user, address, method");
  // A column but those of databases and users is one word.
  const auto text = [&](size_t column) -> const std::string& { return columns[column].front().text; };
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i != 1 && i != 2 && columns[i].size() > 1) return Status::Invalid(fmt::format("'{}' is a list", text(i)));
  }
  Rule rule;
  if (text(0) == "hostssl") {
    rule.tls = true;
  } else if (text(0) == "hostnossl") {
    rule.tls = false;
  } else if (text(0) != "host") {
    return Status::Invalid(fmt::format("'{}' is none of host, hostssl, hostnossl", text(0)));
  }
  rule.databases = columns[1];
  rule.users = columns[2];
  size_t next = 4;
  if (!columns[3].front().Is("all")) {
    WEIR_ASSIGN_OR_RETURN(Network network, ReadNetwork(text(3)));
    WEIR_ASSIGN_OR_RETURN(const std::optional<int> bits, ReadMask(network, text(3), text(4)));
    if (bits) ++next;
    if (next == columns.size()) return Status::Invalid("it has no method");
    rule.network = network.address;
    rule.bits = bits.value_or(network.bits);
  }
  WEIR_ASSIGN_OR_RETURN(rule.answer, ReadMethod(text(next)));
  for (size_t i = next + 1; i < columns.size(); ++i) {
    if (text(i) != "clientcert=verify-full") {
      return Status::Invalid(fmt::format("'{}' is not known; there is clientcert=verify-full", text(i)));
    }
    rule.answer.needs_certificate = true;
  }
  if (rule.answer.needs_certificate) rule.tls = true;
  return rule;
}

Result<LoginRules> LoginRules::Parse(std::string_view text) {
  LoginRules rules;
  std::istringstream lines{std::string(text)};
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const Columns columns = ColumnsOf(line);
    if (columns.empty()) continue;
    Result<Rule> rule = ParseRule(columns);
    if (!rule.ok()) return Status::Invalid(fmt::format("line {}: {}", number, rule.status().message()));
    rules.rules_.push_back(rule.MoveValue());
  }
  return rules;
}

Result<LoginRules> LoginRules::Read(const std::string& file) {
  const std::optional<std::string> text = ReadWholeFile(file);
  if (!text) return Status::Invalid(fmt::format("the rules in '{}' cannot be read", file));
  Result<LoginRules> rules = Parse(*text);
  if (!rules.ok()) return Status::Invalid(fmt::format("'{}', {}", file, rules.status().message()));
  return rules;
}

std::optional<LoginRules::Answer> LoginRules::Find(const Client& client, const access::State& state) const {
  const asio::ip::address address = Plain(client.address);
  for (const Rule& rule : rules_) {
    if (rule.tls && *rule.tls != client.tls) continue;
    if (rule.network && !IsWithin(address, *rule.network, rule.bits)) continue;
    const auto is_database = [&](const Word& word) { return NamesDatabase(word, client, state); };
    const auto is_user = [&](const Word& word) { return NamesUser(word, client.user, state); };
    if (std::ranges::none_of(rule.databases, is_database) || std::ranges::none_of(rule.users, is_user)) continue;
    return rule.answer;
  }
  return std::nullopt;
}

Result<std::shared_ptr<LoginRuleFile>> LoginRuleFile::Open(const std::string& file) {
  std::shared_ptr<LoginRuleFile> opened(new LoginRuleFile(file));
  WEIR_RETURN_NOT_OK(opened->Reload());
  return opened;
}

Status LoginRuleFile::Reload() {
  WEIR_ASSIGN_OR_RETURN(LoginRules rules, LoginRules::Read(file_));
  const MutexLock lock(mutex_);
  current_ = std::make_shared<const LoginRules>(std::move(rules));
  return Status::OK();
}

std::shared_ptr<const LoginRules> LoginRuleFile::current() const {
  const MutexLock lock(mutex_);
  return current_;
}

}  // namespace weir
