#include "cublas_products.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>

#include <cublasLt.h>

#include <headroom/kernels/cuda/cuda_check.h>

#include "tiled_product.h"

namespace headroom::kernels::cuda {

namespace {

void check_cublas(cublasStatus_t status, const char* call, const char* file, int line) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw CudaError(std::string(call) + " failed at " + file + ":" + std::to_string(line) + ": " +
                      cublasLtGetStatusString(status) + " (" + cublasLtGetStatusName(status) + ")",
                  cudaErrorUnknown);
}

#define HEADROOM_CUBLAS(call) check_cublas((call), #call, __FILE__, __LINE__)

template <auto kDestroy>
struct Destroyer {
  template <class Handle>
  void operator()(Handle* handle) const {
    kDestroy(handle);
  }
};
using Handle = std::unique_ptr<std::remove_pointer_t<cublasLtHandle_t>, Destroyer<&cublasLtDestroy>>;
using Layout = std::unique_ptr<std::remove_pointer_t<cublasLtMatrixLayout_t>, Destroyer<&cublasLtMatrixLayoutDestroy>>;
using Operation = std::unique_ptr<std::remove_pointer_t<cublasLtMatmulDesc_t>, Destroyer<&cublasLtMatmulDescDestroy>>;
using Preference =
    std::unique_ptr<std::remove_pointer_t<cublasLtMatmulPreference_t>, Destroyer<&cublasLtMatmulPreferenceDestroy>>;

cudaDataType_t data_type(Type type) { return type == Type::bf16 ? CUDA_R_16BF : CUDA_R_32F; }

/// Largest power of two up to 256 that divides the address.
std::uint32_t alignment_of(const void* p) {
  const auto address = reinterpret_cast<std::uintptr_t>(p);
  return static_cast<std::uint32_t>(std::min<std::uintptr_t>(256, address & (~address + 1)));
}

/// cuBLASLt counts columns first: our row-major matrix is its transposed one, stored [columns, rows].
template <class Void>
Layout layout_of(const BasicMatrix<Void>& m, std::int64_t rows, std::int64_t columns, std::int64_t count) {
  cublasLtMatrixLayout_t layout = nullptr;
  if (m.transposed) std::swap(rows, columns);
  HEADROOM_CUBLAS(cublasLtMatrixLayoutCreate(&layout, data_type(m.type), static_cast<std::uint64_t>(columns),
                                             static_cast<std::uint64_t>(rows), m.row_step));
  Layout owner(layout);
  const auto batch = static_cast<std::int32_t>(count);
  HEADROOM_CUBLAS(cublasLtMatrixLayoutSetAttribute(layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &batch, sizeof batch));
  HEADROOM_CUBLAS(cublasLtMatrixLayoutSetAttribute(layout, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &m.batch_step,
                                                   sizeof m.batch_step));
  return owner;
}

/// What the choice of an algorithm depends on.
struct Shape {
  std::array<std::int64_t, 10> sizes;
  std::array<Type, 2> types;  ///< of both factors, of the output
  std::array<bool, 3> flags;  ///< factors transposed, with bias
  std::array<std::uint32_t, 3> alignments;

  auto operator<=>(const Shape&) const = default;
};

Shape shape_of(const MatrixProduct& p) {
  return {{p.m, p.n, p.k, p.count, p.a.row_step, p.b.row_step, p.out.row_step, p.a.batch_step, p.b.batch_step,
           p.out.batch_step},
          {p.a.type, p.out.type},
          {p.a.transposed, p.b.transposed, static_cast<bool>(p.bias)},
          {alignment_of(p.a.data), alignment_of(p.b.data), alignment_of(p.out.data)}};
}

class CublasProducts final : public Products {
 public:
  CublasProducts(cudaStream_t stream, std::span<std::byte> workspace) : stream_(stream), workspace_(workspace) {
    cublasLtHandle_t handle = nullptr;
    HEADROOM_CUBLAS(cublasLtCreate(&handle));
    handle_.reset(handle);
  }

  void multiply(const MatrixProduct& p) override {
    if (p.m == 0 || p.n == 0) return;
    if (!is_offered(p) || !multiply_by_cublas(p)) tiled_product(stream_, p);
  }

