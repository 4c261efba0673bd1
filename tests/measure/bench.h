#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <headroom/kernels/host/host.h>
#include <headroom/measure/host_resource.h>
#include <headroom/measure/memory.h>
#include <headroom/measure/trainer.h>
#include <headroom/measure/workspace.h>
#include <headroom/models/job.h>

namespace headroom::test {

/// The host, with a memory of its own and a second one for what is offloaded.
class Bench {
 public:
  explicit Bench(int threads = 1, std::optional<Bytes> limit = std::nullopt);
  [[nodiscard]] measure::Host host_side() { return {host, backend.get()}; }

  measure::HostResource resource;
  measure::HostResource host_resource;
  measure::Workspace workspace;
  measure::Memory memory;
  measure::Memory host;
  std::unique_ptr<kernels::Backend> backend;
};

/// The elements of a tensor in the program's own memory, widened.
[[nodiscard]] std::vector<double> values_of(const kernels::View& view);

/// The elements of a tensor of any backend, whose memory the resource is.
[[nodiscard]] std::vector<double> values_on(kernels::Backend& backend, measure::Resource& resource,
                                            const measure::Tensor& tensor);

/// What a step computes, by name.
using Values = std::map<std::string, std::vector<double>>;

/// The last layer's output and every gradient of one step, its loss, and every parameter behind it.
struct Computed {
  double loss = 0;
  Values values;
  Values parameters;
};
[[nodiscard]] Computed compute(const Job& job, const measure::Training& training = {});
/// The same on any backend, whose memory the resource is.
[[nodiscard]] Computed compute_on(kernels::Backend& backend, measure::Resource& resource, const Job& job,
                                  const measure::Training& training = {});

/// ||a-b|| / ||b||.
[[nodiscard]] double relative_difference(const std::vector<double>& a, const std::vector<double>& b);
[[nodiscard]] double length_of(const std::vector<double>& a);

/// Three layers of odd sizes; chunks that do not divide the sequence.
[[nodiscard]] Job gpt_job();
[[nodiscard]] Job llama_job();
/// That GPT with rotary positions of a part of each head and parallel branches.
[[nodiscard]] Job gpt_neox_job();
/// The same with one norm for both branches, biases of the feed-forward alone, and two key heads.
[[nodiscard]] Job gpt_j_job();
/// Small enough to work its events out by hand: that job 4 wide, of 5 words, with 2 query heads and 1 key head of 2 and
/// no gate.
[[nodiscard]] Job tiny_job(std::int64_t layers, std::int64_t ffn_hidden);
/// That Llama with norms of queries and keys, and heads that are wider than their share of the hidden width.
[[nodiscard]] Job qwen_job();
/// That Llama with latent attention: queries have a latent, values are narrower than keys.
[[nodiscard]] Job deepseek_job();
/// Post-norms, tied embeddings, GeGLU, two kinds of layers.
[[nodiscard]] Job gemma_job();

/// A dense layer, then two of 4 experts, 2 a token, with biases, a correction and a shared expert that has a gate.
[[nodiscard]] Job experts_job();

/// A method or recompute under test, and what it is called.
struct Variant {
  std::string name;
  Method method;
  Recompute recompute;
};
/// Every way to compute a layer, head and recompute.
[[nodiscard]] std::vector<Variant> variants(const Method& chunks);
[[nodiscard]] Job with(Job job, const Variant& variant);

}  // namespace headroom::test
