// Only weights and derived constants are ever resident, whoever says otherwise and whenever.
#include "residency/residency.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/error.hpp"
#include "small_program.hpp"

namespace tenon {
namespace {

// One value of every class: attention has caches, rope tables and metadata.
Program program_of_every_class() {
  ProgramBuilder builder(empty_config(), "TestForCausalLM", 16);
  const ValueId table = declare_weight(builder, "table", 32, 8);
  const ValueId x = builder.embedding("embed", table, builder.token_ids());
  const ValueId q =
      builder.reshape(add_linear(builder, "q", x, declare_weight(builder, "q.weight", 8, 8)),
                      std::vector<int64_t>{1, 8});
  tn_rope_tables_desc tables{};
  tables.struct_size = sizeof tables;
  tables.rotary_dim = 8;
  tables.theta = 10000;
  const auto [cosine, sine] = builder.rope_tables(tables);
  tn_rope_desc rope{};
  rope.struct_size = sizeof rope;
  rope.name = "rope";
  rope.input = q;
  rope.cosine = cosine;
  rope.sine = sine;
  rope.rotary_dim = 8;
  const ValueId turned = builder.rope(rope);
  tn_attention_desc attention{};
  attention.struct_size = sizeof attention;
  attention.scale = 1;
  attention.name = "attention";
  attention.query = turned;
  attention.key = turned;
  attention.value = q;
  const ValueId mixed = builder.reshape(builder.attention(attention), std::vector<int64_t>{8});
  builder.output(add_linear(builder, "head", builder.output_rows(mixed), table));
  return builder.finish();
}

ValueId value_of(const Program& program, ValueClass value_class) {
  const auto found =
      std::find_if(program.values.begin() + 1, program.values.end(),
                   [&](const Value& value) { return value.value_class == value_class; });
  if (found == program.values.end()) return 0;
  return static_cast<ValueId>(found - program.values.begin());
}

template <class Call>
std::string text_of_error(Call&& call) {
  try {
    call();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::input);
    return e.what();
  }
  return "nothing was refused";
}

struct ClassRule {
  ValueClass value_class;
  const char* refusal;  // "": may be resident
};

class EveryClass : public testing::TestWithParam<ClassRule> {
 protected:
  EveryClass() : program(program_of_every_class()), id(value_of(program, GetParam().value_class)) {}
  void expect_rule(const std::string& text) const {
    const std::string refusal = GetParam().refusal;
    if (refusal.empty()) {
      EXPECT_EQ(text, "nothing was refused");
    } else {
      EXPECT_EQ(text, "[" + program.values[id].name +
                          "] cannot be resident; expected a weight or a derived constant; found " +
                          refusal);
    }
  }
  Program program;
  ValueId id;
};

TEST_P(EveryClass, AtConstruction) {
  ASSERT_NE(id, 0U);
  const std::vector<ValueId> resident = {id};
  expect_rule(text_of_error([&] { const Residency residency(program, resident); }));
}

TEST_P(EveryClass, AfterConstruction) {
  Residency residency(program);
  expect_rule(text_of_error([&] { residency.mark_resident(program, id); }));
  EXPECT_EQ(residency.is_resident(id), std::string(GetParam().refusal).empty());
}

// The program may change behind the back of what was marked when it was another one.
TEST_P(EveryClass, WhenAWeightBecomesAValueOfThisClass) {
  const ValueId weight = value_of(program, ValueClass::weight);
  const Residency residency(program);
  residency.check(program);
  program.values[weight].value_class = GetParam().value_class;
  id = weight;
  expect_rule(text_of_error([&] { residency.check(program); }));
}

INSTANTIATE_TEST_SUITE_P(
    Classes, EveryClass,
    testing::Values(ClassRule{ValueClass::weight, ""}, ClassRule{ValueClass::constant, ""},
                    ClassRule{ValueClass::state, "a state, which is created on the device"},
                    ClassRule{ValueClass::metadata, "metadata, which comes with each step"},
                    ClassRule{ValueClass::activation, "an activation, which lives within a step"},
                    ClassRule{ValueClass::output, "an output, which lives within a step"}),
    [](const auto& rule) {
      std::string name = value_class_name(rule.param.value_class);
      std::ranges::replace(name, ' ', '_');
      return name;
    });

TEST(Residency, OnlyWeightsAreStreamed) {
  const Program program = program_of_every_class();
  Residency residency(program);
  for (ValueId id = 1; id < program.values.size(); ++id) {
    const bool weight = program.values[id].value_class == ValueClass::weight;
    const std::string text = text_of_error([&] { residency.mark_streamed(program, id); });
    EXPECT_EQ(text.find("cannot be streamed; expected a weight") == std::string::npos, weight)
        << text;
    EXPECT_EQ(residency.is_streamed(id), weight);
  }
}

TEST(Residency, AValueThatDoesNotExistIsRefused) {
  const Program program = program_of_every_class();
  Residency residency(program);
  for (const ValueId id : {ValueId{0}, static_cast<ValueId>(program.values.size())}) {
    const std::string text = text_of_error([&] { residency.mark_resident(program, id); });
    EXPECT_NE(text.find("no such value"), std::string::npos) << text;
  }
}

// The table is read twice and looked up, norms are vectors: what is left are the projections.
TEST(Residency, MatricesThatOneOperationReadsAreStreamed) {
  ProgramBuilder builder(empty_config(), "TestForCausalLM", 16);
  describe_small_program(builder, 2);
  const Program program = builder.finish();
  const Residency residency = stream_matrices(program);
  std::vector<std::string> streamed;
  for (const Weight& weight : program.weights) {
    if (residency.is_streamed(weight.value)) streamed.push_back(program.values[weight.value].name);
  }
  EXPECT_EQ(streamed, (std::vector<std::string>{"layer.0.proj.weight", "layer.1.proj.weight"}));
  residency.check(program);
}

}  // namespace
}  // namespace tenon
