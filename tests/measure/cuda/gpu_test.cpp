#include <filesystem>
#include <fstream>

#include <headroom/kernels/cuda/cuda.h>
#include <headroom/measure/measurement.h>
#include <headroom/measure/memory.h>
#include <headroom/models/record.h>

#include "alike.h"
#include "catch.h"
#include "cuda_resource.h"
#include "inference.h"
#include "process.h"

using namespace headroom;
using headroom::test::contains;
using headroom::test::Ended;
using headroom::test::Process;

namespace {

/// The first device with a memory of its own.
class CudaBench {
 public:
  CudaBench() : workspace_(kernels::kCudaWorkspace), resource(measure::cuda::find_device(0), stream_.get()) {
    backend = kernels::make_cuda_backend(stream_.get(), workspace_.span());
  }

 private:
  measure::cuda::Stream stream_;
  measure::cuda::DeviceBlock workspace_;

 public:
  measure::cuda::CudaResource resource;
  std::unique_ptr<kernels::Backend> backend;
};

void check_all(const Job& job, double tolerance) {
  CudaBench bench;
  test::check_like_host(*bench.backend, bench.resource, job, tolerance);
}

std::string file(const char* name) {
  return (std::filesystem::temp_directory_path() / (std::string("headroom-gpu-test-") + name)).string();
}

/// Head sizes that the tensor cores like, some tens of MiB.
Job program_job() {
  Job job = test::llama_job();
  job.device = budget_device(1_GiB);
  job.model.hidden = 256;
  job.model.vocab = 4000;
  job.model.kinds[0].heads = 4;
  job.model.kinds[0].kv_heads = 2;
  job.model.kinds[0].head_dim = 64;
  job.model.kinds[0].ffn_hidden = 688;
  job.precision = Precision::bf16_mixed;
  job.seq = Tokens(512);
  return job;
}

/// Checkpoints and the optimizer's states, and the parameters, which come one work ahead.
Job offloading(Job job, bool parameters) {
  job.method.offload_checkpoints = job.method.offload_optimizer = true;
  job.method.offload_parameters = parameters;
  job.method.prefetch = 1;
  job.recompute = {RecomputeKind::every, 2};
  return job;
}

Ended run_program(const std::vector<std::string>& options, const Job& job = program_job()) {
  std::ofstream(file("job.json")) << job_to_json(job);
  std::vector<std::string> arguments = {HEADROOM_MEASURE_CUDA, "--job", file("job.json"), "--record", file("r.json")};
  arguments.insert(arguments.end(), options.begin(), options.end());
  std::filesystem::remove(file("r.json"));
  return Process(arguments).wait();
}

}  // namespace

TEST_CASE("in fp32 the device computes the host's loss, output and gradients to 1e-4") {
  Job job = GENERATE(test::gpt_job(), test::llama_job(), test::gemma_job());
  job.dropout = GENERATE(false, true);
  check_all(job, 1e-4);
}

TEST_CASE("in bf16 the device computes the host's loss, output and gradients to 2e-2") {
  Job job = GENERATE(test::gpt_job(), test::llama_job(), test::gemma_job());
  job.precision = Precision::bf16_mixed;
  job.model.layer_runs = {{1, {0}}};
  job.dropout = GENERATE(false, true);
  check_all(job, 2e-2);
}

TEST_CASE("the device's inference gives the host's logits, and allocates what the host's does") {
  Job job = GENERATE(test::gemma_job(), test::deepseek_job());
  job.mode = Mode::inference;
  if (!job.model.kinds[0].latent) job.model.kinds[0].window = 4;
  job.inference.prefill_chunk = {ChunkRule::tokens, Tokens(5)};
  CudaBench bench;
  const test::Logits actual = test::logits_on(*bench.backend, bench.resource, job), expected = test::logits_of(job);
  REQUIRE(test::length_of(expected.decode) > 0);
  CHECK(test::relative_difference(actual.prefill, expected.prefill) <= 1e-4);
  CHECK(test::relative_difference(actual.decode, expected.decode) <= 1e-4);
  test::Bench host;
  CHECK(measure::measure(*bench.backend, bench.resource, job).allocated ==
        measure::measure(*host.backend, host.resource, job).allocated);
}

