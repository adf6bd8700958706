#pragma once

#include <memory>

#include "gateway/gateway.h"

namespace weir::sql {

/// DROP TABLE of a table that SQL has defined, for a Fluss client that drops it. Code 7 when it is gone meanwhile, code
/// 48 with SQL's reason when it cannot be dropped, as when a view reads it or an open transaction keeps it for 10 s.
Status DropTableOfClient(const std::shared_ptr<Gateway>& gateway, const TablePath& path);

}  // namespace weir::sql
