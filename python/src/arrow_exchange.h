#pragma once

#include <arrow/type_fwd.h>

#include <functional>
#include <memory>
#include <vector>

#include "core.h"

namespace weir::python {

/// Arrow data crosses to Python through the PyCapsule protocol alone: any producer and any consumer
/// of it will do, and no C++ ABI is shared with pyarrow's own extension.
std::shared_ptr<arrow::Schema> ImportSchema(nb::handle object);
std::shared_ptr<arrow::RecordBatch> ImportBatch(nb::handle object);
std::shared_ptr<arrow::RecordBatchReader> ImportStream(nb::handle object);

/// What native code hands out; consumers call the protocol's methods on it.
struct ArrowSchema {
  std::shared_ptr<arrow::Schema> schema;
};
struct ArrowBatch {
  std::shared_ptr<arrow::RecordBatch> batch;
};
/// Batches that are there already: may be consumed any number of times.
struct ArrowTable {
  std::shared_ptr<arrow::Schema> schema;
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
};
/// A reader, to be consumed once.
struct ArrowStream {
  std::shared_ptr<arrow::RecordBatchReader> reader;
};

void BindArrow(nb::module_& m);

}  // namespace weir::python
