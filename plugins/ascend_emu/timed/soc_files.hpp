// Where the profiles of SoCs lie.
#pragma once

#include <filesystem>
#include <string>

namespace tenon::ascend_emu {

// `soc` is a path that ends in .toml, or the name of a profile in the folder `soc` beside this
// library. Failure TN_INVALID_ARGUMENT, naming the profiles that are there, if it is neither.
std::filesystem::path soc_file(const std::string& soc);

}  // namespace tenon::ascend_emu
