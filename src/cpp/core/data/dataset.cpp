#include "data/dataset.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <utility>

#include "data/record_offsets.hpp"
#include "data/toolkit.hpp"
#include "intake/inflate.hpp"
#include "runtime/byte_order.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"

namespace dcmtk_native::data {

namespace {

using runtime::ErrorKind;
using runtime::Tag;
namespace tags = runtime::tags;
namespace transfer_syntaxes = runtime::transfer_syntaxes;

constexpr std::uint64_t preamble_length = 128;
constexpr std::string_view magic_word = "DICM";
// libdcmtk reads no file with less than one element of the meta header.
constexpr std::uint64_t smallest_content = 12;
// What a value is read in where it is still in the file; between two steps the call can be aborted.
constexpr std::size_t read_step = 16UL << 20;

[[noreturn]] void raise_not_dicom(const std::string& why) {
    raise(ErrorKind::format, "Not a valid DICOM file: " + why);
}

void check_options(const ReadOptions& options) {
    const bool is_given = options.xfer == ReadXfer::little || options.xfer == ReadXfer::big ||
                          options.xfer == ReadXfer::implicit;
    if (is_given && options.mode != ReadMode::dataset)
        raise(ErrorKind::options, "a transfer syntax to read with needs the read mode 'dataset'");
}

intake::Source open_source(const runtime::Input& input, const ReadOptions& options) {
    const intake::Limits& limits = options.limits;
    const bool is_header_enough = options.last_tag < tags::pixel_data;
    try {
        intake::Source source(input, is_header_enough ? intake::Appetite::header
                                                      : intake::Appetite::all);
        if (source.size() > limits.max_file_size)
            runtime::raise_limit(source.name(), "max_file_size", source.size(),
                                 limits.max_file_size);
        return source;
    } catch (const runtime::Error& error) {
        if (error.system_errno == EISDIR) raise_not_dicom(input.name() + ": is a directory");
        throw;
    }
}

std::string_view view(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

runtime::Encoding detect_at(intake::Source& source, std::uint64_t offset) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(6, source.size() - offset));
    return runtime::detect_encoding(view(source.need(offset, count), count));
}

bool has_preamble(intake::Source& source) {
    const std::uint8_t* word = source.need(preamble_length, magic_word.size());
    return word != nullptr && view(word, magic_word.size()) == magic_word;
}

/// By the group of the first tag, in either byte order, as DcmMetaInfo::nextTagIsMeta.
bool starts_with_meta(intake::Source& source, std::uint64_t offset) {
    const std::uint8_t* group = source.need(offset, 2);
    return group != nullptr &&
           ((group[0] == 2 && group[1] == 0) || (group[0] == 0 && group[1] == 2));
}

/// Zeros are elements for the parser: (0000,0000) without a value, time and again.
bool starts_with_zeros(intake::Source& source) {
    const std::uint8_t* header = source.need(0, 8);
    return header != nullptr &&
           std::all_of(header, header + 8, [](std::uint8_t byte) { return byte == 0; });
}

/// Without spaces and padding, which some writers put where no UID may have them.
std::string clean_uid(std::string_view value) {
    std::string uid(value.substr(0, value.find('\0')));
    uid.erase(std::remove_if(uid.begin(), uid.end(),
                             [](unsigned char c) { return std::isspace(c) != 0; }),
              uid.end());
    return uid;
}

/// Of the records of a DICOMDIR, in their order.
std::vector<std::uint64_t> record_offsets(const intake::Index& index) {
    std::vector<std::uint64_t> offsets;
    const std::size_t sequence = index.position(directory_record_sequence);
    if (sequence == intake::Index::nowhere) return offsets;
    const std::size_t behind = index.entries[sequence].next;
    for (std::size_t item = sequence + 1; item < behind; item = index.entries[item].next)
        offsets.push_back(index.entries[item].header_offset());
    return offsets;
}

/// Two bytes of an element of VR US, or 0.
std::uint64_t number_of(const Dataset& dataset, Tag tag) {
    std::string store;
    const std::string_view value = dataset.bytes(tag, store);
    return value.size() < 2
               ? 0
               : runtime::load<std::uint16_t>(value.data(), dataset.encoding().big_endian);
}

}  // namespace

