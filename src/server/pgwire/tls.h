#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>

#include "types/mutex.h"
#include "weir/status.h"

namespace weir {

/// Files of TLS in PEM form.
struct TlsFiles {
  std::string certificate;  // the server's, with what leads from it to its root; empty: no TLS
  std::string key;
  std::string client_roots;  // who may have signed clients' certificates; empty: none is asked for
};

/// What TLS connections are made with. Thread-safe.
class TlsContext {
 public:
  /// Code -2 names the file that cannot be used.
  static Result<std::shared_ptr<TlsContext>> Load(const TlsFiles& files);

  /// Reads the files again for connections from here on; what cannot be used leaves all as it is.
  Status Reload();
  std::shared_ptr<SSL_CTX> current() const;

 private:
  explicit TlsContext(const TlsFiles& files) : files_(files) {}

  const TlsFiles files_;
  mutable Mutex mutex_;
  std::shared_ptr<SSL_CTX> current_ WEIR_GUARDED_BY(mutex_);
};

/// TLS over a connected, blocking socket, as the server. Used by one thread; it ends when the socket is shut down.
class TlsStream {
 public:
  TlsStream(std::shared_ptr<SSL_CTX> context, int socket);

  /// False when the client does not come to an end with it.
  bool Accept();
  /// How many bytes came; 0 at the end of the connection.
  size_t Read(char* bytes, size_t size);
  bool Write(const char* bytes, size_t size);
  /// Whether something can be read without waiting for the socket.
  bool has_pending() const;

  /// The common name in the client's certificate, which one of the roots has signed; empty: it has shown none.
  std::string client_name() const;
  /// The hash of the server's certificate (RFC 5929, tls-server-end-point), which SCRAM ties a login to.
  std::string server_end_point() const;
  /// "TLSv1.3".
  std::string version() const;
  /// "TLS_AES_256_GCM_SHA384", and how many bits its key has.
  std::string cipher() const;
  int cipher_bits() const;
  /// The subject of the client's certificate, "/CN=alice"; empty: it has shown none.
  std::string client_subject() const;

 private:
  std::shared_ptr<SSL_CTX> context_;
  std::shared_ptr<SSL> ssl_;
};

}  // namespace weir
