// Generates text from a program of one's own: embed CHECKPOINT [PROMPT]
#include <iostream>
#include <tenon/tenon.hpp>

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: embed CHECKPOINT [PROMPT]\n";
    return 2;
  }
  try {
    tenon::Deployment deployment;
    deployment.settings = {{"model.path=\"" + std::string(argv[1]) + "\"", "argument 1"},
                           {"device.backend=\"cpu_reference\"", "embed"}};
    tenon::Session session = tenon::Session::open(deployment);
    tenon::GenerateOptions options;
    options.max_new_tokens = 60;
    options.temperature = 0;
    options.on_text = [](std::string_view piece) { std::cout << piece << std::flush; };
    const tenon::Generation answer = session.generate(argc > 2 ? argv[2] : "Once", options);
    std::cout << "\n";
    std::cerr << answer.statistics.decode_tokens_per_second << " tokens/s\n";
    return 0;
  } catch (const tenon::Error& error) {
    std::cerr << error.what() << "\n";
    return error.kind() == tenon::ErrorKind::input ? 2 : 1;
  }
}
