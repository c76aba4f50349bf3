#include "data/data.hpp"
#include "data/dump_text.hpp"
#include "data/input_files.hpp"
#include "data/raw_pixels.hpp"
#include "data/text_buffer.hpp"
#include "data/toolkit_text.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/logging.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcstack.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ostream>
#include <utility>

namespace dcmtk_native::data {

namespace {

using runtime::Error;
using runtime::ErrorKind;
using runtime::Input;

std::size_t print_flags(const DcmdumpOptions& options) {
    std::size_t flags = 0;
    const bool long_values =
        options.format == DumpFormat::long_values || options.all_tags || options.print_values;
    if (!long_values) flags |= DCMTypes::PF_shortenLongTagValues;
    if (options.tree) flags |= DCMTypes::PF_showTreeStructure;
    if (!options.map_uid_names || options.print_values) flags |= DCMTypes::PF_doNotMapUIDsToNames;
    if (options.quote == Quote::xml) flags |= DCMTypes::PF_convertToMarkup;
    if (options.quote == Quote::octal) flags |= DCMTypes::PF_convertToOctalNumbers;
    if (options.color) flags |= DCMTypes::PF_useANSIEscapeCodes;
    return flags;
}

void require(bool holds, const char* rule) {
    if (!holds) runtime::raise(ErrorKind::options, rule);
}

void check_options(const DcmdumpOptions& options) {
    const bool searches = !options.search_tags.empty();
    require(options.scan_directories || options.scan_pattern.empty(),
            "scan_pattern needs scan_directories");
    require(options.scan_directories || !options.recurse, "recurse needs scan_directories");
    require(searches || !options.search_first, "search_first needs search_tag");
    require(searches || !options.prepend_path, "prepend_path needs search_tag");
    require(searches || options.print_filename != PrintFilename::search,
            "print_filename='search' needs search_tag");
    require(!options.prepend_path || !options.tree, "prepend_path and tree exclude each other");
}

void check_directory(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0)
        runtime::raise_system("cannot write pixel data to", path);
    if (!S_ISDIR(status.st_mode)) {
        errno = ENOTDIR;
        runtime::raise_system("cannot write pixel data to", path);
    }
    if (::access(path.c_str(), W_OK) != 0)
        runtime::raise_system("cannot write pixel data to", path);
}

/// One file after another onto one text.
class Dumper {
  public:
    explicit Dumper(const DcmdumpOptions& options)
        : options_(options), flags_(print_flags(options)) {}

    DcmdumpResult dump_all(const std::vector<Input>& files, const Progress& progress) {
        for (std::size_t i = 0; i < files.size(); ++i) {
            if (progress) progress(i, files.size(), files[i].name());
            runtime::checkpoint_now();
            if (options_.print_filename == PrintFilename::yes) {
                separate();
                out() << "# dcmdump (" << printed_ << "/" << files.size()
                      << "): " << files[i].name() << '\n';
            }
            dump_or_note(files[i], files.size() == 1);
        }
        if (unread_ == files.size()) throw result_.failures.front().error;
        return std::move(result_);
    }

  private:
    std::ostream& out() { return buffer_.stream(); }

    /// A newline between two dumps.
    void separate() {
        if (++printed_ > 1) out() << '\n';
    }

    /// Among several files a broken one does not keep the others from being shown.
    void dump_or_note(const Input& file, bool is_only_one) {
        try {
            dump(file);
        } catch (const Error& error) {
            if (is_only_one || error.kind == ErrorKind::aborted || error.kind == ErrorKind::timeout)
                throw;
            note(file, error);
            ++unread_;
            end_section({});
        }
    }

    void note(const Input& file, const Error& error) {
        runtime::log(runtime::log_level::error, "data", error.message);
        result_.failures.push_back({file.name(), error});
    }

    void dump(const Input& input) {
        LoadOptions load{};
        load.max_read_length = options_.max_read_length;
        if (options_.ignore_errors) load.on_damage = OnDamage::keep_what_was_read;
        ToolkitFile loaded = ToolkitFile::load(input, options_.read, options_.parse, load);
        if (loaded.damage()) note(input, *loaded.damage());
        if (options_.load_all) loaded.load_values();
        if (options_.convert_charset) {
            const runtime::CharacterSet utf8 = *runtime::CharacterSet::target("utf8");
            convert_text(loaded.file(), {utf8, {}, false});
        }
        set_pixel_prefix(input);
        buffer_.expect_input(loaded.size());
        if (options_.search_tags.empty())
            print(root_of(loaded), 0);
        else
            print_found(root_of(loaded), input);
        loaded.check_values();
        end_section(character_set_of(loaded));
    }

