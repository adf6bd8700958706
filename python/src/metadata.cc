#include "metadata.h"

#include <arrow/type.h>

#include "arrow_exchange.h"
#include "types/arrow_mapping.h"
#include "weir/config.h"

namespace weir::python {
namespace {

std::string ToString(nb::handle object) {
  Py_ssize_t size;
  const char* text = PyUnicode_AsUTF8AndSize(object.ptr(), &size);
  if (text == nullptr) nb::raise_python_error();
  return {text, static_cast<size_t>(size)};
}

Status Building(const char* what, const Status& status) {
  if (status.ok()) return status;
  return Status::Invalid(std::string("Failed to build ") + what + ": " + status.message() +
                         " (code: " + std::to_string(static_cast<int>(status.code())) + ")");
}

Schema MakeSchema(nb::handle arrow_schema, nb::handle primary_keys, nb::handle auto_increment) {
  const auto imported = ImportSchema(arrow_schema);
  std::vector<weir::Column> columns = Check(FromArrowSchema(*imported));
  std::optional<std::string> generated;
  if (!auto_increment.is_none()) generated = ToString(auto_increment);
  Result<Schema> schema = Schema::Make(std::move(columns), ToStrings(primary_keys), std::move(generated));
  if (!schema.ok()) Raise(Building("schema", schema.status()));
  return schema.MoveValue();
}

nb::object ColumnNames(const Schema& schema) {
  nb::list names;
  for (const auto& column : schema.columns()) names.append(ToPyStr(column.name));
  return names;
}

nb::object ColumnTypes(const Schema& schema) {
  nb::list types;
  for (const auto& column : schema.columns()) types.append(ToPyStr(column.type.ToString()));
  return types;
}

nb::object ColumnComments(const Schema& schema) {
  nb::list comments;
  for (const auto& column : schema.columns()) {
    comments.append(column.comment ? ToPyStr(*column.comment) : nb::none());
  }
  return comments;
}

TableDescriptor MakeDescriptor(const Schema& schema, nb::handle partition_keys, nb::handle bucket_keys,
                               nb::handle bucket_count, nb::handle comment, nb::handle properties,
                               nb::handle custom_properties) {
  TableDescriptor descriptor;
  descriptor.schema = schema;
  descriptor.partition_keys = ToStrings(partition_keys);
  descriptor.bucket_keys = ToStrings(bucket_keys);
  if (!bucket_count.is_none()) descriptor.bucket_count = nb::cast<int32_t>(bucket_count);
  if (!comment.is_none()) descriptor.comment = ToString(comment);
  descriptor.properties = ToProperties(properties);
  descriptor.custom_properties = ToProperties(custom_properties);
  return descriptor;
}

void BindTableInfo(nb::module_& m) {
  nb::class_<TableInfo>(m, "TableInfo")
      .def_prop_ro("database", [](const TableInfo& i) { return ToPyStr(i.path.database); })
      .def_prop_ro("table", [](const TableInfo& i) { return ToPyStr(i.path.table); })
      .def_prop_ro("table_id", [](const TableInfo& i) { return i.table_id; })
      .def_prop_ro("schema_id", [](const TableInfo& i) { return i.schema_id; })
      .def_prop_ro("created_time", [](const TableInfo& i) { return i.created_time; })
      .def_prop_ro("modified_time", [](const TableInfo& i) { return i.modified_time; })
      .def_prop_ro("num_buckets", [](const TableInfo& i) { return i.num_buckets(); })
      .def_prop_ro("comment",
                   [](const TableInfo& i) -> nb::object {
                     return i.descriptor.comment ? ToPyStr(*i.descriptor.comment) : nb::none();
                   })
      .def_prop_ro("bucket_keys", [](const TableInfo& i) { return ToList(i.descriptor.bucket_keys); })
      .def_prop_ro("partition_keys", [](const TableInfo& i) { return ToList(i.descriptor.partition_keys); })
      .def_prop_ro("properties", [](const TableInfo& i) { return ToDict(i.descriptor.properties); })
      .def_prop_ro("custom_properties", [](const TableInfo& i) { return ToDict(i.descriptor.custom_properties); })
      .def_prop_ro("schema", [](const TableInfo& i) { return i.schema(); })
      .def_prop_ro("descriptor", [](const TableInfo& i) { return i.descriptor; });
}

}  // namespace

std::vector<std::string> ToStrings(nb::handle sequence) {
  std::vector<std::string> strings;
  if (sequence.is_none()) return strings;
  for (nb::handle item : nb::borrow<nb::iterable>(sequence)) strings.push_back(ToString(item));
  return strings;
}

std::map<std::string, std::string> ToProperties(nb::handle dict) {
  std::map<std::string, std::string> properties;
  if (dict.is_none()) return properties;
  for (auto [key, value] : nb::borrow<nb::dict>(dict)) properties[ToString(key)] = ToString(value);
  return properties;
}

nb::object ToDict(const std::map<std::string, std::string>& properties) {
  nb::dict dict;
  for (const auto& [key, value] : properties) dict[ToPyStr(key)] = ToPyStr(value);
  return dict;
}

nb::object ToList(const std::vector<std::string>& strings) {
  nb::list list;
  for (const std::string& text : strings) list.append(ToPyStr(text));
  return list;
}

nb::object ToBucket(const TableBucket& bucket) {
  const nb::object partition = bucket.partition_id ? nb::object(nb::int_(*bucket.partition_id)) : nb::none();
  return Steal(PyObject_CallFunction(GetHooks().make_bucket, "LOi", static_cast<long long>(bucket.table_id),
                                     partition.ptr(), static_cast<int>(bucket.bucket_id)));
}
nb::object BucketOffsetsToPython(const std::map<TableBucket, int64_t>& offsets) {
  nb::dict dict;
  for (const auto& [bucket, offset] : offsets) dict[ToBucket(bucket)] = nb::int_(offset);
  return dict;
}

std::optional<std::vector<int>> ToPositions(nb::handle sequence) {
  if (sequence.is_none()) return std::nullopt;
  std::vector<int> positions;
  for (nb::handle item : nb::borrow<nb::iterable>(sequence)) positions.push_back(nb::cast<int>(item));
  return positions;
}

void BindMetadata(nb::module_& m) {
  nb::class_<Schema>(m, "Schema")
      .def("__init__",
           [](Schema* self, nb::handle schema, nb::handle primary_keys, nb::handle auto_increment) {
             new (self) Schema(MakeSchema(schema, primary_keys, auto_increment));
           },
           nb::arg("schema"), nb::arg("primary_keys").none(), nb::arg("auto_increment").none())
      .def_prop_ro("names", &ColumnNames)
      .def_prop_ro("types", &ColumnTypes)
      .def_prop_ro("comments", &ColumnComments)
      .def_prop_ro("primary_keys", [](const Schema& s) { return ToList(s.primary_key()); })
      .def_prop_ro("auto_increment",
                   [](const Schema& s) -> nb::object {
                     return s.auto_increment_column() ? ToPyStr(*s.auto_increment_column()) : nb::none();
                   })
      .def_prop_ro("arrow", [](const Schema& s) { return ArrowSchema{ToArrowSchema(s, LtzZone::kUtc)}; })
      .def("equals", [](const Schema& a, const Schema& b) { return a == b; }, nb::arg("other"));

  nb::class_<TableDescriptor>(m, "TableDescriptor")
      .def("__init__",
           [](TableDescriptor* self, const Schema& schema, nb::handle partition_keys, nb::handle bucket_keys,
              nb::handle bucket_count, nb::handle comment, nb::handle properties, nb::handle custom_properties) {
             new (self) TableDescriptor(MakeDescriptor(schema, partition_keys, bucket_keys, bucket_count, comment,
                                                       properties, custom_properties));
           },
           nb::arg("schema"), nb::arg("partition_keys").none(), nb::arg("bucket_keys").none(),
           nb::arg("bucket_count").none(), nb::arg("comment").none(), nb::arg("properties").none(),
           nb::arg("custom_properties").none());
  BindTableInfo(m);

  nb::class_<Config>(m, "Config")
      .def(nb::init<>())
      .def(nb::init<const Config&>())
      .def("set", [](Config& self, nb::str key, nb::str value) { Check(self.Set(key.c_str(), value.c_str())); },
           nb::arg("key"), nb::arg("value"))
      .def("get", [](const Config& self, nb::str key) { return ToPyStr(Check(self.Get(key.c_str()))); }, nb::arg("key"))
      .def("validate", [](const Config& self) { Check(self.Validate()); })
      .def_static("keys", [] { return ToList(Config::Keys()); });
}

}  // namespace weir::python