std::shared_ptr<const Dataset> Dataset::read(const runtime::Input& input,
                                             const ReadOptions& options, FileUse use) {
    check_options(options);
    const auto dataset = std::make_shared<Dataset>(Private{}, open_source(input, options));
    try {
        dataset->index(options);
        if (dataset->is_odd()) {
            dataset->log_oddities();
            dataset->take_normalised(normalise(input, options, runtime::ParseOptions::defaults()),
                                     options.limits);
        }
    } catch (const runtime::Error& error) {
        const bool is_broken = error.kind == ErrorKind::format || error.kind == ErrorKind::toolkit;
        if (!is_broken || !dataset->is_doubtful_) throw;
        raise_not_dicom(error.message);
    }
    if (use == FileUse::close || dataset->body_) dataset->file_.close_file();
    std::string store;
    const std::string_view terms = dataset->bytes(tags::specific_character_set, store);
    if (!terms.empty()) dataset->character_set_ = runtime::CharacterSet(terms);
    return dataset;
}

void Dataset::index(const ReadOptions& options) {
    const std::string& name = file_.name();
    if (file_.size() == 0) raise(ErrorKind::format, name + ": is empty");
    if (options.mode == ReadMode::dataset) {
        choose_encoding(0, options);
        return index_elements(0, options);
    }
    const std::uint64_t begin = has_preamble(file_) ? preamble_length + magic_word.size() : 0;
    const bool has_meta_group = starts_with_meta(file_, begin);
    if (begin == 0 && starts_with_zeros(file_))
        raise(ErrorKind::format, name + ": starts with zeros");
    if (file_.size() - begin < smallest_content) raise(ErrorKind::format, name + ": is too short");
    is_doubtful_ = begin == 0 && !has_meta_group;
    const std::uint64_t behind_meta = has_meta_group ? index_meta(begin, options.limits) : begin;
    if (options.mode == ReadMode::file_only && transfer_syntax_.empty()) {
        is_doubtful_ = true;
        raise(ErrorKind::format, name + ": no meta header with a transfer syntax");
    }
    choose_encoding(behind_meta, options);
    try {
        index_elements(behind_meta, options);
    } catch (const runtime::Error& error) {
        if (error.kind != ErrorKind::format || !meta_length_is_wrong_) throw;
        meta_.oddities.push_back(
            {"a meta header of another length than it says, before what is no data set", begin});
    }
    const bool has_strays =
        !elements_.entries.empty() && runtime::group_of(elements_.entries[0].tag) <= 0x0002;
    if (meta_length_is_wrong_ && has_strays)
        meta_.oddities.push_back(
            {"a meta header of another length than it says, with strays behind it", behind_meta});
}

/// Its elements decide where the meta header ends. libdcmtk believes the group length, and takes
/// elements of the data set for the header's or the other way round where that is wrong; so it is
/// asked only where this fails.
std::uint64_t Dataset::index_meta(std::uint64_t begin, const intake::Limits& limits) {
    intake::ScanOptions scan;
    // Explicit VR little endian in any but very old or broken files.
    scan.encoding = detect_at(file_, begin);
    scan.begin = begin;
    scan.end = file_.size();
    scan.only_group_0002 = true;
    meta_ = intake::scan(file_, scan, limits);
    if (scan.encoding.big_endian)
        meta_.oddities.push_back({"meta header in big endian order", begin});
    for (const intake::Entry& entry : meta_.entries) {
        if (entry.value == nullptr) continue;
        if (entry.tag == tags::transfer_syntax_uid && transfer_syntax_.empty())
            transfer_syntax_ = clean_uid(view(entry.value, entry.length));
        if (entry.tag == tags::meta_group_length && entry.length == 4 &&
            !scan.encoding.big_endian &&
            entry.end + runtime::load_little_endian<std::uint32_t>(entry.value) != meta_.end)
            meta_length_is_wrong_ = true;
    }
    if (meta_length_is_wrong_)
        runtime::log(runtime::log_level::warn, "data",
                     file_.name() + ": wrong group length of the meta header");
    return meta_.end;
}

