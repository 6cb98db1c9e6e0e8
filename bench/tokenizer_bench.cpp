// Throughput of encoding, decoding and loading.
//
//   tokenizer_bench [TOKENIZER.json [TEXT]] [--benchmark_...]
//
// Without arguments: the demo's tokenizer, and a text made of its own tokens.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tokenizer/stream_decoder.hpp"
#include "tokenizer/tokenizer.hpp"

namespace {

using tenon::StreamDecoder;
using tenon::Tokenizer;

std::string text_of(const Tokenizer& tokenizer) {
  std::vector<int32_t> ids;
  unsigned state = 1;
  for (int i = 0; i < 200'000; ++i) {
    state = state * 1664525U + 1013904223U;
    const auto id = static_cast<int32_t>((state >> 8) % static_cast<unsigned>(tokenizer.size()));
    if (tokenizer.token(id) && !tokenizer.is_special(id)) ids.push_back(id);
  }
  return tokenizer.decode(ids, true);
}

std::string repeated(const std::string& text, size_t bytes) {
  std::string out;
  while (out.size() < bytes)
    out += text;
  // Not in the middle of a character.
  while (bytes > 0 && (static_cast<unsigned char>(out[bytes - 1]) & 0x80U) != 0)
    --bytes;
  out.resize(bytes);
  return out;
}

void encode(benchmark::State& state, const Tokenizer& tokenizer, const std::string& unit) {
  const std::string text = repeated(unit, static_cast<size_t>(state.range(0)));
  for (auto _ : state)
    benchmark::DoNotOptimize(tokenizer.encode(text, false));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}

void stream(benchmark::State& state, const Tokenizer& tokenizer, const std::string& text) {
  const auto ids = tokenizer.encode(repeated(text, 100'000), false);
  for (auto _ : state) {
    StreamDecoder decoder(tokenizer, true);
    for (const int32_t id : ids)
      benchmark::DoNotOptimize(decoder.push(id));
    benchmark::DoNotOptimize(decoder.finish());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(ids.size()));
}

int run(const std::filesystem::path& path, const char* text_file) {
  const Tokenizer tokenizer = Tokenizer::load(path);
  std::string text;
  if (text_file) {
    std::ifstream file(text_file, std::ios::binary);
    text.assign(std::istreambuf_iterator<char>(file), {});
  }
  if (text.empty()) text = text_of(tokenizer);
  benchmark::RegisterBenchmark("load", [&](benchmark::State& state) {
    for (auto _ : state)
      benchmark::DoNotOptimize(Tokenizer::load(path).size());
  })->Unit(benchmark::kMillisecond);
  const std::vector<std::pair<const char*, std::string>> units = {{"encode/text", text},
                                                                  {"encode/one_letter", "a"},
                                                                  {"encode/spaces", " "},
                                                                  {"encode/ab", "ab"}};
  for (const auto& [name, unit] : units) {
    const std::string& source = unit;
    benchmark::RegisterBenchmark(name,
                                 [&](benchmark::State& state) { encode(state, tokenizer, source); })
        ->Arg(100'000)
        ->Arg(1'000'000)
        ->Arg(10'000'000)
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::RegisterBenchmark("stream_decode", [&](benchmark::State& state) {
    stream(state, tokenizer, text);
  })->Unit(benchmark::kMillisecond);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  try {
    return run(argc > 1 ? argv[1] : TENON_TEST_DATA "/tokenizer/demo-qwen3/tokenizer.json",
               argc > 2 ? argv[2] : nullptr);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
