#pragma once

#include <atomic>
#include <memory>

#include "client/client_threads.h"
#include "client/write_client.h"
#include "gateway/gateway.h"
#include "types/mutex.h"
#include "weir/client.h"

namespace weir {

struct Connection::Impl {
  Impl(Config config_in, std::shared_ptr<Gateway> gateway_in);

  const Config config;
  const std::shared_ptr<Gateway> gateway;
  const std::shared_ptr<ClientThreads> threads;
  const std::shared_ptr<WriteClient> writes;
  std::atomic<bool> closed{false};
  Mutex mutex;
  Future<Unit> close WEIR_GUARDED_BY(mutex);  // valid once Close was called

  Status CheckOpen() const;
};

/// A connection over a gateway that is open already.
Connection MakeConnection(const Config& config, std::shared_ptr<Gateway> gateway);

}  // namespace weir
