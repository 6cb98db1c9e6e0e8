// Session::evaluate: teacher-forced pass over token ids in windows.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "tenon/session_state.hpp"

namespace tenon {
namespace {

// -log softmax(logits)[target], summed in double.
double negative_log_likelihood(std::span<const float> logits, int32_t target) {
  const float highest = *std::ranges::max_element(logits);
  double sum = 0;
  for (const float logit : logits)
    sum += std::exp(static_cast<double>(logit) - highest);
  return std::log(sum) + highest - logits[static_cast<size_t>(target)];
}

struct Totals {
  double nll = 0;
  int64_t predicted = 0;
};

// Adds the positions of one window whose logits have arrived.
void add_rows(std::span<const int32_t> window, const TokenEvent& event, size_t vocabulary,
              Totals& totals) {
  const size_t rows = event.logits.size() / vocabulary;
  for (size_t row = 0; row < rows; ++row) {
    const size_t next = static_cast<size_t>(event.first_logit_position) + row + 1;
    if (next >= window.size()) break;
    const std::span<const float> logits(event.logits.data() + row * vocabulary, vocabulary);
    totals.nll += negative_log_likelihood(logits, window[next]);
    ++totals.predicted;
  }
}

}  // namespace

Evaluation Session::evaluate(std::span<const int32_t> ids, const EvaluateOptions& options) {
  if (ids.empty()) fail_input("eval", "there are no tokens to evaluate", "at least one");
  if (options.window < 0 || options.window > context()) {
    fail_input("eval", "the window does not fit the context", fmt::format("1 to {}", context()),
               std::to_string(options.window));
  }
  const auto window_size = static_cast<size_t>(options.window > 0 ? options.window : context());
  const auto vocab = static_cast<size_t>(vocabulary());
  const auto total = static_cast<int64_t>(ids.size());
  Totals totals;
  int64_t done = 0;
  for (size_t begin = 0; begin < ids.size(); begin += window_size) {
    const std::span<const int32_t> window =
        ids.subspan(begin, std::min(window_size, ids.size() - begin));
    Request request;
    request.prompt.assign(window.begin(), window.end());
    request.max_new_tokens = 0;
    request.want_all_logits = true;
    const auto on_event = [&](const TokenEvent& event) {
      if (event.logits.empty()) return;
      add_rows(window, event, vocab, totals);
      if (options.keep_logits && options.on_logits) options.on_logits(event.logits);
      done += static_cast<int64_t>(event.logits.size() / vocab);
      if (options.progress) options.progress(done, total);
    };
    const TokenEvent end = state_->loop->run(std::move(request), {}, on_event);
    if (end.reason == FinishReason::failed) throw Error(ErrorKind::failure, end.error);
  }
  Evaluation evaluation;
  evaluation.tokens = total;
  evaluation.predicted = totals.predicted;
  if (totals.predicted > 0) {
    evaluation.nll = totals.nll / static_cast<double>(totals.predicted);
    evaluation.perplexity = std::exp(evaluation.nll);
  }
  return evaluation;
}

}  // namespace tenon
