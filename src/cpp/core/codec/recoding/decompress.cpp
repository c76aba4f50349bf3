#include "codec/recoding/decompress.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "codec/frames/color.hpp"
#include "codec/frames/pixel_reader.hpp"
#include "codec/recoding/derivation.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"
#include "runtime/transfer_syntax.hpp"

namespace dcmtk_native::codec {

namespace {

using runtime::ErrorKind;
using runtime::Vr;

constexpr std::uint64_t max_value_length = 0xFFFFFFFEULL;

constexpr std::string_view hardcopy_color = "1.2.840.10008.5.1.1.30";
constexpr std::string_view ultrasound = "1.2.840.10008.5.1.4.1.1.6.1";
constexpr std::string_view ultrasound_multiframe = "1.2.840.10008.5.1.4.1.1.3.1";

/// Memory that is not touched before it is written: claims cost nothing.
std::shared_ptr<std::uint8_t> make_memory(std::uint64_t size) {
    return {new std::uint8_t[size], std::default_delete<std::uint8_t[]>()};
}

bool converts_color(const Decompression& options, const PixelReader& reader) {
    if (reader.module().format.samples != 3) return false;
    const auto looks_ybr = [&reader] {
        std::string store;
        return reader.codec().looks_ybr != nullptr &&
               reader.codec().looks_ybr(reader.coded().stream(0, store));
    };
    switch (options.color) {
    case ColorConversion::photometric: return reader.module().is_full_ybr();
    case ColorConversion::lossy: return reader.codec().is_lossy;
    case ColorConversion::guess: return looks_ybr();
    case ColorConversion::guess_lossy: return reader.codec().is_lossy && looks_ybr();
    case ColorConversion::always: return true;
    case ColorConversion::never: break;
    }
    return false;
}

/// The old IODs that had planes prescribed.
bool demands_planes(const data::Draft& draft, std::string_view photometric_interpretation) {
    const std::string sop_class = draft.text_of(draft.root, runtime::tags::sop_class_uid);
    if (sop_class == hardcopy_color) return true;
    return photometric_interpretation == "YBR_FULL" &&
           (sop_class == ultrasound || sop_class == ultrasound_multiframe);
}

bool is_by_plane(const data::Draft& draft, const PixelModule& module, PlanarOutput wanted,
                 std::string_view photometric_interpretation) {
    switch (wanted) {
    case PlanarOutput::restore: return module.by_plane;
    case PlanarOutput::automatic: return demands_planes(draft, photometric_interpretation);
    case PlanarOutput::by_pixel: return false;
    case PlanarOutput::by_plane: break;
    }
    return true;
}

void arrange_by_plane(std::uint8_t* pixels, const PixelModule& module) {
    const FrameFormat& format = module.format;
    const auto frame = make_memory(format.bytes());
    for (std::uint64_t i = 0; i < module.frames; ++i, pixels += format.bytes()) {
        runtime::checkpoint_now();
        std::copy_n(pixels, format.bytes(), frame.get());
        split_planes(frame.get(), pixels, format.pixels(), format.samples, format.sample_bytes());
    }
}

/// The attributes of the pixels as they are now.
void describe(data::Item& item, const PixelModule& module, const StreamFormat& found,
              const std::string& photometric_interpretation, bool by_plane) {
    put_text(item, tags::photometric_interpretation, Vr::CS, photometric_interpretation);
    if (module.format.samples > 1) put_number(item, tags::planar_configuration, by_plane ? 1 : 0);
    // A stream of fewer bits than are declared has no more of them in memory.
    if (found.precision != 0 && found.precision < module.format.bits_stored) {
        put_number(item, tags::bits_stored, static_cast<std::uint16_t>(found.precision));
        put_number(item, tags::high_bit, static_cast<std::uint16_t>(found.precision - 1));
    }
    item.erase(tags::extended_offset_table);
    item.erase(tags::extended_offset_table_lengths);
}

/// The pixel data of the data set or of one item.
void decompress_item(const data::Draft& draft, data::Item& item, const Decompression& options) {
    const PixelReader reader(draft, item, options.limits,
                             options.ignore_offset_table ? OffsetTables::ignore
                                                         : OffsetTables::use);
    const PixelModule& module = reader.module();
    if (module.bytes() > max_value_length)
        runtime::raise(ErrorKind::codec, "uncompressed pixel data of " +
                                             std::to_string(module.bytes()) +
                                             " bytes: an element holds at most 4294967294");
    ReadPixels reading;
    reading.color = converts_color(options, reader) ? Color::rgb : Color::stored;
    if (reading.color == Color::rgb && module.format.is_signed)
        runtime::raise(ErrorKind::codec, "no color conversion of signed samples");
    reading.decode = options.decode;
    reading.threads = options.threads;
    // Padded at once: in big endian words an odd last byte goes behind its padding.
    const std::uint64_t size = module.bytes() + module.bytes() % 2;
    const auto memory = make_memory(size);
    memory.get()[size - 1] = 0;
    const StreamFormat found =
        reader.read(0, module.frames, reading, memory.get(), options.progress);
    const std::string photometric = reader.photometric_interpretation(reading, found);
    const bool by_plane = module.format.samples > 1 &&
                          is_by_plane(draft, module, options.planar, photometric);
    if (by_plane) arrange_by_plane(memory.get(), module);
    describe(item, module, found, photometric, by_plane);
    const std::string_view bytes(reinterpret_cast<const char*>(memory.get()), size);
    item.put({tags::pixel_data, Vr::OW, data::Value{bytes, memory}});
}

bool is_coded(const data::Draft& draft, const data::Item& item) {
    const data::Node* pixels = item.find(tags::pixel_data);
    return pixels != nullptr && draft.is_encapsulated(*pixels);
}

/// Icons and other images within sequences; sequences without any stay as they are stored.
void decompress_items(const data::Draft& draft, data::Item& item, const Decompression& options) {
    for (data::Node& node : item.nodes) {
        if (!draft.is_sequence(node) || !draft.holds_fragments(node)) continue;
        for (data::Item& inner : draft.items_of(node)) {
            decompress_items(draft, inner, options);
            if (is_coded(draft, inner)) decompress_item(draft, inner, options);
        }
    }
}

}  // namespace

void decompress(data::Draft& draft, const Decompression& options) {
    decompress_items(draft, draft.root, options);
    if (!is_coded(draft, draft.root)) return;
    const bool was_lossy = codec_of(draft.transfer_syntax).is_lossy;
    decompress_item(draft, draft.root, options);
    if (options.new_uid) make_new_instance(draft, SourceImage::plain_reference);
    if (was_lossy) mark_lossy(draft);
    draft.transfer_syntax = runtime::transfer_syntaxes::explicit_little;
}

}  // namespace dcmtk_native::codec
