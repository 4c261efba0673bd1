#include "attention_core.h"

namespace headroom::measure {

Tensor attention_output(const LayerSite& site, std::int64_t rows, Category category) {
  return site.run.activation({"o", category}, rows, site.query_width());
}

Tensor attention_rows(const LayerSite& site, std::string_view name, std::int64_t rows, Category category) {
  return site.run.fp32({name, category}, site.kind.heads, rows);
}

Tensor attention_scores(const LayerSite& site, const Label& label, kernels::Type type, std::int64_t rows,
                        std::int64_t keys) {
  return site.run.memory.tensor(label, type, {site.run.batch() * site.kind.heads, rows, keys});
}

Target query_gradient(const LayerSite& site, Tensor& tensor, std::int64_t all_rows, const Rows& rows) {
  return {tensor, {"dq", Category::attention}, all_rows, site.query_width(), rows};
}

Target key_gradient(const LayerSite& site, Tensor& tensor, std::int64_t rows) {
  return whole_target(tensor, {"dk", Category::attention}, rows, site.kv_width());
}

Target value_gradient(const LayerSite& site, Tensor& tensor, std::int64_t rows) {
  return whole_target(tensor, {"dv", Category::attention}, rows, site.kv_width());
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
