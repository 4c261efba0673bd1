#pragma once

#include <concepts>

#include <headroom/models/job.h>

#include "fields.h"

namespace headroom {

/// The keys of every type that headroom saves, each named once. `Fields` is a FieldReader or a FieldWriter.
template <class T, class U>
concept MaybeConst = std::same_as<std::remove_const_t<T>, U>;

template <class Fields, MaybeConst<Experts> T>
void describe(Fields& fields, T& experts) {
  fields.required("count", experts.count);
  fields.required("per_token", experts.per_token);
  fields.optional("shared_hidden", experts.shared_hidden);
  fields.optional("shared_gate", experts.shared_gate);
  fields.optional("router_bias", experts.router_bias);
  fields.optional("capacity_factor", experts.capacity_factor);
}

template <class Fields, MaybeConst<LatentAttention> T>
void describe(Fields& fields, T& latent) {
  fields.optional("query_rank", latent.query_rank);
  fields.required("kv_rank", latent.kv_rank);
  fields.required("rope_head_dim", latent.rope_head_dim);
  fields.required("value_head_dim", latent.value_head_dim);
}

template <class Fields, MaybeConst<LayerKind> T>
void describe(Fields& fields, T& kind) {
  fields.required("heads", kind.heads);
  fields.required("kv_heads", kind.kv_heads);
  fields.required("head_dim", kind.head_dim);
  fields.required("ffn_hidden", kind.ffn_hidden);
  fields.required("activation", kind.activation);
  fields.optional("qkv_bias", kind.qkv_bias);
  fields.optional("out_bias", kind.out_bias);
  fields.optional("ffn_bias", kind.ffn_bias);
  fields.optional("post_norms", kind.post_norms);
  fields.optional("residual", kind.residual);
  fields.optional("qk_norm", kind.qk_norm);
  fields.optional("rotary_dim", kind.rotary_dim);
  fields.optional("window", kind.window);
  fields.optional("latent", kind.latent);
  fields.optional("experts", kind.experts);
}

template <class Fields, MaybeConst<LayerRun> T>
void describe(Fields& fields, T& run) {
  fields.required("repeat", run.repeat);
  fields.required("period", run.period);
}

template <class Fields, MaybeConst<Transformer> T>
void describe(Fields& fields, T& model) {
  fields.tag("transformer/1");
  fields.required("name", model.name);
  fields.ignored("order");
  fields.ignored("aliases");
  fields.required("hidden", model.hidden);
  fields.required("vocab", model.vocab);
  fields.optional("max_positions", model.max_positions);
  fields.required("norm", model.norm);
  fields.required("positions", model.positions);
  fields.optional("embedding_width", model.embedding_width);
  fields.optional("tied_embeddings", model.tied_embeddings);
  fields.optional("final_norm", model.final_norm);
  fields.optional("head_bias", model.head_bias);
  fields.required("kinds", model.kinds);
  fields.required("layers", model.layer_runs);
  fields.optional("published_parameters", model.published_parameters);
  fields.optional("source", model.provenance.source);
  fields.optional("certainty", model.provenance.certainty);
}

template <class Fields, MaybeConst<Figure> T>
void describe(Fields& fields, T& figure) {
  fields.required("bytes", figure.bytes);
  fields.optional("certainty", figure.certainty);
  fields.optional("origin", figure.origin);
}

template <class Fields, MaybeConst<Device> T>
void describe(Fields& fields, T& device) {
  fields.tag("hardware/1");
  fields.required("name", device.name);
  fields.ignored("order");
  fields.ignored("aliases");
  fields.optional("vendor", device.vendor);
  fields.required("capacity", device.capacity);
  fields.optional("context", device.context);
  fields.optional("workspace", device.workspace);
  fields.optional("allocator_slack", device.allocator_slack);
  fields.optional("memory_bandwidth", device.memory_bandwidth);
  fields.optional("bf16_flops", device.bf16_flops);
  fields.optional("fp32_flops", device.fp32_flops);
  fields.optional("link_bandwidth", device.link_bandwidth);
  fields.optional("host_link_bandwidth", device.host_link_bandwidth);
  fields.optional("source", device.provenance.source);
  fields.optional("certainty", device.provenance.certainty);
}

template <class Fields, MaybeConst<Method> T>
void describe(Fields& fields, T& method) {
  fields.optional("name", method.name);
  fields.optional("attention", method.attention);
  fields.optional("feed_forward", method.feed_forward);
  fields.optional("head", method.head);
  fields.optional("key_values", method.key_values);
  fields.optional("sequence", method.sequence);
  fields.optional("sharding", method.sharding);
  fields.optional("offload_checkpoints", method.offload_checkpoints);
  fields.optional("offload_optimizer", method.offload_optimizer);
  fields.optional("offload_parameters", method.offload_parameters);
  fields.optional("prefetch", method.prefetch);
  fields.optional("query_chunk", method.query_chunk);
  fields.optional("kv_chunk", method.kv_chunk);
  fields.optional("ffn_chunk", method.ffn_chunk);
  fields.optional("head_chunk", method.head_chunk);
}

template <class Fields, MaybeConst<MethodPreset> T>
void describe(Fields& fields, T& preset) {
  fields.tag("method/1");
  fields.ignored("order");
  fields.ignored("aliases");
  fields.required("summary", preset.summary);
  fields.required("source", preset.source);
  describe(fields, preset.method);
}

template <class Fields, MaybeConst<Job> T>
void describe(Fields& fields, T& job) {
  fields.tag("job/1");
  fields.required("model", job.model);
  fields.required("device", job.device);
  fields.required("method", job.method);
  fields.optional("mode", job.mode);
  fields.optional("recompute", job.recompute);
  fields.optional("precision", job.precision);
  fields.optional("optimizer", job.optimizer.kind);
  fields.optional("optimizer_states", job.optimizer.states);
  fields.optional("momentum", job.optimizer.momentum);
  fields.optional("factored", job.optimizer.factored);
  fields.optional("update_in_backward", job.optimizer.in_backward);
  fields.optional("data_parallel", job.degrees.data);
  fields.optional("sequence_parallel", job.degrees.sequence);
  fields.optional("tensor_parallel", job.degrees.tensor);
  fields.optional("pipeline_parallel", job.degrees.pipeline);
  fields.optional("model_chunks", job.model_chunks);
  fields.optional("micro_batches", job.micro_batches);
  fields.optional("ulysses_parallel", job.degrees.ulysses);
  fields.optional("nodes", job.nodes);
  fields.optional("host_memory", job.host_memory);
  fields.optional("batch", job.batch);
  fields.optional("seq", job.seq);
  fields.optional("accumulate", job.accumulate);
  fields.optional("dropout", job.dropout);
  fields.optional("cache_type", job.inference.cache);
  fields.optional("prefill_batch", job.inference.prefill_batch);
  fields.optional("prefill_chunk", job.inference.prefill_chunk);
}

/// Values with a form of their own: a number of bytes; tokens as a number or "128K"; a chunk as tokens or a rule; a
/// fraction as a decimal number of at most six decimals.
void read_value(const nlohmann::json& json, const Place& place, Bytes& value);
void read_value(const nlohmann::json& json, const Place& place, Tokens& value);
void read_value(const nlohmann::json& json, const Place& place, Chunk& value);
void read_value(const nlohmann::json& json, const Place& place, Rational& value);
void read_value(const nlohmann::json& json, const Place& place, Recompute& value);
[[nodiscard]] nlohmann::ordered_json write_value(Bytes value);
[[nodiscard]] nlohmann::ordered_json write_value(Tokens value);
[[nodiscard]] nlohmann::ordered_json write_value(const Chunk& value);
[[nodiscard]] nlohmann::ordered_json write_value(const Rational& value);
[[nodiscard]] nlohmann::ordered_json write_value(const Recompute& value);

/// Parts of a job: a preset's name, or an object. A method's object starts from the preset it names.
void read_value(const nlohmann::json& json, const Place& place, Transformer& value);
void read_value(const nlohmann::json& json, const Place& place, Device& value);
void read_value(const nlohmann::json& json, const Place& place, Method& value);

/// An object of a described type, with nothing in it that the type does not know.
template <class T>
void read_object(const nlohmann::json& json, const Place& place, T& value) {
  FieldReader fields(json, place);
  describe(fields, value);
  fields.refuse_unknown_keys();
}

template <class T>
requires requires(FieldReader& fields, T& value) { describe(fields, value); }
void read_value(const nlohmann::json& json, const Place& place, T& value) { read_object(json, place, value); }

template <class T>
requires requires(FieldWriter& fields, const T& value) { describe(fields, value); }
[[nodiscard]] nlohmann::ordered_json write_value(const T& value) {
  FieldWriter fields;
  describe(fields, value);
  return fields.take();
}

}  // namespace headroom