    DcmObject& root_of(const ToolkitFile& loaded) const {
        DcmFileFormat& file = loaded.file();
        if (options_.read.mode == ReadMode::dataset) return *file.getDataset();
        return file;
    }

    static std::string character_set_of(const ToolkitFile& loaded) {
        OFString declared;
        if (loaded.file()
                .getDataset()
                ->findAndGetOFStringArray(DCM_SpecificCharacterSet, declared)
                .bad())
            return {};
        return {declared.data(), declared.size()};
    }

    void end_section(std::string character_set) {
        std::string text = buffer_.take();
        if (options_.format == DumpFormat::short_lines && !options_.tree)
            text = without_comments(text);
        if (result_.text.size() + text.size() > max_text_size)
            runtime::raise_limit("text", "max_text_size", result_.text.size() + text.size(),
                                 max_text_size);
        result_.text += text;
        result_.sections.push_back({result_.text.size(), std::move(character_set)});
    }

    // ---- searching ----

    void print_found(DcmObject& root, const Input& input) {
        bool found_any = false;
        for (const runtime::Tag tag : options_.search_tags) {
            const DcmTagKey key(runtime::group_of(tag), runtime::element_of(tag));
            DcmStack stack;
            while (root.nextObject(stack, OFTrue).good()) {
                runtime::checkpoint();
                if (stack.top()->getTag() != key) continue;
                if (!std::exchange(found_any, true)) introduce(input);
                if (options_.prepend_path) print_path(stack);
                print(*stack.top(), 1);
                if (options_.search_first) break;
            }
        }
    }

    void introduce(const Input& input) {
        if (options_.print_filename != PrintFilename::yes) separate();
        if (options_.print_filename == PrintFilename::search)
            out() << "# dcmdump (" << printed_ << "): " << input.name() << '\n';
    }

    /// The sequences around the element on top, outermost first; the root below them all has no tag
    /// of its own.
    void print_path(DcmStack& stack) {
        if (options_.color) out() << DCMDATA_ANSI_ESCAPE_CODE_TAG;
        for (unsigned long i = stack.card() - 1; i-- > 1;) {
            const DcmObject* object = stack.elem(i);
            if (object->getTag() != DCM_Item) out() << object->getTag() << ".";
        }
    }

    // ---- printing ----

    void set_pixel_prefix(const Input& input) {
        if (!options_.write_pixel) return;
        const std::string path = input.is_path() ? input.name() : "bytes";
        pixel_prefix_ = *options_.write_pixel;
        if (pixel_prefix_.back() != '/') pixel_prefix_ += '/';
        pixel_prefix_ += path.substr(path.rfind('/') + 1);
        pixel_number_ = 0;
    }

    void print(DcmObject& object, int level) {
        if (!options_.write_pixel) {
            object.print(out(), flags_, level);
            return;
        }
        // libdcmdata would write the files itself, in place; now it finds them and complains of
        // that.
        write_raw_pixels(object, pixel_prefix_, pixel_number_);
        const runtime::LogSilence silence;
        object.print(out(), flags_, level, pixel_prefix_.c_str(), &pixel_number_);
    }

    const DcmdumpOptions& options_;
    const std::size_t flags_;
    TextBuffer buffer_;
    DcmdumpResult result_;
    std::size_t printed_ = 0;
    std::size_t unread_ = 0;
    std::string pixel_prefix_;
    std::size_t pixel_number_ = 0;
};

}  // namespace

DcmdumpResult dcmdump(const std::vector<Input>& inputs, const DcmdumpOptions& options,
                      const Progress& progress) {
    check_options(options);
    if (options.write_pixel) check_directory(*options.write_pixel);
    const std::vector<Input> files =
        list_files(inputs, {options.scan_directories, options.scan_pattern, options.recurse});
    if (files.empty()) runtime::raise(ErrorKind::file, "no input files to be dumped");
    return Dumper(options).dump_all(files, progress);
}

}  // namespace dcmtk_native::data
