// Scaffolding while the families are written; deleted with the last of them.
#include "block_attention.h"
#include "cuda_backend.h"
#include <stdexcept>
namespace headroom::kernels::cuda {
#define MISSING { throw std::logic_error("missing"); }
void CudaBackend::flash(View,View,ConstView,ConstView,ConstView,const AttentionBlock&) MISSING
void CudaBackend::attention_delta(View,ConstView,ConstView,const Heads&) MISSING
void CudaBackend::flash_backward(View,View,View,Write,const AttentionSaved&,const AttentionBlock&) MISSING
void add_block(simt::Stream,const RunningAttention&,ConstView,ConstView,ConstView,const AttentionBlock&) MISSING
void block_backward(simt::Stream,View,View,View,const AttentionSaved&,const AttentionBlock&) MISSING
}
