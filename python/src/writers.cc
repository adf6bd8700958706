#include <arrow/record_batch.h>

#include <algorithm>

#include "arrow_exchange.h"
#include "metadata.h"
#include "operation.h"
#include "row_in.h"
#include "row_out.h"
#include "types/arrow_status.h"

namespace weir::python {
namespace {

/// What append() gives back: the acknowledgement of one write, or of all batches of a stream.
class CoreHandle {
 public:
  explicit CoreHandle(WriteHandle handle) : handle_(std::move(handle)) {}
  explicit CoreHandle(std::vector<WriteHandle> stream) : stream_(std::move(stream)), is_stream_(true) {}

  bool done() const {
    if (!is_stream_) return handle_.future().done();
    return std::all_of(stream_.begin(), stream_.end(), [](const WriteHandle& write) { return write.future().done(); });
  }
  nb::object Wait() {
    waited_ = true;
    return Start(MakeOperation(Unlocked([&] { return is_stream_ ? SendStream() : handle_.Send(); })));
  }
  nb::object Await() { return Wait().attr("__await__")(); }
  const char* Repr() const { return waited_ ? "WriteResultHandle(consumed)" : "WriteResultHandle(pending)"; }

 private:
  static nb::object Start(OperationPtr operation) {
    const nb::object core = nb::cast(std::move(operation));
    return Steal(PyObject_CallOneArg(GetHooks().start, core.ptr()));
  }
  Future<Unit> SendStream() const {
    std::vector<Future<Unit>> futures;
    for (const WriteHandle& write : stream_) futures.push_back(write.Send());
    return Join(std::move(futures));
  }

  WriteHandle handle_;
  std::vector<WriteHandle> stream_;
  bool is_stream_ = false;
  bool waited_ = false;
};

std::vector<int> AllColumns(const Schema& schema) {
  std::vector<int> all(static_cast<size_t>(schema.num_columns()));
  for (int i = 0; i < schema.num_columns(); ++i) all[static_cast<size_t>(i)] = i;
  return all;
}

std::vector<int> KeyColumns(const Schema& schema) { return Check(schema.IndexesOf(schema.primary_key())); }

/// Lends a scratch to one conversion at a time; a second thread gets a fresh one.
class ScratchPool {
 public:
  std::unique_ptr<RowScratch> Take() { return spare_ ? std::move(spare_) : std::make_unique<RowScratch>(); }
  void Give(std::unique_ptr<RowScratch> scratch) {
    scratch->Reset();
    spare_ = std::move(scratch);
  }

 private:
  std::unique_ptr<RowScratch> spare_;  // guarded by the GIL
};

/// Converts a row and hands it to `write`, which lets go of the GIL where it waits.
template <typename F>
auto WithRow(const RowConverter& converter, ScratchPool& pool, PyObject* row, F&& write) {
  std::unique_ptr<RowScratch> scratch = pool.Take();
  const RowView values = converter.Convert(row, scratch.get());
  auto result = write(values);
  pool.Give(std::move(scratch));
  return result;
}

/// Writes every batch of a stream; one handle stands for all.
template <typename F>
CoreHandle WriteStream(nb::handle source, F&& write_batch) {
  const std::shared_ptr<arrow::RecordBatchReader> reader = ImportStream(source);
  return CoreHandle(Check(Unlocked([&]() -> Result<std::vector<WriteHandle>> {
    std::vector<WriteHandle> writes;
    while (true) {
      std::shared_ptr<arrow::RecordBatch> batch;
      WEIR_RETURN_NOT_OK(FromArrow(reader->ReadNext(&batch)));
      if (batch == nullptr) return writes;
      WEIR_ASSIGN_OR_RETURN(WriteHandle handle, write_batch(batch));
      writes.push_back(std::move(handle));
    }
  })));
}

class CoreAppendWriter {
 public:
  explicit CoreAppendWriter(const CoreTable& table)
      : writer_(Check(Unlocked([t = *table.table] { return t.NewAppendWriter(); }))),
        converter_(schema(), AllColumns(schema()), AllColumns(schema()), schema().num_columns()) {}

