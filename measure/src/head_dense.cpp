#include "head.h"

namespace headroom::measure {
namespace {

void backward(const HeadSite& site, ProductInput& x, Tensor d_logits) {
  head_weight_gradient(site, d_logits, x);
  x.end();
  head_input_gradient(site, d_logits, site.run.whole());
}

Tensor in_compute_dtype(const HeadSite& site, Tensor logits) {
  const Run& run = site.run;
  if (run.is_fp32()) return logits;
  const kernels::View& from = logits.view();
  Tensor copy = run.activation({"gradient of the logits", Category::head_and_loss}, from.rows, from.width);
  run.backend.convert(copy.view(), from);
  return copy;
}

/// All logits in one fp32 tensor.
class DenseFp32Head : public HeadWay {
 public:
  void run(const HeadSite& site) const override {
    const Rows whole = site.run.whole();
    ProductInput x = head_input(site, whole, true);
    Tensor logits = logits_of(site.run, site.weights, x.view, kernels::Type::fp32);
    add_loss(site, logits, whole, true);
    Tensor d_logits = in_compute_dtype(site, std::move(logits));  // a statement of its own ends the fp32 logits
    backward(site, x, std::move(d_logits));
  }
};

/// All logits in one tensor of the compute dtype.
class DenseHead : public HeadWay {
 public:
  void run(const HeadSite& site) const override {
    const Rows whole = site.run.whole();
    ProductInput x = head_input(site, whole, true);
    Tensor logits = logits_of(site.run, site.weights, x.view, site.run.compute);
    add_loss(site, logits, whole, true);
    backward(site, x, std::move(logits));
  }
};

}  // namespace

const HeadWay& dense_fp32_head() {
  static const DenseFp32Head way;
  return way;
}

const HeadWay& dense_head() {
  static const DenseHead way;
  return way;
}

}  // namespace headroom::measure
