#include "data/data.hpp"
#include "data/text_buffer.hpp"
#include "data/toolkit_text.hpp"
#include "intake/source.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/charset.hpp"
#include "runtime/charset_utf8.hpp"
#include "runtime/tag.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcbytstr.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dctypes.h>

#include <ostream>
#include <utility>

namespace dcmtk_native::data {

namespace {

using runtime::ErrorKind;

constexpr const char* dtd_name = "dcm2xml.dtd";  // DCMTK installs it
constexpr std::uint64_t max_dtd_size = 1U << 20;

void require(bool holds, const char* rule) {
    if (!holds) runtime::raise(ErrorKind::options, rule);
}

void check_options(const Dcm2xmlOptions& options) {
    if (options.xml_format == XmlFormat::native) {
        require(options.dtd == XmlDtd::none, "xml_format='native' has no dtd");
        require(options.element_names, "xml_format='native' always has element_names");
        require(!options.write_binary_data, "xml_format='native' always writes binary data");
        require(options.binary_encoding != BinaryEncoding::hex,
                "xml_format='native' has no binary_encoding='hex'");
    } else {
        require(options.binary_encoding != BinaryEncoding::uuid,
                "binary_encoding='uuid' needs xml_format='native'");
    }
    require(!options.dtd_file || options.dtd == XmlDtd::embed, "dtd_file needs dtd='embed'");
    require(options.charset_assume.empty() || runtime::CharacterSet(options.charset_assume).known(),
            "charset_assume is no defined term of (0008,0005)");
}

std::size_t write_flags(const Dcm2xmlOptions& options) {
    std::size_t flags = 0;
    if (options.xml_format == XmlFormat::native) flags |= DCMTypes::XF_useNativeModel;
    if (options.use_namespace) flags |= DCMTypes::XF_useXMLNamespace;
    if (!options.element_names) flags |= DCMTypes::XF_omitDataElementName;
    if (options.write_binary_data) flags |= DCMTypes::XF_writeBinaryData;
    if (options.binary_encoding == BinaryEncoding::base64) flags |= DCMTypes::XF_encodeBase64;
    if (options.dtd != XmlDtd::none) flags |= DCMTypes::XF_addDocumentType;
    if (options.dtd == XmlDtd::embed) flags |= DCMTypes::XF_embedDocumentType;
    return flags;
}

struct Target {
    const char* set;       // of runtime::CharacterSet
    const char* encoding;  // of XML
};

Target target_of(XmlCharset charset) {
    switch (charset) {
    case XmlCharset::latin1:
        return {"latin1", "ISO-8859-1"};
    case XmlCharset::ascii:
        return {"ascii", "US-ASCII"};
    case XmlCharset::utf8:
        break;
    }
    return {"utf8", "UTF-8"};
}

/// Extended characters have a meaning only by (0008,0005), or by what the caller says.
void require_character_set(DcmFileFormat& file, const Dcm2xmlOptions& options,
                           const std::string& name) {
    if (options.charset_assume.empty() &&
        has_undeclared_characters(file, options.charset_check_all))
        runtime::raise(ErrorKind::operation, "writing XML: " + name +
                                                 ": extended characters without (0008,0005) "
                                                 "Specific Character Set; charset_assume says "
                                                 "which one to take");
}

std::string read_dtd(const Dcm2xmlOptions& options) {
    const std::string path =
        options.dtd_file ? *options.dtd_file : std::string(DEFAULT_SUPPORT_DATA_DIR) + dtd_name;
    intake::Source source(runtime::Input{path});
    if (source.size() > max_dtd_size)
        runtime::raise_limit(path, "max_dtd_size", source.size(), max_dtd_size);
    const auto size = static_cast<std::size_t>(source.size());
    return std::string(reinterpret_cast<const char*>(source.need(0, size)), size);
}

/// The lines before the root element.
std::string document_start(const Dcm2xmlOptions& options, const char* encoding) {
    std::string text = "<?xml version=\"1.0\" encoding=\"" + std::string(encoding) + "\"?>\n";
    if (options.dtd == XmlDtd::none) return text;
    text += options.read.mode == ReadMode::dataset ? "<!DOCTYPE data-set" : "<!DOCTYPE file-format";
    if (options.dtd == XmlDtd::embed)
        text += " [\n" + read_dtd(options) + "]";
    else
        text += " SYSTEM \"" + std::string(dtd_name) + "\"";
    return text + ">\n";
}

// libdcmdata looks through a whole text anew for each of its values, in one call that nothing can stop.
// About a second of that is let through.
constexpr std::uint64_t max_value_steps = 1'000'000'000;
constexpr std::uint32_t harmless_length = 16 * 1024;

void refuse_too_many_values(DcmFileFormat& file) {
    DcmStack stack;
    while (file.nextObject(stack, OFTrue).good()) {
        runtime::checkpoint();
        auto* text = dynamic_cast<DcmByteString*>(stack.top());
        if (text == nullptr || text->getLengthField() < harmless_length) continue;
        const std::uint64_t steps = std::uint64_t{text->getVM()} * text->getLengthField();
        if (steps > max_value_steps)
            runtime::raise_limit(runtime::to_string(runtime::make_tag(text->getGTag(), text->getETag())),
                                 "max_value_steps", steps, max_value_steps);
    }
}

/// Values that no character set concerns (CS, DA, the meta header, ...) are written as they are, and a
/// damaged file has any byte in them: the document holds what it declares all the same.
std::string made_valid(std::string document, const runtime::CharacterSet& set) {
    const bool is_utf8 = set.defined_term() == "ISO_IR 192";
    if (is_utf8 ? runtime::is_valid_utf8(document) : runtime::is_plain_ascii(document))
        return document;
    const runtime::Decoded decoded = set.decode(document, runtime::TextKind::text);
    return set.encode(decoded.text, runtime::OnUnencodable::transliterate).bytes;
}

}  // namespace

std::string dcm2xml(const runtime::Input& input, const Dcm2xmlOptions& options) {
    check_options(options);
    const Target target = target_of(options.charset);
    const std::string start = document_start(options, target.encoding);
    LoadOptions load{};
    load.max_read_length = options.max_read_length;
    ToolkitFile loaded = ToolkitFile::load(input, options.read, ParseOptions::defaults(), load);
    DcmFileFormat& file = loaded.file();
    require_character_set(file, options, input.name());
    const runtime::CharacterSet set = *runtime::CharacterSet::target(target.set);
    convert_text(file, {set, options.charset_assume, true});
    if (options.load_all) loaded.load_values();
    refuse_too_many_values(file);

    TextBuffer buffer;
    buffer.expect_input(loaded.size() + start.size());
    std::ostream& out = buffer.stream();
    out << start;
    const std::size_t flags = write_flags(options);
    const OFCondition condition = options.read.mode == ReadMode::dataset
                                      ? file.getDataset()->writeXML(out, flags)
                                      : file.writeXML(out, flags);
    loaded.check_values();
    runtime::check(condition, "writing XML: " + input.name());
    return made_valid(buffer.take(), set);
}

}  // namespace dcmtk_native::data
