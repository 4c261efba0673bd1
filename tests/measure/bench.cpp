#include "bench.h"

#include <bit>
#include <cmath>
#include <numeric>

#include <headroom/models/format.h>

namespace headroom::test {
namespace {

double element(const kernels::View& view, std::int64_t index) {
  if (view.type == kernels::Type::fp32) return static_cast<double>(static_cast<const float*>(view.data)[index]);
  const std::uint32_t half = static_cast<const std::uint16_t*>(view.data)[index];
  return static_cast<double>(std::bit_cast<float>(half << 16U));
}

/// Reads tensors of any backend.
struct Reader {
  kernels::Backend& backend;
  measure::Resource& resource;

  [[nodiscard]] std::vector<double> operator()(const measure::Tensor& tensor) const {
    return values_on(backend, resource, tensor);
  }
};

class Collector : public measure::Observer {
 public:
  Collector(const Reader& read, Values& values) : read_(read), values_(values) {}
  void last_output(const measure::Tensor& x) override { values_["output"] = read_(x); }
  void has_gradient(const measure::Parameter& p) override { values_[p.name()] = read_(p.gradient); }

 private:
  const Reader& read_;
  Values& values_;
};

Job small_job() {
  Job job;
  job.model.name = "small";
  job.model.hidden = 24;
  job.model.vocab = 37;
  job.model.kinds = {{}};
  job.model.kinds[0].heads = 4;
  job.model.kinds[0].kv_heads = 4;
  job.model.kinds[0].head_dim = 6;
  job.model.kinds[0].ffn_hidden = 40;
  job.model.layer_runs = {{3, {0}}};
  job.method.query_chunk = {ChunkRule::tokens, Tokens(5)};
  job.method.kv_chunk = {ChunkRule::tokens, Tokens(4)};
  job.method.ffn_chunk = {ChunkRule::tokens, Tokens(6)};
  job.method.head_chunk = {ChunkRule::tokens, Tokens(7)};
  job.recompute = {RecomputeKind::none, 1};
  job.precision = Precision::fp32;
  job.batch = 2;
  job.seq = Tokens(13);
  return job;
}

std::string_view short_name(KeyValues key_values) { return key_values == KeyValues::kept ? "" : ", K and V again"; }

Method method_of(const Method& chunks, Attention attention, FeedForward feed_forward, KeyValues key_values, Head head) {
  Method method = chunks;
  method.attention = attention;
  method.feed_forward = feed_forward;
  method.key_values = key_values;
  method.head = head;
  return method;
}

std::string name_of_method(const Method& m) {
  return std::string(name_of(m.attention)) + ", " + std::string(name_of(m.feed_forward)) +
         std::string(short_name(m.key_values)) + ", " + std::string(name_of(m.head)) + " head";
}

std::vector<Method> methods(const Method& chunks) {
  const Head heads[] = {Head::dense_fp32, Head::dense, Head::chunked, Head::fused};
  std::vector<Method> methods;
  const auto add = [&](Attention attention, FeedForward feed_forward, KeyValues key_values) {
    methods.push_back(method_of(chunks, attention, feed_forward, key_values, heads[methods.size() % 4]));
  };
  for (const auto attention : {Attention::vanilla, Attention::memory_efficient, Attention::flash}) {
    for (const auto feed_forward : {FeedForward::whole, FeedForward::chunked}) {
      add(attention, feed_forward, KeyValues::kept);
    }
  }
  for (const auto attention : {Attention::memory_efficient, Attention::flash}) {
    for (const auto key_values : {KeyValues::kept, KeyValues::recomputed}) {
      add(attention, FeedForward::blockwise, key_values);
    }
  }
  return methods;
}

}  // namespace

Bench::Bench(int threads, std::optional<Bytes> limit)
    : workspace(resource, threads * static_cast<std::int64_t>(kernels::kHostWorkspacePerThread)),
      memory(resource, limit),
      host(host_resource),
      backend(kernels::make_host_backend(threads, workspace.span())) {}

std::vector<double> values_of(const kernels::View& view) {
  std::vector<double> values(static_cast<std::size_t>(view.elements()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = element(view, static_cast<std::int64_t>(i));
  return values;
}

std::vector<double> values_on(kernels::Backend& backend, measure::Resource& resource, const measure::Tensor& tensor) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(tensor.bytes().count()));
  backend.synchronize();
  resource.download(bytes.data(), tensor.view().data, tensor.bytes().count());
  kernels::View view = tensor.view();
  view.data = bytes.data();
  return values_of(view);
}

Computed compute_on(kernels::Backend& backend, measure::Resource& resource, const Job& job,
                    const measure::Training& training) {
  measure::Memory memory(resource);
  Bench beside;
  Computed computed;
  const Reader read{backend, resource};
  Collector collector(read, computed.values);
  measure::Trainer trainer(backend, memory, job, training, &collector, measure::alone(), beside.host_side());
  computed.loss = trainer.step();
  measure::for_each_parameter(trainer.weights(), [&](measure::Parameter& p) {
    // What persists elsewhere is on the host.
    computed.parameters[p.name()] = p.persistent ? values_of(p.persistent.view()) : read(p.value);
  });
  return computed;
}

Computed compute(const Job& job, const measure::Training& training) {
  Bench bench;
  return compute_on(*bench.backend, bench.resource, job, training);
}

double length_of(const std::vector<double>& a) {
  return std::sqrt(std::inner_product(a.begin(), a.end(), a.begin(), 0.0));
}

double relative_difference(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> difference(b.size());
  for (std::size_t i = 0; i < b.size(); ++i) difference[i] = a.at(i) - b[i];
  return length_of(difference) / length_of(b);
}

Job gpt_job() {
  Job job = small_job();
  job.model.norm = Norm::layernorm;
  job.model.positions = Positions::learned;
  job.model.max_positions = 16;
  job.model.head_bias = true;
  LayerKind& kind = job.model.kinds[0];
  kind.activation = Activation::gelu;
  kind.qkv_bias = kind.out_bias = kind.ffn_bias = true;
  return job;
}

Job llama_job() {
  Job job = small_job();
  job.model.norm = Norm::rmsnorm;
  job.model.positions = Positions::rope;
  job.model.kinds[0].activation = Activation::swiglu;
  job.model.kinds[0].kv_heads = 2;
  return job;
}

Job gpt_neox_job() {
  Job job = gpt_job();
  job.model.positions = Positions::rope;
  job.model.kinds[0].rotary_dim = 2;
  job.model.kinds[0].residual = Residual::parallel;
  return job;
}

Job gpt_j_job() {
  Job job = gpt_neox_job();
  LayerKind& kind = job.model.kinds[0];
  kind.residual = Residual::parallel_shared_norm;
  kind.rotary_dim = 4;
  kind.kv_heads = 2;
  kind.qkv_bias = kind.out_bias = false;
  return job;
}

Job qwen_job() {
  Job job = llama_job();
  job.model.kinds[0].head_dim = 8;
  job.model.kinds[0].qk_norm = true;
  return job;
}

Job deepseek_job() {
  Job job = llama_job();
  job.model.kinds[0].kv_heads = job.model.kinds[0].heads;
  job.model.kinds[0].latent = LatentAttention{10, 8, 2, 4};
  return job;
}

Job tiny_job(std::int64_t layers, std::int64_t ffn_hidden) {
  Job job = llama_job();
  job.model.hidden = 4;
  job.model.vocab = 5;
  job.model.kinds[0] = {};
  job.model.kinds[0].heads = 2;
  job.model.kinds[0].kv_heads = 1;
  job.model.kinds[0].head_dim = 2;
  job.model.kinds[0].ffn_hidden = ffn_hidden;
  job.model.kinds[0].activation = Activation::relu;
  job.model.layer_runs = {{layers, {0}}};
  return job;
}

Job gemma_job() {
  Job job = llama_job();
  job.model.tied_embeddings = true;
  job.model.kinds[0].activation = Activation::geglu;
  job.model.kinds[0].post_norms = true;
  job.model.kinds[0].qkv_bias = true;
  job.model.kinds.push_back(job.model.kinds[0]);
  job.model.kinds[1].heads = 6;
  job.model.kinds[1].kv_heads = 1;
  job.model.kinds[1].activation = Activation::gelu;
  job.model.layer_runs = {{1, {0, 1}}, {1, {0}}};
  return job;
}

Job experts_job() {
  Job job = llama_job();
  job.model.kinds.push_back(job.model.kinds[0]);
  job.model.kinds[1].ffn_hidden = 12;
  job.model.kinds[1].ffn_bias = true;
  job.model.kinds[1].experts = Experts{4, 2, 16, true, true, {}};
  job.model.layer_runs = {{1, {0}}, {2, {1}}};
  return job;
}

std::vector<Variant> variants(const Method& chunks) {
  const Recompute recomputes[] = {
      {RecomputeKind::none, 1}, {RecomputeKind::selective, 1}, {RecomputeKind::full, 1}, {RecomputeKind::every, 2}};
  std::vector<Variant> all;
  for (const Method& method : methods(chunks)) {
    for (const Recompute& recompute : recomputes) {
      all.push_back({name_of_method(method) + ", " + format_recompute(recompute), method, recompute});
    }
  }
  return all;
}

Job with(Job job, const Variant& variant) {
  job.method = variant.method;
  job.recompute = variant.recompute;
  return job;
}

}  // namespace headroom::test
