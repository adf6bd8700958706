#pragma once

#include <memory>

#include "gateway/gateway.h"
#include "weir/config.h"

namespace weir {

/// The target that `bootstrap_servers` names: the one place that tells embedded databases from servers.
Result<std::shared_ptr<Gateway>> OpenGateway(const Config& config);

}  // namespace weir
