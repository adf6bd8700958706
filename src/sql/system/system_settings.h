#pragma once

#include <memory>
#include <vector>

#include "sql/system/system_rows.h"

namespace weir::sql {

/// pg_settings: the session's parameters.
std::unique_ptr<SystemRows> SettingRows(const SystemSources& sources, const std::vector<SystemColumn>& columns);

}  // namespace weir::sql
