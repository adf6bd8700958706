#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core.h"
#include "operation.h"
#include "weir/client.h"
#include "weir/table.h"

namespace weir::python {

std::vector<std::string> ToStrings(nb::handle sequence);
std::map<std::string, std::string> ToProperties(nb::handle dict);
nb::object ToDict(const std::map<std::string, std::string>& properties);
nb::object ToList(const std::vector<std::string>& strings);
/// The package's TableBucket.
nb::object ToBucket(const TableBucket& bucket);
/// A dict of offsets by bucket.
nb::object BucketOffsetsToPython(const std::map<TableBucket, int64_t>& offsets);

void BindMetadata(nb::module_& m);
void BindConnection(nb::module_& m);
void BindWriters(nb::module_& m);
void BindScans(nb::module_& m);
void BindPredicate(nb::module_& m);

/// A filter as Python holds it.
struct CorePredicate {
  Predicate value;
};

struct CoreTable {
  Owned<Table> table;
  ReadsPtr reads;  // the connection's
};

/// Positions out of a Python sequence, nothing for None.
std::optional<std::vector<int>> ToPositions(nb::handle sequence);

}  // namespace weir::python
