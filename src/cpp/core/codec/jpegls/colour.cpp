#include "codec/jpegls/colour.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace dcmtk_native::codec::jpegls {

namespace {

struct Rgb {
    int red, green, blue;
};

Rgb undone(ColourTransform transform, int first, int second, int third, int range) noexcept {
    const int half = range / 2;
    switch (transform) {
    case ColourTransform::hp1: return {first + second - half, second, third + second - half};
    case ColourTransform::hp2: {
        const int red = (first + second - half) & (range - 1);
        return {red, second, third + (red + second) / 2 - half};
    }
    case ColourTransform::hp3: {
        const int green = first - (second + third) / 4 + range / 4;
        return {third + green - half, green, second + green - half};
    }
    case ColourTransform::none: break;
    }
    return {first, second, third};
}

}  // namespace

template <class Sample>
void undo_transform(ColourTransform transform, unsigned precision, std::uint8_t* pixels,
                    std::size_t count) noexcept {
    const int range = 1 << precision;
    const auto wrapped = [&](int value) { return static_cast<Sample>(value & (range - 1)); };
    for (; count != 0; --count, pixels += 3 * sizeof(Sample)) {
        std::array<Sample, 3> pixel;  // in memory it may stand at any address
        std::memcpy(pixel.data(), pixels, sizeof pixel);
        const Rgb rgb = undone(transform, pixel[0], pixel[1], pixel[2], range);
        pixel = {wrapped(rgb.red), wrapped(rgb.green), wrapped(rgb.blue)};
        std::memcpy(pixels, pixel.data(), sizeof pixel);
    }
}

template void undo_transform<std::uint8_t>(ColourTransform, unsigned, std::uint8_t*,
                                           std::size_t) noexcept;
template void undo_transform<std::uint16_t>(ColourTransform, unsigned, std::uint8_t*,
                                            std::size_t) noexcept;

}  // namespace dcmtk_native::codec::jpegls
