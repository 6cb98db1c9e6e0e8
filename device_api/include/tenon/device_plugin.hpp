// Everything that the author of a backend plugin in C++20 needs: derive from Backend, Device,
// Buffer, Stream and Event, override the ops the device has, and export:
//
//   #include <tenon/device_plugin.hpp>
//
//   class MyBackend : public tenon::plugin::Backend {
//    public:
//     static constexpr tenon::plugin::Facts facts{"mine", "My accelerator.", "1.0.0"};
//     static std::span<const tenon::plugin::Option> options();
//     static std::unique_ptr<tenon::plugin::Backend> create(
//         tenon::plugin::Host host, const tenon::plugin::OptionValues& options);
//     ...
//   };
//   TENON_EXPORT_DEVICE_PLUGIN(MyBackend);
//
// Header-only; depends on the C headers and the standard library.
#pragma once

#include <tenon/plugin/export.hpp>
#include <tenon/plugin/failure.hpp>
#include <tenon/plugin/handles.hpp>
#include <tenon/plugin/host.hpp>
#include <tenon/plugin/objects.hpp>
#include <tenon/plugin/op_arguments.hpp>
#include <tenon/plugin/op_description.hpp>
#include <tenon/plugin/options.hpp>
#include <tenon/plugin/owned_arguments.hpp>
#include <tenon/plugin/support.hpp>
