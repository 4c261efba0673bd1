// The layers over the CUDA kernels, which the emulator runs.

#include <headroom/kernels/cuda/emulated.h>

#include "alike.h"
#include "catch.h"

using namespace headroom;

namespace {

void check_emulated(const Job& job, double tolerance) {
  const auto backend = kernels::make_emulated_cuda_backend();
  measure::HostResource resource;
  test::check_like_host(*backend, resource, job, tolerance);
}

}  // namespace

TEST_CASE("in fp32 the CUDA kernels compute the host's loss, output and gradients to 1e-5 under every method") {
  check_emulated(test::gpt_job(), 1e-5);
  check_emulated(test::llama_job(), 1e-5);
}

TEST_CASE("in bf16, with dropout, the CUDA kernels compute the host's loss, output and gradients to 2e-2") {
  Job job = test::gemma_job();
  job.precision = Precision::bf16_mixed;
  job.model.layer_runs = {{1, {0}}};
  job.dropout = true;
  check_emulated(job, 2e-2);
}

TEST_CASE("under FPDT the CUDA kernels compute the host's loss, output and gradients") {
  const auto backend = kernels::make_emulated_cuda_backend();
  measure::HostResource resource;
  Job job = GENERATE(test::gpt_job(), test::gemma_job());
  job.method.attention = Attention::flash;
  job.method.sequence = SequenceDistribution::fpdt;
  job.dropout = true;
  job.recompute = {RecomputeKind::every, 2};
  test::check_alike(job, test::compute_on(*backend, resource, job), test::compute(job), 1e-5);
  job.precision = Precision::bf16_mixed;
  job.model.layer_runs = {{1, {0}}};
  test::check_alike(job, test::compute_on(*backend, resource, job), test::compute(job), 2e-2);
}
