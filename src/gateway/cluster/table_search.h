#pragma once

#include <functional>
#include <memory>

#include "gateway/cluster/cluster_session.h"
#include "weir/table.h"

namespace weir {

using TableFound = std::function<void(const Result<TableInfo>&)>;

/// GET_TABLE_INFO; the table is known to the session's metadata then.
void AskTableInfo(const std::shared_ptr<ClusterSession>& session, const TablePath& path, const TableFound& found);

/// Finds a table by its id, for which the protocol has no request, by looking at all there are. Tables
/// that the session met before are found at once. Code 21 when there is none of that id.
void SearchTable(const std::shared_ptr<ClusterSession>& session, int64_t table_id, const TableFound& found);

}  // namespace weir
