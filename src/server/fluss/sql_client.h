#pragma once

#include <string>
#include <string_view>

namespace weir {

/// What the first bytes of a connection are.
enum class Greeting {
  kUnknown,     // too few to tell
  kFluss,       // no packet that a client of PostgreSQL begins with
  kEncryption,  // its question whether there is any, kEncryptionBytes long
  kStartup,     // its name and its database
};
inline constexpr size_t kEncryptionBytes = 8;

Greeting GreetingOf(std::string_view bytes);

/// What a client of PostgreSQL is told that has come to the port of Fluss clients: an ErrorResponse.
std::string RefusalOfSqlClient();

}  // namespace weir
