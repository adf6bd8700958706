#pragma once

#include <memory>

#include "gateway/cluster/cluster_options.h"
#include "gateway/gateway.h"

namespace weir {

/// Connects to an Apache Fluss cluster or a `weir server`: asks the bootstrap servers, one after another,
/// for the cluster's nodes. Blocks until one answers. Code 1 when none can be reached, -2 when there is
/// no such host, 46 when the credentials are not accepted.
Result<std::shared_ptr<Gateway>> OpenCluster(const ClusterOptions& options);

}  // namespace weir
