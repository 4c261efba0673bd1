#include "attention_core.h"

namespace headroom::measure {

Target attention_output(const CoreSite& site, Tensor& tensor, std::int64_t all_rows, const Rows& rows,
                        const Pass& pass) {
  const Category category = site.keeps_output ? pass.category(Category::attention) : Category::attention;
  return {tensor, {"o", category}, all_rows, site.query_width(), rows};
}

Tensor attention_rows(const CoreSite& site, std::string_view name, std::int64_t rows, Category category) {
  return site.run.fp32({name, category}, site.heads.heads, rows);
}

Tensor attention_scores(const CoreSite& site, const Label& label, kernels::Type type, std::int64_t rows,
                        std::int64_t keys) {
  return site.run.memory.tensor(label, type, {site.run.batch() * site.heads.heads, rows, keys});
}

Target query_gradient(const CoreSite& site, Tensor& tensor, std::int64_t all_rows, const Rows& rows) {
  return {tensor, {"dq", Category::attention}, all_rows, site.query_width(), rows};
}

Target key_gradient(const CoreSite& site, Tensor& tensor, std::int64_t rows) {
  return whole_target(tensor, {"dk", Category::attention}, rows, site.kv_width());
}

Target value_gradient(const CoreSite& site, Tensor& tensor, std::int64_t rows) {
  return whole_target(tensor, {"dv", Category::attention}, rows, site.kv_width());
}

void queries_and_keys_die(AttentionState& state) {
  state.q.dies();
  state.k.dies();
  state.v.dies();
}

const AttentionCore& attention_core(Attention attention) {
  switch (attention) {
    case Attention::vanilla: return vanilla_core();
    case Attention::memory_efficient: return memory_efficient_core();
    case Attention::flash: return flash_core();
  }
  return vanilla_core();
}

}  // namespace headroom::measure
