#include "codec/frames/pixel_module.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>

#include "runtime/byte_order.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace {

using runtime::ErrorKind;
using runtime::Tag;

constexpr std::uint64_t max_frames = 0x7FFFFFFF;  // NumberOfFrames has VR IS

[[noreturn]] void refuse(const std::string& why) { runtime::raise(ErrorKind::codec, why); }

std::optional<std::uint16_t> number_of(const data::Draft& draft, const data::Item& item, Tag tag) {
    const data::Node* node = item.find(tag);
    if (node == nullptr || draft.is_sequence(*node) || draft.is_encapsulated(*node))
        return std::nullopt;
    std::string store;
    const std::string_view bytes = draft.bytes_of(*node, store);
    if (bytes.size() < 2) return std::nullopt;
    return runtime::load_little_endian<std::uint16_t>(bytes.data());
}

std::uint16_t required(const data::Draft& draft, const data::Item& item, Tag tag,
                       const char* name) {
    const auto number = number_of(draft, item, tag);
    if (!number)
        refuse(std::string("the image pixel module lacks ") + name + " " + runtime::to_string(tag));
    return *number;
}

std::uint64_t count_frames(const data::Draft& draft, const data::Item& item) {
    const std::string text = draft.text_of(item, tags::number_of_frames);
    std::string_view digits = std::string_view(text).substr(0, text.find('\\'));
    digits.remove_prefix(std::min(digits.find_first_not_of(" +"), digits.size()));
    if (digits.empty()) return 1;
    std::uint64_t frames = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), frames);
    if (frames > max_frames || parsed.ec == std::errc::result_out_of_range)
        refuse("NumberOfFrames (0028,0008) is \"" + text + "\"");
    if (parsed.ptr != digits.data() + digits.size())
        runtime::log(runtime::log_level::warn, "codec",
                     "NumberOfFrames (0028,0008) is \"" + text + "\": taken for " +
                         std::to_string(std::max<std::uint64_t>(frames, 1)));
    // Some write 0 for one frame.
    return std::max<std::uint64_t>(frames, 1);
}

Tag element_of_pixels(const data::Item& item) {
    for (const Tag tag : {tags::pixel_data, tags::float_pixel_data, tags::double_float_pixel_data})
        if (item.find(tag) != nullptr) return tag;
    refuse("there is no pixel data");
}

void check_bits(const PixelModule& module, std::uint16_t allocated) {
    if (module.element == tags::float_pixel_data && allocated != 32)
        refuse("float pixel data with BitsAllocated " + std::to_string(allocated) +
               ": it has 32 bits");
    if (module.element == tags::double_float_pixel_data && allocated != 64)
        refuse("double float pixel data with BitsAllocated " + std::to_string(allocated) +
               ": it has 64 bits");
    if (module.is_float) return;
    if (allocated != 1 && allocated != 8 && allocated != 16 && allocated != 32)
        refuse("BitsAllocated (0028,0100) is " + std::to_string(allocated) +
               ": only 1, 8, 16 and 32 can be read");
    const std::uint16_t stored = module.format.bits_stored;
    if (stored == 0 || stored > allocated)
        refuse("BitsStored (0028,0101) is " + std::to_string(stored) + " of " +
               std::to_string(allocated) + " allocated bits");
}

}  // namespace

bool PixelModule::is_subsampled() const {
    return format.samples == 3 && (photometric_interpretation == "YBR_FULL_422" ||
                                   photometric_interpretation == "YBR_PARTIAL_422");
}

bool PixelModule::is_full_ybr() const {
    return format.samples == 3 && (photometric_interpretation == "YBR_FULL" || is_subsampled());
}

std::uint64_t PixelModule::native_frame_bits() const {
    if (is_bits) return std::uint64_t{format.pixels()} * format.samples;
    const std::uint64_t samples_of_two_pixels = is_subsampled() ? 4 : 2ULL * format.samples;
    return format.pixels() * samples_of_two_pixels * format.sample_bytes() * 8 / 2;
}

PixelModule read_pixel_module(const data::Draft& draft, const data::Item& item,
                              const intake::Limits& limits) {
    PixelModule module;
    module.element = element_of_pixels(item);
    module.is_float = module.element != tags::pixel_data;
    FrameFormat& format = module.format;
    format.rows = required(draft, item, tags::rows, "Rows");
    format.columns = required(draft, item, tags::columns, "Columns");
    format.samples = number_of(draft, item, tags::samples_per_pixel).value_or(1);
    const std::uint16_t allocated = required(draft, item, tags::bits_allocated, "BitsAllocated");
    format.bits_allocated = allocated;
    format.bits_stored = number_of(draft, item, tags::bits_stored).value_or(allocated);
    format.is_signed =
        !module.is_float && number_of(draft, item, tags::pixel_representation).value_or(0) == 1;
    module.photometric_interpretation =
        draft.text_of(item, tags::photometric_interpretation);
    module.by_plane =
        format.samples > 1 && number_of(draft, item, tags::planar_configuration).value_or(0) == 1;
    if (format.rows == 0 || format.columns == 0)
        refuse("an image of " + std::to_string(format.rows) + " rows and " +
               std::to_string(format.columns) + " columns");
    if (format.samples != 1 && format.samples != 3 && format.samples != 4)
        refuse("SamplesPerPixel (0028,0002) is " + std::to_string(format.samples));
    check_bits(module, allocated);
    if (allocated == 1) {
        module.is_bits = true;
        format.bits_allocated = 8;
        format.is_signed = false;
    }
    module.frames = count_frames(draft, item);
    // A frame is below 2^50 bytes, so only the frames can overflow the product.
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(module.frames, std::uint64_t{format.bytes()}, &bytes))
        bytes = std::numeric_limits<std::uint64_t>::max();
    if (bytes > limits.max_pixel_bytes)
        runtime::raise_limit("pixel data", "max_pixel_bytes", bytes, limits.max_pixel_bytes);
    return module;
}

}  // namespace dcmtk_native::codec
