// Scaffolding while the families are written; deleted with the last of them.
#include "cuda_backend.h"
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
void CudaBackend::flash(View,View,ConstView,ConstView,ConstView,const AttentionBlock&) MISSING
void CudaBackend::attention_delta(View,ConstView,ConstView,const Heads&) MISSING
void CudaBackend::flash_backward(View,View,View,Write,const AttentionSaved&,const AttentionBlock&) MISSING
void CudaBackend::blocks_begin(const RunningAttention&) MISSING
void CudaBackend::blocks_add(const RunningAttention&,View,ConstView,ConstView,ConstView,const AttentionBlock&) MISSING
void CudaBackend::blocks_end(View,const RunningAttention&) MISSING
void CudaBackend::blocks_backward(View,View,View,View,View,const AttentionSaved&,const AttentionBlock&) MISSING
void CudaBackend::cross_entropy(View,Write,View,ConstView,std::int64_t,bool) MISSING
void CudaBackend::adamw(View,View,View,View,ConstView,const AdamW&) MISSING
void CudaBackend::sgd(View,View,ConstView,float) MISSING
}
