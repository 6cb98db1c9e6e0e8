#include "tokenizer/jinja/interpreter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include "tokenizer/jinja/lexer.hpp"

namespace tenon::jinja {
namespace {

// Hugging Face's strftime_now.
std::string local_time(const std::string& format) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  std::array<char, 256> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format.c_str(), &parts)};
}

class Interpreter {
 public:
  Interpreter(Map variables, const std::string& file, int64_t most_steps)
      : file_(file), most_steps_(most_steps) {
    variables.emplace("strftime_now", true);  // so that it "is defined"
    scopes_.push_back(std::move(variables));
  }

  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;
  // A namespace may hold itself.
  ~Interpreter() {
    for (auto& [address, value] : namespaces_)
      value.as_map()->clear();
  }

  void run(const std::vector<Node>& nodes) {
    for (const Node& node : nodes)
      run(node);
  }
  std::string take_output() { return std::move(out_); }

 private:
  [[noreturn]] void fail(int line, std::string_view what) const {
    fail_template(file_, line, what);
  }

  void run(const Node& node) {
    if (++steps_ > most_steps_) fail(node.line, "runs for too long");
    if (out_.size() > longest_text) fail(node.line, "makes too long a text");
    switch (node.kind) {
      case NodeKind::data:
        out_ += node.text;
        return;
      case NodeKind::print: {
        static const std::string name = "print";
        out_ += to_text({file_, node.line, name}, evaluate(node.expressions[0]));
        return;
      }
      case NodeKind::set:
        return set(node);
      case NodeKind::branch:
        return branch(node);
      case NodeKind::loop:
        return loop(node);
    }
  }

  void set(const Node& node) {
    Value value = evaluate(node.expressions[0]);
    if (node.second.empty()) {
      scopes_.back().insert_or_assign(node.text, std::move(value));
      return;
    }
    const Value target = lookup(node.text);
    Map* map = target.as_map();
    if (!map || !namespaces_.contains(map)) fail(node.line, "sets an attribute of no namespace");
    map->insert_or_assign(node.second, std::move(value));
  }

  void branch(const Node& node) {
    for (size_t i = 0; i < node.expressions.size(); ++i) {
      if (evaluate(node.expressions[i]).truthy()) return run(node.bodies[i]);
    }
    if (node.bodies.size() > node.expressions.size()) run(node.bodies.back());
  }

  void loop(const Node& node) {
    const Value iterated = evaluate(node.expressions[0]);
    List items;
    if (const List* list = iterated.as_list()) {
      items = *list;
    } else if (!iterated.is_undefined()) {
      fail(node.line, fmt::format("loops over {}", iterated.type_name()));
    }
    if (node.expressions.size() > 1) {
      std::erase_if(items, [&](const Value& item) {
        scopes_.push_back(loop_variables(node, item));
        const bool kept = evaluate(node.expressions[1]).truthy();
        scopes_.pop_back();
        return !kept;
      });
    }
    for (size_t i = 0; i < items.size(); ++i) {
      Map scope = loop_variables(node, items[i]);
      scope.insert_or_assign("loop", loop_value(items, i));
      scopes_.push_back(std::move(scope));
      run(node.bodies[0]);
      scopes_.pop_back();
    }
    if (items.empty() && node.bodies.size() > 1) run(node.bodies[1]);
  }

  Map loop_variables(const Node& node, const Value& item) const {
    if (node.second.empty()) return {{node.text, item}};
    const List* pair = item.as_list();
    if (!pair || pair->size() != 2) fail(node.line, "loops over something that is no pair");
    return {{node.text, (*pair)[0]}, {node.second, (*pair)[1]}};
  }

  static Value loop_value(const List& items, size_t i) {
    const auto count = static_cast<int64_t>(items.size());
    const auto index = static_cast<int64_t>(i);
    return Value::map({{"index", index + 1},
                       {"index0", index},
                       {"revindex", count - index},
                       {"revindex0", count - index - 1},
                       {"first", i == 0},
                       {"last", i + 1 == items.size()},
                       {"length", count},
                       {"previtem", i > 0 ? items[i - 1] : Value()},
                       {"nextitem", i + 1 < items.size() ? items[i + 1] : Value()}});
  }

