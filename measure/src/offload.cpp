#include "offload.h"

namespace headroom::measure {
namespace {

std::int64_t bytes_of(const kernels::View& view) { return view.elements() * kernels::size_of(view.type); }

}  // namespace

void copy_to_host(const Run& run, const kernels::View& to, const kernels::View& from) {
  run.backend.synchronize();
  run.memory.resource().download(to.data, from.data, bytes_of(from));
}

void copy_to_device(const Run& run, const kernels::View& to, const kernels::View& from) {
  run.backend.synchronize();
  run.memory.resource().upload(to.data, from.data, bytes_of(from));
}

Tensor checkpoint_on_host(const Run& run, const Tensor& x) {
  const kernels::View& from = x.view();
  Tensor copy = run.host->memory.tensor({"checkpoint", Category::saved_activations}, from.type,
                                        {from.batch, from.rows, from.width});
  copy_to_host(run, copy.view(), from);
  return copy;
}

Tensor checkpoint_from_host(const Run& run, Tensor& copy) {
  Tensor x = run.activation({"x", Category::saved_activations}, run.seq(), run.hidden());
  copy_to_device(run, x.view(), copy.view());
  copy.dies();
  return x;
}

}  // namespace headroom::measure
