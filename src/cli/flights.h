#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>

#include "weir/schema.h"

namespace weir {

/// Columns of the flights data. `primary_key`: one flight is (origin, month, time_hour, carrier, flight).
Schema FlightsSchema(bool primary_key);

/// The flights of a CSV file, or of the first file of a zip, in the Arrow types of FlightsSchema.
Result<std::shared_ptr<arrow::Table>> ReadFlights(const std::string& path);

}  // namespace weir
