// Numbers in bytes of a fixed order, whatever the machine's own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace dcmtk_native::runtime {

namespace detail {

template <std::size_t Size>
struct UnsignedOf;
template <> struct UnsignedOf<1> { using Type = std::uint8_t; };
template <> struct UnsignedOf<2> { using Type = std::uint16_t; };
template <> struct UnsignedOf<4> { using Type = std::uint32_t; };
template <> struct UnsignedOf<8> { using Type = std::uint64_t; };

inline std::uint8_t reversed(std::uint8_t bits) { return bits; }
inline std::uint16_t reversed(std::uint16_t bits) { return __builtin_bswap16(bits); }
inline std::uint32_t reversed(std::uint32_t bits) { return __builtin_bswap32(bits); }
inline std::uint64_t reversed(std::uint64_t bits) { return __builtin_bswap64(bits); }

constexpr bool machine_is_big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

}  // namespace detail

template <typename Number>
void store(Number number, void* out, bool big_endian) {
    typename detail::UnsignedOf<sizeof(Number)>::Type bits;
    std::memcpy(&bits, &number, sizeof bits);
    if (big_endian != detail::machine_is_big_endian) bits = detail::reversed(bits);
    std::memcpy(out, &bits, sizeof bits);
}

template <typename Number>
[[nodiscard]] Number load(const void* from, bool big_endian) {
    typename detail::UnsignedOf<sizeof(Number)>::Type bits;
    std::memcpy(&bits, from, sizeof bits);
    if (big_endian != detail::machine_is_big_endian) bits = detail::reversed(bits);
    Number number;
    std::memcpy(&number, &bits, sizeof number);
    return number;
}

template <typename Number>
void store_little_endian(Number number, void* out) {
    store(number, out, false);
}

template <typename Number>
[[nodiscard]] Number load_little_endian(const void* from) {
    return load<Number>(from, false);
}

/// Turns the order of every number of `width` bytes (1, 2, 4 or 8) in place; a rest that is no
/// whole number stays.
inline void reverse_numbers(char* bytes, std::size_t size, unsigned width) {
    const auto turn = [bytes, size](auto zero) {
        using Bits = decltype(zero);
        for (std::size_t at = 0; at + sizeof(Bits) <= size; at += sizeof(Bits)) {
            Bits bits;
            std::memcpy(&bits, bytes + at, sizeof bits);
            bits = detail::reversed(bits);
            std::memcpy(bytes + at, &bits, sizeof bits);
        }
    };
    if (width == 2) turn(std::uint16_t{});
    if (width == 4) turn(std::uint32_t{});
    if (width == 8) turn(std::uint64_t{});
}

}  // namespace dcmtk_native::runtime
