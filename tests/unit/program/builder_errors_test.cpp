// What a definition can get wrong, and what the host says.
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "small_program.hpp"

namespace tenon {
namespace {

template <typename Call>
void expect_error(Call call, std::initializer_list<const char*> parts) {
  try {
    call();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::input);
    const std::string text = e.what();
    for (const char* part : parts)
      EXPECT_NE(text.find(part), std::string::npos) << text;
  }
}

class Builder : public testing::Test {
 protected:
  ProgramBuilder builder{empty_config(), "TestForCausalLM", 16};
};

TEST_F(Builder, APrefetchNameThatMatchesNothing) {
  describe_small_program(builder, 2);
  builder.prefetch_name("attn", "o", "layer.*.projection");
  expect_error([&] { builder.finish(); }, {"attn.o", "layer.*.projection", "matches no linear"});
}

TEST_F(Builder, APrefetchNameFindsItsLinears) {
  describe_small_program(builder, 3);
  builder.prefetch_name("group", "proj", "layer.*.proj");
  const Program program = builder.finish();
  ASSERT_EQ(program.prefetch_names[0].linears.size(), 3U);
  EXPECT_EQ(program.operations[program.prefetch_names[0].linears[2]].name, "layer.2.proj");
}

TEST_F(Builder, NoOutput) {
  builder.embedding("embed", declare_weight(builder, "table", 32, 8), builder.token_ids());
  expect_error([&] { builder.finish(); }, {"TestForCausalLM", "no output"});
}

TEST_F(Builder, ShapesThatDoNotFit) {
  const ValueId table = declare_weight(builder, "table", 32, 8);
  const ValueId x = builder.embedding("embed", table, builder.token_ids());
  expect_error([&] { add_linear(builder, "wide", x, declare_weight(builder, "w", 4, 9)); },
               {"[wide]", "[out, 8]", "[4, 9]"});
  expect_error([&] { add_norm(builder, "norm", x, declare_weight(builder, "n", 9, 0)); },
               {"[norm]", "[8]", "[9]"});
  const int64_t sizes[] = {5, 4};
  ValueId out[2];
  expect_error([&] { builder.split(x, sizes, out); }, {"split", "8", "5 + 4"});
  const int64_t shape[] = {3, 3};
  expect_error([&] { builder.reshape(x, shape); }, {"reshape", "8 elements", "[3, 3]"});
  expect_error([&] { builder.add("sum", x, 999); }, {"[sum]", "not a value", "999"});
  expect_error([&] { builder.add("sum", x, table); }, {"table", "an activation", "weight"});
}

TEST_F(Builder, AScopeLeftOpen) {
  describe_small_program(builder, 1);
  builder.scope_enter("forgotten");
  expect_error([&] { builder.finish(); }, {"scope", "forgotten"});
}

TEST_F(Builder, EveryValueHasAClass) {
  describe_small_program(builder, 1);
  const Program program = builder.finish();
  EXPECT_EQ(program.values[program.logits].value_class, ValueClass::output);
  EXPECT_EQ(program.values[program.weights[0].value].value_class, ValueClass::weight);
  const ValueId ids = program.metadata[static_cast<uint32_t>(Metadata::token_ids)];
  EXPECT_EQ(program.values[ids].value_class, ValueClass::metadata);
}

TEST(BuilderTable, ANewerFieldThatIsSetIsRefused) {
  ProgramBuilder builder(empty_config(), "TestForCausalLM", 16);
  struct Newer {
    tn_weight_desc desc;
    uint64_t field;
  } newer{};
  const tn_weight_part part{"w", nullptr, 4};
  newer.desc.struct_size = sizeof newer;
  newer.desc.part_count = 1;
  newer.desc.name = "w";
  newer.desc.parts = &part;
  auto* handle = reinterpret_cast<tn_builder*>(&builder);
  tn_error error{};
  tn_model_value value = 99;
  EXPECT_EQ(builder_table().weight(handle, &newer.desc, &value, &error), TN_OK);
  EXPECT_NE(value, 0U);
  newer.field = 1;
  EXPECT_EQ(builder_table().weight(handle, &newer.desc, &value, &error), TN_INVALID_ARGUMENT);
  EXPECT_EQ(value, 0U);
  EXPECT_NE(std::string(error.message).find("too old"), std::string::npos) << error.message;
}

}  // namespace
}  // namespace tenon
