#include "data/toolkit_text.hpp"

#include "data/charset_conversion.hpp"
#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"
#include "runtime/tag.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcelem.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcmetinf.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <cstddef>
#include <string>

namespace dcmtk_native::data {

namespace {

using runtime::CharacterSet;
using runtime::TextKind;

TextKind kind_of(DcmEVR vr) {
    switch (vr) {
    case EVR_PN:
        return TextKind::person_name;
    case EVR_ST:
    case EVR_LT:
    case EVR_UT:
        return TextKind::text;
    default:
        return TextKind::string;
    }
}

bool is_directory(DcmFileFormat& file) {
    const char* uid = nullptr;
    return file.getMetaInfo()->findAndGetString(DCM_MediaStorageSOPClassUID, uid).good() &&
           uid != nullptr && std::string_view(uid) == UID_MediaStorageDirectoryStorage;
}

/// Calls `take(element)` with what an item holds; `DcmSequenceOfItems` among it.
template <typename Take> void for_each_element(DcmItem& item, Take&& take) {
    for (DcmObject* object = item.nextInContainer(nullptr); object != nullptr;
         object = item.nextInContainer(object)) {
        runtime::checkpoint();
        take(static_cast<DcmElement&>(*object));
    }
}

template <typename Take> void for_each_item(DcmElement& sequence, Take&& take) {
    for (DcmObject* item = sequence.nextInContainer(nullptr); item != nullptr;
         item = sequence.nextInContainer(item))
        take(static_cast<DcmItem&>(*item));
}

/// The item's own value of (0008,0005); an empty one says nothing.
std::string declared_in(DcmItem& item) {
    OFString declared;
    if (item.findAndGetOFStringArray(DCM_SpecificCharacterSet, declared).bad()) return {};
    return {declared.data(), declared.size()};
}

bool has_undeclared(DcmItem& item, bool in_all_strings) {
    if (!declared_in(item).empty()) return false;
    bool found = false;
    for_each_element(item, [&](DcmElement& element) {
        if (found) return;
        if (element.ident() == EVR_SQ)
            for_each_item(element, [&](DcmItem& child) {
                found = found || has_undeclared(child, in_all_strings);
            });
        else
            found = element.containsExtendedCharacters(in_all_strings);
    });
    return found;
}

class Converter {
  public:
    explicit Converter(const TextConversion& conversion) : conversion_(conversion) {}

    void convert_root(DcmItem& root, bool declare) {
        if (root.card() == 0) return;
        const CharacterSet undeclared =
            conversion_.assumed.empty() ? CharacterSet() : CharacterSet(conversion_.assumed);
        convert_item(root, undeclared);
        if (declare) declare_target(root);
    }

    [[nodiscard]] std::size_t replaced() const { return replaced_; }

  private:
    void convert_item(DcmItem& item, const CharacterSet& inherited) {
        const std::string declared = declared_in(item);
        if (declared.empty()) {
            convert_elements(item, inherited);
            return;
        }
        const CharacterSet own(declared);
        if (!own.known())
            runtime::log(runtime::log_level::warn, "data",
                         "(0008,0005) names an unknown character set: '" +
                             own.unknown_terms().front() + "'");
        convert_elements(item, own);
        declare_target(item);
    }

    void convert_elements(DcmItem& item, const CharacterSet& source) {
        for_each_element(item, [&](DcmElement& element) {
            if (element.ident() == EVR_SQ)
                for_each_item(element, [&](DcmItem& child) { convert_item(child, source); });
            else if (element.isAffectedBySpecificCharacterSet())
                convert_value(element, source);
        });
    }

    void convert_value(DcmElement& element, const CharacterSet& source) {
        char* text = nullptr;
        Uint32 size = 0;
        if (element.getString(text, size).bad() || text == nullptr) return;
        const std::string_view bytes(text, size);
        // Plain text is left alone, padding included.
        if (runtime::is_plain_ascii(bytes)) return;
        runtime::Decoded decoded = source.decode(bytes, kind_of(element.ident()));
        replaced_ += decoded.replaced;
        const runtime::Tag tag = runtime::make_tag(element.getGTag(), element.getETag());
        const std::string converted =
            conversion_.target.defined_term() == "ISO_IR 192"
                ? std::move(decoded.text)
                : encode_value(tag, decoded.text, conversion_.target,
                               runtime::OnUnencodable::fail);
        if (converted == bytes) return;
        runtime::check(element.putOFStringArray(OFString(converted.data(), converted.size())),
                       "converting " + runtime::to_string(tag));
    }

    /// The default repertoire has no name: the attribute is absent then.
    void declare_target(DcmItem& item) {
        const std::string term(conversion_.target.defined_term());
        if (term.empty()) {
            // Not found is fine.
            static_cast<void>(item.findAndDeleteElement(DCM_SpecificCharacterSet));
        } else {
            runtime::check(item.putAndInsertString(DCM_SpecificCharacterSet, term.c_str()),
                           "declaring the character set");
        }
    }

    const TextConversion& conversion_;
    std::size_t replaced_ = 0;
};

}  // namespace

void convert_text(DcmFileFormat& file, const TextConversion& conversion) {
    Converter converter(conversion);
    converter.convert_root(*file.getDataset(),
                           conversion.declare_in_directory || !is_directory(file));
    if (converter.replaced() != 0)
        runtime::log(
            runtime::log_level::warn, "data",
            std::to_string(converter.replaced()) +
                " places of text have no meaning in their character set; they became U+FFFD");
}

bool has_undeclared_characters(DcmFileFormat& file, bool in_all_strings) {
    return has_undeclared(*file.getDataset(), in_all_strings);
}

}  // namespace dcmtk_native::data
