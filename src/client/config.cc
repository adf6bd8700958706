#include "weir/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <limits>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "model/table_rules.h"

namespace weir {
namespace {

using Member =
    std::variant<std::string Config::*, bool Config::*, int32_t Config::*, int64_t Config::*, uint64_t Config::*>;

enum class ValueUnit { kNone, kBytes, kMillis };

struct Key {
  std::string_view name;
  Member member;
  ValueUnit unit = ValueUnit::kNone;
};

constexpr Key kKeys[] = {
    {"bootstrap.servers", &Config::bootstrap_servers},
    {"connect-timeout", &Config::connect_timeout_ms, ValueUnit::kMillis},
    {"request-timeout", &Config::request_timeout_ms, ValueUnit::kMillis},
    {"retry-timeout", &Config::retry_timeout_ms, ValueUnit::kMillis},
    {"security.protocol", &Config::security_protocol},
    {"security.sasl.mechanism", &Config::security_sasl_mechanism},
    {"security.sasl.username", &Config::security_sasl_username},
    {"security.sasl.password", &Config::security_sasl_password},
    {"bucket.hash", &Config::bucket_hash},
    {"writer.acks", &Config::writer_acks},
    {"writer.retries", &Config::writer_retries},
    {"writer.batch-size", &Config::writer_batch_size, ValueUnit::kBytes},
    {"writer.dynamic-batch-size.enabled", &Config::writer_dynamic_batch_size_enabled},
    {"writer.dynamic-batch-size-min", &Config::writer_dynamic_batch_size_min, ValueUnit::kBytes},
    {"writer.batch-timeout-ms", &Config::writer_batch_timeout_ms, ValueUnit::kMillis},
    {"writer.request-max-size", &Config::writer_request_max_size, ValueUnit::kBytes},
    {"writer.bucket.no-key-assigner", &Config::writer_bucket_no_key_assigner},
    {"writer.enable-idempotence", &Config::writer_enable_idempotence},
    {"writer.max-inflight-requests-per-bucket", &Config::writer_max_inflight_requests_per_bucket},
    {"writer.buffer.memory-size", &Config::writer_buffer_memory_size, ValueUnit::kBytes},
    {"writer.buffer.wait-timeout-ms", &Config::writer_buffer_wait_timeout_ms, ValueUnit::kMillis},
    {"writer.kv-backpressure.max-throttle-ms", &Config::writer_kv_backpressure_max_throttle_ms, ValueUnit::kMillis},
    {"writer.delivery-timeout-ms", &Config::writer_delivery_timeout_ms, ValueUnit::kMillis},
    {"writer.dynamic-create-partition.enabled", &Config::writer_dynamic_create_partition_enabled},
    {"scanner.log.max-poll-records", &Config::scanner_log_max_poll_records},
    {"scanner.log.fetch.max-bytes", &Config::scanner_log_fetch_max_bytes, ValueUnit::kBytes},
    {"scanner.log.fetch.min-bytes", &Config::scanner_log_fetch_min_bytes, ValueUnit::kBytes},
    {"scanner.log.fetch.wait-max-time-ms", &Config::scanner_log_fetch_wait_max_time_ms, ValueUnit::kMillis},
    {"scanner.log.fetch.max-bytes-for-bucket", &Config::scanner_log_fetch_max_bytes_for_bucket, ValueUnit::kBytes},
    {"scanner.log.check-crc", &Config::scanner_log_check_crc},
    {"scanner.remote-log.prefetch-num", &Config::scanner_remote_log_prefetch_num},
    {"scanner.remote-log.read-concurrency", &Config::scanner_remote_log_read_concurrency},
    {"remote-file.download-thread-num", &Config::remote_file_download_thread_num},
    {"lookup.queue-size", &Config::lookup_queue_size},
    {"lookup.max-batch-size", &Config::lookup_max_batch_size},
    {"lookup.batch-timeout", &Config::lookup_batch_timeout_ms, ValueUnit::kMillis},
    {"lookup.max-inflight-requests", &Config::lookup_max_inflight_requests},
    {"lookup.max-retries", &Config::lookup_max_retries},
    {"local.sync", &Config::local_sync},
    {"local.segment-bytes", &Config::local_segment_bytes, ValueUnit::kBytes},
    {"local.read-only", &Config::local_read_only},
    {"local.memory-limit", &Config::local_memory_limit, ValueUnit::kBytes},
    {"local.spill-limit", &Config::local_spill_limit, ValueUnit::kBytes},
};

/// Keys of the Java client that have no meaning here: taken, so that its files work, and not kept.
constexpr std::array<std::string_view, 8> kUnusedKeys = {
    "client.id", "writer.buffer.page.size",    "writer.buffer.per.request.memory.size",
    "scanner.log.read.preference", "scanner.io.tmpdir", "scanner.kv.fetch.max.bytes", "security.sasl.jaas.config",
    "metrics.enabled"};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

/// The one spelling that all spellings of a key share: words joined by '.', no "client.", no unit.
std::string Normalize(std::string_view key) {
  std::string text(key);
  for (char& c : text) c = c == '-' || c == '_' ? '.' : c;
  if (text == "client.id") return text;
  if (text.starts_with("client.")) text.erase(0, 7);
  if (text.ends_with(".ms")) text.erase(text.size() - 3);
  return text == "request.max.size" ? "writer.request.max.size" : text;
}

const Key* FindKey(std::string_view key) {
  const std::string normal = Normalize(key);
  const auto* found =
      std::find_if(std::begin(kKeys), std::end(kKeys), [&](const Key& k) { return Normalize(k.name) == normal; });
  return found == std::end(kKeys) ? nullptr : found;
}

bool IsUnused(std::string_view key) {
  const std::string normal = Normalize(key);
  return normal == "client.id" || std::find(kUnusedKeys.begin(), kUnusedKeys.end(), normal) != kUnusedKeys.end();
}

/// Single-character edits from one text to the other.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

Status UnknownKey(std::string_view key) {
  constexpr size_t kLongest = 100;
  std::string message = "Unknown property: " + std::string(key);
  if (key.size() > kLongest) return Status::Invalid(std::move(message));
  const std::string normal = Lower(Normalize(key));
  const auto distance = [&](const Key& k) { return EditDistance(normal, Normalize(k.name)); };
  const Key* best = &kKeys[0];
  for (const Key& candidate : kKeys) {
    if (distance(candidate) < distance(*best)) best = &candidate;
  }
  if (distance(*best) <= std::max<size_t>(2, normal.size() / 3)) {
    message += " (did you mean '" + std::string(best->name) + "'?)";
  }
  return Status::Invalid(std::move(message));
}

Status BadValue(std::string_view key, std::string_view value, std::string_view expected) {
  return Status::Invalid("Invalid value '" + std::string(value) + "' for '" + std::string(key) + "': expected " +
                         std::string(expected));
}

std::optional<int64_t> UnitFactor(ValueUnit unit, std::string_view suffix) {
  struct Factor {
    std::string_view name;
    int64_t factor;
  };
  static constexpr Factor kBytes[] = {{"b", 1},         {"bytes", 1},     {"k", 1 << 10},   {"kb", 1 << 10},
                                      {"kib", 1 << 10}, {"m", 1 << 20},   {"mb", 1 << 20},  {"mib", 1 << 20},
                                      {"g", 1 << 30},   {"gb", 1 << 30},  {"gib", 1 << 30}, {"tb", 1LL << 40}};
  static constexpr Factor kMillis[] = {{"ms", 1},         {"s", 1000},     {"sec", 1000},
                                       {"m", 60000},      {"min", 60000},  {"h", 3600000},
                                       {"hour", 3600000}, {"d", 86400000}, {"day", 86400000}};
  if (suffix.empty()) return 1;
  const std::span<const Factor> factors =
      unit == ValueUnit::kBytes ? std::span<const Factor>(kBytes)
                            : unit == ValueUnit::kMillis ? std::span<const Factor>(kMillis) : std::span<const Factor>();
  for (const Factor& factor : factors) {
    if (factor.name == suffix) return factor.factor;
  }
  return std::nullopt;
}

std::string_view Expected(ValueUnit unit) {
  switch (unit) {
    case ValueUnit::kBytes: return "a size such as 2097152, 128kb or 2mb";
    case ValueUnit::kMillis: return "a duration such as 100, 100ms, 3s or 1min";
    case ValueUnit::kNone: return "an integer";
  }
  return "an integer";
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

template <typename T>
Status ParseNumber(const Key& key, std::string_view value, T* out) {
  const std::string_view text = Trim(value);
  T number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  const auto factor = UnitFactor(key.unit, Lower(Trim({rest, static_cast<size_t>(end - rest)})));
  if (error == std::errc::result_out_of_range) {
    return BadValue(key.name, value, std::string(Expected(key.unit)) + " within the range of the option");
  }
  if (error != std::errc() || !factor) return BadValue(key.name, value, Expected(key.unit));
  if (__builtin_mul_overflow(number, *factor, out)) {
    return BadValue(key.name, value, "at most " + std::to_string(std::numeric_limits<T>::max()));
  }
  return Status::OK();
}

Status ParseBool(const Key& key, std::string_view value, bool* out) {
  const std::string lower = Lower(Trim(value));
  if (lower != "true" && lower != "false") return BadValue(key.name, value, "true or false");
  *out = lower == "true";
  return Status::OK();
}

Status SetText(const Key& key, std::string_view value, std::string* out) {
  const auto one_of = [&](std::string_view a, std::string_view b) {
    const std::string lower = Lower(value);
    if (lower != a && lower != b) return BadValue(key.name, value, std::string(a) + " or " + std::string(b));
    *out = lower;
    return Status::OK();
  };
  if (key.name == "writer.bucket.no-key-assigner") return one_of("sticky", "round_robin");
  if (key.name == "local.sync") return one_of("group", "none");
  *out = std::string(value);
  return Status::OK();
}

bool IsWeirPath(std::string_view key) { return Normalize(key) == "weir.path"; }

bool IsEmbedded(std::string_view servers) {
  for (const std::string_view prefix : {"file:", "memory:", "/", "./", "../"}) {
    if (servers.starts_with(prefix)) return true;
  }
  return servers == ":memory:" || servers == "." || servers == "..";
}

Status Illegal(const std::string& problem) {
  return Status::Invalid("Fluss hitting illegal argument error " + problem);
}

template <typename T>
Status Positive(std::string_view property, T value) {
  return value > 0 ? Status::OK() : Illegal(fmt::format("{} must be > 0.", property));
}

template <typename T>
Status NotNegative(std::string_view property, T value) {
  return value >= 0 ? Status::OK() : Illegal(fmt::format("{} must be >= 0.", property));
}

template <typename T, typename U>
Status AtMost(std::string_view property, T value, std::string_view other, U limit) {
  if (static_cast<int64_t>(value) <= static_cast<int64_t>(limit)) return Status::OK();
  return Illegal(fmt::format("{} must be <= {}.", property, other));
}

Status CheckSecurity(const Config& config) {
  const std::string protocol = Lower(config.security_protocol);
  const bool names_user = !config.security_sasl_username.empty() || !config.security_sasl_password.empty();
  if (IsEmbedded(config.bootstrap_servers)) {
    if (protocol == "plaintext" && !names_user) return Status::OK();
    return Illegal("'" + config.bootstrap_servers + "' is opened by this process, without a server to log in to: the "
                   "security options have no effect there.");
  }
  if (protocol == "plaintext") return Status::OK();
  if (protocol != "sasl") {
    return Illegal("security_protocol '" + config.security_protocol + "' must be PLAINTEXT or SASL.");
  }
  if (Lower(config.security_sasl_mechanism) != "plain") {
    return Illegal("security_sasl_mechanism '" + config.security_sasl_mechanism + "' must be PLAIN.");
  }
  if (config.security_sasl_username.empty()) return Illegal("security_sasl_username must be set with SASL.");
  if (config.security_sasl_password.empty()) return Illegal("security_sasl_password must be set with SASL.");
  return Status::OK();
}

Status CheckScanner(const Config& c) {
  WEIR_RETURN_NOT_OK(Positive("scanner_remote_log_prefetch_num", c.scanner_remote_log_prefetch_num));
  WEIR_RETURN_NOT_OK(Positive("scanner_remote_log_read_concurrency", c.scanner_remote_log_read_concurrency));
  WEIR_RETURN_NOT_OK(Positive("remote_file_download_thread_num", c.remote_file_download_thread_num));
  WEIR_RETURN_NOT_OK(Positive("scanner_log_fetch_max_bytes", c.scanner_log_fetch_max_bytes));
  WEIR_RETURN_NOT_OK(Positive("scanner_log_fetch_min_bytes", c.scanner_log_fetch_min_bytes));
  WEIR_RETURN_NOT_OK(AtMost("scanner_log_fetch_min_bytes", c.scanner_log_fetch_min_bytes, "scanner_log_fetch_max_bytes",
                            c.scanner_log_fetch_max_bytes));
  WEIR_RETURN_NOT_OK(NotNegative("scanner_log_fetch_wait_max_time_ms", c.scanner_log_fetch_wait_max_time_ms));
  WEIR_RETURN_NOT_OK(Positive("scanner_log_fetch_max_bytes_for_bucket", c.scanner_log_fetch_max_bytes_for_bucket));
  return AtMost("scanner_log_fetch_max_bytes_for_bucket", c.scanner_log_fetch_max_bytes_for_bucket,
                "scanner_log_fetch_max_bytes", c.scanner_log_fetch_max_bytes);
}

Result<int> ParseAcks(const std::string& acks) {
  if (Lower(acks) == "all") return -1;
  int16_t number = 0;
  const char* const end = acks.data() + acks.size();
  const auto [rest, error] = std::from_chars(acks.data(), end, number);
  if (error != std::errc() || rest != end || acks.empty()) {
    return Illegal("writer_acks '" + acks + "' must be 'all' or a number such as -1, 0 or 1.");
  }
  return static_cast<int>(number);
}

Status CheckWriter(const Config& c) {
  constexpr int kMaxInflightIdempotent = 5;
  WEIR_ASSIGN_OR_RETURN(const int acks, ParseAcks(c.writer_acks));
  WEIR_RETURN_NOT_OK(Positive("writer_request_max_size", c.writer_request_max_size));
  WEIR_RETURN_NOT_OK(Positive("writer_batch_size", c.writer_batch_size));
  WEIR_RETURN_NOT_OK(NotNegative("writer_batch_timeout_ms", c.writer_batch_timeout_ms));
  WEIR_RETURN_NOT_OK(Positive("writer_buffer_memory_size", c.writer_buffer_memory_size));
  WEIR_RETURN_NOT_OK(
      AtMost("writer_batch_size", c.writer_batch_size, "writer_request_max_size", c.writer_request_max_size));
  WEIR_RETURN_NOT_OK(
      AtMost("writer_batch_size", c.writer_batch_size, "writer_buffer_memory_size", c.writer_buffer_memory_size));
  WEIR_RETURN_NOT_OK(Positive("writer_dynamic_batch_size_min", c.writer_dynamic_batch_size_min));
  WEIR_RETURN_NOT_OK(AtMost("writer_dynamic_batch_size_min", c.writer_dynamic_batch_size_min, "writer_batch_size",
                            c.writer_batch_size));
  WEIR_RETURN_NOT_OK(Positive("writer_max_inflight_requests_per_bucket", c.writer_max_inflight_requests_per_bucket));
  if (!c.writer_enable_idempotence) return Status::OK();
  if (acks != -1) return Illegal("writer_acks must be 'all' when writer_enable_idempotence is true.");
  if (c.writer_retries <= 0) return Illegal("writer_retries must be > 0 when writer_enable_idempotence is true.");
  if (c.writer_max_inflight_requests_per_bucket > kMaxInflightIdempotent) {
    return Illegal("writer_max_inflight_requests_per_bucket must be <= 5 when writer_enable_idempotence is true.");
  }
  return Status::OK();
}

Status CheckServer(std::string_view server) {
  const size_t colon = server.rfind(':');
  int port = 0;
  if (colon != std::string_view::npos && colon > 0 && server.find_first_of(" \t") == std::string_view::npos) {
    const char* const end = server.data() + server.size();
    const auto [rest, error] = std::from_chars(server.data() + colon + 1, end, port);
    if (error == std::errc() && rest == end && port > 0 && port <= 65535) return Status::OK();
  }
  return Illegal(fmt::format("bootstrap_servers: '{}' must be host:port.", server));
}

Status CheckBootstrap(std::string_view servers) {
  if (Trim(servers).empty()) return Illegal("bootstrap_servers must not be empty.");
  if (servers == "file:") return Illegal("bootstrap_servers 'file:' must name a directory.");
  if (IsEmbedded(servers)) return Status::OK();
  while (true) {
    const size_t comma = servers.find(',');
    WEIR_RETURN_NOT_OK(CheckServer(Trim(servers.substr(0, comma))));
    if (comma == std::string_view::npos) return Status::OK();
    servers.remove_prefix(comma + 1);
  }
}

}  // namespace

Status Config::Set(std::string_view key, std::string_view value) {
  if (IsWeirPath(key)) {
    const bool names_kind = value.starts_with("file:") || value.starts_with("memory:") || value == ":memory:";
    bootstrap_servers = (names_kind ? "" : "file:") + std::string(value);
    return Status::OK();
  }
  const Key* known = FindKey(key);
  if (known == nullptr) return IsUnused(key) ? Status::OK() : UnknownKey(key);
  return std::visit(
      [&](auto member) -> Status {
        using Value = std::remove_cvref_t<decltype(this->*member)>;
        if constexpr (std::is_same_v<Value, std::string>) {
          return SetText(*known, value, &(this->*member));
        } else if constexpr (std::is_same_v<Value, bool>) {
          return ParseBool(*known, value, &(this->*member));
        } else {
          Value parsed{};
          WEIR_RETURN_NOT_OK(ParseNumber(*known, value, &parsed));
          this->*member = parsed;
          return Status::OK();
        }
      },
      known->member);
}

Result<std::string> Config::Get(std::string_view key) const {
  if (IsWeirPath(key)) return bootstrap_servers.starts_with("file:") ? bootstrap_servers.substr(5) : bootstrap_servers;
  const Key* known = FindKey(key);
  if (known == nullptr) {
    if (!IsUnused(key)) return UnknownKey(key);
    return Status::Invalid("Property '" + std::string(key) + "' is accepted but not used, it has no value");
  }
  return std::visit(
      [&](auto member) -> std::string {
        using Value = std::remove_cvref_t<decltype(this->*member)>;
        if constexpr (std::is_same_v<Value, std::string>) {
          return this->*member;
        } else if constexpr (std::is_same_v<Value, bool>) {
          return this->*member ? "true" : "false";
        } else {
          return std::to_string(this->*member);
        }
      },
      known->member);
}

std::vector<std::string> Config::Keys() {
  std::vector<std::string> keys;
  for (const Key& key : kKeys) keys.emplace_back(key.name);
  return keys;
}

Result<Config> Config::FromProperties(const Properties& properties) {
  Config config;
  for (const auto& [key, value] : properties) WEIR_RETURN_NOT_OK(config.Set(key, value));
  return config;
}

Status Config::Validate() const {
  WEIR_RETURN_NOT_OK(CheckSecurity(*this));
  WEIR_RETURN_NOT_OK(CheckScanner(*this));
  WEIR_RETURN_NOT_OK(CheckWriter(*this));
  WEIR_RETURN_NOT_OK(NotNegative("local_memory_limit", local_memory_limit));
  WEIR_RETURN_NOT_OK(Positive("request_timeout_ms", request_timeout_ms));
  WEIR_RETURN_NOT_OK(NotNegative("retry_timeout_ms", retry_timeout_ms));
  if (bucket_hash != kJavaBucketHash && bucket_hash != kPyflussBucketHash) {
    return Illegal("bucket_hash '" + bucket_hash + "' must be " + kJavaBucketHash + " or " + kPyflussBucketHash + ".");
  }
  return CheckBootstrap(bootstrap_servers);
}

}  // namespace weir
