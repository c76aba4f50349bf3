// The room's table of contents: every options struct and tool function.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "data/charset_conversion.hpp"
#include "data/read_options.hpp"
#include "data/toolkit.hpp"
#include "data/writer.hpp"
#include "runtime/error.hpp"
#include "runtime/files.hpp"
#include "runtime/tag.hpp"

namespace dcmtk_native::data {

/// Told before each file of a call with several: how many are done, how many there are, which one is next.
using Progress = std::function<void(std::size_t done, std::size_t total, const std::string& path)>;

// ---- dcmftest ----

/// Whether the magic word stands at offset 128; the data set is not looked at.
[[nodiscard]] bool dcmftest(const runtime::Input& input);

// ---- dcmdump ----

enum class DumpFormat : std::uint8_t { standard, short_lines, long_values };
enum class PrintFilename : std::uint8_t { no, yes, search };
enum class Quote : std::uint8_t { none, xml, octal };

struct DcmdumpOptions {
    ReadOptions read;
    ParseOptions parse;
    DumpFormat format;
    bool all_tags;
    std::vector<runtime::Tag> search_tags;
    bool print_values;
    bool scan_directories;
    std::string scan_pattern;
    bool recurse;
    bool load_all;
    std::uint32_t max_read_length;  // bytes
    bool tree;
    PrintFilename print_filename;
    bool map_uid_names;
    Quote quote;
    bool color;
    bool ignore_errors;
    bool search_first;
    bool prepend_path;
    std::optional<std::string> write_pixel;  // a directory
    bool convert_charset;                    // to UTF-8
};

struct DcmdumpResult {
    /// A stretch of the text that comes from one file, and the character set of its bytes as (0008,0005) has it.
    struct Section {
        std::size_t end;
        std::string character_set;
    };
    struct Failure {
        std::string path;
        runtime::Error error;
    };

    std::string text;  // as the program dcmdump prints it: values in the bytes of the file
    std::vector<Section> sections;
    std::vector<Failure> failures;  // of several files those that could not be read; with ignore_errors the broken
};

/// Throws when nothing could be read at all.
[[nodiscard]] DcmdumpResult dcmdump(const std::vector<runtime::Input>& inputs, const DcmdumpOptions& options,
                                    const Progress& progress = {});
/// The text in UTF-8, each section decoded by its character set.
[[nodiscard]] std::string utf8_text(const DcmdumpResult& result);

// ---- dcm2xml ----

enum class XmlFormat : std::uint8_t { dcmtk, native };
enum class XmlCharset : std::uint8_t { utf8, latin1, ascii };
enum class XmlDtd : std::uint8_t { none, reference, embed };
enum class BinaryEncoding : std::uint8_t { hex, base64, uuid };

struct Dcm2xmlOptions {
    ReadOptions read;
    XmlFormat xml_format;
    bool use_namespace;
    XmlCharset charset;
    std::string charset_assume;  // a value of (0008,0005); empty: extended characters must be declared
    bool charset_check_all;
    bool write_binary_data;
    BinaryEncoding binary_encoding;
    XmlDtd dtd;
    std::optional<std::string> dtd_file;
    bool element_names;
    bool load_all;
    std::uint32_t max_read_length;  // bytes
};

/// The document, in the character set that it declares.
[[nodiscard]] std::string dcm2xml(const runtime::Input& input, const Dcm2xmlOptions& options);

// ---- dcmconv ----

struct DcmconvOptions {
    ReadOptions read;
    ParseOptions parse;
    CharsetOptions charset;
    bool remove_invalid_groups;
    WriteOptions write;  // correct_padding is left to parse.data_correction
    unsigned threads;    // that code frames of pixel data
};

/// The bytes, when the output is no path.
[[nodiscard]] std::optional<std::string> dcmconv(const runtime::Input& input, const runtime::Output& output,
                                                 const DcmconvOptions& options);

// ---- dcmodify ----

/// One of dcmodify's jobs; they are done in order.
struct Modification {
    enum class Kind : std::uint8_t {
        modify,
        insert,
        modify_from_file,  // `value` is the path of a file with the value's bytes, in little endian order
        insert_from_file,
        modify_all,
        erase,
        erase_all,
        erase_private,
        new_study_uid,
        new_series_uid,
        new_instance_uid,
    };
    Kind kind;
    std::string path;  // of tags, where the kind has one
    std::string value;
};

struct DcmodifyOptions {
    ReadOptions read;
    ParseOptions parse;
    std::vector<Modification> modifications;
    bool create_file;
    bool check_reservations;
    bool update_meta_uids;
    bool ignore_errors;
    bool ignore_missing_tags;
    bool ignore_un_values;
    bool backup;  // of what the output replaces, as <output>.bak
    WriteOptions write;
};

struct DcmodifyResult {
    std::uint64_t modified;  // elements and items that were changed, inserted or erased
    std::optional<std::string> backup_path;
    std::optional<std::string> data;  // when the output is no path
};

/// The output may be the input: it is replaced at the end, and keeps its mode.
[[nodiscard]] DcmodifyResult dcmodify(const runtime::Input& input, const runtime::Output& output,
                                      const DcmodifyOptions& options);

}  // namespace dcmtk_native::data
