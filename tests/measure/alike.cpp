#include "alike.h"

#include "catch.h"

namespace headroom::test {

bool is_always_zero(const Job& job, const std::string& name) {
  if (name.find("router correction") != std::string::npos) return true;
  return job.model.positions != Positions::rope && name.find("b_k") != std::string::npos;
}

void check_alike(const Job& job, const Computed& actual, const Computed& expected, double tolerance) {
  CHECK(actual.loss == Approx(expected.loss).epsilon(tolerance));
  REQUIRE(actual.values.size() == expected.values.size());
  for (const auto& [name, values] : expected.values) {
    if (is_always_zero(job, name)) continue;
    INFO(name);
    REQUIRE(length_of(values) > 0);
    CHECK(relative_difference(actual.values.at(name), values) <= tolerance);
  }
}

void check_like_host(kernels::Backend& backend, measure::Resource& resource, const Job& job, double tolerance) {
  for (const Variant& variant : variants(job.method)) {
    INFO(variant.name);
    const Job varied = with(job, variant);
    check_alike(varied, compute_on(backend, resource, varied), compute(varied), tolerance);
  }
}

}  // namespace headroom::test
