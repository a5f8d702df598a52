#include "ingest/push_json.h"

#include <charconv>
#include <string>

#include "absl/time/time.h"
#include "ingest/json_document.h"
#include "ingest/json_repair.h"
#include "ingest/label_text.h"
#include "storage/base/ascii.h"
#include "storage/base/utf8.h"

namespace skald::ingest {
namespace {

namespace od = simdjson::ondemand;

constexpr std::string_view kBadNumber =
    "Value looks like Number/Boolean/None, but can't find its end: ',' or '}' symbol";
constexpr std::string_view kBadString = "Value is string, but can't find closing '\"' symbol";
constexpr std::string_view kBadObject =
    "Value looks like object, but can't find closing '}' symbol";
constexpr std::string_view kBadValue = "Malformed JSON error";

constexpr size_t kLongestTime = 4096;

// The error of a value that has the wrong shape, as Loki words it.
Status WrongShape(std::string_view problem) {
  return InvalidArgument(StrCat(
      "loghttp.PushRequest.Streams: []loghttp.LogProtoStream: unmarshalerDecoder: ", problem));
}

// Walks one document into a batch.
class PushWalker {
 public:
  PushWalker(JsonShape shape, PushBatch* batch)
      : shape_(shape), batch_(batch), labels_(batch->memory()) {}

  Status Walk(od::document* root) {
    bool is_null = false;
    if (root->is_null().get(is_null) == simdjson::SUCCESS && is_null) return absl::OkStatus();
    od::object object;
    if (root->get_object().get(object) != simdjson::SUCCESS) {
      return InvalidArgument("readObjectStart: expect { or n, but found another value");
    }
    for (auto field : object) {
      std::string_view key;
      od::value value;
      if (Failed(field.unescaped_key().get(key)) || Failed(field.value().get(value)))
        return Error();
      if (EqualsIgnoreCase(key, "streams")) RETURN_IF_ERROR(ReadStreams(value));
    }
    return absl::OkStatus();
  }

  // Why simdjson gave up, if that is why the walk failed.
  simdjson::error_code error() const { return error_; }

 private:
  bool Failed(simdjson::error_code error) {
    error_ = error;
    return error != simdjson::SUCCESS;
  }
  Status Error() const { return JsonError(error_); }

  // Remembers the error of a value that is not of the type asked for, and says what was expected.
  Status NotA(std::string_view problem) const {
    return error_ == simdjson::INCORRECT_TYPE ? WrongShape(problem) : Error();
  }

  Status ReadStreams(od::value value) {
    od::array streams;
    if (IsNull(value)) return absl::OkStatus();
    if (Failed(value.get_array().get(streams))) {
      return NotA("decode slice: expect [ or n, but found another value");
    }
    for (auto element : streams) {
      od::object stream;
      if (Failed(element.get_object().get(stream))) return NotA(kBadObject);
      RETURN_IF_ERROR(ReadStream(stream));
    }
    return absl::OkStatus();
  }

  Status ReadStream(od::object stream) {
    RETURN_IF_ERROR(batch_->BeginStream("{}"));
    const bool legacy = shape_ == JsonShape::kV1AndLegacy;
    for (auto field : stream) {
      std::string_view key;
      od::value value;
      if (Failed(field.unescaped_key().get(key)) || Failed(field.value().get(value)))
        return Error();
      if (key == "stream") {
        RETURN_IF_ERROR(ReadLabels(value));
      } else if (key == "values") {
        RETURN_IF_ERROR(ReadValues(value));
      } else if (legacy && key == "labels") {
        std::string_view labels;
        if (Failed(value.get_string().get(labels))) return NotA(kBadString);
        batch_->SetLabels(labels);
      } else if (legacy && key == "entries") {
        RETURN_IF_ERROR(ReadEntries(value));
      }
    }
    return absl::OkStatus();
  }

  // {"app": "web", …} to label text.
  Status ReadLabels(od::value value) {
    od::object object;
    if (Failed(value.get_object().get(object))) return NotA(kBadObject);
    labels_.Clear();
    for (auto field : object) {
      std::string_view name;
      od::value label;
      if (Failed(field.unescaped_key().get(name)) || Failed(field.value().get(label)))
        return Error();
      std::string_view text;
      RETURN_IF_ERROR(ReadLabelValue(label, &text));
      RETURN_IF_ERROR(labels_.Add(name, text));
    }
    ASSIGN_OR_RETURN(const std::string_view text, labels_.Write());
    ASSIGN_OR_RETURN(const std::string_view kept, batch_->CopyText(text));
    batch_->SetLabels(kept);
    return absl::OkStatus();
  }

  // A string, or anything else as it is written.
  Status ReadLabelValue(od::value value, std::string_view* text) {
    od::json_type type;
    if (Failed(value.type().get(type))) return Error();
    switch (type) {
      case od::json_type::string:
        return Failed(value.get_string().get(*text)) ? Error() : absl::OkStatus();
      case od::json_type::array: {
        od::array array;
        if (Failed(value.get_array().get(array)) || Failed(array.raw_json().get(*text)))
          return Error();
        break;
      }
      case od::json_type::object: {
        od::object object;
        if (Failed(value.get_object().get(object)) || Failed(object.raw_json().get(*text)))
          return Error();
        break;
      }
      default:
        *text = value.raw_json_token();
    }
    while (!text->empty() && text->back() <= ' ') text->remove_suffix(1);
    return absl::OkStatus();
  }

