#include "emptied.h"

namespace headroom::measure {

Job emptied(Job job) {
  job.model.hidden = job.model.vocab = job.model.max_positions = 1;
  for (LayerKind& kind : job.model.kinds) kind.heads = kind.kv_heads = kind.head_dim = kind.ffn_hidden = 1;
  for (LayerRun& run : job.model.layer_runs) run.repeat = 1;
  job.batch = 1;
  job.seq = Tokens(1);
  return job;
}

}  // namespace headroom::measure
