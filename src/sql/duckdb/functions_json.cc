#include "postgres/compute/json_text.h"
#include "postgres/compute/jsonb.h"
#include "sql/duckdb/function_list.h"
#include "sql/duckdb/list_lanes.h"

namespace weir::sql::duck {
namespace {

namespace pg = ::weir::postgres;
using View = std::string_view;
using Text = Result<std::string>;
using MaybeText = Result<std::optional<std::string>>;

std::optional<std::string> Owned(std::optional<View> part) {
  return part ? std::optional(std::string(*part)) : std::nullopt;
}

/// A jsonb has been looked through when it was made.
template <bool kBinary>
Status LookThrough(View json) {
  return kBinary ? Status::OK() : pg::CheckEscapes(json);
}

MaybeText JsonText(std::optional<View> part) {
  if (!part) return std::optional<std::string>();
  return pg::JsonPartText(*part);
}

/// A jsonb that is neither array nor object lies in an array of its own, whose element it is.
template <bool kBinary>
std::optional<View> ElementAt(View json, int32_t at) {
  const bool alone = kBinary && !json.starts_with('{') && !json.starts_with('[');
  if (alone) return at == 0 || at == -1 ? std::optional(json) : std::nullopt;
  return pg::JsonElement(json, at);
}

Result<int32_t> ArrayLength(View json) {
  if (auto elements = pg::JsonElements(json)) return static_cast<int32_t>(elements->size());
  const bool object = pg::JsonTypeOf(json) == "object";
  return Error("22023", object ? "cannot get array length of a non-array" : "cannot get array length of a scalar");
}

Result<TextList> Elements(View json, const char* function, bool as_text) {
  auto elements = pg::JsonElements(json);
  if (!elements) {
    const bool object = pg::JsonTypeOf(json) == "object";
    if (std::string_view(function).starts_with("jsonb")) {
      return Error("22023",
                   object ? "cannot extract elements from an object" : "cannot extract elements from a scalar");
    }
    return Error("22023", std::string("cannot call ") + function + (object ? " on a non-array" : " on a scalar"));
  }
  TextList list;
  for (View element : *elements) {
    if (as_text) {
      WEIR_ASSIGN_OR_RETURN(auto text, pg::JsonPartText(element));
      list.texts.push_back(std::move(text));
    } else {
      list.texts.emplace_back(std::string(element));
    }
  }
  return list;
}

Result<TextList> Keys(View json, const char* function) {
  auto fields = pg::JsonFields(json);
  if (!fields) {
    const bool array = pg::JsonTypeOf(json) == "array";
    return Error("22023", std::string("cannot call ") + function + (array ? " on an array" : " on a scalar"));
  }
  TextList list;
  for (const auto& [key, value] : *fields) list.texts.emplace_back(key);
  return list;
}

/// What json and jsonb have in common.
template <bool kBinary>
void AddBoth(FunctionList* list) {
  const std::string type = kBinary ? "jsonb" : "json";
  static constexpr const char* kElements = kBinary ? "jsonb_array_elements" : "json_array_elements";
  static constexpr const char* kElementsText = kBinary ? "jsonb_array_elements_text" : "json_array_elements_text";
  static constexpr const char* kKeys = kBinary ? "jsonb_object_keys" : "json_object_keys";
  const std::string by_name = "(" + type + ",text)";
  const std::string by_place = "(" + type + ",int4)";
  const std::string alone = "(" + type + ")";
  list->Add(type + "_object_field" + by_name,
            [](View json, View key) -> MaybeText {
              WEIR_RETURN_NOT_OK(LookThrough<kBinary>(json));
              return Owned(pg::JsonField(json, key));
            });
  list->Add(type + "_object_field_text" + by_name,
            [](View json, View key) -> MaybeText {
              WEIR_RETURN_NOT_OK(LookThrough<kBinary>(json));
              return JsonText(pg::JsonField(json, key));
            });
  list->Add(type + "_array_element" + by_place,
            [](View json, int32_t at) -> MaybeText {
              WEIR_RETURN_NOT_OK(LookThrough<kBinary>(json));
              return Owned(ElementAt<kBinary>(json, at));
            });
  list->Add(type + "_array_element_text" + by_place,
            [](View json, int32_t at) -> MaybeText {
              WEIR_RETURN_NOT_OK(LookThrough<kBinary>(json));
              return JsonText(ElementAt<kBinary>(json, at));
            });
  list->Add(type + "_typeof" + alone, [](View json) -> View { return pg::JsonTypeOf(json); });
  list->Add(type + "_array_length" + alone, [](View json) -> Result<int32_t> { return ArrayLength(json); });
  list->Add(type + "_array_elements" + alone,
            [](View json) -> Result<TextList> { return Elements(json, kElements, false); });
  list->Add(type + "_array_elements_text" + alone,
            [](View json) -> Result<TextList> {
              WEIR_RETURN_NOT_OK(LookThrough<kBinary>(json));
              return Elements(json, kElementsText, true);
            });
  list->Add(type + "_object_keys" + alone, [](View json) -> Result<TextList> {
    WEIR_RETURN_NOT_OK(LookThrough<kBinary>(json));
    return Keys(json, kKeys);
  });
}

}  // namespace

void AddJson(FunctionList* list) {
  AddBoth<false>(list);
  AddBoth<true>(list);
  list->Add("json_strip_nulls(json)", [](View json) -> Text {
    WEIR_RETURN_NOT_OK(LookThrough<false>(json));
    return pg::JsonWithoutNulls(json);
  });
  list->Add("jsonb_strip_nulls(jsonb)", [](View json) -> Text { return pg::JsonbWithoutNulls(json); });
  list->Add("jsonb_pretty(jsonb)", [](View json) -> std::string { return pg::JsonbPretty(json); });
  list->Add("jsonb_concat(jsonb,jsonb)", [](View a, View b) -> Text { return pg::JsonbConcat(a, b); });
  list->Add("jsonb_contains(jsonb,jsonb)", [](View a, View b) -> Result<bool> { return pg::JsonbContains(a, b); });
  list->Add("jsonb_contained(jsonb,jsonb)", [](View a, View b) -> Result<bool> { return pg::JsonbContains(b, a); });
  list->Add("jsonb_exists(jsonb,text)", [](View json, View key) -> Result<bool> { return pg::JsonbExists(json, key); });
  list->Add("jsonb_delete(jsonb,int4)", [](View json, int32_t at) -> Text { return pg::JsonbDeleteElement(json, at); });
  list->Add("jsonb_delete(jsonb,text)", [](View json, View key) -> Text {
    const std::optional<std::string> keys[] = {std::string(key)};
    return pg::JsonbDelete(json, keys);
  });
}

}  // namespace weir::sql::duck
