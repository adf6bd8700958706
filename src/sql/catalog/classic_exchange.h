#pragma once

#include "sql/catalog/classic_target.h"

namespace weir::sql {

/// EXCHANGE PARTITION … WITH TABLE: a leaf and a table change places and names. Rows that do not belong there are
/// 23514.
Result<Notices> ExchangeClassicPartition(const ClassicTarget& target, const classic::ExchangePartition& exchange,
                                         const DdlContext& context, CatalogDraft* draft);

}  // namespace weir::sql