  Value lookup(const std::string& name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      const auto found = scope->find(name);
      if (found != scope->end()) return found->second;
    }
    return {};
  }

  // Values nest no deeper than this, so that destroying them is safe.
  void count_container(int line) {
    constexpr int most_containers = 10'000;
    if (++containers_ > most_containers) fail(line, "makes too many lists and mappings");
  }

  Value evaluate(const Expr& expr) {
    switch (expr.kind) {
      case ExprKind::text:
        return expr.text;
      case ExprKind::integer:
        return expr.number;
      case ExprKind::constant:
        return expr.text == "none" ? Value(None{}) : Value(expr.text == "true");
      case ExprKind::name:
        return lookup(expr.text);
      case ExprKind::missing:
        return {};
      case ExprKind::list: {
        count_container(expr.line);
        List items;
        for (const Expr& part : expr.parts)
          items.push_back(evaluate(part));
        return Value::list(std::move(items));
      }
      case ExprKind::attribute:
        return member(expr, evaluate(expr.parts[0]), expr.text);
      case ExprKind::index:
        return index(expr);
      case ExprKind::slice:
        return slice(expr);
      case ExprKind::call:
        return call(expr);
      case ExprKind::filter: {
        const Value value = evaluate(expr.parts[0]);
        Map named;
        const List arguments = evaluate_arguments(expr, named);
        if (expr.text == "items") count_container(expr.line);
        return apply_filter({file_, expr.line, expr.text}, value, arguments, named);
      }
      case ExprKind::test: {
        const Value value = evaluate(expr.parts[0]);
        Map named;
        return apply_test({file_, expr.line, expr.text}, value, evaluate_arguments(expr, named));
      }
      case ExprKind::negate: {
        const Value value = evaluate(expr.parts[0]);
        const auto* number = value.get_if<int64_t>();
        if (!number) fail(expr.line, fmt::format("negates {}", value.type_name()));
        return -*number;
      }
      case ExprKind::logical_not:
        return !evaluate(expr.parts[0]).truthy();
      case ExprKind::binary:
        return binary(expr);
      case ExprKind::conditional:
        return evaluate(expr.parts[evaluate(expr.parts[1]).truthy() ? 0 : 2]);
    }
    return {};
  }

  List evaluate_arguments(const Expr& expr, Map& named) {
    List arguments;
    const size_t positional = expr.parts.size() - expr.keywords.size();
    for (size_t i = 1; i < expr.parts.size(); ++i) {
      Value value = evaluate(expr.parts[i]);
      if (i < positional) {
        arguments.push_back(std::move(value));
      } else {
        named.insert_or_assign(expr.keywords[i - positional], std::move(value));
      }
    }
    return arguments;
  }

  Value member(const Expr& expr, const Value& value, const std::string& name) const {
    if (value.is_undefined()) {
      fail(expr.line, fmt::format("asks an undefined value for \"{}\"", name));
    }
    const Map* map = value.as_map();
    if (!map) return {};
    const auto found = map->find(name);
    return found == map->end() ? Value() : found->second;
  }

  Value index(const Expr& expr) {
    const Value value = evaluate(expr.parts[0]);
    const Value key = evaluate(expr.parts[1]);
    if (const auto* name = key.as_text()) return member(expr, value, *name);
    const List* list = value.as_list();
    const auto* number = key.get_if<int64_t>();
    if (!list || !number) {
      fail(expr.line, fmt::format("indexes {} with {}", value.type_name(), key.type_name()));
    }
    const auto count = static_cast<int64_t>(list->size());
    const int64_t at = *number < 0 ? *number + count : *number;
    return at >= 0 && at < count ? (*list)[static_cast<size_t>(at)] : Value();
  }

  Value slice(const Expr& expr) {
    const Value value = evaluate(expr.parts[0]);
    const List* list = value.as_list();
    if (!list) fail(expr.line, fmt::format("slices {}", value.type_name()));
    const auto count = static_cast<int64_t>(list->size());
    const auto bound = [&](size_t part, int64_t otherwise) {
      if (expr.parts[part].kind == ExprKind::missing) return otherwise;
      const Value given = evaluate(expr.parts[part]);
      const auto* number = given.get_if<int64_t>();
      if (!number) fail(expr.line, fmt::format("slices with {}", given.type_name()));
      return *number;
    };
    const int64_t step = bound(3, 1);
    const bool whole =
        expr.parts[1].kind == ExprKind::missing && expr.parts[2].kind == ExprKind::missing;
    if (step == -1 && whole) return Value::list(List(list->rbegin(), list->rend()));
    if (step != 1) fail(expr.line, "slices with an unsupported step");
    const auto clamp = [&](int64_t at) {
      return std::clamp<int64_t>(at < 0 ? at + count : at, 0, count);
    };
    const int64_t begin = clamp(bound(1, 0));
    const int64_t end = std::max(begin, clamp(bound(2, count)));
    return Value::list(List(list->begin() + begin, list->begin() + end));
  }

  Value call(const Expr& expr) {
    const Expr& callee = expr.parts[0];
    if (callee.kind == ExprKind::attribute) {
      const Value value = evaluate(callee.parts[0]);
      Map named;
      const List arguments = evaluate_arguments(expr, named);
      if (!named.empty()) fail(expr.line, "calls a method with named arguments");
      return call_method({file_, expr.line, callee.text}, value, arguments);
    }
    Map named;
    const List arguments = evaluate_arguments(expr, named);
    if (callee.kind == ExprKind::name && callee.text == "namespace" && arguments.empty()) {
      count_container(expr.line);
      Value made = Value::map(std::move(named));
      namespaces_.emplace(made.as_map(), made);
      return made;
    }
    if (callee.kind == ExprKind::name && callee.text == "raise_exception" &&
        arguments.size() == 1 && arguments[0].as_text()) {
      fail(expr.line, fmt::format("refuses these messages: {}", *arguments[0].as_text()));
    }
    if (callee.kind == ExprKind::name && callee.text == "strftime_now" && arguments.size() == 1 &&
        arguments[0].as_text()) {
      return local_time(*arguments[0].as_text());
    }
    fail(expr.line, fmt::format("calls the unsupported function \"{}\"", callee.text));
  }

  Value binary(const Expr& expr) {
    const Value left = evaluate(expr.parts[0]);
    if (expr.text == "and") return left.truthy() ? evaluate(expr.parts[1]) : left;
    if (expr.text == "or") return left.truthy() ? left : evaluate(expr.parts[1]);
    const Value right = evaluate(expr.parts[1]);
    return apply_operator({file_, expr.line, expr.text}, left, right);
  }

  const std::string& file_;
  const int64_t most_steps_;
  int64_t steps_ = 0;
  int containers_ = 0;
  std::vector<Map> scopes_;
  std::map<const Map*, Value> namespaces_;  // kept alive, so that their addresses stay theirs
  std::string out_;
};

}  // namespace

std::string render(const std::vector<Node>& nodes, Map variables, const std::string& file,
                   int64_t most_steps) {
  Interpreter interpreter(std::move(variables), file, most_steps);
  interpreter.run(nodes);
  return interpreter.take_output();
}

}  // namespace tenon::jinja
