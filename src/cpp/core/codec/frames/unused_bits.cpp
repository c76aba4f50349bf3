#include "codec/frames/unused_bits.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "runtime/call_scope.hpp"

namespace dcmtk_native::codec {

namespace {

constexpr std::size_t chunk = 1 << 16;  // samples between two looks at the call

/// Calls `work(zero of the sample's type)`.
template <typename Work> void with_sample_type(const FrameFormat& format, Work&& work) {
    const std::size_t bytes = format.sample_bytes();
    if (format.is_signed) {
        if (bytes == 1) work(std::int8_t{});
        if (bytes == 2) work(std::int16_t{});
        if (bytes == 4) work(std::int32_t{});
    } else {
        if (bytes == 1) work(std::uint8_t{});
        if (bytes == 2) work(std::uint16_t{});
        if (bytes == 4) work(std::uint32_t{});
    }
}

template <typename Sample> Sample settled(Sample sample, unsigned shift) {
    using Bits = std::make_unsigned_t<Sample>;
    const auto high = static_cast<Sample>(static_cast<Bits>(static_cast<Bits>(sample) << shift));
    return static_cast<Sample>(high >> shift);
}

}  // namespace

void settle_unused_bits(std::uint8_t* samples, std::size_t count, const FrameFormat& format,
                        unsigned bits) {
    if (bits == 0 || bits >= format.bits_allocated) return;
    const unsigned shift = format.bits_allocated - bits;
    with_sample_type(format, [&](auto zero) {
        using Sample = decltype(zero);
        for (std::size_t done = 0; done < count; done += chunk) {
            runtime::checkpoint();
            std::uint8_t* at = samples + done * sizeof(Sample);
            for (std::size_t i = std::min(chunk, count - done); i != 0; --i, at += sizeof(Sample)) {
                Sample sample;
                std::memcpy(&sample, at, sizeof sample);
                sample = settled(sample, shift);
                std::memcpy(at, &sample, sizeof sample);
            }
        }
    });
}

bool unused_bits_are_settled(const std::uint8_t* samples, std::size_t count,
                             const FrameFormat& format, unsigned bits) {
    if (bits == 0 || bits >= format.bits_allocated) return true;
    const unsigned shift = format.bits_allocated - bits;
    bool same = true;
    with_sample_type(format, [&](auto zero) {
        using Sample = decltype(zero);
        using Bits = std::make_unsigned_t<Sample>;
        for (std::size_t done = 0; same && done < count; done += chunk) {
            runtime::checkpoint();
            const std::uint8_t* at = samples + done * sizeof(Sample);
            Bits difference = 0;
            for (std::size_t i = std::min(chunk, count - done); i != 0; --i, at += sizeof(Sample)) {
                Sample sample;
                std::memcpy(&sample, at, sizeof sample);
                difference = static_cast<Bits>(
                    difference | static_cast<Bits>(sample ^ settled(sample, shift)));
            }
            same = difference == 0;
        }
    });
    return same;
}

}  // namespace dcmtk_native::codec
