#pragma once

#include <headroom/models/record.h>

#include "schema.h"

namespace headroom {

/// The keys of a record and of its parts, each named once.
template <class Fields, MaybeConst<SoftwareVersion> T>
void describe(Fields& fields, T& software) {
  fields.required("name", software.name);
  fields.required("version", software.version);
}

template <class Fields, MaybeConst<MeasuredPeak> T>
void describe(Fields& fields, T& peak) {
  fields.required("total", peak.total);
  fields.required("categories", peak.categories);
  fields.required("instant", peak.instant);
  fields.optional("layer", peak.layer);
  fields.optional("tensor", peak.tensor);
}

template <class Fields, MaybeConst<Witness> T>
void describe(Fields& fields, T& witness) {
  fields.required("source", witness.source);
  fields.required("peak", witness.peak);
  fields.required("baseline", witness.baseline);
}

template <class Fields, MaybeConst<DeviceMemory> T>
void describe(Fields& fields, T& memory) {
  fields.required("total", memory.total);
  fields.required("free", memory.free);
  fields.optional("context", memory.context);
  fields.required("modules", memory.modules);
  fields.optional("local_memory", memory.local_memory);
  fields.required("pool_used", memory.pool_used);
  fields.required("pool_reserved", memory.pool_reserved);
  fields.required("peak", memory.peak);
}

template <class Fields, MaybeConst<InstantPeak> T>
void describe(Fields& fields, T& peak) {
  fields.required("instant", peak.instant);
  fields.required("peak", peak.peak);
}

template <class Fields, MaybeConst<KernelTime> T>
void describe(Fields& fields, T& time) {
  fields.required("kernel", time.kernel);
  fields.required("launches", time.launches);
  fields.required("seconds", time.time);
}

template <class Fields, MaybeConst<CuptiTrace> T>
void describe(Fields& fields, T& trace) {
  fields.required("peak", trace.peak);
  fields.optional("driver_peak", trace.driver_peak);
  fields.required("other_peak", trace.other_peak);
  fields.optional("driver_other_peak", trace.driver_other_peak);
  fields.required("allocations", trace.allocations);
  fields.required("releases", trace.releases);
  fields.required("unknown_releases", trace.unknown_releases);
  fields.required("untold_releases", trace.untold_releases);
  fields.required("dropped", trace.dropped);
  fields.optional("instants", trace.instants);
  fields.optional("kernels", trace.kernels);
}

template <class Fields, MaybeConst<InstantTime> T>
void describe(Fields& fields, T& time) {
  fields.required("instant", time.instant);
  fields.required("seconds", time.time);
}

template <class Fields, MaybeConst<MeasuredRun> T>
void describe(Fields& fields, T& run) {
  fields.required("peak", run.peak);
  fields.optional("step_seconds", run.steps);
  fields.optional("losses", run.losses);
  fields.optional("instants", run.instants);
}

template <class Fields, MaybeConst<TensorEvent> T>
void describe(Fields& fields, T& event) {
  fields.required("birth", event.birth);
  fields.required("tensor", event.tensor);
  fields.required("category", event.category);
  fields.required("bytes", event.bytes);
  fields.required("instant", event.instant);
  fields.optional("layer", event.layer);
}

template <class Fields, MaybeConst<MeasuredSent> T>
void describe(Fields& fields, T& sent) {
  fields.required("bytes", sent.bytes);
  fields.required("messages", sent.messages);
}

template <class Fields, MaybeConst<MeasuredRank> T>
void describe(Fields& fields, T& rank) {
  fields.required("rank", rank.rank);
  fields.required("allocated", rank.allocated);
  fields.optional("host", rank.host);
  fields.optional("witness", rank.witness);
  fields.optional("sent", rank.sent);
}

template <class Fields, MaybeConst<Record> T>
void describe(Fields& fields, T& record) {
  fields.tag("record/1");
  fields.required("job", record.job);
  fields.required("backend", record.backend);
  fields.required("device", record.device);
  fields.optional("threads", record.threads);
  fields.optional("compute_capability", record.compute_capability);
  fields.optional("software", record.software);
  fields.required("allocated", record.allocated);
  fields.optional("host", record.host);
  fields.optional("workspace", record.workspace);
  fields.optional("limit", record.limit);
  fields.optional("witness", record.witness);
  fields.optional("device_memory", record.device_memory);
  fields.optional("cupti", record.cupti);
  fields.optional("sent", record.sent);
  fields.optional("ranks", record.ranks);
  fields.optional("runs", record.runs);
  fields.optional("timeline", record.timeline);
  fields.optional("notes", record.notes);
}

/// Values with a form of their own: an object with one key a category (0 is left out); numbers with a fraction.
void read_value(const nlohmann::json& json, const Place& place, BytesByCategory& value);
void read_value(const nlohmann::json& json, const Place& place, Seconds& value);
void read_value(const nlohmann::json& json, const Place& place, Nats& value);
[[nodiscard]] nlohmann::ordered_json write_value(const BytesByCategory& value);
[[nodiscard]] nlohmann::ordered_json write_value(const Seconds& value);
[[nodiscard]] nlohmann::ordered_json write_value(const Nats& value);

}  // namespace headroom
