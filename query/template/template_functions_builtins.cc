// The engine's own functions besides comparison: containers, printing, defaults.
#include "query/template/go_format.h"
#include "query/template/template_functions.h"

namespace skald::query {
namespace {

// What Go's reflection says of a value that is not there.
constexpr std::string_view kTypeOfNothing = "reflect: call of reflect.Value.Type on zero Value";

StatusOr<Value> Line(const FunctionCall& call) { return Value::String(call.context().line()); }

StatusOr<Value> Not(const FunctionCall& call) { return Value::Bool(!IsTrue(call.arg(0))); }

StatusOr<Value> Length(const FunctionCall& call) {
  const Value& item = call.arg(0);
  switch (item.kind()) {
    case ValueKind::kString:
      return Value::Int(static_cast<int64_t>(item.as_string().size()));
    case ValueKind::kList:
      return Value::Int(static_cast<int64_t>(item.as_list().size()));
    case ValueKind::kMap:
    case ValueKind::kLabels:
      return Value::Int(static_cast<int64_t>(item.as_map().size()));
    case ValueKind::kNil:
      return InvalidArgument("len of nil pointer");
    case ValueKind::kInvalid:
      return InvalidArgument(kTypeOfNothing);
    default:
      return InvalidArgument(StrCat("len of type ", TypeName(item)));
  }
}

// A position in a container, at most `limit`.
StatusOr<size_t> Position(const Value& index, size_t limit) {
  if (!index.valid()) return InvalidArgument("cannot index slice/array with nil");
  // What comes boxed out of a container does not count as an integer here.
  const bool integer = index.is_signed_integer() || index.kind() == ValueKind::kUint8;
  if (!integer || index.boxed()) {
    return InvalidArgument(StrCat("cannot index slice/array with type ", StaticTypeName(index)));
  }
  const int64_t at = index.as_int();
  if (at < 0 || static_cast<uint64_t>(at) > limit) {
    return InvalidArgument(StrCat("index out of range: ", at));
  }
  return static_cast<size_t>(at);
}

StatusOr<Value> MapItem(const Value& map, const Value& key) {
  if (key.is_nil()) return InvalidArgument("value is nil; should be of type string");
  if (!key.is_string()) {
    return InvalidArgument(StrCat("value has type ", TypeName(key), "; should be string"));
  }
  const Value* const found = FindEntry(map.as_map(), key.as_string());
  if (map.kind() == ValueKind::kLabels) return found == nullptr ? Value::String("") : *found;
  return found == nullptr ? Value::Nil().Boxed() : *found;
}

StatusOr<Value> Item(const Value& item, const Value& index) {
  if (item.is_nil()) return InvalidArgument("index of nil pointer");
  if (item.is_map()) return MapItem(item, index);
  if (!item.is_string() && item.kind() != ValueKind::kList) {
    return InvalidArgument(StrCat("can't index item of type ", TypeName(item)));
  }
  const size_t size = item.is_string() ? item.as_string().size() : item.as_list().size();
  ASSIGN_OR_RETURN(const size_t at, Position(index, size));
  // The engine lets the size itself through to the language's own check.
  if (at == size) {
    return InvalidArgument(item.is_string() ? "reflect: string index out of range"
                                            : "reflect: slice index out of range");
  }
  if (item.is_string()) return Value::Uint8(static_cast<uint8_t>(item.as_string()[at]));
  return item.as_list()[at];
}

StatusOr<Value> Index(const FunctionCall& call) {
  Value item = call.arg(0);
  if (item.is_nil()) return InvalidArgument("index of untyped nil");
  for (const Value& index : call.args().subspan(1)) {
    ASSIGN_OR_RETURN(item, Item(item, index.Unboxed()));
  }
  return item;
}

Status CheckSlice(const FunctionCall& call, const Value& item) {
  const size_t indexes = call.args().size() - 1;
  if (item.is_nil()) return InvalidArgument("slice of untyped nil");
  if (indexes > 3) return InvalidArgument(StrCat("too many slice indexes: ", indexes));
  if (!item.is_string() && item.kind() != ValueKind::kList) {
    return InvalidArgument(StrCat("can't slice item of type ", TypeName(item)));
  }
  if (item.is_string() && indexes == 3) return InvalidArgument("cannot 3-index slice a string");
  return absl::OkStatus();
}

StatusOr<Value> Slice(const FunctionCall& call) {
  const Value& item = call.arg(0);
  RETURN_IF_ERROR(CheckSlice(call, item));
  const size_t size = item.is_string() ? item.as_string().size() : item.as_list().size();
  size_t bounds[3] = {0, size, size};
  for (size_t i = 1; i < call.args().size(); ++i) {
    ASSIGN_OR_RETURN(bounds[i - 1], Position(call.arg(i), size));
  }
  for (size_t i = 0; i < 2; ++i) {
    if (bounds[i] > bounds[i + 1]) {
      return InvalidArgument(StrCat("invalid slice index: ", bounds[i], " > ", bounds[i + 1]));
    }
  }
  const size_t count = bounds[1] - bounds[0];
  if (item.is_string()) return Value::String(item.as_string().substr(bounds[0], count));
  return Value::List(item.as_list().subspan(bounds[0], count));
}

StatusOr<Value> Print(const FunctionCall& call) {
  AppendPrint(call.NewText(), call.args());
  return call.TextValue();
}
StatusOr<Value> Println(const FunctionCall& call) {
  AppendPrintln(call.NewText(), call.args());
  return call.TextValue();
}
StatusOr<Value> Printf(const FunctionCall& call) {
  RETURN_IF_ERROR(
      AppendPrintf(call.NewText(), call.String(0), call.args().subspan(1), kMaxTemplateText));
  return call.TextValue();
}

// Times are never empty; everything else is when an `if` takes it as false.
StatusOr<Value> Default(const FunctionCall& call) {
  const bool given = call.args().size() > 1 && IsTrue(call.arg(1));
  return call.arg(given ? 1 : 0).Boxed();
}

constexpr FunctionSpec kFunctions[] = {
    {.name = "and", .parameters = "vv*", .role = FunctionRole::kAnd},
    {.name = "or", .parameters = "vv*", .role = FunctionRole::kOr},
    {.name = "call", .parameters = "vv*", .role = FunctionRole::kCall},
    {"not", "v", Not},
    {"len", "v", Length},
    {"index", "vv*", Index},
    {"slice", "vv*", Slice},
    {"print", "a*", Print},
    {"println", "a*", Println},
    {"printf", "sa*", Printf},
    {"__line__", "", Line},
    {"default", "aa*", Default},
};

}  // namespace

std::span<const FunctionSpec> BuiltinFunctions() { return kFunctions; }

}  // namespace skald::query
