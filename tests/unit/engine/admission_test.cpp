#include "engine/admission.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "paged_fake.hpp"

namespace tenon::admission_test {
namespace {

using test::error_of;

constexpr int32_t vocab = 100;

std::string limits_error(const std::function<void(EngineLimits&)>& change) {
  EngineLimits limits;
  change(limits);
  return error_of([&] { validate(limits); });
}

EngineLimits small_limits() {
  EngineLimits limits;
  limits.context = 32;
  limits.block_size = 4;
  limits.block_count = 5;  // 20 positions
  return limits;
}

std::string request_error(size_t prompt, int32_t max_new_tokens, bool want_all_logits = false) {
  Request request;
  request.prompt.assign(prompt, 1);
  request.max_new_tokens = max_new_tokens;
  request.want_all_logits = want_all_logits;
  return error_of([&] { check_request(request, small_limits(), vocab); });
}

TEST(EngineLimits, EveryKeyIsChecked) {
  EXPECT_EQ(limits_error([](auto&) {}), "nothing thrown");
  EXPECT_EQ(limits_error([](auto& l) { l.max_num_seqs = 0; }),
            "input: [engine] max_num_seqs is out of range; expected at least 1; found 0");
  EXPECT_EQ(limits_error([](auto& l) { l.max_num_batched_tokens = l.max_num_seqs - 1; }),
            "input: [engine] max_num_batched_tokens is out of range; expected at least 64; found "
            "63");
  EXPECT_EQ(limits_error([](auto& l) { l.context = 0; }),
            "input: [engine] context is out of range; expected at least 1; found 0");
  EXPECT_EQ(limits_error([](auto& l) { l.max_logit_rows = 0; }),
            "input: [engine] max_logit_rows is out of range; expected at least 1; found 0");
  EXPECT_EQ(limits_error([](auto& l) { l.block_size = -16; }),
            "input: [engine] block_size is out of range; expected at least 1; found -16");
  EXPECT_EQ(limits_error([](auto& l) { l.block_count = 0; }),
            "input: [engine] kv_cache holds no block; expected at least 1 block; found 0");
}

TEST(Admission, PromptAndLength) {
  EXPECT_EQ(request_error(1, 1), "nothing thrown");
  EXPECT_EQ(request_error(0, 1),
            "input: [request] empty prompt; expected at least one token; found none");
  EXPECT_EQ(request_error(1, 0),
            "input: [request] max_new_tokens is out of range; expected at least 1; found 0");
  EXPECT_EQ(request_error(1, -3),
            "input: [request] max_new_tokens is out of range; expected at least 1; found -3");
  EXPECT_EQ(request_error(1, 0, true), "nothing thrown");
  EXPECT_NE(request_error(1, -1, true), "nothing thrown");
}

TEST(Admission, TokenIdsAreInTheVocabulary) {
  Request request;
  request.prompt = {0, 99, 100};
  EXPECT_EQ(error_of([&] { check_request(request, EngineLimits{}, vocab); }),
            "input: [request] prompt token 2 is outside the vocabulary; expected 0 to 99; found "
            "100");
  request.prompt = {-1};
  EXPECT_NE(error_of([&] { check_request(request, EngineLimits{}, vocab); }), "nothing thrown");
}

TEST(Admission, SamplingParametersAreChecked) {
  Request request;
  request.prompt = {1};
  request.sampling.temperature = -1;
  EXPECT_NE(error_of([&] { check_request(request, EngineLimits{}, vocab); }).find("temperature"),
            std::string::npos);
}

TEST(Admission, ContextHoldsThePromptAndOneToken) {
  EngineLimits limits = small_limits();
  limits.block_count = 100;
  Request request;
  request.max_new_tokens = 1000;
  request.prompt.assign(31, 1);
  EXPECT_NO_THROW(check_request(request, limits, vocab));
  request.prompt.assign(32, 1);
  EXPECT_EQ(error_of([&] { check_request(request, limits, vocab); }),
            "input: [engine] the prompt does not fit into context; expected at most 31 tokens "
            "(context = 32); found 32 tokens");
  request.max_new_tokens = 0;  // evaluated only: no room for a next token needed
  request.want_all_logits = true;
  EXPECT_NO_THROW(check_request(request, limits, vocab));
  request.prompt.assign(33, 1);
  EXPECT_EQ(error_of([&] { check_request(request, limits, vocab); }),
            "input: [engine] the prompt does not fit into context; expected at most 32 tokens "
            "(context = 32); found 33 tokens");
}

TEST(Admission, CacheHoldsTheRequestRunningAlone) {
  EXPECT_EQ(request_error(20, 1), "nothing thrown");
  EXPECT_EQ(request_error(11, 10), "nothing thrown");  // the 21st token is never cached
  EXPECT_EQ(request_error(11, 11),
            "input: [engine] the request can never fit into kv_cache; expected at most 5 blocks of "
            "4 tokens; found 6 blocks (prompt 11 tokens, max_new_tokens 11)");
  EXPECT_EQ(request_error(1, 2147483647),  // the context bounds what it may take: 31 positions
            "input: [engine] the request can never fit into kv_cache; expected at most 5 blocks of "
            "4 tokens; found 8 blocks (prompt 1 tokens, max_new_tokens 2147483647)");
}

}  // namespace
}  // namespace tenon::admission_test
