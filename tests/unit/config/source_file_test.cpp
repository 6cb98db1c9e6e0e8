#include "config_testing.hpp"

namespace tenon::source_file_test {
namespace {

std::string message_for(const TemporaryFolder& folder, const std::string& name) {
  try {
    load_configuration(
        {.file = name, .flags = {}, .environment = {}, .working_directory = folder.path()});
  } catch (const ConfigurationError& error) {
    EXPECT_EQ(error.diagnostics().size(), 1U);
    EXPECT_EQ(error.kind(), ErrorKind::input);
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(SourceFile, Missing) {
  const TemporaryFolder folder;
  const std::string message = message_for(folder, "none.toml");
  EXPECT_TRUE(message.starts_with("none.toml: error: [")) << message;
  EXPECT_TRUE(contains(message, "cannot open the file")) << message;
}

TEST(SourceFile, Directory) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "folder.toml");
  EXPECT_TRUE(contains(message_for(folder, "folder.toml"), "found a directory"));
}

TEST(SourceFile, TooLarge) {
  const TemporaryFolder folder;
  folder.write("large.toml", "");
  std::filesystem::resize_file(folder.path() / "large.toml", max_configuration_bytes + 1);
  EXPECT_TRUE(contains(message_for(folder, "large.toml"),
                       "too large; expected at most 16777216 bytes; "
                       "found 16777217 bytes"));
}

TEST(SourceFile, NotUtf8) {
  const auto place = [](const std::string& bytes) {
    const auto mistakes = mistakes_in("# ok\n# \xC3\xA9" + bytes + "\n");
    EXPECT_EQ(mistakes.size(), 1U);
    if (mistakes.empty()) return std::string();
    EXPECT_EQ(mistakes.front().what, "the file is not UTF-8");
    EXPECT_FALSE(find_invalid_utf8(mistakes.front().text())) << "the message itself is UTF-8";
    return mistakes.front().place();
  };
  for (const char* bytes :
       {"\xFF", "\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82"}) {
    EXPECT_EQ(place(bytes), "test.toml:2:4") << bytes;
  }
  EXPECT_TRUE(mistakes_in("# \xED\x9F\xBF \xEE\x80\x80 \xF4\x8F\xBF\xBF \xC2\x80\n").empty());
}

TEST(SourceFile, ByteOrderMarkAndCrlfAreFine) {
  EXPECT_EQ(load_text("\xEF\xBB\xBF[engine]\r\ncontext = 7\r\n").values.engine.context, 7);
  const auto mistakes = mistakes_in(
      "\xEF\xBB\xBF"
      "engin = 7\r\n");
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_EQ(mistakes.front().place(), "test.toml:1:1");
  EXPECT_EQ(mistakes.front().source_line, "engin = 7");
}

TEST(SourceFile, EmptyIsFine) {
  EXPECT_TRUE(mistakes_in("").empty());
}

TEST(SourceFile, OtherSourcesAreCheckedAllTheSame) {
  EXPECT_EQ(mistakes_in("[", {{"a=1", ""}}, {{"TENON_ENGINE_X", "1"}}).size(), 3U);
}

}  // namespace
}  // namespace tenon::source_file_test
