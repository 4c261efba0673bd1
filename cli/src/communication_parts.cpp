#include "communication_parts.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include <headroom/models/format.h>

#include "labelled.h"

namespace headroom::cli {
namespace {

using Json = nlohmann::ordered_json;
using sim::Communication;
using sim::LayerCommunication;
using sim::Sent;
using sim::SentByPurpose;
using sim::UnitCommunication;

/// Of the link's bandwidth, which nothing else shares: what a step cannot take less than to send all.
double seconds(const Sent& sent, std::int64_t bandwidth) {
  return static_cast<double>(sent.bytes.count()) / static_cast<double>(bandwidth);
}

std::string duration_text(double seconds) {
  constexpr double kMilli = 1e-3, kMicro = 1e-6;
  if (seconds >= 1) return fmt::format("{:.3g} s", seconds);
  if (seconds >= kMilli) return fmt::format("{:.3g} ms", seconds / kMilli);
  return fmt::format("{:.3g} us", seconds / kMicro);
}

std::string bandwidth_text(std::int64_t bandwidth) {
  constexpr double kGiga = 1e9;
  return fmt::format("{:.4g} GB/s", static_cast<double>(bandwidth) / kGiga);
}

/// "384 MiB in 12,345 messages"
std::string sent_text(const Sent& sent) {
  return fmt::format("{} in {} message{}", format_bytes(sent.bytes), format_grouped(sent.messages),
                     sent.messages == 1 ? "" : "s");
}

/// Layers may differ by kind and place.
const LayerCommunication& largest(const std::vector<LayerCommunication>& layers) {
  return *std::max_element(layers.begin(), layers.end(), [](const LayerCommunication& a, const LayerCommunication& b) {
    return a.each.total().total().bytes < b.each.total().total().bytes;
  });
}

std::string layer_text(const std::vector<LayerCommunication>& layers) {
  const UnitCommunication& each = largest(layers).each;
  if (each.total() == SentByPurpose{}) return "a layer: nothing";
  std::string text = layers.size() > 1 ? "a layer up to: " : "a layer: ";
  text += format_bytes(each.forward.total().bytes) + " forward, ";
  if (each.recompute != SentByPurpose{}) text += format_bytes(each.recompute.total().bytes) + " recompute, ";
  return text + format_bytes(each.backward.total().bytes) + " backward";
}

std::string link_text(const Sent& sent, const Device& device) {
  if (!device.link_bandwidth) return "";
  return fmt::format("at least {} at {}, whether hidden behind kernels or not",
                     duration_text(seconds(sent, *device.link_bandwidth)), bandwidth_text(*device.link_bandwidth));
}

Json sent_json(const Sent& sent) { return {{"bytes", sent.bytes.count()}, {"messages", sent.messages}}; }

Json by_purpose_json(const SentByPurpose& sent) {
  Json json;
  for (const auto& purpose : values_of<sim::Purpose>()) {
    json[std::string(purpose.name)] = sent_json(sent[purpose.value]);
  }
  json["total"] = sent_json(sent.total());
  return json;
}

Json unit_json(const UnitCommunication& unit) {
  return {{"forward", by_purpose_json(unit.forward)},
          {"recompute", by_purpose_json(unit.recompute)},
          {"backward", by_purpose_json(unit.backward)}};
}

}  // namespace

std::string communication_text(const Job& job, Tokens seq, const Style& style) {
  if (rank_count(job.degrees) == 1) return {};
  const Communication sent = sim::communication(job, seq);
  const Sent step = sent.step().total();
  std::string text =
      labelled("Sent", "a step: " + sent_text(step) + (job.accumulate ? " (one micro-batch)" : ""), style);
  text += labelled("", layer_text(sent.layers), style);
  return text + labelled("", link_text(step, job.device), style) + "\n";
}

Json communication_json(const Job& job, Tokens seq) {
  if (rank_count(job.degrees) == 1) return nullptr;
  const Communication sent = sim::communication(job, seq);
  Json json{{"rank", 0}, {"step", by_purpose_json(sent.step())}, {"micro_batch", by_purpose_json(sent.micro_batch())}};
  json["layers"] = Json::array();
  for (const LayerCommunication& of : sent.layers) {
    Json layer{{"kind", of.kind}, {"layers", of.layers}};
    layer.update(unit_json(of.each));
    json["layers"].push_back(std::move(layer));
  }
  json["embedding"] = unit_json(sent.embedding);
  json["head"] = unit_json(sent.head);
  json["reduction"] = by_purpose_json(sent.reduction);
  json["update"] = by_purpose_json(sent.update);
  const auto bandwidth = job.device.link_bandwidth;
  json["link_bandwidth"] = bandwidth ? Json(*bandwidth) : Json(nullptr);
  json["least_link_seconds"] = bandwidth ? Json(seconds(sent.step().total(), *bandwidth)) : Json(nullptr);
  return json;
}

}  // namespace headroom::cli
