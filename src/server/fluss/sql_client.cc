#include "server/fluss/sql_client.h"

#include "format/big_endian.h"
#include "server/pgwire/message.h"

namespace weir {
namespace {

constexpr size_t kLengthBytes = 4;
// Of PostgreSQL's startup packets. No API of Fluss has the key that the first half of the number behind the length is.
constexpr int32_t kSmallest = 8;
constexpr int32_t kLargest = 10'000;
constexpr int32_t kSslRequest = 1234 << 16 | 5679;
constexpr int32_t kGssRequest = 1234 << 16 | 5680;
constexpr int32_t kVersion3 = 3 << 16;
constexpr int32_t kMinorVersions = 0xffff;

}  // namespace

Greeting GreetingOf(std::string_view bytes) {
  if (bytes.size() < kLengthBytes) return Greeting::kUnknown;
  const auto length = LoadBigEndian<int32_t>(bytes);
  if (length < kSmallest || length > kLargest) return Greeting::kFluss;
  if (bytes.size() < kEncryptionBytes) return Greeting::kUnknown;
  const auto number = LoadBigEndian<int32_t>(bytes.substr(kLengthBytes));
  if (length == kSmallest && (number == kSslRequest || number == kGssRequest)) return Greeting::kEncryption;
  if ((number & ~kMinorVersions) != kVersion3) return Greeting::kFluss;
  return bytes.size() < static_cast<size_t>(length) ? Greeting::kUnknown : Greeting::kStartup;
}

std::string RefusalOfSqlClient() {
  pgwire::MessageWriter writer;
  writer.ErrorResponse({.severity = "FATAL",
                        .sqlstate = "08004",
                        .message = "this port serves Fluss clients, not SQL",
                        .hint = "Connect to the address that weir server --sql names."});
  return std::move(writer.bytes());
}

}  // namespace weir
