#include "offload.h"

namespace headroom::measure {
namespace {

std::int64_t bytes_of(const kernels::View& view) { return view.elements() * kernels::size_of(view.type); }

Tensor born_like(Memory& memory, const Label& label, const kernels::View& view) {
  return memory.tensor(label, view.type, {view.batch, view.rows, view.width});
}

}  // namespace

void copy_to_host(const Run& run, const kernels::View& to, const kernels::View& from) {
  run.backend.synchronize();
  run.memory.resource().download(to.data, from.data, bytes_of(from));
}

void copy_to_device(const Run& run, const kernels::View& to, const kernels::View& from) {
  run.backend.synchronize();
  run.memory.resource().upload(to.data, from.data, bytes_of(from));
}

Tensor copy_on_host(const Run& run, const Label& label, const Tensor& tensor) {
  Tensor copy = born_like(run.host->memory, label, tensor.view());
  copy_to_host(run, copy.view(), tensor.view());
  return copy;
}

Tensor fetched(const Run& run, const Label& label, const Tensor& copy) {
  Tensor tensor = born_like(run.memory, label, copy.view());
  copy_to_device(run, tensor.view(), copy.view());
  return tensor;
}

Tensor checkpoint_on_host(const Run& run, const Tensor& x) {
  return copy_on_host(run, {"checkpoint", Category::saved_activations}, x);
}

Tensor checkpoint_from_host(const Run& run, Tensor& copy) {
  Tensor x = fetched(run, {"x", Category::saved_activations}, copy);
  copy.dies();
  return x;
}

}  // namespace headroom::measure
