#include "codec/frames/color.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace dcmtk_native::codec {

namespace {

// The inverse of PS3.3 section C.7.6.3.1.2, as fractions of the luminance weights of Rec. 601.
constexpr double red_of_cr = 1.402;
constexpr double blue_of_cb = 1.772;
constexpr double green_of_cb = -0.114 * 1.772 / 0.587;
constexpr double green_of_cr = -0.299 * 1.402 / 0.587;

constexpr int fraction_bits = 22;

/// What each chroma value adds to the colors; green, which adds two of them, in fixed point, with
/// the half that rounds.
struct ChromaTables {
    std::array<std::int16_t, 256> red;
    std::array<std::int16_t, 256> blue;
    std::array<std::int32_t, 256> green_cb;
    std::array<std::int32_t, 256> green_cr;
};

ChromaTables make_tables() {
    ChromaTables tables{};
    for (int value = 0; value < 256; ++value) {
        const double chroma = value - 128;
        const auto i = static_cast<std::size_t>(value);
        tables.red[i] = static_cast<std::int16_t>(std::floor(red_of_cr * chroma + 0.5));
        tables.blue[i] = static_cast<std::int16_t>(std::floor(blue_of_cb * chroma + 0.5));
        const double unit = std::ldexp(1.0, fraction_bits);
        tables.green_cb[i] = static_cast<std::int32_t>(std::lround(green_of_cb * chroma * unit));
        tables.green_cr[i] =
            static_cast<std::int32_t>(std::lround((green_of_cr * chroma + 0.5) * unit));
    }
    return tables;
}

std::uint8_t clamped(int value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 255)); }

void convert_bytes(std::uint8_t* samples, std::size_t pixels) {
    static const ChromaTables tables = make_tables();
    for (std::uint8_t* pixel = samples; pixel != samples + 3 * pixels; pixel += 3) {
        const int luminance = pixel[0];
        const std::uint8_t cb = pixel[1];
        const std::uint8_t cr = pixel[2];
        pixel[0] = clamped(luminance + tables.red[cr]);
        pixel[1] =
            clamped(luminance + ((tables.green_cb[cb] + tables.green_cr[cr]) >> fraction_bits));
        pixel[2] = clamped(luminance + tables.blue[cb]);
    }
}

void convert_words(std::uint8_t* samples, std::size_t pixels, unsigned bits_stored) {
    const double highest = std::ldexp(1.0, static_cast<int>(bits_stored)) - 1;
    const double middle = std::ldexp(1.0, static_cast<int>(bits_stored) - 1);
    const auto rounded = [highest](double value) {
        return static_cast<std::uint16_t>(std::clamp(std::floor(value + 0.5), 0.0, highest));
    };
    for (std::size_t i = 0; i < pixels; ++i) {
        std::uint16_t pixel[3];
        std::memcpy(pixel, samples + i * sizeof pixel, sizeof pixel);
        const double luminance = pixel[0];
        const double cb = pixel[1] - middle;
        const double cr = pixel[2] - middle;
        pixel[0] = rounded(luminance + red_of_cr * cr);
        pixel[1] = rounded(luminance + green_of_cb * cb + green_of_cr * cr);
        pixel[2] = rounded(luminance + blue_of_cb * cb);
        std::memcpy(samples + i * sizeof pixel, pixel, sizeof pixel);
    }
}

template <std::size_t Bytes>
void widen(const std::uint8_t* from, std::uint8_t* to, std::size_t pixels) {
    for (std::size_t i = 0; i < pixels; ++i) {
        const std::uint8_t* const pair = from + i / 2 * 4 * Bytes;
        std::memcpy(to, pair + i % 2 * Bytes, Bytes);
        std::memcpy(to + Bytes, pair + 2 * Bytes, 2 * Bytes);
        to += 3 * Bytes;
    }
}

template <std::size_t Bytes>
void weave(const std::uint8_t* planes, std::uint8_t* pixels, std::size_t count,
           std::size_t samples) {
    for (std::size_t sample = 0; sample < samples; ++sample) {
        const std::uint8_t* from = planes + sample * count * Bytes;
        std::uint8_t* to = pixels + sample * Bytes;
        for (std::size_t i = 0; i < count; ++i, from += Bytes, to += samples * Bytes)
            std::memcpy(to, from, Bytes);
    }
}

template <std::size_t Bytes>
void split(const std::uint8_t* pixels, std::uint8_t* planes, std::size_t count,
           std::size_t samples) {
    for (std::size_t sample = 0; sample < samples; ++sample) {
        const std::uint8_t* from = pixels + sample * Bytes;
        std::uint8_t* to = planes + sample * count * Bytes;
        for (std::size_t i = 0; i < count; ++i, from += samples * Bytes, to += Bytes)
            std::memcpy(to, from, Bytes);
    }
}

}  // namespace

void ybr_full_to_rgb(std::uint8_t* samples, std::size_t pixels, std::size_t sample_bytes,
                     unsigned bits_stored) {
    if (sample_bytes == 1) {
        convert_bytes(samples, pixels);
    } else {
        convert_words(samples, pixels, bits_stored);
    }
}

void widen_422(const std::uint8_t* from, std::uint8_t* to, std::size_t pixels,
               std::size_t sample_bytes) {
    if (sample_bytes == 1) {
        widen<1>(from, to, pixels);
    } else {
        widen<2>(from, to, pixels);
    }
}

void weave_planes(const std::uint8_t* planes, std::uint8_t* pixels, std::size_t count,
                  std::size_t samples, std::size_t sample_bytes) {
    if (sample_bytes == 1) weave<1>(planes, pixels, count, samples);
    if (sample_bytes == 2) weave<2>(planes, pixels, count, samples);
    if (sample_bytes == 4) weave<4>(planes, pixels, count, samples);
    if (sample_bytes == 8) weave<8>(planes, pixels, count, samples);
}

void split_planes(const std::uint8_t* pixels, std::uint8_t* planes, std::size_t count,
                  std::size_t samples, std::size_t sample_bytes) {
    if (sample_bytes == 1) split<1>(pixels, planes, count, samples);
    if (sample_bytes == 2) split<2>(pixels, planes, count, samples);
    if (sample_bytes == 4) split<4>(pixels, planes, count, samples);
    if (sample_bytes == 8) split<8>(pixels, planes, count, samples);
}

}  // namespace dcmtk_native::codec