/// As DcmDataset::read: what the meta header declares, unless it declares nothing that is known or
/// the caller knows better.
void Dataset::choose_encoding(std::uint64_t begin, const ReadOptions& options) {
    switch (options.xfer) {
    case ReadXfer::little:
        transfer_syntax_ = transfer_syntaxes::explicit_little;
        break;
    case ReadXfer::big:
        transfer_syntax_ = transfer_syntaxes::explicit_big;
        break;
    case ReadXfer::implicit:
        transfer_syntax_ = transfer_syntaxes::implicit_little;
        break;
    case ReadXfer::automatic:
    case ReadXfer::detect:
        break;
    }
    encoding_ = runtime::encoding_of(transfer_syntax_);
    const bool is_native = transfer_syntax_ == runtime::uid_of(encoding_);
    const bool is_named =
        !transfer_syntax_.empty() && (options.xfer != ReadXfer::detect || !is_native);
    if (is_named && runtime::tells_encoding(transfer_syntax_)) return;
    encoding_ = detect_at(file_, begin);
    if (!is_named) transfer_syntax_ = runtime::uid_of(encoding_);
}

void Dataset::index_elements(std::uint64_t begin, const ReadOptions& options) {
    const intake::Limits& limits = options.limits;
    if (encoding_.deflated) {
        body_.emplace(intake::inflate(file_, begin, file_.size(), intake::Deflation::raw, limits),
                      file_.name());
        begin = 0;
        encoding_.deflated = false;
    }
    intake::Source& source = body_ ? *body_ : file_;
    intake::ScanOptions scan;
    scan.encoding = encoding_;
    scan.begin = begin;
    scan.end = source.size();
    // What nothing has called DICOM yet must show it by being readable to its end.
    if (!is_doubtful_ || options.mode == ReadMode::dataset) scan.last_tag = options.last_tag;
    elements_ = intake::scan(source, scan, limits);

    const intake::Entry* pixels = elements_.find(tags::pixel_data);
    if (pixels == nullptr) return;
    // An unknown transfer syntax is what its pixel data is.
    if (!runtime::tells_encoding(transfer_syntax_))
        encoding_.encapsulated = pixels->is_encapsulated();
    if (encoding_.encapsulated && !pixels->has_undefined_length())
        raise(ErrorKind::format,
              file_.name() + ": pixel data with a length in the encapsulated transfer syntax " +
                  transfer_syntax_);
}

bool Dataset::is_odd() const noexcept {
    return !meta_.oddities.empty() || !elements_.oddities.empty();
}

void Dataset::log_oddities() const {
    for (const auto* index : {&meta_, &elements_})
        for (const intake::Oddity& oddity : index->oddities)
            runtime::log(runtime::log_level::debug, "data",
                         file_.name() + ": " + oddity.what + " at offset " +
                             std::to_string(oddity.offset) + ": read by libdcmtk");
}

/// Indexes libdcmtk's reading of the input in the place of the input's own bytes. A sound meta
/// header stays.
void Dataset::take_normalised(std::string bytes, const intake::Limits& limits) {
    Dataset normalised(Private{}, intake::Source(std::move(bytes), file_.name()));
    normalised.index({ReadMode::automatic, ReadXfer::automatic, limits});
    encoding_ = normalised.encoding_;
    std::swap(elements_, normalised.elements_);
    remember_records(normalised.elements_);
    body_.emplace(std::move(normalised.body_ ? *normalised.body_ : normalised.file_));
    if (meta_.oddities.empty()) return;
    meta_ = std::move(normalised.meta_);
    meta_in_body_ = true;
}

