#include "data/raw_pixels.hpp"

#include "runtime/call_scope.hpp"
#include "runtime/error.hpp"
#include "runtime/files.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dcstack.h>
#include <dcmtk/dcmdata/dcswap.h>

#include <unistd.h>

#include <string_view>

namespace dcmtk_native::data {

namespace {

void write_words(DcmElement& element, runtime::Sink& sink) {
    Uint16* words = nullptr;
    runtime::check(element.getUint16Array(words), "reading pixel data");
    if (words == nullptr) return;
    const Uint32 size = element.getLength() & ~1U;
    swapIfNecessary(EBO_LittleEndian, gLocalByteOrder, words, size, sizeof *words);
    sink.write(words, size);
    swapIfNecessary(gLocalByteOrder, EBO_LittleEndian, words, size, sizeof *words);
}

void write_bytes(DcmElement& element, runtime::Sink& sink) {
    Uint8* bytes = nullptr;
    runtime::check(element.getUint8Array(bytes), "reading pixel data");
    if (bytes != nullptr) sink.write(bytes, element.getLength());
}

class Writer {
  public:
    Writer(const std::string& prefix, std::size_t first) : prefix_(prefix), number_(first) {}

    void write_all(DcmObject& object) {
        if (auto* pixels = dynamic_cast<DcmPixelData*>(&object)) {
            write_pixel_data(*pixels);
            return;
        }
        if (object.isLeaf()) return;
        DcmStack stack;
        while (object.nextObject(stack, OFTrue).good()) {
            runtime::checkpoint();
            if (auto* pixels = dynamic_cast<DcmPixelData*>(stack.top())) write_pixel_data(*pixels);
        }
    }

  private:
    void write_pixel_data(DcmPixelData& pixels) {
        E_TransferSyntax syntax = EXS_Unknown;
        const DcmRepresentationParameter* parameter = nullptr;
        DcmPixelSequence* fragments = nullptr;
        pixels.getCurrentRepresentationKey(syntax, parameter);
        if (pixels.getEncapsulatedRepresentation(syntax, parameter, fragments).bad() ||
            fragments == nullptr) {
            write(pixels);
            return;
        }
        for (DcmObject* item = fragments->nextInContainer(nullptr); item != nullptr;
             item = fragments->nextInContainer(item))
            write(static_cast<DcmPixelItem&>(*item));
    }

    void write(DcmElement& element) {
        const std::string path = prefix_ + "." + std::to_string(number_++) + ".raw";
        if (::access(path.c_str(), F_OK) == 0) {
            runtime::log(runtime::log_level::warn, "data",
                         "file of pixel data exists already, skipped: " + path);
            return;
        }
        runtime::FileSink sink(path);
        const DcmEVR vr = element.getTag().getEVR();
        if (vr == EVR_OW || vr == EVR_lt)
            write_words(element, sink);
        else
            write_bytes(element, sink);
        sink.commit();
    }

    const std::string& prefix_;
    std::size_t number_;
};

}  // namespace

void write_raw_pixels(DcmObject& object, const std::string& prefix, std::size_t first) {
    Writer(prefix, first).write_all(object);
}

}  // namespace dcmtk_native::data
