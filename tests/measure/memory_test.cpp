#include <algorithm>
#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include <headroom/measure/host_resource.h>
#include <headroom/measure/memory.h>
#include <headroom/measure/witness.h>

#include "catch.h"
#include "process.h"

using namespace headroom;
using headroom::measure::HostResource;
using headroom::measure::Label;
using headroom::measure::Memory;
using headroom::measure::RefusedAllocation;
using headroom::measure::Tensor;
using headroom::test::contains;

namespace {

constexpr Label kLabel{"score tile", Category::attention};
constexpr std::int64_t kSizes[] = {1, 63, 4096, measure::kMappedFrom - 1, measure::kMappedFrom, 1000003};

std::string refusal(Memory& memory, const measure::Shape& shape) {
  try {
    const Tensor tensor = memory.tensor(kLabel, kernels::Type::fp32, shape);
  } catch (const RefusedAllocation& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("every byte of a block is 0xFF at birth, and the block is aligned to 64 bytes") {
  HostResource resource;
  for (const std::int64_t size : kSizes) {
    auto* block = static_cast<unsigned char*>(resource.allocate(size));
    CHECK(std::all_of(block, block + size, [](unsigned char byte) { return byte == 0xFF; }));
    CHECK(reinterpret_cast<std::uintptr_t>(block) % 64 == 0);
    resource.deallocate(block, size);
  }
}

TEST_CASE("a large block that is read after its death faults") {
  const test::Ended ended = test::in_child([] {
    std::signal(SIGSEGV, SIG_DFL);
    HostResource resource;
    volatile auto* block = static_cast<unsigned char*>(resource.allocate(measure::kMappedFrom));
    resource.deallocate(const_cast<unsigned char*>(block), measure::kMappedFrom);
    return block[5] == 0xFF ? 0 : 1;
  });
  CHECK(ended.was_killed());
}

TEST_CASE("a tensor is born with exactly the bytes of its shape and type and dies once, with its last handle") {
  HostResource resource;
  Memory memory(resource);
  Tensor kept;
  {
    Tensor tensor = memory.tensor(kLabel, kernels::Type::bf16, {2, 3, 5});
    CHECK(tensor.bytes() == 60_B);
    CHECK(memory.ledger().live_by_category()[Category::attention] == 60_B);
    kept = std::move(tensor);
    CHECK_FALSE(tensor);  // NOLINT(bugprone-use-after-move): a moved-from handle holds nothing
  }
  CHECK(memory.ledger().live() == 60_B);
  kept = memory.tensor(kLabel, kernels::Type::uint8, {1, 1, 7});
  CHECK(memory.ledger().live() == 7_B);
  CHECK(memory.ledger().peak().total == 67_B);
  kept.dies();
  kept.dies();
  CHECK(memory.ledger().live() == 0_B);
}

TEST_CASE("up to the limit tensors are born, one byte beyond it is refused in a sentence that says everything") {
  HostResource resource;
  Memory memory(resource, 1000_B);
  memory.ledger().set_instant({"layer backward", 7});
  const Tensor first = memory.tensor(kLabel, kernels::Type::uint8, {1, 1, 600});
  const Tensor second = memory.tensor(kLabel, kernels::Type::fp32, {1, 1, 100});
  const std::string sentence = refusal(memory, {1, 1, 1});
  CHECK_THAT(sentence, contains("no memory for the tensor 'score tile' of 4 bytes"));
  CHECK_THAT(sentence, contains("at the instant 'layer backward' of layer 7: 1000 bytes"));
  CHECK_THAT(sentence, contains("and the limit is 1000"));
  CHECK(memory.ledger().live() == 1000_B);
}

TEST_CASE("what the system refuses is told with its reason, and nothing is counted as born") {
  HostResource resource;
  Memory memory(resource);
  CHECK_THAT(refusal(memory, {1, std::int64_t{1} << 30, std::int64_t{1} << 30}),
             contains("the system says: Cannot allocate memory"));
  CHECK(memory.ledger().born() == 0_B);
}

TEST_CASE("a shape of more than 2^63 bytes is refused, not wrapped around") {
  HostResource resource;
  Memory memory(resource);
  CHECK_THROWS_AS(memory.tensor(kLabel, kernels::Type::fp32, {std::int64_t{1} << 31, std::int64_t{1} << 31, 1}),
                  OverflowError);
}

TEST_CASE("the largest resident set grows with a large block, by its pages, and stays when it dies") {
  const test::Ended ended = test::in_child([] {
    constexpr std::int64_t kBlock = 64 << 20;
    HostResource resource;
    const Bytes before = measure::peak_resident();
    resource.deallocate(resource.allocate(kBlock), kBlock);
    return measure::peak_resident() >= before + Bytes(kBlock - (4 << 20)) ? 0 : 1;
  });
  CHECK(ended.exit_code() == 0);
}
