#include "codec/rle.hpp"

#include <array>
#include <cstring>
#include <limits>
#include <vector>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "runtime/byte_order.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace {

constexpr std::size_t header_bytes = 64;
constexpr std::size_t max_segments = 15;
constexpr std::size_t longest_packet = 128;  // in pixel bytes
/// Packets are copied in steps of this size, so they may write this much too far.
constexpr std::size_t step = 16;
constexpr std::size_t slack = longest_packet + step;
/// Pixels that are taken apart or put together at a time: all their planes stay in the first cache.
constexpr std::size_t block = 2048;

[[noreturn]] void fail(const std::string& what) {
    runtime::raise(runtime::ErrorKind::codec, "RLE: " + what);
}

/// Segments of a frame: one for each byte of a pixel, of each sample the most significant one first.
std::size_t segments_of(const FrameFormat& format) {
    const std::size_t count = format.samples * format.sample_bytes();
    if (count == 0 || count > max_segments)
        fail("a pixel of " + std::to_string(count) + " bytes does not fit into 15 segments");
    return count;
}

/// Where in a pixel (host byte order is little-endian) the byte of a segment lies.
std::size_t place_of(std::size_t segment, const FrameFormat& format) {
    const std::size_t width = format.sample_bytes();
    return segment / width * width + (width - 1 - segment % width);
}

/// One segment, unpacked piece by piece.
class Segment {
  public:
    Segment() = default;
    Segment(const std::uint8_t* begin, const std::uint8_t* end) : in_(begin), end_(end) {}

    /// Unpacks until `wanted` bytes are there or the segment is at its end; says how many there are.
    /// `out` has room for `wanted` + `slack` bytes.
    std::size_t unpack(std::uint8_t* out, std::size_t wanted) {
        std::uint8_t* const begin = out;
        std::uint8_t* const enough = out + wanted;
        const std::uint8_t* in = in_;
        while (out < enough && in < end_) {
            const std::size_t control = *in++;
            if (control < 128) {
                const std::size_t length = control + 1;
                const auto left = static_cast<std::size_t>(end_ - in);
                if (left < slack) {
                    const std::size_t there = length < left ? length : left;
                    std::memcpy(out, in, there);
                    in += there;
                    out += there;
                    continue;
                }
                for (std::size_t at = 0; at < length; at += step) std::memcpy(out + at, in + at, step);
                in += length;
                out += length;
            } else if (control > 128) {
                if (in == end_) break;
                const std::size_t length = 257 - control;
                std::array<std::uint8_t, step> run;
                run.fill(*in++);
                for (std::size_t at = 0; at < length; at += step)
                    std::memcpy(out + at, run.data(), step);
                out += length;
            }
        }
        in_ = in;
        return static_cast<std::size_t>(out - begin);
    }

  private:
    const std::uint8_t* in_ = nullptr;
    const std::uint8_t* end_ = nullptr;
};

using Segments = std::array<Segment, max_segments>;

/// The segments of a frame, in the order of their bytes in a pixel.
Segments read_header(std::string_view coded, const FrameFormat& format, std::size_t count) {
    if (coded.size() < header_bytes)
        fail("a frame of " + std::to_string(coded.size()) + " bytes has no header");
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(coded.data());
    const auto word = runtime::load_little_endian<std::uint32_t>;
    const std::uint32_t claimed = word(bytes);
    if (claimed != count)
        fail("the frame has " + std::to_string(claimed) + " segments, the data set claims " +
             std::to_string(count));
    Segments segments;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t begin = word(bytes + 4 + 4 * i);
        const std::size_t end = i + 1 < count ? word(bytes + 8 + 4 * i) : coded.size();
        if (begin < header_bytes || begin > end || end > coded.size())
            fail("segment " + std::to_string(i + 1) + " lies at " + std::to_string(begin) + " to " +
                 std::to_string(end) + " of " + std::to_string(coded.size()) + " bytes");
        segments[place_of(i, format)] = Segment(bytes + begin, bytes + end);
    }
    return segments;
}

void check_complete(std::size_t missing, const DecodeOptions& options) {
    if (missing != 0 && !options.workaround_incomplete)
        fail("a segment ends early, " + std::to_string(missing) + " bytes or more are missing");
}

/// One byte a pixel: the segment is unpacked in place.
void decode_plane(Segment& segment, std::size_t pixels, const DecodeOptions& options,
                  std::uint8_t* out) {
    constexpr std::size_t piece = 65536;
    std::size_t done = 0;
    while (pixels - done > piece + slack) {
        runtime::checkpoint();
        const std::size_t got = segment.unpack(out + done, piece);
        done += got;
        if (got < piece) break;
    }
    std::vector<std::uint8_t> rest(piece + 2 * slack);
    const std::size_t wanted = pixels - done <= piece + slack ? pixels - done : 0;
    std::size_t got = segment.unpack(rest.data(), wanted);
    if (got > wanted) got = wanted;
    std::memcpy(out + done, rest.data(), got);
    done += got;
    check_complete(pixels - done, options);
    std::memset(out + done, 0, pixels - done);
}

