#include "data/data.hpp"
#include "intake/source.hpp"

#include <cstring>

namespace dcmtk_native::data {

bool dcmftest(const runtime::Input& input) {
    const intake::Source source(input);
    char word[4];
    return source.read(128, word, sizeof word) && std::memcmp(word, "DICM", sizeof word) == 0;
}

}  // namespace dcmtk_native::data
