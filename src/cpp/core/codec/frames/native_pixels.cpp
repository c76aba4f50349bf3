#include "codec/frames/native_pixels.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "codec/frames/color.hpp"
#include "runtime/byte_order.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace {

using runtime::ErrorKind;

constexpr std::uint64_t read_step = 4ULL << 20;  // bytes between two looks at the call

/// Bits, the lowest of a byte first, as bytes of 0 and 1 (PS3.5 section 8.1.1).
void unpack_bits(const std::uint8_t* bits, std::uint64_t first, std::uint8_t* out,
                 std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t at = first + i;
        out[i] = (bits[at / 8] >> (at % 8)) & 1U;
    }
}

}  // namespace

NativePixels::NativePixels(const data::Draft& draft, const data::Node& pixel_data,
                           const PixelModule& module)
    : draft_(draft), module_(module) {
    bool big_endian = runtime::detail::machine_is_big_endian;
    if (const auto* own = std::get_if<data::Value>(&pixel_data.content)) {
        memory_ = reinterpret_cast<const std::uint8_t*>(own->bytes.data());
        owner_ = own->owner;
        length_ = own->bytes.size();
    } else {
        const intake::Entry& entry = draft.entry_of(std::get<data::Stored>(pixel_data.content));
        memory_ = entry.value;
        offset_ = entry.offset;
        length_ = entry.length;
        if (draft.dataset->is_big_endian(entry)) big_endian = !big_endian;
    }
    if (big_endian) {
        // Words hold two samples of a byte.
        const std::size_t word = pixel_data.vr == runtime::Vr::OB ? 1 : 2;
        reversed_width_ =
            static_cast<unsigned>(std::max(module.is_bits ? 1 : module.format.sample_bytes(), word));
    }
    const auto needed =
        static_cast<unsigned __int128>(module.native_frame_bits()) * module.frames;
    if ((needed + 7) / 8 > length_)
        runtime::raise(ErrorKind::codec,
                       "the pixel data has " + std::to_string(length_) + " bytes where " +
                           std::to_string(static_cast<std::uint64_t>((needed + 7) / 8)) +
                           " are claimed (" + std::to_string(module.frames) + " frames, " +
                           std::to_string(module.format.rows) + " rows, " +
                           std::to_string(module.format.columns) + " columns)");
}

NativePixels::Range NativePixels::range(std::uint64_t frame) const {
    const std::uint64_t bits = module_.native_frame_bits();
    const std::uint64_t begin = frame * bits / 8;
    return {begin, ((frame + 1) * bits + 7) / 8 - begin};
}

NativePixels::Range NativePixels::range_in_source(std::uint64_t frame) const {
    const Range within = range(frame);
    return {offset_ + within.offset, within.length};
}

void NativePixels::read_stored(std::uint64_t begin, std::uint64_t size, std::uint8_t* out) const {
    for (std::uint64_t done = 0; done < size; done += read_step) {
        runtime::checkpoint_now();
        const std::uint64_t count = std::min(read_step, size - done);
        if (memory_ != nullptr) {
            std::memcpy(out + done, memory_ + begin + done, count);
        } else if (!draft_.dataset->source().read(offset_ + begin + done, out + done, count)) {
            runtime::raise(ErrorKind::internal, "the pixel data lies outside of the file");
        }
    }
}

void NativePixels::read_bytes(std::uint64_t begin, std::uint64_t size, std::uint8_t* out) const {
    const std::uint64_t width = reversed_width_;
    const std::uint64_t skipped = begin % width;
    if (skipped == 0 && size % width == 0) {
        read_stored(begin, size, out);
        runtime::reverse_numbers(reinterpret_cast<char*>(out), size, reversed_width_);
        return;
    }
    // A word of two samples reaches over the border of the frame.
    const std::uint64_t end = std::min(length_, (begin + size + width - 1) / width * width);
    std::vector<std::uint8_t> words(end - (begin - skipped));
    read_stored(begin - skipped, words.size(), words.data());
    runtime::reverse_numbers(reinterpret_cast<char*>(words.data()), words.size(), reversed_width_);
    std::memcpy(out, words.data() + skipped, size);
}

void NativePixels::read_frame(std::uint64_t frame, std::uint8_t* out) const {
    const Range bytes = range(frame);
    const FrameFormat& format = module_.format;
    if (!module_.is_bits && !module_.is_subsampled() && !module_.by_plane) {
        read_bytes(bytes.offset, bytes.length, out);
        return;
    }
    std::vector<std::uint8_t> stored(bytes.length);
    read_bytes(bytes.offset, bytes.length, stored.data());
    if (module_.is_bits) {
        unpack_bits(stored.data(), frame * module_.native_frame_bits() % 8, out,
                    format.pixels() * format.samples);
    } else if (module_.is_subsampled()) {
        widen_422(stored.data(), out, format.pixels(), format.sample_bytes());
    } else {
        weave_planes(stored.data(), out, format.pixels(), format.samples, format.sample_bytes());
    }
}

bool NativePixels::is_plain() const noexcept {
    return reversed_width_ == 1 && !module_.is_bits && !module_.is_subsampled() &&
           !module_.by_plane;
}

runtime::Buffer NativePixels::view() const {
    if (memory_ == nullptr) return map_file();
    const std::string_view bytes(reinterpret_cast<const char*>(memory_), module_.bytes());
    return {bytes, owner_ ? owner_ : draft_.dataset};
}

/// The pages of the file that hold the pixel data; they outlive the data set.
runtime::Buffer NativePixels::map_file() const {
    const intake::Source& source = draft_.dataset->source();
    runtime::FileDescriptor reopened;
    if (source.descriptor() < 0) reopened = source.reopen();
    const int file = source.descriptor() < 0 ? reopened.get() : source.descriptor();
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const std::uint64_t before = offset_ % page;
    const std::size_t size = before + module_.bytes();
    void* const mapped =
        ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, static_cast<off_t>(offset_ - before));
    if (mapped == MAP_FAILED) runtime::raise_system("mapping", source.name());
    const std::shared_ptr<const void> owner(
        mapped, [size](const void* pages) { ::munmap(const_cast<void*>(pages), size); });
    return {{static_cast<const char*>(mapped) + before, module_.bytes()}, owner};
}

}  // namespace dcmtk_native::codec
