#include "ingest/stream_resolver.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "ingest/service_name.h"
#include "storage/base/units.h"
#include "storage/base/utf8.h"
#include "storage/model/label_parser.h"

namespace skald::ingest {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// What a shared allocation takes beside its object.
constexpr size_t kAllocation = 32;
// Bytes of a stream's text, and of a name or a value in it, that a message shows.
constexpr size_t kShownText = 16_KiB;
constexpr uint64_t kLeastLongText = 64_KiB;

std::string TextOf(const Pairs& labels) {
  std::vector<LabelView> views;
  views.reserve(labels.size());
  for (const auto& [name, value] : labels) views.push_back({name, value});
  return Shortened(LabelsToString(views), kShownText);
}

std::string StreamMessage(std::string_view stream, std::string_view rest) {
  return StrCat("stream '", stream, "' ", rest);
}

// Checks sorted labels, which may have a name twice.
std::optional<StreamRefusal> CheckLabels(const Pairs& labels, const IngestLimits& limits) {
  if (labels.empty()) {
    return StreamRefusal{RefusalReason::kMissingLabels,
                         "error at least one label pair is required per stream"};
  }
  const auto counted = static_cast<size_t>(std::count_if(
      labels.begin(), labels.end(), [](const auto& label) { return label.first != kServiceName; }));
  if (counted > limits.max_label_names_per_series) {
    return StreamRefusal{RefusalReason::kTooManyLabels,
                         StrCat("entry for stream '", TextOf(labels), "' has ", counted,
                                " label names; limit ", limits.max_label_names_per_series)};
  }
  std::string_view last_name;
  for (const auto& [name, value] : labels) {
    if (name.size() > limits.max_label_name_length) {
      return StreamRefusal{RefusalReason::kLabelNameTooLong,
                           StreamMessage(TextOf(labels), StrCat("has label name too long: '",
                                                                Shortened(name, kShownText), "'"))};
    }
    if (value.size() > limits.max_label_value_length) {
      return StreamRefusal{
          RefusalReason::kLabelValueTooLong,
          StreamMessage(TextOf(labels),
                        StrCat("has label value too long: '", Shortened(value, kShownText), "'"))};
    }
    if (name == last_name) {
      return StreamRefusal{RefusalReason::kDuplicateLabels,
                           StreamMessage(TextOf(labels), StrCat("has duplicate label name: '",
                                                                Shortened(name, kShownText), "'"))};
    }
    last_name = name;
  }
  return std::nullopt;
}

std::optional<StreamRefusal> CheckEnforcedLabels(const Stream& stream, std::string_view tenant,
                                                 const ClassLimits& limits) {
  std::string missing;
  for (const std::string& name : limits.enforced_labels) {
    if (!stream.labels.Get(name).empty()) continue;
    StrAppend(&missing, missing.empty() ? "" : ",", name);
  }
  if (missing.empty()) return std::nullopt;
  return StreamRefusal{
      RefusalReason::kMissingEnforcedLabels,
      StrCat("missing required labels '", missing, "' for user '", tenant, "' for stream '",
             Shortened(stream.text, kShownText), "' (policy: '", limits.stream_class.policy, "')")};
}

}  // namespace

size_t ResolvedStream::SizeEstimate() const {
  size_t size = kAllocation + sizeof(*this) + parse_error.message().size();
  if (refusal != nullptr) size += kAllocation + sizeof(*refusal) + refusal->message.size();
  if (stream != nullptr) size += 2 * kAllocation + sizeof(Stream) + stream->labels.memory();
  return size;
}

std::shared_ptr<const ResolvedStream> ResolveStream(std::string_view label_text,
                                                    std::string_view tenant,
                                                    const IngestSettings& settings) {
  auto resolved = std::make_shared<ResolvedStream>();
  StatusOr<Pairs> parsed = ParseLabelText(label_text);
  if (!parsed.ok()) {
    resolved->parse_error = Annotate(parsed.status(), "couldn't parse labels");
    return resolved;
  }
  Pairs labels = *std::move(parsed);
  std::erase_if(labels, [](const auto& label) { return label.second.empty(); });
  const std::optional<std::string_view> service =
      DiscoverServiceName(labels, settings.limits().discover_service_name);
  if (service) labels.emplace_back(kServiceName, std::string(*service));
  std::stable_sort(labels.begin(), labels.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::optional<StreamRefusal> refusal = CheckLabels(labels, settings.limits());
  resolved->stream = std::make_shared<const Stream>(LabelSet::FromPairs(std::move(labels)));
  resolved->stream_class = settings.ClassOf(resolved->stream->labels);
  if (!refusal) {
    refusal =
        CheckEnforcedLabels(*resolved->stream, tenant, settings.classes()[resolved->stream_class]);
  }
  if (refusal) resolved->refusal = std::make_unique<const StreamRefusal>(*std::move(refusal));
  resolved->level = settings.level_detector().OfLabels(resolved->stream->labels);
  return resolved;
}

uint64_t LongestLabelText(const IngestLimits& limits) {
  constexpr uint64_t kSyntax = 16;
  constexpr uint64_t kLongestEscape = 10;  // of one byte: \U00000041
  const uint64_t label = uint64_t{limits.max_label_name_length} +
                         kLongestEscape * limits.max_label_value_length + kSyntax;
  // The service name is not counted.
  const uint64_t labels = uint64_t{limits.max_label_names_per_series} + 2;
  uint64_t text = 0;
  if (__builtin_mul_overflow(label, labels, &text)) return std::numeric_limits<uint64_t>::max();
  return std::max(text, kLeastLongText);
}

std::shared_ptr<const ResolvedStream> RefuseLongText(std::string_view label_text,
                                                     const IngestSettings& settings) {
  auto resolved = std::make_shared<ResolvedStream>();
  resolved->stream = std::make_shared<const Stream>(LabelSet());
  resolved->stream_class = settings.ClassOf(resolved->stream->labels);
  StreamRefusal refusal{
      RefusalReason::kLabelValueTooLong,
      StreamMessage(Shortened(label_text, 1_KiB),
                    StrCat("has labels too long: '", label_text.size(), "' bytes, limit: '",
                           LongestLabelText(settings.limits()), "' bytes"))};
  resolved->refusal = std::make_unique<const StreamRefusal>(std::move(refusal));
  return resolved;
}

}  // namespace skald::ingest
