#include "codec/recoding/encapsulate.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "codec/frames/pixel_module.hpp"
#include "runtime/byte_order.hpp"

namespace dcmtk_native::codec {

namespace {

constexpr std::uint64_t item_header = 8;

template <typename Number> std::string table_of(const std::vector<std::uint64_t>& numbers) {
    std::string table(numbers.size() * sizeof(Number), '\0');
    for (std::size_t i = 0; i < numbers.size(); ++i)
        runtime::store_little_endian(static_cast<Number>(numbers[i]),
                                     table.data() + i * sizeof(Number));
    return table;
}

/// One frame's fragments; the buffers share its memory.
void add_fragments(std::string stream, std::uint64_t fragment_size,
                   std::vector<runtime::Buffer>& parts) {
    const auto owner = std::make_shared<const std::string>(std::move(stream));
    const std::string_view bytes = *owner;
    const std::size_t step = fragment_size == 0 ? std::max<std::size_t>(bytes.size(), 1)
                                                : static_cast<std::size_t>(fragment_size);
    for (std::size_t at = 0; at < bytes.size(); at += step)
        parts.push_back({bytes.substr(at, step), owner});
}

}  // namespace

void encapsulate(data::Draft& draft, std::vector<std::string> frames,
                 const Encapsulation& options) {
    data::Fragments fragments;
    fragments.parts.emplace_back();  // the basic offset table
    std::vector<std::uint64_t> offsets;
    std::vector<std::uint64_t> lengths;
    std::uint64_t offset = 0;
    for (std::string& frame : frames) {
        offsets.push_back(offset);
        // Of even length, as the extended table counts them.
        lengths.push_back(frame.size() + frame.size() % 2);
        const std::size_t first = fragments.parts.size();
        add_fragments(std::move(frame), options.fragment_size, fragments.parts);
        for (std::size_t i = first; i < fragments.parts.size(); ++i) {
            const std::size_t size = fragments.parts[i].bytes.size();
            offset += item_header + size + size % 2;
        }
    }
    draft.root.erase(tags::extended_offset_table);
    draft.root.erase(tags::extended_offset_table_lengths);
    if (options.offset_table) {
        if (offsets.back() <= std::numeric_limits<std::uint32_t>::max()) {
            fragments.parts.front() = data::make_value(table_of<std::uint32_t>(offsets));
        } else if (options.fragment_size == 0) {
            // The extended table wants each frame in one fragment.
            draft.root.put({tags::extended_offset_table, runtime::Vr::OV,
                            data::make_value(table_of<std::uint64_t>(offsets))});
            draft.root.put({tags::extended_offset_table_lengths, runtime::Vr::OV,
                            data::make_value(table_of<std::uint64_t>(lengths))});
        }
    }
    draft.root.put({tags::pixel_data, runtime::Vr::OB, std::move(fragments)});
}

}  // namespace dcmtk_native::codec
