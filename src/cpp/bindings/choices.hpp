// The words of Python's enumerations and what they mean here.
#pragma once

#include "data/read_options.hpp"
#include "support.hpp"

DCMTK_NATIVE_CHOICES(dcmtk_native::data::ReadMode, {"auto", dcmtk_native::data::ReadMode::automatic},
                     {"file-only", dcmtk_native::data::ReadMode::file_only},
                     {"dataset", dcmtk_native::data::ReadMode::dataset});
DCMTK_NATIVE_CHOICES(dcmtk_native::data::ReadXfer, {"auto", dcmtk_native::data::ReadXfer::automatic},
                     {"detect", dcmtk_native::data::ReadXfer::detect},
                     {"little", dcmtk_native::data::ReadXfer::little},
                     {"big", dcmtk_native::data::ReadXfer::big},
                     {"implicit", dcmtk_native::data::ReadXfer::implicit});
