#include <headroom/models/device.h>

#include "catch.h"
#include "models_test.h"

using namespace headroom;
using headroom::test::contains;
using headroom::test::refusal;

TEST_CASE("a budget is a device with a capacity and nothing else") {
  const Device device = budget_device(80_GiB);
  CHECK_NOTHROW(validate(device));
  CHECK(device.capacity.bytes == 80_GiB);
  CHECK(device.context.bytes == 0_B);
  CHECK(device.workspace.bytes == 0_B);
  CHECK(device.allocator_slack.bytes == 0_B);
  CHECK_FALSE(device.memory_bandwidth);
}

TEST_CASE("a budget of nothing is refused") {
  CHECK_THAT(refusal([] { validate(budget_device(0_B)); }), contains("capacity must be at least 1, not 0"));
}

TEST_CASE("a rate of a device must be positive where it is given") {
  Device device = budget_device(1_B);
  device.bf16_flops = 0;
  CHECK_THAT(refusal([&device] { validate(device); }), contains("bf16_flops must be at least 1, not 0"));
}
