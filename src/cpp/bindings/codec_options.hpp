// What the bindings of the codec room share: words of options, memory to write into.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "codec/recoding/decompress.hpp"
#include "codec/table.hpp"
#include "runtime/parallel.hpp"
#include "support.hpp"

namespace dcmtk_native::bindings {

/// A writable, contiguous export of the buffer protocol.
class Destination {
  public:
    explicit Destination(const py::buffer& target) {
        if (PyObject_GetBuffer(target.ptr(), &view_, PyBUF_WRITABLE) != 0)
            throw py::error_already_set();
    }
    Destination(const Destination&) = delete;
    Destination& operator=(const Destination&) = delete;
    ~Destination() { PyBuffer_Release(&view_); }

    [[nodiscard]] std::uint8_t* data() const { return static_cast<std::uint8_t*>(view_.buf); }
    [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(view_.len); }

  private:
    Py_buffer view_{};
};

/// A call back into Python on the calling thread, between two frames, with no lock of ours held.
[[nodiscard]] inline runtime::StepProgress progress_of(const py::object& on_progress) {
    if (on_progress.is_none()) return {};
    return [&on_progress](std::size_t done, std::size_t total) {
        const py::gil_scoped_acquire gil;
        on_progress(done, total);
    };
}

/// The content of a file that was written into memory.
[[nodiscard]] inline std::optional<py::bytes> to_bytes(const std::optional<std::string>& bytes) {
    if (!bytes) return std::nullopt;
    return py::bytes(*bytes);
}

}  // namespace dcmtk_native::bindings

DCMTK_NATIVE_CHOICES(dcmtk_native::codec::Subsampling,
                     {"444", dcmtk_native::codec::Subsampling::s444},
                     {"422", dcmtk_native::codec::Subsampling::s422},
                     {"420", dcmtk_native::codec::Subsampling::s420});
DCMTK_NATIVE_CHOICES(dcmtk_native::codec::Interleave,
                     {"none", dcmtk_native::codec::Interleave::none},
                     {"line", dcmtk_native::codec::Interleave::line},
                     {"sample", dcmtk_native::codec::Interleave::sample});
DCMTK_NATIVE_CHOICES(dcmtk_native::codec::ColorConversion,
                     {"photometric", dcmtk_native::codec::ColorConversion::photometric},
                     {"lossy", dcmtk_native::codec::ColorConversion::lossy},
                     {"guess", dcmtk_native::codec::ColorConversion::guess},
                     {"guess-lossy", dcmtk_native::codec::ColorConversion::guess_lossy},
                     {"always", dcmtk_native::codec::ColorConversion::always},
                     {"never", dcmtk_native::codec::ColorConversion::never});
