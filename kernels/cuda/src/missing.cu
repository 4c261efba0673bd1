// Scaffolding while the families are written; deleted with the last of them.
#include <cmath>
#include "block_attention.h"
#include "cuda_backend.h"
#include "simt/element.h"
#include <stdexcept>
namespace headroom::kernels::cuda {
#define MISSING { throw std::logic_error("missing"); }
void CudaBackend::embed(View,ConstView,ConstView) MISSING
void CudaBackend::embed_backward(View,ConstView,ConstView,Write) MISSING
void CudaBackend::add_positions(View,ConstView,Position) MISSING
void CudaBackend::add_positions_backward(View,ConstView,Position,Write) MISSING
void CudaBackend::norm(NormKind,View,View,ConstView,ConstView,ConstView) MISSING
void CudaBackend::norm_backward(NormKind,View,Write,View,View,Write,ConstView,ConstView,ConstView,ConstView) MISSING
void CudaBackend::activation(ActivationKind,View,ConstView,ConstView) MISSING
void CudaBackend::activation_backward(ActivationKind,View,View,View) MISSING
void CudaBackend::rope(View,std::int64_t,std::int64_t,Position) MISSING
void CudaBackend::rope_backward(View,std::int64_t,std::int64_t,Position) MISSING
void CudaBackend::dropout(View,View,ConstView,const Dropout&,Position) MISSING
void CudaBackend::dropout_backward(View,ConstView,ConstView,const Dropout&) MISSING
void CudaBackend::attention_scores(View,ConstView,ConstView,const Heads&) MISSING
void CudaBackend::attention_values(View,ConstView,ConstView,const Heads&) MISSING
void CudaBackend::attention_values_backward_v(View,ConstView,ConstView,const Heads&) MISSING
void CudaBackend::attention_values_backward_scores(View,ConstView,ConstView,const Heads&) MISSING
void CudaBackend::softmax_backward(View,ConstView) MISSING
void CudaBackend::attention_scores_backward_q(View,ConstView,ConstView,const Heads&) MISSING
void CudaBackend::attention_scores_backward_k(View,ConstView,ConstView,const Heads&) MISSING
void CudaBackend::blocks_begin(const RunningAttention& r) { zero(r.row_sum); if (r.sums) zero(r.sums);
  for (std::int64_t i = 0; i < r.row_max.elements(); ++i) static_cast<float*>(r.row_max.data)[i] = -INFINITY; }
void CudaBackend::blocks_add(const RunningAttention& r,View tile,ConstView q,ConstView k,ConstView v,const AttentionBlock& b) { if (tile) MISSING add_block(stream_, r, q, k, v, b); }
void CudaBackend::blocks_end(View out,const RunningAttention& r) {
  if (out) { const std::int64_t d = out.width / r.row_max.rows;
    for (std::int64_t b = 0; b < out.batch; ++b) for (std::int64_t i = 0; i < out.rows; ++i) for (std::int64_t w = 0; w < out.width; ++w) {
      const float sum = static_cast<float*>(r.row_sum.data)[(b * r.row_sum.rows + w / d) * out.rows + i];
      simt::store(out.type, out.data, simt::row_begin(out, b, i) + w, static_cast<float*>(r.sums.data)[simt::row_begin(r.sums, b, i) + w] * (sum > 0 ? 1 / sum : 0)); } }
  for (std::int64_t i = 0; i < r.row_max.elements(); ++i) static_cast<float*>(r.row_max.data)[i] += std::log(static_cast<float*>(r.row_sum.data)[i]); }
void CudaBackend::blocks_backward(View dq,View dk,View dv,View tile,View,const AttentionSaved& s,const AttentionBlock& b) { if (tile) MISSING block_backward(stream_, dq, dk, dv, s, b); }
void CudaBackend::cross_entropy(View,Write,View,ConstView,std::int64_t,bool) MISSING
void CudaBackend::adamw(View,View,View,View,ConstView,const AdamW&) MISSING
void CudaBackend::sgd(View,View,ConstView,float) MISSING
}
