// A validation layer over the fake device, one open device and stream, and short names for calls.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "device/tensor.hpp"
#include "fake_device.hpp"
#include "layers/validation.hpp"

namespace tenon {

class ValidationTest : public testing::Test {
 protected:
  ValidationTest() {
    reset_fake();
    layer = make_validation_layer(DeviceTable(fake_table(), "fake"));
    EXPECT_EQ(api().backend_create(nullptr, nullptr, 0, &backend, &error), TN_OK);
    device = open(0);
    stream = make_stream();
  }

  const tn_device_table& api() const { return layer->table().get(); }

  tn_device* open(uint32_t index) {
    tn_device* made = nullptr;
    EXPECT_EQ(api().device_open(backend, index, &made, &error), TN_OK);
    return made;
  }
  tn_stream* make_stream(const char* name = "compute", tn_device* on = nullptr) {
    const tn_stream_desc desc{sizeof(tn_stream_desc), 0, name};
    tn_stream* made = nullptr;
    EXPECT_EQ(api().stream_create(on ? on : device, &desc, &made, &error), TN_OK) << error.message;
    return made;
  }
  tn_event* make_event(tn_device* on = nullptr) {
    tn_event* made = nullptr;
    EXPECT_EQ(api().event_create(on ? on : device, &made, &error), TN_OK);
    return made;
  }
  tn_buffer* make_buffer(uint64_t size = 4096, uint32_t kind = TN_MEMORY_DEVICE,
                         tn_device* on = nullptr) {
    tn_buffer* made = nullptr;
    EXPECT_EQ(api().buffer_allocate(on ? on : device, kind, size, &made, &error), TN_OK);
    return made;
  }

  // Asserts that a call was taken.
  void taken(tn_status status) {
    EXPECT_EQ(status, TN_OK) << error.message;
    EXPECT_EQ(std::string(status == TN_OK ? error.message : ""), "");
  }
  // Asserts that a call was refused under a rule, in the way every report reads.
  void refused(tn_status status, const std::string& rule, const std::string& part = "") {
    EXPECT_EQ(status, TN_INVALID_ARGUMENT) << rule;
    const std::string text = error.message;
    EXPECT_EQ(text.find(rule + " ["), 0u) << text;
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }

  tn_status synchronize() { return api().stream_synchronize(stream, &error); }

  static tn_tensor tensor(tn_buffer* buffer, std::vector<int64_t> shape, uint64_t offset = 0,
                          tn_dtype dtype = TN_DTYPE_F32) {
    return row_major_tensor(dtype, shape, buffer, offset);
  }
  // add of three [4, 4] f32 at 0, 64 and 128 of a buffer.
  static tn_add_args add_args(tn_buffer* buffer) {
    tn_add_args args{};
    args.struct_size = sizeof args;
    args.a = tensor(buffer, {4, 4}, 0);
    args.b = tensor(buffer, {4, 4}, 64);
    args.output = tensor(buffer, {4, 4}, 128);
    return args;
  }
  template <class Args>
  tn_status enqueue(uint32_t op, const Args& args, const tn_buffer_range* workspace = nullptr,
                    tn_node* node = nullptr) {
    return api().op_enqueue(stream, op, &args, workspace, node, &error);
  }

  tn_error error{};
  std::unique_ptr<Layer> layer;
  tn_backend* backend = nullptr;
  tn_device* device = nullptr;
  tn_stream* stream = nullptr;
};

}  // namespace tenon
