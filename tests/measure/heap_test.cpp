#include <atomic>
#include <cerrno>
#include <cstddef>

#include "bench.h"
#include "catch.h"

// The process's own allocations, counted in front of the C library's.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {

constexpr std::size_t kLarge = 32 << 10;
std::atomic<bool> g_watches{false};
std::atomic<int> g_large{0};

void count(std::size_t size) {
  if (size >= kLarge && g_watches) ++g_large;
}

}  // namespace

extern "C" {
void* malloc(std::size_t size) noexcept {
  count(size);
  return __libc_malloc(size);
}
void* calloc(std::size_t items, std::size_t size) noexcept {
  count(items * size);
  return __libc_calloc(items, size);
}
void* realloc(void* block, std::size_t size) noexcept {
  count(size);
  return __libc_realloc(block, size);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
  count(size);
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** block, std::size_t alignment, std::size_t size) noexcept {
  count(size);
  *block = __libc_memalign(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  count(size);
  return __libc_memalign(alignment, size);
}
}

using namespace headroom;

namespace {

/// Every tensor that grows with the sequence is mapped: what is left on the heap is not a tensor.
Job large_job(Job job) {
  job.model.hidden = 96;
  job.model.vocab = 300;
  for (LayerKind& kind : job.model.kinds) kind.ffn_hidden = 200;
  job.seq = Tokens(400);
  for (Chunk* chunk : {&job.method.query_chunk, &job.method.kv_chunk, &job.method.ffn_chunk, &job.method.head_chunk}) {
    chunk->tokens = Tokens(300);
  }
  return job;
}

/// Blocks that the resource took from the heap itself: tensors below its threshold.
class SmallTensors : public measure::HostResource {
 public:
  void* allocate(std::int64_t bytes) override {
    if (g_watches && bytes < measure::kMappedFrom && static_cast<std::size_t>(bytes) >= kLarge) ++count;
    return HostResource::allocate(bytes);
  }
  int count = 0;
};

}  // namespace

TEST_CASE("the heap is watched: a large block is counted, a small one is not") {
  g_large = 0;
  g_watches = true;
  std::vector<char> small(100), large(100000);
  g_watches = false;
  CHECK(small.size() + large.size() == 100100);
  CHECK(g_large == 1);
}

TEST_CASE("a step takes no large block from the heap but small tensors") {
  Job job = large_job(GENERATE(test::gpt_job(), test::llama_job()));
  job.precision = GENERATE(Precision::fp32, Precision::bf16_mixed);
  job.dropout = true;
  for (const auto& variant : test::variants(job.method)) {
    if (variant.recompute.kind != RecomputeKind::none && variant.recompute.kind != RecomputeKind::every) continue;
    INFO(variant.name);
    test::Bench bench(2);
    SmallTensors resource;
    measure::Memory memory(resource);
    measure::Trainer trainer(*bench.backend, memory, test::with(job, variant));
    g_large = 0;
    g_watches = true;
    (void)trainer.step();
    g_watches = false;
    CHECK(g_large == resource.count);
  }
}

TEST_CASE("FPDT takes no large block from the heap but small tensors, on the device and on the host") {
  Job job = large_job(test::llama_job());
  job.method.attention = Attention::flash;
  job.method.sequence = SequenceDistribution::fpdt;
  job.method.query_chunk.tokens = Tokens(100);
  job.dropout = true;
  test::Bench bench(2);
  SmallTensors resource, host_resource;
  measure::Memory memory(resource), host(host_resource);
  measure::Trainer trainer(*bench.backend, memory, job, {}, nullptr, measure::alone(), measure::Host{host});
  g_large = 0;
  g_watches = true;
  (void)trainer.step();
  g_watches = false;
  CHECK(g_large == resource.count + host_resource.count);
}
