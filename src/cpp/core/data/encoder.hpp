// Encodes the elements of a draft into pieces: headers, lengths, byte order. One pass; the length
// of a sequence is filled in when its end is reached.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/draft.hpp"
#include "data/pieces.hpp"
#include "data/record_offsets.hpp"
#include "data/writer.hpp"

namespace dcmtk_native::data {

class Encoder {
  public:
    /// All must outlive the encoder, and the draft the pieces too.
    Encoder(const Draft& draft, const WriteOptions& options, const runtime::Encoding& encoding,
            Pieces& pieces);

    /// A data set. `bytes_before` it in the file count for its trailing padding and for offsets in
    /// it.
    void encode(const Item& root, std::uint64_t bytes_before);

  private:
    class GroupLengths;

    /// Where the length of something begun stands, and where what it counts begins.
    struct Opened {
        runtime::Tag tag;
        std::size_t length_at;
        std::uint64_t begin;
    };

    void add_nodes(const std::vector<Node>& nodes);
    void add_entries(std::uint32_t begin, std::uint32_t end);
    void add_node(const Node& node);
    void add_entry(std::uint32_t at);
    void add_stored_value(const intake::Entry& entry);
    void add_stored_bytes(const intake::Entry& entry, unsigned width);
    void add_bytes(std::string_view bytes, unsigned width);
    void add_value(runtime::Tag tag, runtime::Vr vr, std::string_view bytes);
    void note_record(runtime::Tag sequence, std::uint64_t source_offset);
    void add_items(runtime::Tag tag, const std::vector<Item>& items);
    void add_fragments(runtime::Tag tag, const Fragments& fragments);
    void add_trailing_padding(std::uint64_t size, std::uint32_t multiple);

    [[nodiscard]] bool is_dropped(runtime::Tag tag) const;
    [[nodiscard]] runtime::Vr vr_to_write(runtime::Vr vr, std::uint64_t length) const;
    [[nodiscard]] unsigned width_of_big_endian(runtime::Tag tag, runtime::Vr given,
                                               runtime::Vr vr) const;

    std::size_t add_header(runtime::Tag tag, runtime::Vr vr, std::uint64_t length);
    void add_pad_byte(runtime::Vr vr, std::uint64_t length);
    [[nodiscard]] std::string item_header(runtime::Tag tag, std::uint32_t length) const;
    [[nodiscard]] Opened open_sequence(runtime::Tag tag);
    [[nodiscard]] Opened open_item();
    void close(const Opened& opened, runtime::Tag delimiter);
    void close_item(const Opened& item);

    const Draft& draft_;
    const WriteOptions& options_;
    const runtime::Encoding encoding_;
    Pieces& pieces_;
    std::vector<bool> verbatim_;  // of the entries of the data set
    RecordOffsets offsets_;       // of a DICOMDIR
    std::uint64_t bytes_before_ = 0;
};

}  // namespace dcmtk_native::data
