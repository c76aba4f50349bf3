#include "codec/frames/coded_frames.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "codec/frames/pixel_module.hpp"
#include "runtime/byte_order.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::codec {

namespace {

using runtime::ErrorKind;

template <typename Number> std::vector<std::uint64_t> numbers_of(std::string_view table) {
    std::vector<std::uint64_t> numbers(table.size() / sizeof(Number));
    for (std::size_t i = 0; i < numbers.size(); ++i)
        numbers[i] = runtime::load_little_endian<Number>(table.data() + i * sizeof(Number));
    return numbers;
}

std::vector<std::uint64_t> extended_offsets(const data::Draft& draft, const data::Item& item) {
    const data::Node* table = item.find(tags::extended_offset_table);
    if (table == nullptr || draft.is_sequence(*table) || draft.is_encapsulated(*table)) return {};
    std::string store;
    return numbers_of<std::uint64_t>(draft.bytes_of(*table, store));
}

/// SOI of JPEG and JPEG-LS, SOC of JPEG 2000, the signature box of a JP2 file.
bool begins_stream(const char* bytes) {
    return std::memcmp(bytes, "\xFF\xD8\xFF", 3) == 0 ||
           std::memcmp(bytes, "\xFF\x4F\xFF\x51", 4) == 0 ||
           std::memcmp(bytes, "\x00\x00\x00\x0C", 4) == 0;
}

}  // namespace

CodedFrames::CodedFrames(const data::Draft& draft, const data::Item& item,
                         const data::Node& pixel_data, std::uint64_t frames,
                         OffsetTables tables)
    : draft_(draft) {
    std::string table;
    if (const auto* own = std::get_if<data::Fragments>(&pixel_data.content)) {
        take_own(*own, table);
    } else {
        take_stored(std::get<data::Stored>(pixel_data.content).entry, table);
    }
    if (frames > fragments_.size())
        runtime::raise(ErrorKind::codec, "NumberOfFrames (0028,0008) is " + std::to_string(frames) +
                                             ", but the pixel data has only " +
                                             std::to_string(fragments_.size()) + " fragments");
    if (frames == 1) {
        first_ = {0, fragments_.size()};
        return;
    }
    for (const auto& offsets : {extended_offsets(draft, item), numbers_of<std::uint32_t>(table)}) {
        if (offsets.empty() || tables == OffsetTables::ignore) continue;
        if (offsets.size() == frames && group_by_offsets(offsets)) return;
        runtime::log(runtime::log_level::warn, "codec",
                     "the offset table does not point to the frames: passed over");
    }
    if (frames == fragments_.size()) {
        first_.resize(frames + 1);
        std::iota(first_.begin(), first_.end(), std::size_t{0});
        return;
    }
    if (!group_by_streams(frames))
        runtime::raise(ErrorKind::codec, "nothing tells which of the " +
                                             std::to_string(fragments_.size()) +
                                             " fragments are which of the " +
                                             std::to_string(frames) + " frames");
}

void CodedFrames::take_stored(std::uint32_t pixel_data, std::string& table) {
    const auto& entries = draft_.dataset->elements().entries;
    const std::size_t behind = entries[pixel_data].next;
    std::size_t at = pixel_data + 1;
    if (at >= behind) return;
    std::string store;
    table = draft_.dataset->bytes(entries[at], store);
    ++at;
    fragments_.reserve(behind - at);
    const std::uint64_t origin = at < behind ? entries[at].header_offset() : 0;
    for (; at < behind; ++at)
        fragments_.push_back({entries[at].offset, entries[at].length, entries[at].value,
                              entries[at].header_offset() - origin});
}

void CodedFrames::take_own(const data::Fragments& own, std::string& table) {
    if (own.parts.empty()) return;
    table = own.parts.front().bytes;
    std::uint64_t item_offset = 0;
    for (std::size_t i = 1; i < own.parts.size(); ++i) {
        const std::string_view bytes = own.parts[i].bytes;
        fragments_.push_back({0, bytes.size(),
                              reinterpret_cast<const std::uint8_t*>(bytes.data()), item_offset});
        item_offset += 8 + bytes.size() + bytes.size() % 2;
    }
}

bool CodedFrames::group_by_offsets(const std::vector<std::uint64_t>& offsets) {
    std::vector<std::size_t> first;
    first.reserve(offsets.size() + 1);
    std::size_t at = 0;
    for (const std::uint64_t offset : offsets) {
        while (at < fragments_.size() && fragments_[at].item_offset < offset) ++at;
        if (at == fragments_.size() || fragments_[at].item_offset != offset) return false;
        if (!first.empty() && first.back() == at) return false;
        first.push_back(at);
    }
    if (first.front() != 0) return false;
    first.push_back(fragments_.size());
    first_ = std::move(first);
    return true;
}

bool CodedFrames::group_by_streams(std::uint64_t frames) {
    std::vector<std::size_t> first;
    for (std::size_t at = 0; at < fragments_.size(); ++at) {
        runtime::checkpoint();
        char bytes[4] = {};
        if (fragments_[at].length < sizeof bytes) continue;
        copy({fragments_[at].offset, sizeof bytes, fragments_[at].memory, 0}, bytes);
        if (begins_stream(bytes)) first.push_back(at);
    }
    if (first.size() != frames || first.front() != 0) return false;
    first.push_back(fragments_.size());
    first_ = std::move(first);
    return true;
}

void CodedFrames::copy(const Fragment& fragment, char* out) const {
    if (fragment.memory != nullptr) {
        std::memcpy(out, fragment.memory, fragment.length);
    } else if (!draft_.dataset->source().read(fragment.offset, out, fragment.length)) {
        runtime::raise(ErrorKind::internal, "a fragment lies outside of the file");
    }
}

std::string_view CodedFrames::stream(std::size_t frame, std::string& store) const {
    const Fragment* const first = begin(frame);
    if (end(frame) - first == 1 && first->memory != nullptr)
        return {reinterpret_cast<const char*>(first->memory), first->length};
    std::uint64_t size = 0;
    for (const Fragment* part = first; part != end(frame); ++part) size += part->length;
    store.resize(size);
    std::uint64_t done = 0;
    for (const Fragment* part = first; part != end(frame); ++part) {
        runtime::checkpoint_now();
        copy(*part, store.data() + done);
        done += part->length;
    }
    return store;
}

}  // namespace dcmtk_native::codec
