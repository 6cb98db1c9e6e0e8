// The text of a search.
#include "plugin/transcript.hpp"

#include <gtest/gtest.h>

namespace tenon {
namespace {

TEST(Transcript, GroupsByFolder) {
  Transcript transcript;
  transcript.add({"/a", "--plugin-path", "/a/libx.so", LoadOutcome::refused, "", "[/a/libx.so] bad",
                  "undefined symbol: f"});
  transcript.add({"/a", "--plugin-path", "/a/liby.so", LoadOutcome::loaded, "y", "", ""});
  transcript.add({"/b", "installed", "", LoadOutcome::skipped, "", "no such folder", ""});
  EXPECT_EQ(transcript.text(),
            "  folder /a (--plugin-path)\n"
            "    libx.so: refused: [/a/libx.so] bad\n"
            "      dlerror: undefined symbol: f\n"
            "    liby.so: loaded as 'y'\n"
            "  folder /b (installed)\n"
            "    no such folder\n");
}

TEST(Transcript, AnExplicitPathHasNoFolder) {
  Transcript transcript;
  transcript.add({"", "path", "/a/libx.so", LoadOutcome::loaded, "x", "", ""});
  EXPECT_EQ(transcript.text(), "  file /a/libx.so: loaded as 'x'\n");
}

}  // namespace
}  // namespace tenon