TEST_CASE("a block is NaN at birth, is copied to and from, and dies; the pool saw it") {
  measure::cuda::Stream stream;
  measure::cuda::CudaResource resource(measure::cuda::find_device(0), stream.get());
  CHECK_FALSE(resource.first_block());
  void* block = resource.allocate(1000);
  CHECK(resource.first_block());
  std::vector<std::uint8_t> bytes(1000);
  resource.download(bytes.data(), block, 1000);
  CHECK(bytes == std::vector<std::uint8_t>(1000, 0xFF));
  bytes[999] = 7;
  resource.upload(block, bytes.data(), 1000);
  bytes[999] = 0;
  resource.download(bytes.data(), block, 1000);
  CHECK(bytes[999] == 7);
  resource.deallocate(block, 1000);
  CHECK(resource.used_high() >= 1000_B);
  CHECK(resource.reserved_high() >= resource.used_high());
}

TEST_CASE("more memory than the device has is refused with the device's words, and a small block is had afterwards") {
  measure::cuda::Stream stream;
  measure::cuda::CudaResource resource(measure::cuda::find_device(0), stream.get());
  CHECK_THROWS_WITH((void)resource.allocate(std::int64_t{1} << 46), contains("the device says: out of memory"));
  void* block = resource.allocate(1 << 20);
  resource.deallocate(block, 1 << 20);
}

TEST_CASE("what the ledger, CUPTI's records and the driver's calls count is the same to the byte") {
  const Ended ended = run_program({"--steps", "2", "--kernels"});
  INFO(ended.output);
  REQUIRE(ended.exit_code() == 0);
  const Record record = read_record(file("r.json")).value;
  CHECK(record.backend == "cuda");
  CHECK_FALSE(record.compute_capability.empty());
  REQUIRE(record.device_memory);
  CHECK(record.device_memory->context.value_or(0_B) > 0_B);
  CHECK(record.device_memory->pool_used >= record.allocated.total);
  REQUIRE(record.cupti);
  CHECK(record.cupti->peak == record.allocated.total);
  CHECK(record.cupti->driver_peak == record.allocated.total);
  CHECK(record.cupti->allocations == record.cupti->releases);
  CHECK(record.cupti->unknown_releases == 0);
  CHECK(record.cupti->untold_releases == 0);
  CHECK(record.cupti->dropped == 0);
  CHECK_FALSE(record.cupti->kernels.empty());
  Bytes largest;
  for (const InstantPeak& peak : record.cupti->instants) largest = std::max(largest, peak.peak);
  CHECK(largest == record.allocated.total);
}

TEST_CASE("what a job allocates on the device is what it allocates on the host") {
  REQUIRE(run_program({"--no-cupti"}).exit_code() == 0);
  const Record record = read_record(file("r.json")).value;
  CHECK_FALSE(record.cupti);
  test::Bench bench;
  const Record host = measure::measure(*bench.backend, bench.resource, program_job());
  CHECK(record.allocated == host.allocated);
}

TEST_CASE("a device that offloads computes what the host computes that does not, parameters too") {
  Job job = GENERATE(test::gpt_job(), test::llama_job());
  job.recompute = {RecomputeKind::every, 2};
  measure::Training training;
  training.adamw.epsilon = 1e-3F;  // a gradient's last bit does not decide the sign of its step
  CudaBench bench;
  const Job offloaded = offloading(job, GENERATE(false, true));
  const test::Computed actual = test::compute_on(*bench.backend, bench.resource, offloaded, training);
  const test::Computed expected = test::compute(job, training);
  test::check_alike(job, actual, expected, 1e-4);
  for (const auto& [name, values] : expected.parameters) {
    INFO(name);
    if (test::is_always_zero(job, name)) continue;
    CHECK(test::relative_difference(actual.parameters.at(name), values) <= 1e-4);
  }
}

TEST_CASE("what a job offloads from the device is what it offloads from the host's memory") {
  const Job job = offloading(program_job(), GENERATE(false, true));
  const Ended ended = run_program({"--no-cupti"}, job);
  INFO(ended.output);
  REQUIRE(ended.exit_code() == 0);
  const Record record = read_record(file("r.json")).value;
  test::Bench bench;
  const Record host = measure::measure(*bench.backend, bench.resource, job);
  CHECK(record.allocated == host.allocated);
  REQUIRE(record.host);
  CHECK(record.host == host.host);
}

TEST_CASE("a limit refuses with exit code 3 and no record") {
  const Ended ended = run_program({"--limit", "1MiB"});
  CHECK(ended.exit_code() == 3);
  CHECK_THAT(ended.output, contains("no memory for the tensor") && contains("and the limit is"));
  CHECK_FALSE(std::filesystem::exists(file("r.json")));
}
