#include "cupti_observer.h"

#include <utility>

#include <fmt/format.h>

#include <headroom/kernels/cuda/cuda_check.h>

#include "activity_buffers.h"
#include "cupti_records.h"

namespace headroom::measure::cuda {
namespace {

void CUPTIAPI hear(void* calls, CUpti_CallbackDomain /*domain*/, CUpti_CallbackId call, const void* what) {
  const auto& data = *static_cast<const CUpti_CallbackData*>(what);
  if (data.callbackSite != CUPTI_API_EXIT) return;
  if (*static_cast<const CUresult*>(data.functionReturnValue) != CUDA_SUCCESS) return;
  static_cast<DriverCalls*>(calls)->see(call, data.functionParams);
}

/// Adds the buffer's records; returns whether all of it could be read.
bool read_buffer(const CuptiLibrary& cupti, const ActivityBuffer& buffer, DeviceTrace& trace) {
  CUpti_Activity* record = nullptr;
  for (;;) {
    const CUptiResult result = cupti.activity_get_next_record(buffer.bytes(), buffer.valid, &record);
    if (result == CUPTI_ERROR_MAX_LIMIT_REACHED) return true;
    if (result == CUPTI_ERROR_INVALID_KIND) return false;  // the last record was not finished
    cupti.check(result, "cupti activity_get_next_record", __FILE__, __LINE__);
    translate(*record, trace);
  }
}

/// Those lost before they reached a buffer. It must not be asked inside a callback.
std::int64_t dropped_by(const CuptiLibrary& cupti) {
  std::size_t dropped = 0;
  HEADROOM_CUPTI(activity_get_num_dropped_records(nullptr, 0, &dropped));
  return static_cast<std::int64_t>(dropped);
}

std::string version_of(const CuptiLibrary& cupti) {
  std::uint32_t version = 0;
  HEADROOM_CUPTI(get_version(&version));
  return std::to_string(version);
}

}  // namespace

Cupti::Cupti(bool kernels) : cupti_(CuptiLibrary::get()) {
  try {
    start_records(kernels);
  } catch (...) {
    stop();
    throw;
  }
  try {
    start_calls();
  } catch (const NoObserver& reason) {
    unsubscribe();
    notes_.push_back(fmt::format("the driver's calls were not counted: {}", reason.what()));
  }
}

Cupti::~Cupti() { stop(); }

void Cupti::start_records(bool kernels) {
  const CuptiLibrary& cupti = cupti_;
  if (kernels) {
    // Else CUPTI's own buffers lie in the memory that is measured. Some devices cannot.
    std::uint8_t in_host_memory = 1;
    std::size_t size = sizeof in_host_memory;
    const CUptiResult result =
        cupti.activity_set_attribute(CUPTI_ACTIVITY_ATTR_MEM_ALLOCATION_TYPE_HOST_PINNED, &size, &in_host_memory);
    if (result != CUPTI_SUCCESS) {
      notes_.push_back(fmt::format("CUPTI keeps its kernel records in device memory: {}", cupti.words_for(result)));
    }
  }
  HEADROOM_CUPTI(activity_register_callbacks(&ActivityBuffers::request, &ActivityBuffers::complete));
  kinds_ = {CUPTI_ACTIVITY_KIND_MEMORY2, CUPTI_ACTIVITY_KIND_MEMORY_POOL};
  if (kernels) kinds_.push_back(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
  for (const CUpti_ActivityKind kind : kinds_) HEADROOM_CUPTI(activity_enable(kind));
}

void Cupti::start_calls() {
  const CuptiLibrary& cupti = cupti_;
  HEADROOM_CUPTI(subscribe(&subscriber_, &hear, &calls_));
  for (const CUpti_CallbackId call : DriverCalls::kCalls) {
    HEADROOM_CUPTI(enable_callback(1, subscriber_, CUPTI_CB_DOMAIN_DRIVER_API, call));
  }
}

void Cupti::stop() noexcept {
  for (const CUpti_ActivityKind kind : kinds_) (void)cupti_.activity_disable(kind);
  kinds_.clear();
  unsubscribe();
}

void Cupti::unsubscribe() noexcept {
  if (subscriber_ != nullptr) (void)cupti_.unsubscribe(std::exchange(subscriber_, nullptr));
}

std::uint64_t Cupti::now() {
  const CuptiLibrary& cupti = cupti_;
  std::uint64_t timestamp = 0;
  HEADROOM_CUPTI(get_timestamp(&timestamp));
  return timestamp;
}

Observed Cupti::finish() {
  const CuptiLibrary& cupti = cupti_;
  const bool hears_calls = subscriber_ != nullptr && calls_.is_complete();
  HEADROOM_CUDA(cudaDeviceSynchronize());  // a flush does not wait for the device
  HEADROOM_CUPTI(activity_flush_all(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED));
  stop();
  Observed observed;
  for (const ActivityBuffer& buffer : ActivityBuffers::get().take()) {
    if (!read_buffer(cupti, buffer, observed.trace)) ++observed.dropped;
  }
  observed.dropped += dropped_by(cupti) + ActivityBuffers::get().take_refusals();
  if (hears_calls) {
    observed.driver_peak = calls_.peak();
    observed.driver_other_peak = calls_.other_peak();
  }
  observed.version = version_of(cupti);
  observed.notes = std::move(notes_);
  return observed;
}

std::unique_ptr<DeviceObserver> observe_through_cupti(bool kernels) { return std::make_unique<Cupti>(kernels); }

}  // namespace headroom::measure::cuda