 private:
  static bool is_offered(const MatrixProduct& p) {
    return p.k > 0 && p.a.type == p.b.type && (!p.bias || p.bias.type == p.out.type);
  }

  [[nodiscard]] static Operation operation_of(const MatrixProduct& p) {
    cublasLtMatmulDesc_t operation = nullptr;
    HEADROOM_CUBLAS(cublasLtMatmulDescCreate(&operation, CUBLAS_COMPUTE_32F, CUDA_R_32F));
    Operation owner(operation);
    const auto set = [&](cublasLtMatmulDescAttributes_t attribute, auto value) {
      HEADROOM_CUBLAS(cublasLtMatmulDescSetAttribute(operation, attribute, &value, sizeof value));
    };
    set(CUBLASLT_MATMUL_DESC_TRANSA, p.b.transposed ? CUBLAS_OP_T : CUBLAS_OP_N);
    set(CUBLASLT_MATMUL_DESC_TRANSB, p.a.transposed ? CUBLAS_OP_T : CUBLAS_OP_N);
    if (p.bias) {
      set(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS);
      set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, p.bias.data);
      set(CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, data_type(p.bias.type));
    }
    return owner;
  }

  [[nodiscard]] Preference preference_of(const MatrixProduct& p) const {
    cublasLtMatmulPreference_t preference = nullptr;
    HEADROOM_CUBLAS(cublasLtMatmulPreferenceCreate(&preference));
    Preference owner(preference);
    const auto set = [&](cublasLtMatmulPreferenceAttributes_t attribute, auto value) {
      HEADROOM_CUBLAS(cublasLtMatmulPreferenceSetAttribute(preference, attribute, &value, sizeof value));
    };
    set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, static_cast<std::uint64_t>(workspace_.size()));
    set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, alignment_of(p.b.data));
    set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, alignment_of(p.a.data));
    set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, alignment_of(p.out.data));
    set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, alignment_of(p.out.data));
    return owner;
  }

  /// False where cuBLASLt has no algorithm for this shape.
  bool multiply_by_cublas(const MatrixProduct& p) {
    const Operation operation = operation_of(p);
    const Layout a = layout_of(p.b, p.k, p.n, p.count), b = layout_of(p.a, p.m, p.k, p.count),
                 out = layout_of(p.out, p.m, p.n, p.count);
    const Shape shape = shape_of(p);
    auto chosen = algorithms_.find(shape);
    if (chosen == algorithms_.end()) {
      chosen = algorithms_.emplace(shape, choose(p, operation.get(), a.get(), b.get(), out.get())).first;
    }
    if (!chosen->second) return false;
    const float beta = p.write == Write::add ? 1 : 0;
    HEADROOM_CUBLAS(cublasLtMatmul(handle_.get(), operation.get(), &p.scale, p.b.data, a.get(), p.a.data, b.get(),
                                   &beta, p.out.data, out.get(), p.out.data, out.get(), &*chosen->second,
                                   workspace_.data(), workspace_.size(), stream_));
    return true;
  }

  std::optional<cublasLtMatmulAlgo_t> choose(const MatrixProduct& p, cublasLtMatmulDesc_t operation,
                                             cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                             cublasLtMatrixLayout_t out) {
    cublasLtMatmulHeuristicResult_t result{};
    int found = 0;
    const cublasStatus_t status = cublasLtMatmulAlgoGetHeuristic(handle_.get(), operation, a, b, out, out,
                                                                 preference_of(p).get(), 1, &result, &found);
    if (status == CUBLAS_STATUS_NOT_SUPPORTED || (status == CUBLAS_STATUS_SUCCESS && found == 0)) return std::nullopt;
    HEADROOM_CUBLAS(status);
    return result.algo;
  }

  cudaStream_t stream_;
  std::span<std::byte> workspace_;
  Handle handle_;
  std::map<Shape, std::optional<cublasLtMatmulAlgo_t>> algorithms_;
};

}  // namespace

std::unique_ptr<Products> make_cublas_products(cudaStream_t stream, std::span<std::byte> workspace) {
  return std::make_unique<CublasProducts>(stream, workspace);
}

}  // namespace headroom::kernels::cuda
