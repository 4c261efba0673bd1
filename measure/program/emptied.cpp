#include "emptied.h"

#include <headroom/measure/rank_place.h>

namespace headroom::measure {

Job emptied(Job job) {
  job.model.hidden = job.model.vocab = job.model.max_positions = 1;
  const std::int64_t heads = job.degrees.tensor * place_of(job, 0).ulysses_ranks;
  for (LayerKind& kind : job.model.kinds) {
    kind.heads = kind.kv_heads = heads;
    kind.head_dim = 1;
    kind.ffn_hidden = job.degrees.tensor;
    kind.rotary_dim.reset();  // these would be wider than the heads
    kind.latent.reset();
  }
  for (LayerRun& run : job.model.layer_runs) run.repeat = 1;
  job.batch = 1;
  job.seq = Tokens(token_runs(job));
  job.method.query_chunk = {ChunkRule::tokens, job.seq};  // FPDT's ranks share each chunk
  return job;
}

}  // namespace headroom::measure
