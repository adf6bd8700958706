#include "access/bytes.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <cstdlib>

namespace weir::access {
namespace {

unsigned char* Writable(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
const unsigned char* Readable(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

}  // namespace

std::string RandomBytes(size_t size) {
  std::string bytes(size, '\0');
  if (RAND_bytes(Writable(bytes), static_cast<int>(size)) != 1) std::abort();
  return bytes;
}

std::string Sha256(std::string_view bytes) {
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(Readable(bytes), bytes.size(), Writable(hash));
  return hash;
}

std::string HmacSha256(std::string_view key, std::string_view bytes) {
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Readable(bytes), bytes.size(), Writable(hash), nullptr);
  return hash;
}

bool SameBytes(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string ToBase64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // and a zero behind it
  const int size = EVP_EncodeBlock(Writable(text), Readable(bytes), static_cast<int>(bytes.size()));
  text.resize(static_cast<size_t>(size));
  return text;
}

std::optional<std::string> FromBase64(std::string_view text) {
  if (text.empty()) return std::string();
  const size_t last = text.find_last_not_of('=');
  const size_t padding = last == std::string_view::npos ? text.size() : text.size() - last - 1;
  if (text.size() % 4 != 0 || padding > 2) return std::nullopt;
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.substr(0, text.size() - padding).find_first_not_of(kDigits) != std::string_view::npos) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(Writable(bytes), Readable(text), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  bytes.resize(static_cast<size_t>(size) - padding);
  return bytes;
}

}  // namespace weir::access
