// A read data set: the index over its bytes, the meta header, and the transfer syntax. Never
// changes, so every thread may read it; edits are made on a Draft.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "data/read_options.hpp"
#include "intake/scanner.hpp"
#include "runtime/charset.hpp"
#include "runtime/files.hpp"

namespace dcmtk_native::data {

/// What becomes of the file behind a data set: open while it lives (fast access to big values, and
/// the file as it was even if its name goes to another), or closed (for data sets that are held in
/// large numbers).
enum class FileUse : std::uint8_t { hold, close };

class Dataset {
    struct Private {};

  public:
    /// Reads by the scanner; where that meets something it does not understand, through libdcmtk
    /// (same limits). Throws Error: format ("Not a valid DICOM file: ..." when it does not even
    /// look like one), file, limit.
    [[nodiscard]] static std::shared_ptr<const Dataset>
    read(const runtime::Input& input, const ReadOptions& options, FileUse use = FileUse::hold);

    [[nodiscard]] const intake::Index& meta() const noexcept {
        return meta_;
    }  // group 0002; empty without one
    [[nodiscard]] const intake::Index& elements() const noexcept {
        return elements_;
    }  // the data set
    [[nodiscard]] const intake::Source& meta_source() const noexcept {
        return meta_in_body_ ? *body_ : file_;
    }
    /// Of the data set: inflated when it was deflated, rewritten when only libdcmtk understood it.
    [[nodiscard]] const intake::Source& source() const noexcept { return body_ ? *body_ : file_; }
    /// True if offsets of the elements are those of the input: it was neither inflated nor
    /// rewritten.
    [[nodiscard]] bool is_indexed_in_place() const noexcept { return !body_; }
    [[nodiscard]] const std::string& transfer_syntax() const noexcept {
        return transfer_syntax_;
    }  // or as detected
    [[nodiscard]] runtime::Encoding encoding() const noexcept {
        return encoding_;
    }  // of the indexed bytes
    [[nodiscard]] bool has_meta() const noexcept { return !meta_.entries.empty(); }

    /// The top-level entry of a tag (binary search), or nullptr. Group 0002 is looked up in the
    /// meta header.
    [[nodiscard]] const intake::Entry* find(runtime::Tag tag) const noexcept;
    /// A value's bytes in the source's byte order; read into `store` when they are still in the
    /// file. Containers have none.
    [[nodiscard]] std::string_view bytes(const intake::Entry& entry, std::string& store) const;
    /// The same of a tag's top-level entry; nothing when there is none.
    [[nodiscard]] std::string_view bytes(runtime::Tag tag, std::string& store) const;
    /// The byte order that numbers in this value have.
    [[nodiscard]] bool is_big_endian(const intake::Entry& entry) const noexcept;

    /// Of the top level.
    [[nodiscard]] const runtime::CharacterSet& character_set() const noexcept {
        return character_set_;
    }
    /// What the item at this position of the elements says for itself and all it holds; nothing: it
    /// goes by the character set around it.
    [[nodiscard]] std::optional<runtime::CharacterSet> own_character_set(std::size_t item) const;

    /// Where a record of a DICOMDIR stands in the input, by where its item is indexed: other records
    /// refer to it by that.
    [[nodiscard]] std::uint64_t record_offset_in_input(std::uint64_t indexed) const;

    Dataset(Private, intake::Source source) : file_(std::move(source)) {}

  private:
    void index(const ReadOptions& options);
    std::uint64_t index_meta(std::uint64_t begin, const intake::Limits& limits);
    void choose_encoding(std::uint64_t begin, const ReadOptions& options);
    void index_elements(std::uint64_t begin, const ReadOptions& options);
    void take_normalised(std::string bytes, const intake::Limits& limits);
    void remember_records(const intake::Index& of_input);
    [[nodiscard]] bool is_odd() const noexcept;
    void log_oddities() const;

    intake::Source file_;
    std::optional<intake::Source> body_;  // when the data set is not indexed where it was found
    bool meta_in_body_ = false;
    bool meta_length_is_wrong_ = false;
    bool is_doubtful_ = true;  // nothing has said that this is DICOM
    intake::Index meta_;
    intake::Index elements_;
    std::map<std::uint64_t, std::uint64_t> record_offsets_;  // indexed to input, where they differ
    std::string transfer_syntax_;
    runtime::Encoding encoding_;
    runtime::CharacterSet character_set_;
};

/// Refuses what the image module claims before anybody allocates it: rows x columns x samples x
/// bytes x frames.
void check_pixel_claims(const Dataset& dataset, const intake::Limits& limits);

}  // namespace dcmtk_native::data
