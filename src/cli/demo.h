#pragma once

#include <string>

#include "weir/status.h"

namespace weir {

struct DemoOptions {
  std::string directory = "demo-data";
  std::string flights;  // CSV file, or a zip with one
};

/// Loads the flights into a log table and a PK table, both partitioned by origin and month, then
/// looks up, upserts, follows one partition and scans, and prints what it found and how fast.
/// A run that was cut short, and every later one, continues with what the directory holds.
Status RunDemo(const DemoOptions& options);

}  // namespace weir
