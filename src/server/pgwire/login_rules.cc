#include "server/pgwire/login_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

namespace weir {
namespace {

/// The words of a line; what stands in double quotes is one, and a `#` outside of them ends the line.
std::vector<std::string> WordsOf(std::string_view line) {
  std::vector<std::string> words;
  bool quoted = false;
  bool open = false;
  for (const char c : line) {
    if (c == '#' && !quoted) break;
    if (c == '"') {
      quoted = !quoted;
      if (!open) words.emplace_back();
      open = true;
    } else if (!quoted && (c == ' ' || c == '\t' || c == '\r')) {
      open = false;
    } else {
      if (!open) words.emplace_back();
      open = true;
      words.back().push_back(c);
    }
  }
  return words;
}

std::vector<std::string> SplitAtCommas(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
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

bool NamesUser(const std::string& word, const std::string& user, const access::State& state) {
  if (word == "all" || word == user) return true;
  if (!word.starts_with('+')) return false;
  const access::Role* member = state.Find(user);
  const access::Role* role = state.Find(std::string_view(word).substr(1));
  return member != nullptr && role != nullptr && access::RolesOf(state, member->id, false).contains(role->id);
}

}  // namespace

Result<LoginRules::Rule> LoginRules::ParseRule(const std::vector<std::string>& words) {
  if (words.size() < 5) return Status::Invalid("it has fewer than five words: type, database, user, address, method");
  Rule rule;
  if (words[0] == "hostssl") {
    rule.tls = true;
  } else if (words[0] == "hostnossl") {
    rule.tls = false;
  } else if (words[0] != "host") {
    return Status::Invalid(fmt::format("'{}' is none of host, hostssl, hostnossl", words[0]));
  }
  rule.databases = SplitAtCommas(words[1]);
  rule.users = SplitAtCommas(words[2]);
  if (words[3] != "all") {
    const size_t slash = words[3].find('/');
    asio::error_code error;
    const asio::ip::address network = asio::ip::make_address(words[3].substr(0, slash), error);
    if (error) return Status::Invalid(fmt::format("'{}' is no address", words[3]));
    rule.network = network;
    rule.bits = network.is_v4() ? 32 : 128;
    if (slash != std::string::npos) {
      int bits = -1;
      const char* end = words[3].data() + words[3].size();
      const auto [rest, failed] = std::from_chars(words[3].data() + slash + 1, end, bits);
      if (failed != std::errc() || rest != end || bits < 0 || bits > rule.bits) {
        return Status::Invalid(fmt::format("'{}' has no number of bits from 0 to {}", words[3], rule.bits));
      }
      rule.bits = bits;
    }
  }
  if (words[4] == "trust") rule.answer.method = Method::kTrust;
  else if (words[4] == "reject") rule.answer.method = Method::kReject;
  else if (words[4] == "scram-sha-256") rule.answer.method = Method::kScram;
  else if (words[4] == "cert") rule.answer = {Method::kCertificate, true};
  else return Status::Invalid(fmt::format("'{}' is none of trust, reject, scram-sha-256, cert", words[4]));
  for (size_t i = 5; i < words.size(); ++i) {
    if (words[i] != "clientcert=verify-full") {
      return Status::Invalid(fmt::format("'{}' is not known; there is clientcert=verify-full", words[i]));
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
    const std::vector<std::string> words = WordsOf(line);
    if (words.empty()) continue;
    Result<Rule> rule = ParseRule(words);
    if (!rule.ok()) return Status::Invalid(fmt::format("line {}: {}", number, rule.status().message()));
    rules.rules_.push_back(rule.MoveValue());
  }
  return rules;
}

Result<LoginRules> LoginRules::Read(const std::string& file) {
  std::ifstream stream(file);
  if (!stream) return Status::Invalid(fmt::format("the rules in '{}' cannot be read", file));
  std::ostringstream text;
  text << stream.rdbuf();
  Result<LoginRules> rules = Parse(text.str());
  if (!rules.ok()) return Status::Invalid(fmt::format("'{}', {}", file, rules.status().message()));
  return rules;
}

std::optional<LoginRules::Answer> LoginRules::Find(const Client& client, const access::State& state) const {
  const asio::ip::address address = Plain(client.address);
  for (const Rule& rule : rules_) {
    if (rule.tls && *rule.tls != client.tls) continue;
    if (rule.network && !IsWithin(address, *rule.network, rule.bits)) continue;
    const auto is_database = [&](const std::string& word) { return word == "all" || word == client.database; };
    const auto is_user = [&](const std::string& word) { return NamesUser(word, client.user, state); };
    if (std::ranges::none_of(rule.databases, is_database) || std::ranges::none_of(rule.users, is_user)) continue;
    return rule.answer;
  }
  return std::nullopt;
}

}  // namespace weir
