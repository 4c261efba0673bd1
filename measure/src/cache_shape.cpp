#include <headroom/measure/cache_shape.h>

#include <algorithm>

namespace headroom::measure {

CacheShape cache_shape(const Job& job, const LayerKind& kind) {
  const std::int64_t rows = std::min(job.seq.count(), kind.window.value_or(job.seq.count()));
  const kernels::Type type = cache_dtype(job) == DType::fp32 ? kernels::Type::fp32 : kernels::Type::bf16;
  if (kind.latent) return {1, type, {job.batch, rows, kind.latent->kv_rank + kind.latent->rope_head_dim}};
  return {2, type, {job.batch, rows, kind.kv_heads * kind.head_dim}};
}

}  // namespace headroom::measure
