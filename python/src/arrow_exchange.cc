#include "arrow_exchange.h"

#include <arrow/c/bridge.h>
#include <arrow/record_batch.h>

#include "operation.h"
#include "types/arrow_status.h"

namespace weir::python {
namespace {

using BatchPtr = std::shared_ptr<arrow::RecordBatch>;

template <typename C>
struct CapsuleName;
template <>
struct CapsuleName<::ArrowSchema> {
  static constexpr const char* value = "arrow_schema";
};
template <>
struct CapsuleName<::ArrowArray> {
  static constexpr const char* value = "arrow_array";
};
template <>
struct CapsuleName<::ArrowArrayStream> {
  static constexpr const char* value = "arrow_array_stream";
};

template <typename C>
void FreeCapsule(PyObject* capsule) {
  auto* c = static_cast<C*>(PyCapsule_GetPointer(capsule, CapsuleName<C>::value));
  if (c == nullptr) return;
  if (c->release != nullptr) c->release(c);
  delete c;
}

template <typename C>
nb::object MakeCapsule(std::unique_ptr<C> c) {
  PyObject* capsule = PyCapsule_New(c.get(), CapsuleName<C>::value, &FreeCapsule<C>);
  if (capsule != nullptr) c.release();
  return Steal(capsule);
}

template <typename C>
C* FromCapsule(nb::handle capsule) {
  auto* c = static_cast<C*>(PyCapsule_GetPointer(capsule.ptr(), CapsuleName<C>::value));
  if (c == nullptr) nb::raise_python_error();
  return c;
}

[[noreturn]] void RaiseNotArrow(nb::handle object, const char* what) {
  PyErr_Format(PyExc_TypeError, "expected %s, got '%s'", what, Py_TYPE(object.ptr())->tp_name);
  nb::raise_python_error();
}

nb::object ExportSchema(const arrow::Schema& schema) {
  auto c = std::make_unique<::ArrowSchema>();
  Check(FromArrow(arrow::ExportSchema(schema, c.get())));
  return MakeCapsule(std::move(c));
}

nb::object ExportBatch(const arrow::RecordBatch& batch) {
  auto schema = std::make_unique<::ArrowSchema>();
  auto array = std::make_unique<::ArrowArray>();
  Check(FromArrow(arrow::ExportRecordBatch(batch, array.get(), schema.get())));
  return nb::make_tuple(MakeCapsule(std::move(schema)), MakeCapsule(std::move(array)));
}

nb::object ExportStream(std::shared_ptr<arrow::RecordBatchReader> reader) {
  auto c = std::make_unique<::ArrowArrayStream>();
  Check(FromArrow(arrow::ExportRecordBatchReader(std::move(reader), c.get())));
  return MakeCapsule(std::move(c));
}

}  // namespace

std::shared_ptr<arrow::Schema> ImportSchema(nb::handle object) {
  if (!nb::hasattr(object, "__arrow_c_schema__")) RaiseNotArrow(object, "an Arrow schema");
  const nb::object capsule = object.attr("__arrow_c_schema__")();
  return Check(FromArrow(arrow::ImportSchema(FromCapsule<::ArrowSchema>(capsule))));
}

std::shared_ptr<arrow::RecordBatch> ImportBatch(nb::handle object) {
  if (!nb::hasattr(object, "__arrow_c_array__")) RaiseNotArrow(object, "an Arrow record batch");
  const nb::object pair = object.attr("__arrow_c_array__")();
  const nb::object schema = pair[0], array = pair[1];
  return Check(
      FromArrow(arrow::ImportRecordBatch(FromCapsule<::ArrowArray>(array), FromCapsule<::ArrowSchema>(schema))));
}

std::shared_ptr<arrow::RecordBatchReader> ImportStream(nb::handle object) {
  if (!nb::hasattr(object, "__arrow_c_stream__")) RaiseNotArrow(object, "an Arrow table or stream");
  const nb::object capsule = object.attr("__arrow_c_stream__")();
  return Check(FromArrow(arrow::ImportRecordBatchReader(FromCapsule<::ArrowArrayStream>(capsule))));
}

void BindArrow(nb::module_& m) {
  const auto requested = nb::arg("requested_schema") = nb::none();
  nb::class_<ArrowSchema>(m, "ArrowSchema").def("__arrow_c_schema__", [](const ArrowSchema& self) {
    return ExportSchema(*self.schema);
  });
  nb::class_<ArrowBatch>(m, "ArrowBatch")
      .def_prop_ro("num_rows", [](const ArrowBatch& self) { return self.batch->num_rows(); })
      .def("slice",
           [](const ArrowBatch& self, int64_t offset, int64_t length) {
             return ArrowBatch{self.batch->Slice(offset, length)};
           })
      .def("__arrow_c_schema__", [](const ArrowBatch& self) { return ExportSchema(*self.batch->schema()); })
      .def("__arrow_c_array__", [](const ArrowBatch& self, nb::handle) { return ExportBatch(*self.batch); },
           requested);
  nb::class_<ArrowTable>(m, "ArrowTable")
      .def_prop_ro("num_rows",
                   [](const ArrowTable& self) {
                     int64_t rows = 0;
                     for (const auto& batch : self.batches) rows += batch->num_rows();
                     return rows;
                   })
      .def("__arrow_c_schema__", [](const ArrowTable& self) { return ExportSchema(*self.schema); })
      .def("__arrow_c_stream__",
           [](const ArrowTable& self, nb::handle) {
             return ExportStream(Check(FromArrow(arrow::RecordBatchReader::Make(self.batches, self.schema))));
           },
           requested);
  nb::class_<ArrowStream>(m, "ArrowStream")
      .def("next",
           [](const ArrowStream& self) {
             auto read = Background<BatchPtr>([reader = self.reader]() -> Result<BatchPtr> {
               BatchPtr batch;
               WEIR_RETURN_NOT_OK(FromArrow(reader->ReadNext(&batch)));
               return batch;
             });
             return MakeOperation(std::move(read), [](const BatchPtr& batch) {
               return batch == nullptr ? nb::none() : nb::cast(ArrowBatch{batch});
             });
           })
      .def("__arrow_c_schema__", [](const ArrowStream& self) { return ExportSchema(*self.reader->schema()); })
      .def("__arrow_c_stream__",
           [](ArrowStream& self, nb::handle) {
             auto reader = self.reader;
             return ExportStream(std::move(reader));
           },
           requested);
}

}  // namespace weir::python