/// `Bytes` planes side by side; the loop becomes vector code.
template <std::size_t Bytes>
void interleave(const std::uint8_t* planes, std::size_t pitch, std::size_t pixels,
                std::uint8_t* __restrict out) {
    for (std::size_t i = 0; i < pixels; ++i)
        for (std::size_t place = 0; place < Bytes; ++place)
            out[i * Bytes + place] = planes[place * pitch + i];
}

#ifdef __SSE2__
/// Three bytes of each 32 bits, the fourth is 0, at `out` side by side; writes two bytes too far.
void store_triples(__m128i pixels, std::uint8_t* out) {
    const __m128i even = _mm_and_si128(pixels, _mm_set1_epi64x(0xffffff));
    const __m128i odd = _mm_slli_epi64(_mm_srli_epi64(pixels, 32), 24);
    const __m128i triples = _mm_or_si128(even, odd);
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out), triples);
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out + 6), _mm_unpackhi_epi64(triples, triples));
}
#endif

/// Three planes, for which the compiler finds no vector code.
void interleave_three(const std::uint8_t* planes, std::size_t pitch, std::size_t pixels,
                      std::uint8_t* out) {
    std::size_t i = 0;
#ifdef __SSE2__
    const auto load = [&](std::size_t plane) {
        return _mm_loadu_si128(reinterpret_cast<const __m128i*>(planes + plane * pitch + i));
    };
    for (; i + 16 < pixels; i += 16) {
        const __m128i first = load(0);
        const __m128i second = load(1);
        const __m128i third = load(2);
        const __m128i low = _mm_unpacklo_epi8(first, second);
        const __m128i high = _mm_unpackhi_epi8(first, second);
        const __m128i third_low = _mm_unpacklo_epi8(third, _mm_setzero_si128());
        const __m128i third_high = _mm_unpackhi_epi8(third, _mm_setzero_si128());
        store_triples(_mm_unpacklo_epi16(low, third_low), out + 3 * i);
        store_triples(_mm_unpackhi_epi16(low, third_low), out + 3 * i + 12);
        store_triples(_mm_unpacklo_epi16(high, third_high), out + 3 * i + 24);
        store_triples(_mm_unpackhi_epi16(high, third_high), out + 3 * i + 36);
    }
#endif
    interleave<3>(planes + i, pitch, pixels - i, out + 3 * i);
}

void interleave(const std::uint8_t* planes, std::size_t pitch, std::size_t pixels, std::size_t bytes,
                std::uint8_t* out) {
    switch (bytes) {
    case 2: return interleave<2>(planes, pitch, pixels, out);
    case 3: return interleave_three(planes, pitch, pixels, out);
    case 4: return interleave<4>(planes, pitch, pixels, out);
    case 6: return interleave<6>(planes, pitch, pixels, out);
    case 12: return interleave<12>(planes, pitch, pixels, out);
    default: break;
    }
    for (std::size_t place = 0; place < bytes; ++place)
        for (std::size_t i = 0; i < pixels; ++i)
            out[i * bytes + place] = planes[place * pitch + i];
}

/// Several bytes a pixel: all segments are unpacked block by block, then interleaved.
void decode_planes(Segments& segments, std::size_t count, std::size_t pixels,
                   const DecodeOptions& options, std::uint8_t* out) {
    constexpr std::size_t pitch = block + 2 * slack;
    std::vector<std::uint8_t> planes(count * pitch);
    std::array<std::size_t, max_segments> surplus{};  // unpacked, of the next block
    for (std::size_t done = 0; done < pixels; done += block) {
        runtime::checkpoint();
        const std::size_t wanted = pixels - done < block ? pixels - done : block;
        for (std::size_t place = 0; place < count; ++place) {
            std::uint8_t* plane = &planes[place * pitch];
            std::size_t have = surplus[place];
            if (have != 0) std::memmove(plane, plane + block, have);
            if (have < wanted) have += segments[place].unpack(plane + have, wanted - have);
            if (have < wanted) {
                check_complete(wanted - have, options);
                std::memset(plane + have, 0, wanted - have);
                have = wanted;
            }
            surplus[place] = have - wanted;
        }
        interleave(planes.data(), pitch, wanted, count, out + done * count);
    }
}

/// Bytes from `at` on that equal the one there, at most `longest_packet`.
std::size_t run_length(const std::uint8_t* at, const std::uint8_t* end) {
    const auto left = static_cast<std::size_t>(end - at);
    const std::size_t limit = left < longest_packet ? left : longest_packet;
    std::size_t length = 1;
#ifdef __SSE2__
    const __m128i value = _mm_set1_epi8(static_cast<char>(*at));
    while (length + 16 <= limit) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + length));
        const auto equal = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, value)));
        if (equal != 0xffffU)
            return length + static_cast<std::size_t>(__builtin_ctz(~equal));
        length += 16;
    }