  CoreHandle Append(nb::handle row) {
    return CoreHandle(Check(WithRow(converter_, pool_, row.ptr(),
                                    [&](RowView r) { return Unlocked([&] { return writer_->Append(r); }); })));
  }
  CoreHandle WriteBatch(nb::handle source) {
    const auto batch = ImportBatch(source);
    return CoreHandle(Check(Unlocked([&] { return writer_->AppendBatch(batch); })));
  }
  CoreHandle WriteTable(nb::handle source) {
    return WriteStream(source, [&](const auto& batch) { return writer_->AppendBatch(batch); });
  }
  OperationPtr Flush() {
    return MakeOperation(Unlocked([&] { return writer_->Flush(); }));
  }

 private:
  const Schema& schema() const { return writer_->table().info().schema(); }

  Owned<AppendWriter> writer_;
  RowConverter converter_;
  ScratchPool pool_;
};

class CoreUpsertWriter {
 public:
  CoreUpsertWriter(const CoreTable& table, nb::handle target_columns)
      : writer_(Make(table, ToPositions(target_columns))),
        rows_(schema(), targets(), targets(), schema().num_columns()),
        keys_(schema(), KeyColumns(schema()), KeyColumns(schema()), schema().num_columns()) {}

  CoreHandle Upsert(nb::handle row) {
    return CoreHandle(Check(WithRow(rows_, pool_, row.ptr(), [&](RowView r) -> Result<WriteHandle> {
      // Most rows join a batch without waiting: the GIL stays.
      WEIR_ASSIGN_OR_RETURN(std::optional<WriteHandle> added, writer_->TryUpsert(r));
      if (added) return *std::move(added);
      return Unlocked([&] { return writer_->Upsert(r); });
    })));
  }
  CoreHandle Delete(nb::handle key) {
    return CoreHandle(Check(
        WithRow(keys_, pool_, key.ptr(), [&](RowView r) { return Unlocked([&] { return writer_->Delete(r); }); })));
  }
  CoreHandle WriteBatch(nb::handle source) {
    const auto batch = ImportBatch(source);
    return CoreHandle(Check(Unlocked([&] { return writer_->UpsertBatch(batch); })));
  }
  CoreHandle WriteTable(nb::handle source) {
    return WriteStream(source, [&](const auto& batch) { return writer_->UpsertBatch(batch); });
  }
  CoreHandle DeleteTable(nb::handle source) {
    return WriteStream(source, [&](const auto& batch) { return writer_->DeleteBatch(batch); });
  }
  OperationPtr Flush() {
    return MakeOperation(Unlocked([&] { return writer_->Flush(); }));
  }

 private:
  static UpsertWriter Make(const CoreTable& table, std::optional<std::vector<int>> targets) {
    return Check(Unlocked([t = *table.table, &targets] { return t.NewUpsertWriter(std::move(targets)); }));
  }
  const Schema& schema() const { return writer_->table().info().schema(); }
  std::vector<int> targets() const { return writer_->target_columns().value_or(AllColumns(schema())); }

  Owned<UpsertWriter> writer_;
  RowConverter rows_;
  RowConverter keys_;
  ScratchPool pool_;
};

std::vector<std::string> Names(const Schema& schema) {
  std::vector<std::string> names;
  for (const auto& column : schema.columns()) names.push_back(column.name);
  return names;
}

using MaybeRow = std::optional<OwnedRow>;

nb::object RowToPython(const RowMaker& maker, const MaybeRow& row) {
  return row ? maker.MakeDict(row->values) : nb::none();
}

std::vector<int> Iota(size_t size) {
  std::vector<int> positions(size);
  for (size_t i = 0; i < size; ++i) positions[i] = static_cast<int>(i);
  return positions;
}

class CoreLookuper {
 public:
  explicit CoreLookuper(const CoreTable& table)
      : lookuper_(Check(Unlocked([t = *table.table] { return t.NewLookuper(); }))),
        keys_(schema(), KeyColumns(schema()), Iota(schema().primary_key().size()),
              static_cast<int>(schema().primary_key().size())),
        maker_(std::make_shared<RowMaker>(Names(schema()), schema().types())) {}

  OperationPtr Lookup(nb::handle key) {
    auto future =
        WithRow(keys_, pool_, key.ptr(), [&](RowView k) { return Unlocked([&] { return lookuper_->Lookup(k); }); });
    return MakeOperation(std::move(future), [maker = maker_](const MaybeRow& row) { return RowToPython(*maker, row); });
  }
  OperationPtr LookupMany(nb::handle keys) {
    Arena arena;
    std::vector<RowView> views;
    RowScratch scratch;
    for (nb::handle key : nb::borrow<nb::iterable>(keys)) {
      views.push_back(arena.CopyRow(keys_.Convert(key.ptr(), &scratch)));
      scratch.Reset();
    }
    auto future = Unlocked([&] { return lookuper_->LookupMany(views); });
    return MakeOperation(std::move(future), [maker = maker_](const std::vector<MaybeRow>& rows) {
      nb::list list;
      for (const MaybeRow& row : rows) list.append(RowToPython(*maker, row));
      return nb::object(list);
    });
  }

