#include <catch.h>

#include "compare.h"
#include "every_operation.h"
#include "host_device.h"

namespace headroom::test {

Device& device() {
  static HostDevice device(2);
  return device;
}

TEST_CASE("The number of threads changes no result, to the bit") {
  for (const Type type : kFloating) {
    HostDevice one(1), three(3);
    const auto expected = run_every_operation(one, type), actual = run_every_operation(three, type);
    REQUIRE(actual.size() == expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) {
      CAPTURE(expected[i].first);
      CHECK(actual[i].second == expected[i].second);
    }
  }
}

TEST_CASE("A failure in a thread reaches the caller, and the backend works on") {
  HostDevice host(3);
  Operand logits(host, Type::fp32, {1, 500, 3}), targets(host, Type::int32, {1, 500, 1});
  const Operand loss(host, Type::fp32, {1, 1, 1});
  logits.fill(0);
  for (const double target : {3.0, 2.0, 3.0, 2.0}) {
    targets.fill(target);
    const auto run = [&] { host.backend().cross_entropy(loss, Write::set, logits, targets, 500, false); };
    if (target == 3) {
      CHECK_THROWS_WITH(run(), contains("vocabulary"));
    } else {
      CHECK_NOTHROW(run());
    }
  }
}

TEST_CASE("A host backend asks for a thread and for an aligned workspace of full size") {
  const AlignedBytes workspace(2 * kernels::kHostWorkspacePerThread);
  CHECK_THROWS_WITH(kernels::make_host_backend(0, workspace.bytes()), contains("thread"));
  CHECK_THROWS_WITH(kernels::make_host_backend(3, workspace.bytes()), contains("smaller"));
  CHECK_THROWS_WITH(kernels::make_host_backend(1, workspace.bytes().subspan(4)), contains("aligned"));
  CHECK(kernels::make_host_backend(2, workspace.bytes())->name() == "host");
}

TEST_CASE("Heads too wide for the workspace are refused in a sentence") {
  HostDevice host(1);
  const std::int64_t width = 1 << 21;
  const Operand q(host, Type::bf16, {1, 1, width}), k(host, Type::bf16, {1, 1, width});
  CHECK_THROWS_WITH(host.backend().flash(q, {}, q, k, k, {{1, 1, width, true}, {}, {}, {}}), contains("workspace"));
}

}  // namespace headroom::test
