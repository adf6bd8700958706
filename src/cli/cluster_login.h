#pragma once

#include <memory>
#include <string>

#include "gateway/gateway.h"

namespace weir {

/// Opens the cluster, or the `weir server`, at "host:port[,host:port…]". With a user it logs in (SASL PLAIN), by the
/// password that the environment variable WEIR_CLUSTER_PASSWORD has, where no list of processes shows it.
Result<std::shared_ptr<Gateway>> OpenServers(const std::string& servers, const std::string& user);

}  // namespace weir
