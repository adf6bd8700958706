#include "postgres/compute/digest.h"

#include <openssl/evp.h>

#include "postgres/error.h"

namespace weir::postgres {
namespace {

const EVP_MD* AlgorithmOf(Digest digest) {
  switch (digest) {
    case Digest::kMd5: return EVP_md5();
    case Digest::kSha224: return EVP_sha224();
    case Digest::kSha256: return EVP_sha256();
    case Digest::kSha384: return EVP_sha384();
    case Digest::kSha512: return EVP_sha512();
  }
  return nullptr;
}

}  // namespace

Result<std::string> DigestOf(Digest digest, std::string_view bytes) {
  std::string result(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(result.data()), &size,
                              AlgorithmOf(digest), nullptr);
  if (done != 1) return Error("39000", "the digest could not be computed");
  result.resize(size);
  return result;
}

}  // namespace weir::postgres