  Status ReadValues(od::value value) {
    od::array values;
    if (IsNull(value)) return absl::OkStatus();
    if (Failed(value.get_array().get(values))) return NotA(kBadValue);
    for (auto element : values) {
      od::value tuple;
      if (Failed(element.get(tuple))) return Error();
      if (!IsNull(tuple)) RETURN_IF_ERROR(ReadTuple(tuple));
    }
    return absl::OkStatus();
  }

  // ["<ns>", "<line>", {metadata}, ignored …]; all may be missing.
  Status ReadTuple(od::value value) {
    od::array tuple;
    if (Failed(value.get_array().get(tuple))) return NotA(kBadValue);
    RETURN_IF_ERROR(batch_->AddEntry(kNoTimestamp, {}));
    int place = 0;
    for (auto element : tuple) {
      od::value part;
      if (Failed(element.get(part))) return Error();
      if (place == 0) {
        RETURN_IF_ERROR(ReadNanos(part));
      } else if (place == 1) {
        if (Failed(part.get_string().get(batch_->last_entry()->line))) return NotA(kBadString);
      } else if (place == 2) {
        RETURN_IF_ERROR(ReadMetadata(part));
      }
      ++place;
    }
    return absl::OkStatus();
  }

  Status ReadNanos(od::value value) {
    std::string_view text;
    if (Failed(value.get_string().get(text))) return NotA(kBadNumber);
    int64_t* const timestamp = &batch_->last_entry()->timestamp;
    const char* const text_end = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), text_end, *timestamp);
    if (text.empty() || error != std::errc() || end != text_end) return WrongShape(kBadNumber);
    return absl::OkStatus();
  }

  Status ReadMetadata(od::value value) {
    od::object object;
    if (Failed(value.get_object().get(object))) return NotA(kBadObject);
    for (auto field : object) {
      std::string_view name;
      std::string_view text;
      if (Failed(field.unescaped_key().get(name))) return Error();
      if (Failed(field.value().get_string().get(text))) return NotA(kBadString);
      RETURN_IF_ERROR(batch_->AddMetadata(name, text));
    }
    return absl::OkStatus();
  }

  Status ReadEntries(od::value value) {
    od::array entries;
    if (IsNull(value)) return absl::OkStatus();
    if (Failed(value.get_array().get(entries))) return NotA(kBadValue);
    for (auto element : entries) {
      od::object entry;
      if (Failed(element.get_object().get(entry))) return NotA(kBadObject);
      RETURN_IF_ERROR(ReadEntry(entry));
    }
    return absl::OkStatus();
  }

  Status ReadEntry(od::object entry) {
    RETURN_IF_ERROR(batch_->AddEntry(kNoTimestamp, {}));
    for (auto field : entry) {
      std::string_view key;
      od::value value;
      if (Failed(field.unescaped_key().get(key)) || Failed(field.value().get(value)))
        return Error();
      if (key == "ts") {
        RETURN_IF_ERROR(ReadTime(value));
      } else if (key == "line") {
        if (Failed(value.get_string().get(batch_->last_entry()->line))) return NotA(kBadString);
      } else if (key == "structuredMetadata") {
        RETURN_IF_ERROR(ReadMetadata(value));
      }
    }
    return absl::OkStatus();
  }

  Status ReadTime(od::value value) {
    std::string_view text;
    if (Failed(value.get_string().get(text))) {
      return NotA("Time.UnmarshalJSON: input is not a JSON string");
    }
    absl::Time time;
    std::string problem;
    if (text.size() > kLongestTime ||
        !absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &time, &problem)) {
      return WrongShape(StrCat("parsing time \"", Shortened(text, kLongestTime),
                               "\" as \"2006-01-02T15:04:05Z07:00\": ", problem));
    }
    batch_->last_entry()->timestamp = absl::ToUnixNanos(time);
    return absl::OkStatus();
  }

  // True for null. Anything else is left to be read.
  static bool IsNull(od::value value) {
    bool is_null = false;
    return value.is_null().get(is_null) == simdjson::SUCCESS && is_null;
  }

  const JsonShape shape_;
  PushBatch* const batch_;
  simdjson::error_code error_ = simdjson::SUCCESS;
  LabelTextWriter labels_;
};

}  // namespace

struct JsonPushDecoder::State {
  JsonDocument document;
  BodyBuffer repaired;
};

JsonPushDecoder::JsonPushDecoder() : state_(std::make_unique<State>()) {}
JsonPushDecoder::~JsonPushDecoder() = default;

Status JsonPushDecoder::Decode(BodyBuffer* body, JsonShape shape, Reservation* memory,
                               PushBatch* batch) {
  batch->Reset(memory);
  PushWalker first(shape, batch);
  simdjson::error_code error = simdjson::SUCCESS;
  Status status = state_->document.Open(body, memory, &error);
  if (status.ok()) {
    status = first.Walk(&state_->document.root());
    error = first.error();
  }
  if (status.ok() || !MayBeRepaired(error)) return status;
  state_->repaired.Reset(memory, body->limit());
  RETURN_IF_ERROR(RepairJsonText(body->view(), &state_->repaired));
  RETURN_IF_ERROR(state_->document.Open(&state_->repaired, memory, &error));
  batch->Reset(memory);
  return PushWalker(shape, batch).Walk(&state_->document.root());
}

void JsonPushDecoder::Shrink() {
  state_->document.Shrink();
  state_->repaired.Shrink();
}

}  // namespace skald::ingest
