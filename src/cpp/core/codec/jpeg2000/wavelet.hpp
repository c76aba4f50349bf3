// Subbands back into samples (ITU-T T.800 annex F).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "codec/jpeg2000/geometry.hpp"

namespace dcmtk_native::codec {

/// The coefficients of a tile-component: those of each resolution fill the upper left corner,
/// low-pass before high-pass. They become the samples, in place.
struct Coefficients {
    void* data = nullptr;  // of std::int32_t, or of float if the wavelet is irreversible
    std::size_t pitch = 0;
    Span x;  // of the tile-component
    Span y;
};

/// Undoes one decomposition of a strip of lines; `levels` of them are left above it.
template <typename Number> class InverseWavelet {
  public:
    InverseWavelet(const Coefficients& coefficients, unsigned level);

    [[nodiscard]] std::size_t columns() const noexcept { return x_.size(); }
    [[nodiscard]] std::size_t rows() const noexcept { return y_.size(); }
    /// First all rows, then all columns; some of them at a time, from any thread.
    void filter_rows(std::size_t begin, std::size_t end) const;
    void filter_columns(std::size_t begin, std::size_t end) const;

  private:
    Number* data_;
    std::size_t pitch_;
    Span x_;
    Span y_;
};

extern template class InverseWavelet<std::int32_t>;
extern template class InverseWavelet<float>;

}  // namespace dcmtk_native::codec
