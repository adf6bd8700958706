#include "server/pgwire/tls.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <climits>

namespace weir {
namespace {

/// Takes what OpenSSL has noted of the failure; the last is what happened first.
Status Unusable(const char* what, const std::string& file) {
  std::array<char, 256> text{};
  unsigned long reason = 0;
  while (const unsigned long error = ERR_get_error()) reason = error;
  ERR_error_string_n(reason, text.data(), text.size());
  return Status::Invalid(fmt::format("{} '{}' cannot be used: {}", what, file, text.data()));
}

Result<std::shared_ptr<SSL_CTX>> Make(const TlsFiles& files) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (context == nullptr) return Status::Invalid("OpenSSL has no memory for TLS");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) {
    return Unusable("the certificate", files.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return Unusable("the key", files.key);
  }
  if (files.client_roots.empty()) return context;
  if (SSL_CTX_load_verify_locations(context.get(), files.client_roots.c_str(), nullptr) != 1) {
    return Unusable("the certificates of clients' roots in", files.client_roots);
  }
  SSL_CTX_set_client_CA_list(context.get(), SSL_load_client_CA_file(files.client_roots.c_str()));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);  // of those who show one
  return context;
}

}  // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::Load(const TlsFiles& files) {
  std::shared_ptr<TlsContext> context(new TlsContext(files));
  WEIR_RETURN_NOT_OK(context->Reload());
  return context;
}

Status TlsContext::Reload() {
  WEIR_ASSIGN_OR_RETURN(std::shared_ptr<SSL_CTX> made, Make(files_));
  const MutexLock lock(mutex_);
  current_ = std::move(made);
  return Status::OK();
}

std::shared_ptr<SSL_CTX> TlsContext::current() const {
  const MutexLock lock(mutex_);
  return current_;
}

TlsStream::TlsStream(std::shared_ptr<SSL_CTX> context, int socket)
    : context_(std::move(context)), ssl_(SSL_new(context_.get()), SSL_free) {
  if (ssl_ != nullptr) SSL_set_fd(ssl_.get(), socket);
}

bool TlsStream::Accept() {
  ERR_clear_error();
  return ssl_ != nullptr && SSL_accept(ssl_.get()) == 1;
}

size_t TlsStream::Read(char* bytes, size_t size) {
  ERR_clear_error();
  const int got = SSL_read(ssl_.get(), bytes, static_cast<int>(std::min<size_t>(size, INT_MAX)));
  return got > 0 ? static_cast<size_t>(got) : 0;
}

bool TlsStream::Write(const char* bytes, size_t size) {
  while (size > 0) {
    ERR_clear_error();
    const int written = SSL_write(ssl_.get(), bytes, static_cast<int>(std::min<size_t>(size, INT_MAX)));
    if (written <= 0) return false;
    bytes += written;
    size -= static_cast<size_t>(written);
  }
  return true;
}

bool TlsStream::has_pending() const { return SSL_has_pending(ssl_.get()) == 1; }

std::string TlsStream::client_name() const {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl_.get()), X509_free);
  if (certificate == nullptr || SSL_get_verify_result(ssl_.get()) != X509_V_OK) return {};
  std::array<char, 256> name{};
  const int size = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name.data(),
                                             static_cast<int>(name.size()));
  const std::string text(name.data(), size > 0 ? static_cast<size_t>(size) : 0);
  return text.find('\0') == std::string::npos ? text : "";  // a name with a zero in it is somebody else's
}

std::string TlsStream::server_end_point() const {
  X509* certificate = SSL_get_certificate(ssl_.get());
  int hash = NID_undef;
  if (certificate == nullptr || X509_get_signature_info(certificate, &hash, nullptr, nullptr, nullptr) != 1) return {};
  if (hash == NID_md5 || hash == NID_sha1) hash = NID_sha256;  // as the RFC has it
  const EVP_MD* digest = EVP_get_digestbynid(hash);
  if (digest == nullptr) return {};
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  if (X509_digest(certificate, digest, bytes.data(), &size) != 1) return {};
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

std::string TlsStream::version() const { return SSL_get_version(ssl_.get()); }
std::string TlsStream::cipher() const { return SSL_get_cipher_name(ssl_.get()); }
int TlsStream::cipher_bits() const { return SSL_get_cipher_bits(ssl_.get(), nullptr); }

std::string TlsStream::client_subject() const {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl_.get()), X509_free);
  if (certificate == nullptr) return {};
  const auto free_text = [](char* text) { OPENSSL_free(text); };
  const std::unique_ptr<char, decltype(free_text)> text(
      X509_NAME_oneline(X509_get_subject_name(certificate.get()), nullptr, 0), free_text);
  return text == nullptr ? "" : text.get();
}

}  // namespace weir