void Dataset::remember_records(const intake::Index& of_input) {
    const std::vector<std::uint64_t> before = record_offsets(of_input);
    const std::vector<std::uint64_t> now = record_offsets(elements_);
    if (before.size() != now.size()) return;  // not the same records
    for (std::size_t i = 0; i < now.size(); ++i) record_offsets_[now[i]] = before[i];
}

std::uint64_t Dataset::record_offset_in_input(std::uint64_t indexed) const {
    const auto found = record_offsets_.find(indexed);
    return found == record_offsets_.end() ? indexed : found->second;
}

const intake::Entry* Dataset::find(Tag tag) const noexcept {
    return (runtime::group_of(tag) == 0x0002 ? meta_ : elements_).find(tag);
}

std::string_view Dataset::bytes(const intake::Entry& entry, std::string& store) const {
    if (entry.is_container || entry.length == 0) return {};
    if (entry.value != nullptr) return view(entry.value, entry.length);
    // Only a file leaves values behind; a body of its own is all in memory.
    store.resize(entry.length);
    for (std::size_t done = 0; done < store.size();) {
        runtime::checkpoint_now();
        const std::size_t count = std::min(read_step, store.size() - done);
        if (!file_.read(entry.offset + done, store.data() + done, count))
            raise(ErrorKind::internal,
                  file_.name() + ": an indexed value lies outside of the file");
        done += count;
    }
    return store;
}

std::string_view Dataset::bytes(Tag tag, std::string& store) const {
    const intake::Entry* entry = find(tag);
    return entry == nullptr ? std::string_view{} : bytes(*entry, store);
}

bool Dataset::is_big_endian(const intake::Entry& entry) const noexcept {
    if (entry.in_unknown) return false;
    return entry.tag == tags::pixel_data ? encoding_.big_endian_pixel_data : encoding_.big_endian;
}

std::optional<runtime::CharacterSet> Dataset::own_character_set(std::size_t item) const {
    const intake::Entry* entry = elements_.find_in(item, tags::specific_character_set);
    if (entry == nullptr) return std::nullopt;
    std::string store;
    return runtime::CharacterSet(bytes(*entry, store));
}

void check_pixel_claims(const Dataset& dataset, const intake::Limits& limits) {
    constexpr Tag samples_per_pixel = 0x00280002;
    constexpr Tag number_of_frames = 0x00280008;
    constexpr Tag rows = 0x00280010;
    constexpr Tag columns = 0x00280011;
    // Samples default to one, frames too; a byte has eight bits.
    const std::uint64_t samples = std::max<std::uint64_t>(number_of(dataset, samples_per_pixel), 1);
    const std::uint64_t bytes_a_sample = (number_of(dataset, tags::bits_allocated) + 7) / 8;
    std::string store;
    std::string_view text = dataset.bytes(number_of_frames, store);
    text.remove_prefix(std::min(text.find_first_not_of(" +0"), text.size()));
    std::uint64_t frames = 1;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), frames);
    if (parsed.ec == std::errc::result_out_of_range)
        frames = std::numeric_limits<std::uint64_t>::max();
    // No product of four 16 bit numbers overflows; with the frames one may.
    const std::uint64_t frame =
        number_of(dataset, rows) * number_of(dataset, columns) * samples * bytes_a_sample;
    std::uint64_t claimed = 0;
    if (__builtin_mul_overflow(frame, frames, &claimed))
        claimed = std::numeric_limits<std::uint64_t>::max();
    if (claimed > limits.max_pixel_bytes)
        runtime::raise_limit(dataset.source().name() + ": pixel data", "max_pixel_bytes", claimed,
                             limits.max_pixel_bytes);
}

}  // namespace dcmtk_native::data