#endif
    while (length < limit && at[length] == *at) ++length;
    return length;
}

/// Bytes from `at` on until three equal ones begin (a pair is no reason to end a literal packet).
std::size_t literal_length(const std::uint8_t* at, const std::uint8_t* end) {
    const auto left = static_cast<std::size_t>(end - at);
    const std::size_t limit = left < longest_packet ? left : longest_packet;
    std::size_t length = 0;
#ifdef __SSE2__
    while (length < limit && length + 18 <= left) {
        const auto* bytes = reinterpret_cast<const __m128i*>(at + length);
        const __m128i here = _mm_loadu_si128(bytes);
        const __m128i next = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + length + 1));
        const __m128i after = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + length + 2));
        const auto equal = static_cast<unsigned>(_mm_movemask_epi8(
            _mm_and_si128(_mm_cmpeq_epi8(here, next), _mm_cmpeq_epi8(next, after))));
        if (equal != 0) {
            length += static_cast<std::size_t>(__builtin_ctz(equal));
            return length < limit ? length : limit;
        }
        length += 16;
    }
    if (length > limit) return limit;
#endif
    while (length < limit &&
           !(length + 2 < left && at[length] == at[length + 1] && at[length] == at[length + 2]))
        ++length;
    return length;
}

/// The packets of one row at `out`; returns their end.
std::uint8_t* pack_row(const std::uint8_t* row, const std::uint8_t* end, std::uint8_t* out) {
    while (row < end) {
        const std::size_t run = run_length(row, end);
        if (run > 1) {
            *out++ = static_cast<std::uint8_t>(257 - run);
            *out++ = *row;
            row += run;
            continue;
        }
        const std::size_t length = literal_length(row, end);
        *out++ = static_cast<std::uint8_t>(length - 1);
        std::memcpy(out, row, length);
        out += length;
        row += length;
    }
    return out;
}

template <std::size_t Bytes>
void gather(const std::uint8_t* pixels, std::size_t count, std::uint8_t* __restrict plane) {
    for (std::size_t i = 0; i < count; ++i) plane[i] = pixels[i * Bytes];
}

/// One byte of each pixel of a row.
void gather(const std::uint8_t* pixels, std::size_t count, std::size_t bytes, std::uint8_t* plane) {
    switch (bytes) {
    case 2: return gather<2>(pixels, count, plane);
    case 3: return gather<3>(pixels, count, plane);
    case 4: return gather<4>(pixels, count, plane);
    default: break;
    }
    for (std::size_t i = 0; i < count; ++i) plane[i] = pixels[i * bytes];
}

void put_word(std::string& coded, std::size_t at, std::size_t value) {
    if (value > std::numeric_limits<std::uint32_t>::max()) fail("a frame of 4 GiB has no offsets");
    runtime::store_little_endian(static_cast<std::uint32_t>(value), &coded[at]);
}

}  // namespace

StreamFormat decode_rle(std::string_view coded, const FrameFormat& format,
                        const DecodeOptions& options, std::uint8_t* out) {
    const std::size_t count = segments_of(format);
    Segments segments = read_header(coded, format, count);
    if (count == 1)
        decode_plane(segments[0], format.pixels(), options, out);
    else
        decode_planes(segments, count, format.pixels(), options, out);
    return {format.bits_allocated, false, false};
}

std::string encode_rle(const std::uint8_t* pixels, const FrameFormat& format, const EncodeOptions&) {
    const std::size_t count = segments_of(format);
    const std::size_t columns = format.columns;
    std::string coded(header_bytes, '\0');
    coded.reserve(header_bytes + format.bytes() / 2);
    put_word(coded, 0, count);
    std::vector<std::uint8_t> plane(count > 1 ? columns : 0);
    std::vector<std::uint8_t> packets(columns + columns / longest_packet + 2);
    for (std::size_t segment = 0; segment < count; ++segment) {
        put_word(coded, 4 + 4 * segment, coded.size());
        const std::uint8_t* row = pixels + place_of(segment, format);
        for (std::size_t y = 0; y < format.rows; ++y, row += columns * count) {
            runtime::checkpoint();
            if (count > 1) gather(row, columns, count, plane.data());
            const std::uint8_t* bytes = count > 1 ? plane.data() : row;
            const std::uint8_t* end = pack_row(bytes, bytes + columns, packets.data());
            coded.append(reinterpret_cast<const char*>(packets.data()),
                         static_cast<std::size_t>(end - packets.data()));
        }
        if (coded.size() % 2 != 0) coded.push_back('\0');
    }
    return coded;
}

}  // namespace dcmtk_native::codec
