// Pixel data of a data set in another transfer syntax.
#pragma once

#include <cstdint>
#include <string>

#include "codec/recoding/decompress.hpp"
#include "codec/table.hpp"
#include "data/draft.hpp"

namespace dcmtk_native::codec {

enum class NewUid : std::uint8_t {
    if_lossy,  // an image that is not the same any more
    always,
    never,
};

/// G-PIX and the parameters of the codec.
struct Compression {
    std::string transfer_syntax;
    EncodeOptions encode;
    std::uint64_t fragment_size = 0;  // bytes; 0: one fragment a frame
    bool offset_table = true;
    NewUid uid = NewUid::if_lossy;
    bool to_secondary_capture = false;
    /// Samples that use fewer bits than their cells are encoded with just these; else with all of
    /// the cell, whatever the unused ones hold.
    bool only_stored_bits = true;
    /// Streams of JPEG-LS are interleaved as the samples lie in the input, instead of as `encode`
    /// says.
    bool interleave_as_stored = false;
    /// An odd stream of JPEG or JPEG-LS is made even by a fill byte before its last marker, or, not
    /// quite by the standard, by a zero behind it.
    bool zero_padding = false;
    /// How coded pixel data is decoded first.
    Decompression decode;
    unsigned threads = 1;
    runtime::StepProgress progress;
};

/// The pixel data of `draft` in the codec's syntax, one stream a frame, and attributes that say what
/// was done. Throws Error: codec (no pixel data, no encoder, samples that the codec cannot hold),
/// limit, unsupported.
void compress(data::Draft& draft, const Compression& options);

/// Brings the pixel data of `draft`, if there is any, into the form that the transfer syntax
/// demands; nothing happens if it has that form.
void transcode(data::Draft& draft, const Compression& options);

}  // namespace dcmtk_native::codec