 private:
  const Schema& schema() const { return lookuper_->table().info().schema(); }

  Owned<Lookuper> lookuper_;
  RowConverter keys_;
  std::shared_ptr<RowMaker> maker_;
  ScratchPool pool_;
};

class CorePrefixLookuper {
 public:
  CorePrefixLookuper(const CoreTable& table, nb::handle columns)
      : lookuper_(Make(table, ToStrings(columns))),
        prefix_(schema(), lookuper_->columns(), Iota(lookuper_->columns().size()),
                static_cast<int>(lookuper_->columns().size())),
        maker_(std::make_shared<RowMaker>(Names(schema()), schema().types())) {}

  OperationPtr Lookup(nb::handle prefix) {
    auto future = WithRow(prefix_, pool_, prefix.ptr(),
                          [&](RowView p) { return Unlocked([&] { return lookuper_->Lookup(p); }); });
    return MakeOperation(std::move(future), [maker = maker_](const std::vector<OwnedRow>& rows) {
      nb::list list;
      for (const OwnedRow& row : rows) list.append(maker->MakeDict(row.values));
      return nb::object(list);
    });
  }

 private:
  static PrefixLookuper Make(const CoreTable& table, const std::vector<std::string>& columns) {
    return Check(Unlocked([t = *table.table, &columns] { return t.NewPrefixLookuper(columns); }));
  }
  const Schema& schema() const { return lookuper_->table().info().schema(); }

  Owned<PrefixLookuper> lookuper_;
  RowConverter prefix_;
  std::shared_ptr<RowMaker> maker_;
  ScratchPool pool_;
};

}  // namespace

void BindWriters(nb::module_& m) {
  Seal(nb::class_<CoreHandle>(m, "WriteResultHandle",
                              "The acknowledgement of a write.\n\n"
                              ">>> handle = orders.new_append().append([3, \"EU\", 2.5])\n"
                              ">>> await handle.wait()  # it is on disk\n"
                              ">>> handle.done()\n"
                              "True\n")
      .def("wait", &CoreHandle::Wait)
      .def("done", &CoreHandle::done)
      .def("__await__", &CoreHandle::Await)
      .def("__repr__", &CoreHandle::Repr));
  const auto row = nb::arg("row").none();
  const auto batch = nb::arg("batch"), table = nb::arg("table");
  nb::class_<CoreAppendWriter>(m, "AppendWriter")
      .def(nb::init<const CoreTable&>(), table)
      .def("append", &CoreAppendWriter::Append, row)
      .def("write_batch", &CoreAppendWriter::WriteBatch, batch)
      .def("write_table", &CoreAppendWriter::WriteTable, table)
      .def("flush", &CoreAppendWriter::Flush);
  nb::class_<CoreUpsertWriter>(m, "UpsertWriter")
      .def(nb::init<const CoreTable&, nb::handle>(), table, nb::arg("target_columns").none())
      .def("upsert", &CoreUpsertWriter::Upsert, row)
      .def("delete", &CoreUpsertWriter::Delete, nb::arg("pk").none())
      .def("write_batch", &CoreUpsertWriter::WriteBatch, batch)
      .def("write_table", &CoreUpsertWriter::WriteTable, table)
      .def("delete_table", &CoreUpsertWriter::DeleteTable, table)
      .def("flush", &CoreUpsertWriter::Flush);
  nb::class_<CoreLookuper>(m, "Lookuper")
      .def(nb::init<const CoreTable&>(), table)
      .def("lookup", &CoreLookuper::Lookup, nb::arg("pk").none())
      .def("lookup_many", &CoreLookuper::LookupMany, nb::arg("pks"));
  nb::class_<CorePrefixLookuper>(m, "PrefixLookuper")
      .def(nb::init<const CoreTable&, nb::handle>(), table, nb::arg("columns"))
      .def("lookup", &CorePrefixLookuper::Lookup, nb::arg("prefix").none());
}

}  // namespace weir::python
